package child

import "math"

// Schedule says how the learning rate moves during training.
type Schedule struct {
	// Name is "step" (default), "cosine" (to zero, without restarts; Loshchilov
	// & Hutter 2017), "decay" or "constant".
	Name string `json:"name"`
	// Milestones are the fractions of the training at which step multiplies the
	// rate by Factor. Defaults 0.5 and 0.75; ascending, in (0, 1).
	Milestones []float64 `json:"milestones,omitempty"`
	// Factor of step and decay. Default 0.1; in (0, 1].
	Factor float64 `json:"factor,omitempty"`
	// ConstantEpochs is the number of epochs after which decay begins to
	// multiply the rate by Factor, at the start of every epoch. Default 0; at
	// least 0.
	ConstantEpochs int `json:"constant_epochs,omitempty"`
	// WarmupEpochs is the time over which the rate first climbs from zero to
	// its peak in equal steps; it may be a fraction of an epoch. Default 0;
	// below Epochs.
	WarmupEpochs float64 `json:"warmup_epochs,omitempty"`
}

// Rate is the factor of the learning rate for the given optimiser step
// (0 <= step < steps), where warmup is the number of warm-up steps and the steps
// are those of so many epochs. Milestones are counted in steps, so that a child
// of three epochs also passes them at half and three quarters.
func (s Schedule) Rate(step, steps, warmup, epochs int) float64 {
	if step < warmup {
		return float64(step+1) / float64(warmup)
	}
	switch s.Name {
	case "step":
		rate := 1.0
		for _, m := range s.Milestones {
			if float64(step) >= float64(m*float64(steps)) {
				rate *= s.Factor
			}
		}
		return rate
	case "decay":
		rate := 1.0
		for range step*epochs/steps - s.ConstantEpochs + 1 {
			rate *= s.Factor
		}
		return rate
	case "cosine":
		return cosine(float64(step-warmup) / float64(steps-warmup))
	default:
		return 1
	}
}

// cosine is (1 + cos πx) / 2, the square of cos y for y = πx/2, where x is in
// [0, 1]. math.Cos would not give the same bits on every architecture: some
// fuse its multiply-adds. With the series
//
//	cos y = 1 - y²/(1·2) (1 - y²/(3·4) (1 - … y²/(19·20)))
//
// the first term left out is below 2e-17.
func cosine(x float64) float64 {
	y := x * (math.Pi / 2)
	c := 1.0
	for k := 20; k > 0; k -= 2 {
		c = 1 - float64(c*y*y)/float64(k*(k-1))
	}
	return c * c
}

func (s Schedule) validate(v *problems, epochs int) {
	switch s.Name {
	case "constant", "cosine":
	case "step":
		last := 0.0
		for i, m := range s.Milestones {
			v.check(m > last && m < 1, "schedule.milestones[%d] is %v, want ascending fractions between 0 and 1", i, m)
			last = m
		}
		v.check(s.Factor > 0 && s.Factor <= 1, "schedule.factor is %v, want in (0, 1]", s.Factor)
	case "decay":
		v.check(s.Factor > 0 && s.Factor <= 1, "schedule.factor is %v, want in (0, 1]", s.Factor)
		v.check(s.ConstantEpochs >= 0, "schedule.constant_epochs is %d, want 0 or more", s.ConstantEpochs)
	default:
		v.check(false, "schedule.name is %q, want step, cosine, decay or constant", s.Name)
	}
	v.check(s.WarmupEpochs >= 0 && s.WarmupEpochs < float64(max(epochs, 1)), "schedule.warmup_epochs is %v, want 0 or more, but less than epochs", s.WarmupEpochs)
}
