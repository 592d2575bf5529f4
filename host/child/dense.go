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
	packed *kernels.Packed // the weight, in inference; nil in training, where it takes part in one product a pass

	n     int    // examples of the pass under way
	learn *sweep // rows of the weight
}

func (c *compiler) dense(n *spec.Node, in, out *tensor) *step {
	l := &dense{in: in, out: out}
	l.weight = c.weight(n.Name, in.channels, in.channels, n.Units)
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Units)
	}
	if c.options.Inference {
		c.program.filtered = append(c.program.filtered, l)
	}
	l.learn = c.program.sweep(l.learnFrom)
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: true}
}

func (l *dense) filterLen() int { return kernels.PackedLen(l.in.channels, l.out.channels) }

func (l *dense) bindFilter(memory []float32) {
	l.packed = kernels.PackedIn(memory, l.in.channels, l.out.channels)
}

func (l *dense) filterForward(*kernels.Scratch) {
	l.packed.Set(false, l.weight.value, l.out.channels)
}

// filterBackward has nothing to do: there is no backward pass in inference.
func (l *dense) filterBackward(*kernels.Scratch) {}

func (l *dense) forward(n int, training bool) {
	l.begin(l.out, training)
	team, rows, c, u := l.learn.program.team, l.in.positions(n), l.in.channels, l.out.channels
	x, y := l.in.x(0, n), l.to.x(0, n)
	if l.packed != nil {
		team.GemmPacked(false, rows, x, c, l.packed, 0, y, u, &l.epilogue)
	} else {
		team.GemmEpilogue(false, false, rows, u, c, 1, x, c, l.weight.value, u, 0, y, u, &l.epilogue)
	}
}

func (l *dense) backward(n int) {
	l.n = n
	l.learn.run(l.in.channels, l.out.positions(n))
	if l.bias != nil {
		kernels.ColumnSums(l.bias.grad, l.out.dx(0, n), l.out.positions(n), l.out.channels)
	}
	if l.in.grad != nil {
		rows, c, u := l.in.positions(n), l.in.channels, l.out.channels
		l.learn.program.team.Gemm(false, true, rows, c, u, 1, l.out.dx(0, n), u, l.weight.value, u, 1, l.in.dx(0, n), c)
	}
}

// learnFrom works on the rows [from, to) of the weight's gradient.
func (l *dense) learnFrom(s *kernels.Scratch, _, from, to int) {
	rows, c, u := l.in.positions(l.n), l.in.channels, l.out.channels
	x := l.in.kept(0, l.n)[from:]
	kernels.Gemm(s, true, false, to-from, u, rows, 1, x, c, l.out.dx(0, l.n), u, 1, l.weight.grad[from*u:], u)
}
