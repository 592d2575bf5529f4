package child

import (
	"math/rand/v2"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// dropout zeroes each number with probability rate in training and scales the
// others by 1/(1-rate), so that evaluation changes nothing (inverted dropout;
// Srivastava et al. 2014). x and y are (N, H, W, C).
//
// Of a text, the variational kind draws one mask (N, C) for all steps of a
// window, and another for the next window (Gal & Ghahramani 2016).
type dropout struct {
	in, out *tensor
	rate    float64
	mask    *buffer   // 0 or 1/(1-rate)
	shared  []float32 // the mask of all examples, in place of mask, if variational
	rng     *rand.PCG // the program's
	seed    uint64    // of the masks of the batch; each example has its own generator

	apply, drop, passBack *sweep // examples
}

func (c *compiler) dropout(n *spec.Node, in, out *tensor) *step {
	l := &dropout{in: in, out: out, rate: n.Rate, rng: &c.program.dropping}
	if n.Variational {
		c.fixed = append(c.fixed, fixed{&l.shared, in.size()})
	} else {
		l.mask = newBuffer(in.size())
	}
	l.apply, l.drop, l.passBack = c.program.sweep(l.applyTo), c.program.sweep(l.dropFrom), c.program.backward(in.size(), l.passBackTo)
	return &step{layer: l, inputs: []*tensor{in}, output: out, carried: l.mask, passBack: l.passBack}
}

func (l *dropout) forward(n int, training bool) {
	if !training {
		l.apply.run(n, l.in.size())
		return
	}
	l.seed = l.rng.Uint64()
	if l.shared != nil {
		drawMask(l.shared, l.rate, l.seed, 0)
	}
	l.drop.run(n, l.in.size())
}

func (l *dropout) backward(n int) { l.passBack.run(n, l.in.size()) }

func (l *dropout) applyTo(_ *kernels.Scratch, _, from, to int) {
	copy(l.out.x(from, to), l.in.x(from, to))
}

func (l *dropout) dropFrom(_ *kernels.Scratch, _, from, to int) {
	for example := from; example < to; example++ {
		mask := l.maskOf(example)
		if l.shared == nil {
			drawMask(mask, l.rate, l.seed, uint64(example))
		}
		kernels.Mul(l.out.x(example, example+1), l.in.x(example, example+1), mask)
	}
}

func (l *dropout) passBackTo(_ *kernels.Scratch, _, from, to int) {
	for example := from; example < to; example++ {
		kernels.MulAdd(l.in.dx(example, example+1), l.out.dx(example, example+1), l.maskOf(example))
	}
}

func (l *dropout) maskOf(example int) []float32 {
	if l.shared != nil {
		return l.shared
	}
	return l.mask.of(example, example+1)
}

// drawMask fills mask with 0 where a number is dropped and 1/(1-rate) where not.
func drawMask(mask []float32, rate float64, seed, stream uint64) {
	keep := float32(1 / (1 - rate))
	threshold := uint64(rate * (1 << 32))
	var rng rand.PCG
	rng.Seed(seed, stream)
	var bits uint64
	for i := range mask {
		if i%2 == 0 {
			bits = rng.Uint64()
		}
		mask[i] = 0
		if bits&(1<<32-1) >= threshold {
			mask[i] = keep
		}
		bits >>= 32
	}
}
