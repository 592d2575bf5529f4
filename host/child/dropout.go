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
}

func (c *compiler) dropout(rate float64, in, out *tensor) *step {
	l := &dropout{in: in, out: out, rate: rate, mask: newBuffer(in.value.size), rng: &c.program.dropping}
	return &step{layer: l, inputs: []*tensor{in}, output: out, carried: l.mask}
}

func (l *dropout) forward(n int, training bool) {
	if !training {
		copy(l.out.x(n), l.in.x(n))
		return
	}
	mask := l.mask.of(n)
	keep := float32(1 / (1 - l.rate))
	threshold := uint64(l.rate * (1 << 32))
	var bits uint64
	for i := range mask {
		if i%2 == 0 {
			bits = l.rng.Uint64()
		}
		mask[i] = 0
		if bits&(1<<32-1) >= threshold {
			mask[i] = keep
		}
		bits >>= 32
	}
	kernels.Mul(l.out.x(n), l.in.x(n), mask)
}

func (l *dropout) backward(n int) {
	kernels.MulAdd(l.in.dx(n), l.out.dx(n), l.mask.of(n))
}
