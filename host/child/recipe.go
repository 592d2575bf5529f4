package child

import (
	"errors"
	"fmt"
	"math"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Recipe says how a child is trained. Its zero value is not usable: start from
// Default or Preset.
//
// One type serves images and texts: most of it is the same. A recipe with
// Text.Steps is one for texts and ignores Augment, one without is for images.
type Recipe struct {
	// Epochs is the number of passes over the training images, or the text.
	// Default 50; at least 1.
	Epochs int `json:"epochs"`
	// Batch is the number of images of one step; the last step of an epoch
	// takes what is left. Of a text it is the number of streams that are read
	// side by side. Default 64; at least 1.
	Batch int `json:"batch"`
	// Text is what only texts need.
	Text Text `json:"text,omitzero"`
	// InitRange is the bound of the uniform distribution from which all learned
	// parameters are drawn. Default 0: weights by He et al. (2015), the others
	// at 0 or 1; at least 0.
	InitRange float64   `json:"init_range,omitempty"`
	Optimizer Optimizer `json:"optimizer"`
	Schedule  Schedule  `json:"schedule"`
	Augment   Augment   `json:"augment"`
	BatchNorm BatchNorm `json:"batch_norm"`
	// ClipNorm is the largest Euclidean norm of the whole gradient; a longer
	// gradient is scaled down to it. Default 0: never; at least 0.
	ClipNorm float64 `json:"clip_norm"`
	// MemoryBytes is the most memory that one child may hold: activations,
	// gradients, weights, optimiser state and batch. Default 2 GiB; 0: no limit.
	MemoryBytes int64 `json:"memory_bytes"`
	// LatencyRuns is the number of timed forward passes of one image whose
	// median becomes Metrics.LatencySeconds. Default 0: not measured.
	LatencyRuns int `json:"latency_runs"`
}

// Optimizer says how gradients become steps.
type Optimizer struct {
	// Name is "nesterov" (default), "sgd" (heavy-ball momentum), "asgd" (sgd
	// whose result is an average) or "adam".
	Name string `json:"name"`
	// LR is the peak learning rate. Default 0.1; above 0.
	LR float64 `json:"lr"`
	// Momentum of nesterov, sgd and asgd. Default 0.9; in [0, 1).
	Momentum float64 `json:"momentum"`
	// WeightDecay times the weight is added to the gradient (L2, not
	// decoupled). Default 1e-4; at least 0.
	WeightDecay float64 `json:"weight_decay"`
	// Decay says what decays: "all" parameters (default, what the usual
	// recipes of deep-learning libraries do) or only the "weights" of
	// convolutions and dense layers, sparing biases and batch normalisation.
	Decay string `json:"decay"`
	// Beta1, Beta2 and Epsilon of adam. Defaults 0.9, 0.999, 1e-8.
	Beta1   float64 `json:"beta1"`
	Beta2   float64 `json:"beta2"`
	Epsilon float64 `json:"epsilon"`
	// AverageFrom is the epoch of asgd from which on the child that is measured
	// and kept has the mean of the parameters after each step since then
	// (Polyak & Juditsky 1992). With asgd from 1 to Epochs, otherwise 0.
	AverageFrom int `json:"average_from,omitempty"`
}

// Text holds what only texts need.
type Text struct {
	// Steps is the number of time steps of a window, through which gradients
	// pass back (truncated backpropagation through time). At least 1.
	Steps int `json:"steps"`
	// Loss is what gradients are of, and what ClipNorm therefore measures:
	// "sum" of the steps' mean losses over the streams (Zaremba et al. 2014), or
	// "mean" over all tokens, which is less by the number of steps, and asks for
	// a rate that is larger and a norm that is smaller by as much. Reported
	// losses are nats per token either way.
	Loss string `json:"loss"`
}

// BatchNorm holds the constants of batch normalisation.
type BatchNorm struct {
	// Epsilon is added to the variance. Default 1e-5; above 0.
	Epsilon float64 `json:"epsilon"`
	// Momentum is the share of the newest batch in the running statistics.
	// Default 0.1; in (0, 1].
	Momentum float64 `json:"momentum"`
}

// Default is the recipe of Zoph & Le (2017), section 4.1; where the paper is
// silent: batch 64, lr /10 at half and at three quarters of the epochs,
// evaluation on the middle of the enlarged image.
func Default() Recipe {
	return Recipe{
		Epochs: 50,
		Batch:  64,
		Optimizer: Optimizer{
			Name: "nesterov", LR: 0.1, Momentum: 0.9, WeightDecay: 1e-4, Decay: "all",
			Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		},
		Schedule:    Schedule{Name: "step", Milestones: []float64{0.5, 0.75}, Factor: 0.1},
		Augment:     Augment{Whiten: "standardize", Upsample: 40, CenterCrop: true, Flip: true},
		BatchNorm:   BatchNorm{Epsilon: 1e-5, Momentum: 0.1},
		MemoryBytes: 2 << 30,
	}
}

// Validate reports every problem of r at once.
func (r Recipe) Validate() error {
	var v problems
	v.check(r.Epochs >= 1, "epochs is %d, want at least 1", r.Epochs)
	v.check(r.Batch >= 1, "batch is %d, want at least 1", r.Batch)
	v.check(r.ClipNorm >= 0 && finite(r.ClipNorm), "clip_norm is %v, want 0 (never) or more", r.ClipNorm)
	v.check(r.MemoryBytes >= 0, "memory_bytes is %d, want 0 (no limit) or more", r.MemoryBytes)
	v.check(r.LatencyRuns >= 0, "latency_runs is %d, want 0 (not measured) or more", r.LatencyRuns)
	r.Optimizer.validate(&v, r.Epochs)
	r.Schedule.validate(&v, r.Epochs)
	if r.Text == (Text{}) {
		r.Augment.validate(&v)
	} else {
		r.Text.validate(&v)
	}
	v.check(r.InitRange >= 0 && finite(r.InitRange), "init_range is %v, want 0 (by He et al.) or more", r.InitRange)
	v.check(r.BatchNorm.Epsilon > 0 && finite(r.BatchNorm.Epsilon), "batch_norm.epsilon is %v, want above 0", r.BatchNorm.Epsilon)
	v.check(r.BatchNorm.Momentum > 0 && r.BatchNorm.Momentum <= 1, "batch_norm.momentum is %v, want in (0, 1]", r.BatchNorm.Momentum)
	return errors.Join(v...)
}

func (o Optimizer) validate(v *problems, epochs int) {
	switch o.Name {
	case "nesterov", "sgd", "asgd":
		v.check(o.Momentum >= 0 && o.Momentum < 1, "optimizer.momentum is %v, want in [0, 1)", o.Momentum)
		v.check(o.Name != "nesterov" || o.Momentum > 0, "optimizer.momentum is 0, which nesterov cannot use; choose sgd")
	case "adam":
		v.check(o.Beta1 >= 0 && o.Beta1 < 1, "optimizer.beta1 is %v, want in [0, 1)", o.Beta1)
		v.check(o.Beta2 >= 0 && o.Beta2 < 1, "optimizer.beta2 is %v, want in [0, 1)", o.Beta2)
		v.check(o.Epsilon > 0 && finite(o.Epsilon), "optimizer.epsilon is %v, want above 0", o.Epsilon)
	default:
		v.check(false, "optimizer.name is %q, want nesterov, sgd, asgd or adam", o.Name)
	}
	if o.Name == "asgd" {
		v.check(o.AverageFrom >= 1 && o.AverageFrom <= max(epochs, 1), "optimizer.average_from is %d, want an epoch from 1 to %d", o.AverageFrom, max(epochs, 1))
	} else {
		v.check(o.AverageFrom == 0, "optimizer.average_from is %d, which only asgd has", o.AverageFrom)
	}
	v.check(o.LR > 0 && finite(o.LR), "optimizer.lr is %v, want above 0", o.LR)
	v.check(o.WeightDecay >= 0 && finite(o.WeightDecay), "optimizer.weight_decay is %v, want 0 or more", o.WeightDecay)
	v.check(o.Decay == "all" || o.Decay == "weights", "optimizer.decay is %q, want all or weights", o.Decay)
}

func (t Text) validate(v *problems) {
	v.check(t.Steps >= 1 && t.Steps <= spec.MaxDim, "text.steps is %d, want 1 to %d", t.Steps, spec.MaxDim)
	v.check(t.Loss == "sum" || t.Loss == "mean", "text.loss is %q, want sum or mean", t.Loss)
}

// problems collects what is wrong with a recipe.
type problems []error

func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf("recipe: "+format, args...))
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
