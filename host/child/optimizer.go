package child

import (
	"math"

	"github.com/espalier-nas/espalier/kernels"
)

// updater applies an Optimizer to the parameters of one program.
//
// A plain step, w -= lr dw, changes nothing where the gradient is 0: of an
// embedding's table it looks only at the rows that the window has, and it holds
// no velocity.
type updater struct {
	config   Optimizer
	program  *Program
	w, dw    []float32
	decaying int       // the first of w that decay
	m, v     []float32 // momentum, nil if the steps are plain; adam's second moment
	average  *average  // of asgd; nil: none
	// power1 and power2 are beta1 and beta2 to the power of the steps so far.
	power1, power2 float64

	rate   float64    // of the step under way
	shrink float64    // by how much the next plain step shortens the gradient
	table  *embedding // whose rows are under way
	pieces []float64  // squared lengths of the gradient's pieces

	apply, applyRows, square *sweep // parameters, rows of table, pieces
}

// pieceNumbers is how many numbers of a gradient are squared and summed in
// float32.
const pieceNumbers = 1 << 16

// plain reports whether a step is w -= lr dw.
func (o Optimizer) plain() bool {
	return (o.Name == "sgd" || o.Name == "asgd") && o.Momentum == 0 && o.WeightDecay == 0
}

// floats is the number of numbers that the optimiser holds for each parameter.
func (o Optimizer) floats() (n int64) {
	if !o.plain() {
		n++
	}
	if o.Name == "adam" || o.Name == "asgd" {
		n++
	}
	return n
}

func newUpdater(o Optimizer, p *Program) *updater {
	u := &updater{config: o, program: p, w: p.Learned(), dw: p.Gradient(), decaying: p.plan.learned, power1: 1, power2: 1, shrink: 1}
	if o.Decay == "weights" {
		u.decaying = p.plan.weights
	}
	u.pieces = make([]float64, (len(u.w)-p.plan.scattered+pieceNumbers-1)/pieceNumbers)
	u.apply, u.applyRows, u.square = p.sweep(u.applyTo), p.sweep(u.applyToRows), p.sweep(u.squareOf)
	if !o.plain() {
		u.m = make([]float32, len(u.w))
	}
	switch o.Name {
	case "adam":
		u.v = make([]float32, len(u.w))
	case "asgd":
		u.average = newAverage(p)
	}
	return u
}

// step moves the parameters by their gradients at the given learning rate.
func (u *updater) step(lr float64) {
	u.power1 *= u.config.Beta1
	u.power2 *= u.config.Beta2
	u.rate = lr
	if u.m != nil {
		u.apply.run(len(u.w), 1)
		return
	}
	u.rate *= u.shrink
	u.apply.run(len(u.w)-u.program.plan.scattered, 1)
	for _, u.table = range u.program.scattered {
		u.applyRows.run(len(u.table.rows), u.table.out.channels)
	}
	u.shrink = 1
}

func (u *updater) applyTo(_ *kernels.Scratch, _, from, to int) {
	if u.m == nil {
		first := u.program.plan.scattered
		kernels.AddScaled(u.w[first+from:first+to], -float32(u.rate), u.dw[first+from:])
		return
	}
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

func (u *updater) applyToRows(_ *kernels.Scratch, _, from, to int) {
	t := u.table
	for _, token := range t.rows[from:to] {
		kernels.AddScaled(t.row(t.table.value, token), -float32(u.rate), t.row(t.table.grad, token))
	}
}

// clip scales the gradient down to the given Euclidean norm if it is longer. A
// plain step does so itself, without another pass over the gradient.
func (u *updater) clip(norm float64) {
	length := u.length()
	switch {
	case !(length > norm):
	case u.m == nil:
		u.shrink = norm / length
	default:
		kernels.Scale(u.dw, float32(norm/length))
	}
}

// length is the Euclidean norm of the gradient.
func (u *updater) length() float64 {
	sum := 0.0
	for _, t := range u.program.scattered {
		for _, token := range t.rows {
			row := t.row(t.table.grad, token)
			sum += float64(kernels.Dot(row, row))
		}
	}
	u.square.run(len(u.pieces), pieceNumbers)
	for _, s := range u.pieces {
		sum += s
	}
	return math.Sqrt(sum)
}

func (u *updater) squareOf(_ *kernels.Scratch, _, from, to int) {
	dense := u.dw[u.program.plan.scattered:]
	for i := from; i < to; i++ {
		piece := dense[i*pieceNumbers : min((i+1)*pieceNumbers, len(dense))]
		u.pieces[i] = float64(kernels.Dot(piece, piece))
	}
}
