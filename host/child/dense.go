package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// dense maps the last axis: x is (N, H, W, C), the weight is (C, U), y is
// (N, H, W, U); it is a convolution with a 1 x 1 kernel.
type dense struct {
	in, out *tensor
	weight  *param
	ending
	packed, packedBack *kernels.Packed // the weight, and transposed; for the pass under way, in the same memory

	n     int    // examples of the pass under way
	learn *sweep // rows of the weight
}

func (c *compiler) dense(n *spec.Node, in, out *tensor) *step {
	l := &dense{in: in, out: out}
	l.weight = c.weight(n.Name, in.channels, in.channels, n.Units)
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Units)
	}
	p := c.program
	p.filtered = append(p.filtered, l)
	l.learn = p.sweep(l.learnFrom)
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: true}
}

func (l *dense) filterLen() int {
	c, u := l.in.channels, l.out.channels
	return max(kernels.PackedLen(c, u), kernels.PackedLen(u, c))
}

func (l *dense) bindFilter(memory []float32) {
	c, u := l.in.channels, l.out.channels
	l.packed, l.packedBack = kernels.PackedIn(memory, c, u), kernels.PackedIn(memory, u, c)
}

func (l *dense) filterForward(*kernels.Scratch) {
	l.packed.Set(false, l.weight.value, l.out.channels)
}

func (l *dense) filterBackward(*kernels.Scratch) {
	if l.in.grad != nil {
		l.packedBack.Set(true, l.weight.value, l.out.channels)
	}
}

func (l *dense) forward(n int, training bool) {
	l.begin(l.out, training)
	rows, c, u := l.in.positions(n), l.in.channels, l.out.channels
	l.learn.program.team.GemmPacked(false, rows, l.in.x(0, n), c, l.packed, 0, l.to.x(0, n), u, &l.epilogue)
}

func (l *dense) backward(n int) {
	l.n = n
	l.learn.run(l.in.channels, l.out.positions(n))
	if l.bias != nil {
		kernels.ColumnSums(l.bias.grad, l.out.dx(0, n), l.out.positions(n), l.out.channels)
	}
	if l.in.grad != nil {
		rows, c, u := l.in.positions(n), l.in.channels, l.out.channels
		l.learn.program.team.GemmPacked(false, rows, l.out.dx(0, n), u, l.packedBack, 1, l.in.dx(0, n), c, nil)
	}
}

// learnFrom works on the rows [from, to) of the weight's gradient.
func (l *dense) learnFrom(s *kernels.Scratch, _, from, to int) {
	rows, c, u := l.in.positions(l.n), l.in.channels, l.out.channels
	x := l.in.kept(0, l.n)[from:]
	kernels.Gemm(s, true, false, to-from, u, rows, 1, x, c, l.out.dx(0, l.n), u, 1, l.weight.grad[from*u:], u)
}
