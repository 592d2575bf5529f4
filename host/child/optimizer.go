package child

import (
	"math"

	"github.com/espalier-nas/espalier/kernels"
)

// updater applies an Optimizer to the parameters of one program.
type updater struct {
	config   Optimizer
	w, dw    []float32
	decaying int       // the first of w that decay
	m, v     []float32 // momentum; adam's second moment
	// power1 and power2 are beta1 and beta2 to the power of the steps so far.
	power1, power2 float64

	rate  float64 // of the step under way
	apply *sweep  // parameters
}

// floats is the number of numbers that the optimiser holds for each parameter.
func (o Optimizer) floats() int64 {
	if o.Name == "adam" {
		return 2
	}
	return 1
}

func newUpdater(o Optimizer, p *Program) *updater {
	u := &updater{config: o, w: p.Learned(), dw: p.Gradient(), decaying: p.plan.learned, power1: 1, power2: 1}
	if o.Decay == "weights" {
		u.decaying = p.plan.weights
	}
	u.apply = p.sweep(u.applyTo)
	u.m = make([]float32, len(u.w))
	if o.Name == "adam" {
		u.v = make([]float32, len(u.w))
	}
	return u
}

// step moves the parameters by their gradients at the given learning rate.
func (u *updater) step(lr float64) {
	u.power1 *= u.config.Beta1
	u.power2 *= u.config.Beta2
	u.rate = lr
	u.apply.run(len(u.w), 1)
}

func (u *updater) applyTo(_ *kernels.Scratch, _, from, to int) {
	u.part(from, min(to, u.decaying), float32(u.rate), float32(u.config.WeightDecay))
	u.part(max(from, u.decaying), to, float32(u.rate), 0)
}

func (u *updater) part(from, to int, lr, decay float32) {
	if from >= to {
		return
	}
	w, dw, m := u.w[from:to], u.dw[from:to], u.m[from:to]
	if u.config.Name != "adam" {
		kernels.SGD(w, dw, m, lr, float32(u.config.Momentum), decay, u.config.Name == "nesterov")
		return
	}
	kernels.Adam(w, dw, m, u.v[from:to], lr, float32(u.config.Beta1), float32(u.config.Beta2), float32(u.config.Epsilon),
		decay, float32(1-u.power1), float32(1-u.power2))
}

// clip scales the gradient down to the given Euclidean norm if it is longer.
func clip(gradient []float32, norm float64) {
	if length := math.Sqrt(float64(kernels.Dot(gradient, gradient))); length > norm {
		kernels.Scale(gradient, float32(norm/length))
	}
}
