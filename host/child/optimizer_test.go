package child

import (
	"math"
	"testing"
)

// tiny is a program whose only layer is dense, (1) -> (2): weights 2, biases 2.
func tiny(t *testing.T) *Program {
	t.Helper()
	p, err := Compile(network(1, 1, 1, 2, flatten, denseNode(2)), 1, Options{BatchNorm: testNorm})
	if err != nil {
		t.Fatal(err)
	}
	copy(p.Learned(), []float32{1, -2, 0.5, 3})
	return p
}

// stepTwice takes two optimiser steps at rates 0.1 and 0.05 with the gradients
// (0.2, -0.4, 1, 0), then (0.6, 0.1, -1, 0).
func stepTwice(t *testing.T, o Optimizer) []float32 {
	t.Helper()
	p := tiny(t)
	u := newUpdater(o, p)
	copy(p.Gradient(), []float32{0.2, -0.4, 1, 0})
	u.step(0.1)
	copy(p.Gradient(), []float32{0.6, 0.1, -1, 0})
	u.step(0.05)
	return p.Learned()
}

// The expected numbers of this file are worked out by hand from the formulas
// in the documentation of kernels.SGD and kernels.Adam.
func TestOptimizers(t *testing.T) {
	sgd := Optimizer{Name: "sgd", Momentum: 0.5, Decay: "all"}
	nesterov := Optimizer{Name: "nesterov", Momentum: 0.5, WeightDecay: 0.1, Decay: "all"}
	sparing := nesterov
	sparing.Decay = "weights"
	adam := Optimizer{Name: "adam", Beta1: 0.5, Beta2: 0.75, Epsilon: 1e-8, Decay: "all"}
	for name, test := range map[string]struct {
		o    Optimizer
		want []float64
	}{
		// w0: v = 0.2, w = 1 - 0.1*0.2 = 0.98; v = 0.1 + 0.6 = 0.7, w = 0.98 - 0.05*0.7.
		"sgd": {sgd, []float64{0.945, -1.955, 0.425, 3}},
		// w0: g = 0.3, v = 0.3, w = 1 - 0.1*0.45 = 0.955; g = 0.6955, v = 0.8455,
		// w = 0.955 - 0.05*(0.6955 + 0.42275). Bias 3 only decays: g = 0.3,
		// w = 3 - 0.1*0.45 = 2.955; g = 0.2955, v = 0.4455, w -= 0.05*0.51825.
		"nesterov": {nesterov, []float64{0.8990875, -1.895675, 0.40180625, 2.9290875}},
		// As before, but the biases do not decay: v = 1, w = 0.5 - 0.1*1.5 = 0.35;
		// v = -0.5, w = 0.35 - 0.05*(-1 - 0.25).
		"decay of weights": {sparing, []float64{0.8990875, -1.895675, 0.4125, 3}},
		// The first step is the rate against the sign. Then for w0: m = 0.35, over
		// 1-0.25; v = 0.75*0.01 + 0.25*0.36 = 0.0975, over 1-0.5625. For a bias
		// m = -0.25 and v = 0.4375.
		"adam": {adam, []float64{
			0.9 - 0.05*(0.35/0.75)/math.Sqrt(0.0975/0.4375),
			-1.9 - 0.05*(-0.05/0.75)/math.Sqrt(0.0325/0.4375),
			0.4 + 0.05*(0.25/0.75),
			3,
		}},
	} {
		t.Run(name, func(t *testing.T) { near(t, name, stepTwice(t, test.o), test.want, 1e-6) })
	}
}

func TestClip(t *testing.T) {
	for _, momentum := range []float64{0.5, 0} { // 0: the step itself clips
		p := tiny(t)
		u := newUpdater(Optimizer{Name: "sgd", Momentum: momentum, Decay: "all"}, p)
		copy(p.Gradient(), []float32{3, 4, 0, 0})
		u.clip(2)
		u.step(1)
		near(t, "after a long gradient", p.Learned(), []float64{1 - 1.2, -2 - 1.6, 0.5, 3}, 1e-6)
		p = tiny(t)
		u = newUpdater(Optimizer{Name: "sgd", Momentum: momentum, Decay: "all"}, p)
		copy(p.Gradient(), []float32{0.3, 0.4, 0, 0})
		u.clip(2)
		u.step(1)
		near(t, "after a short gradient", p.Learned(), []float64{0.7, -2.4, 0.5, 3}, 1e-6)
	}
}

func TestSchedules(t *testing.T) {
	step := Schedule{Name: "step", Milestones: []float64{0.5, 0.75}, Factor: 0.1}
	cosine := Schedule{Name: "cosine"}
	decay := Schedule{Name: "decay", ConstantEpochs: 2, Factor: 0.5} // of 4 epochs
	for _, test := range []struct {
		s                   Schedule
		step, steps, warmup int
		want                float64
	}{
		{step, 0, 8, 0, 1}, {step, 3, 8, 0, 1}, {step, 4, 8, 0, 0.1}, {step, 5, 8, 0, 0.1}, {step, 6, 8, 0, 0.01}, {step, 7, 8, 0, 0.01},
		{step, 2, 5, 0, 1}, {step, 3, 5, 0, 0.1}, {step, 4, 5, 0, 0.01}, // milestones at 2.5 and 3.75
		{decay, 0, 12, 0, 1}, {decay, 5, 12, 0, 1}, {decay, 6, 12, 0, 0.5}, {decay, 8, 12, 0, 0.5}, {decay, 9, 12, 0, 0.25}, {decay, 11, 12, 0, 0.25},
		{cosine, 0, 4, 0, 1}, {cosine, 1, 4, 0, 0.8535533905932737}, {cosine, 2, 4, 0, 0.5}, {cosine, 3, 4, 0, 0.14644660940672627},
		{cosine, 0, 6, 2, 0.5}, {cosine, 1, 6, 2, 1}, {cosine, 2, 6, 2, 1}, {cosine, 4, 6, 2, 0.5},
		{Schedule{Name: "constant"}, 0, 9, 4, 0.25}, {Schedule{Name: "constant"}, 3, 9, 4, 1}, {Schedule{Name: "constant"}, 8, 9, 4, 1},
	} {
		if got := test.s.Rate(test.step, test.steps, test.warmup, 4); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%+v: step %d of %d, warm-up %d: %v, want %v", test.s, test.step, test.steps, test.warmup, got, test.want)
		}
	}
}

func TestCosine(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		if got, want := cosine(x), (1+math.Cos(math.Pi*x))/2; math.Abs(got-want) > 4e-16 {
			t.Errorf("x = %v: %v, want %v", x, got, want)
		}
	}
}
