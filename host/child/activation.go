package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// activation applies a function to every number. x and y are (N, H, W, C) and
// may be the same memory, except for sin, whose backward reads x.
type activation struct {
	in, out *tensor
	fn      spec.Func
}

func (c *compiler) activation(fn spec.Func, in, out *tensor) *step {
	sin := fn == spec.FuncSin
	return &step{layer: &activation{in, out, fn}, inputs: []*tensor{in}, output: out, keepInputs: sin, keepOutput: !sin}
}

func (l *activation) forward(n int, _ bool) {
	y, x := l.out.x(n), l.in.x(n)
	switch l.fn {
	case spec.FuncReLU:
		kernels.Relu(y, x)
	case spec.FuncTanh:
		kernels.Tanh(y, x)
	case spec.FuncSigmoid:
		kernels.Sigmoid(y, x)
	case spec.FuncSin:
		kernels.Sin(y, x)
	}
}

func (l *activation) backward(n int) {
	dx, dy := l.in.dx(n), l.out.dx(n)
	switch l.fn {
	case spec.FuncReLU:
		kernels.ReluBackward(dx, dy, l.out.kept(n))
	case spec.FuncTanh:
		kernels.TanhBackward(dx, dy, l.out.kept(n))
	case spec.FuncSigmoid:
		kernels.SigmoidBackward(dx, dy, l.out.kept(n))
	case spec.FuncSin:
		kernels.SinBackward(dx, dy, l.in.kept(n))
	}
}
