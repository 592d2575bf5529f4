package child

import (
	"math/rand/v2"

	"github.com/espalier-nas/espalier/kernels"
)

// dropout zeroes each number with probability rate in training and scales the
// others by 1/(1-rate), so that evaluation changes nothing (inverted dropout;
// Srivastava et al. 2014). x and y are (N, H, W, C).
type dropout struct {
	in, out *tensor
	rate    float64
	mask    *buffer   // 0 or 1/(1-rate)
	rng     *rand.PCG // the program's
	seed    uint64    // of the masks of the batch; each example has its own generator

	apply, drop, passBack *sweep // examples
}

func (c *compiler) dropout(rate float64, in, out *tensor) *step {
	l := &dropout{in: in, out: out, rate: rate, mask: newBuffer(in.size()), rng: &c.program.dropping}
	l.apply, l.drop, l.passBack = c.program.sweep(l.applyTo), c.program.sweep(l.dropFrom), c.program.backward(in.size(), l.passBackTo)
	return &step{layer: l, inputs: []*tensor{in}, output: out, carried: l.mask, passBack: l.passBack}
}

func (l *dropout) forward(n int, training bool) {
	if !training {
		l.apply.run(n, l.in.size())
		return
	}
	l.seed = l.rng.Uint64()
	l.drop.run(n, l.in.size())
}

func (l *dropout) backward(n int) { l.passBack.run(n, l.in.size()) }

func (l *dropout) applyTo(_ *kernels.Scratch, _, from, to int) {
	copy(l.out.x(from, to), l.in.x(from, to))
}

func (l *dropout) dropFrom(_ *kernels.Scratch, _, from, to int) {
	keep := float32(1 / (1 - l.rate))
	threshold := uint64(l.rate * (1 << 32))
	for example := from; example < to; example++ {
		mask := l.mask.of(example, example+1)
		var rng rand.PCG
		rng.Seed(l.seed, uint64(example))
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
		kernels.Mul(l.out.x(example, example+1), l.in.x(example, example+1), mask)
	}
}

func (l *dropout) passBackTo(_ *kernels.Scratch, _, from, to int) {
	kernels.MulAdd(l.in.dx(from, to), l.out.dx(from, to), l.mask.of(from, to))
}
