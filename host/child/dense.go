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
	scratch      *kernels.Scratch
}

func (c *compiler) dense(n *spec.Node, in, out *tensor) *step {
	l := &dense{in: in, out: out, scratch: c.program.scratch}
	l.weight = c.weight(n.Name, in.channels, in.channels, n.Units)
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Units)
	}
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: true}
}

func (l *dense) forward(n int, _ bool) {
	rows, c, u := l.in.positions(n), l.in.channels, l.out.channels
	y := l.out.x(n)
	kernels.Gemm(l.scratch, false, false, rows, u, c, 1, l.in.x(n), c, l.weight.value, u, 0, y, u)
	if l.bias != nil {
		kernels.AddBias(y, l.bias.value, rows, u)
	}
}

func (l *dense) backward(n int) {
	rows, c, u := l.in.positions(n), l.in.channels, l.out.channels
	dy := l.out.dx(n)
	kernels.Gemm(l.scratch, true, false, c, u, rows, 1, l.in.kept(n), c, dy, u, 1, l.weight.grad, u)
	if l.bias != nil {
		kernels.ColumnSums(l.bias.grad, dy, rows, u)
	}
	if l.in.grad != nil {
		kernels.Gemm(l.scratch, false, true, rows, c, u, 1, dy, u, l.weight.value, u, 1, l.in.dx(n), c)
	}
}
