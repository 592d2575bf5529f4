package child

import (
	"math/rand/v2"

	"github.com/espalier-nas/espalier/kernels"
)

// mean averages maps of equal shape, number by number. With a rate it is the
// join of a fractal network with local drop-path (Larsson et al. 2017, section
// 3): in training it leaves out each input with that probability, for each
// example apart, and averages the others. If all would be left out, one of
// them, each as likely as the others, is not.
type mean struct {
	ins     []*tensor
	out     *tensor
	rate    float64
	weights *buffer   // of the inputs, for each example, if there is a rate
	rng     *rand.PCG // the program's
	seed    uint64    // of the weights of the batch; each example has its own generator

	apply, drop, passBack *sweep // examples
}

func (c *compiler) mean(rate float64, ins []*tensor, out *tensor) *step {
	l := &mean{ins: ins, out: out, rate: rate, rng: &c.program.dropping}
	p := c.program
	l.apply, l.drop = p.sweep(l.applyTo), p.sweep(l.dropFrom)
	s := &step{layer: l, inputs: ins, output: out}
	if rate == 0 {
		l.passBack = p.backward(out.size(), l.passBackTo)
	} else {
		l.passBack = p.backward(out.size(), l.passBackKept)
		l.weights = newBuffer(len(ins))
		s.carried = l.weights
	}
	s.passBack = l.passBack
	return s
}

func (l *mean) forward(n int, training bool) {
	if !training || l.weights == nil {
		l.apply.run(n, l.out.size())
		return
	}
	l.seed = l.rng.Uint64()
	l.drop.run(n, l.out.size())
}

func (l *mean) backward(n int) { l.passBack.run(n, l.out.size()) }

func (l *mean) applyTo(_ *kernels.Scratch, _, from, to int) {
	y := l.out.x(from, to)
	copy(y, l.ins[0].x(from, to))
	for _, in := range l.ins[1:] {
		kernels.Add(y, in.x(from, to))
	}
	kernels.Scale(y, 1/float32(len(l.ins)))
}

func (l *mean) dropFrom(_ *kernels.Scratch, _, from, to int) {
	for example := from; example < to; example++ {
		weights := l.weights.of(example, example+1)
		drawPaths(weights, l.rate, l.seed, uint64(example))
		y := l.out.x(example, example+1)
		clear(y)
		for k, in := range l.ins {
			if weights[k] != 0 {
				kernels.AddScaled(y, weights[k], in.x(example, example+1))
			}
		}
	}
}

func (l *mean) passBackTo(_ *kernels.Scratch, _, from, to int) {
	for _, in := range l.ins {
		if in.grad != nil {
			kernels.AddScaled(in.dx(from, to), 1/float32(len(l.ins)), l.out.dx(from, to))
		}
	}
}

func (l *mean) passBackKept(_ *kernels.Scratch, _, from, to int) {
	for example := from; example < to; example++ {
		for k, in := range l.ins {
			if w := l.weights.of(example, example+1)[k]; in.grad != nil && w != 0 {
				kernels.AddScaled(in.dx(example, example+1), w, l.out.dx(example, example+1))
			}
		}
	}
}

// drawPaths sets weights to 0 where an input is left out and to one over the
// number of the others where not.
func drawPaths(weights []float32, rate float64, seed, stream uint64) {
	threshold := uint64(rate * (1 << 32))
	var rng rand.PCG
	rng.Seed(seed, stream)
	kept := 0
	for i := range weights {
		weights[i] = 0
		if rng.Uint64()>>32 >= threshold {
			weights[i] = 1
			kept++
		}
	}
	if kept == 0 {
		weights[rng.Uint64()>>32*uint64(len(weights))>>32] = 1
		kept = 1
	}
	kernels.Scale(weights, 1/float32(kept))
}
