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
	early   bool // the layer that makes the input applies it, too

	apply, passBack *sweep // examples
}

func (c *compiler) activation(fn spec.Func, in, out *tensor) *step {
	sin := fn == spec.FuncSin
	l := &activation{in: in, out: out, fn: fn}
	l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(in.size(), l.passBackTo)
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: sin, keepOutput: !sin, passBack: l.passBack}
}

func (l *activation) forward(n int, _ bool) {
	if !l.early {
		l.apply.run(n, l.out.size())
	}
}

func (l *activation) backward(n int) { l.passBack.run(n, l.out.size()) }

func (l *activation) applyTo(_ *kernels.Scratch, _, from, to int) {
	y, x := l.out.x(from, to), l.in.x(from, to)
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

func (l *activation) passBackTo(_ *kernels.Scratch, _, from, to int) {
	dx, dy := l.in.dx(from, to), l.out.dx(from, to)
	switch l.fn {
	case spec.FuncReLU:
		kernels.ReluBackward(dx, dy, l.out.kept(from, to))
	case spec.FuncTanh:
		kernels.TanhBackward(dx, dy, l.out.kept(from, to))
	case spec.FuncSigmoid:
		kernels.SigmoidBackward(dx, dy, l.out.kept(from, to))
	case spec.FuncSin:
		kernels.SinBackward(dx, dy, l.in.kept(from, to))
	}
}
