package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// dense maps the last axis: x is (N, H, W, C), the weight is (C, U), y is
// (N, H, W, U); it is a convolution with a 1 x 1 kernel.
type dense struct {
	in, out      *tensor
	weight, bias *param // bias may be nil

	n               int    // examples of the pass under way
	apply, passBack *sweep // examples
	learn           *sweep // rows of the weight
}

func (c *compiler) dense(n *spec.Node, in, out *tensor) *step {
	l := &dense{in: in, out: out}
	l.weight = c.weight(n.Name, in.channels, in.channels, n.Units)
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Units)
	}
	p := c.program
	l.apply, l.passBack, l.learn = p.sweep(l.applyTo), p.sweep(l.passBackTo), p.sweep(l.learnFrom)
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: true}
}

func (l *dense) forward(n int, _ bool) { l.apply.run(n, l.in.size()+l.out.size()) }

func (l *dense) backward(n int) {
	l.n = n
	l.learn.run(l.in.channels, l.out.positions(n))
	if l.bias != nil {
		kernels.ColumnSums(l.bias.grad, l.out.dx(0, n), l.out.positions(n), l.out.channels)
	}
	if l.in.grad != nil {
		l.passBack.run(n, l.in.size()+l.out.size())
	}
}

func (l *dense) applyTo(s *kernels.Scratch, _, from, to int) {
	rows, c, u := l.in.positions(to-from), l.in.channels, l.out.channels
	y := l.out.x(from, to)
	kernels.Gemm(s, false, false, rows, u, c, 1, l.in.x(from, to), c, l.weight.value, u, 0, y, u)
	if l.bias != nil {
		kernels.AddBias(y, l.bias.value, rows, u)
	}
}

// learnFrom works on the rows [from, to) of the weight's gradient.
func (l *dense) learnFrom(s *kernels.Scratch, _, from, to int) {
	rows, c, u := l.in.positions(l.n), l.in.channels, l.out.channels
	x := l.in.kept(0, l.n)[from:]
	kernels.Gemm(s, true, false, to-from, u, rows, 1, x, c, l.out.dx(0, l.n), u, 1, l.weight.grad[from*u:], u)
}

func (l *dense) passBackTo(s *kernels.Scratch, _, from, to int) {
	rows, c, u := l.in.positions(to-from), l.in.channels, l.out.channels
	kernels.Gemm(s, false, true, rows, c, u, 1, l.out.dx(from, to), u, l.weight.value, u, 1, l.in.dx(from, to), c)
}
