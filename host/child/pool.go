package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// maxPool takes the largest number of each window. x is (N, H, W, C), y is
// (N, OH, OW, C).
type maxPool struct {
	in, out  *tensor
	geometry kernels.Pool // of one example
	argmax   []int32      // (N, OH, OW, C): where forward found it in its example

	apply, passBack *sweep // examples
}

// avgPool takes the mean of each window's numbers inside the map. x is
// (N, H, W, C), y is (N, OH, OW, C).
type avgPool struct {
	in, out  *tensor
	geometry kernels.Pool // of one example

	apply, passBack *sweep // examples
}

// globalPool takes the mean over all positions. x is (N, H, W, C), in one piece
// or several that lie on each other in depth, y is (N, C).
type globalPool struct {
	ins       []piece
	out       *tensor
	positions int // of x

	apply, passBack *sweep // examples
}

func (c *compiler) pool(n *spec.Node, in, out *tensor) *step {
	_, top := spec.Window(in.height, n.Kernel[0], n.Stride[0], 1, n.Padding)
	_, left := spec.Window(in.width, n.Kernel[1], n.Stride[1], 1, n.Padding)
	g := kernels.Pool{
		Batch: 1, InH: in.height, InW: in.width, C: in.channels, OutH: out.height, OutW: out.width,
		KernelH: n.Kernel[0], KernelW: n.Kernel[1], StrideH: n.Stride[0], StrideW: n.Stride[1],
		PadTop: top, PadLeft: left,
	}
	s := &step{inputs: []*tensor{in}, output: out}
	if n.Op == spec.OpAvgPool {
		l := &avgPool{in: in, out: out, geometry: g}
		l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(in.size(), l.passBackTo)
		s.layer, s.passBack = l, l.passBack
		return s
	}
	l := &maxPool{in: in, out: out, geometry: g}
	l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(in.size(), l.passBackTo)
	c.indices = append(c.indices, indices{&l.argmax, out.size()})
	s.layer, s.passBack = l, l.passBack
	return s
}

func (c *compiler) globalPool(in, out *tensor) *step {
	l := &globalPool{ins: pieces([]*tensor{in}, in.height, in.width), out: out, positions: in.positions(1)}
	l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(in.size(), l.passBackTo)
	return &step{layer: l, inputs: tensors(l.ins), output: out, passBack: l.passBack}
}

func (l *maxPool) forward(n int, _ bool) { l.apply.run(n, l.in.size()) }
func (l *maxPool) backward(n int)        { l.passBack.run(n, l.in.size()) }

func (l *maxPool) applyTo(_ *kernels.Scratch, _, from, to int) {
	for i := from; i < to; i++ {
		kernels.MaxPoolForward(&l.geometry, l.out.x(i, i+1), l.indices(i), l.in.x(i, i+1))
	}
}

func (l *maxPool) passBackTo(_ *kernels.Scratch, _, from, to int) {
	for i := from; i < to; i++ {
		kernels.MaxPoolBackward(&l.geometry, l.in.dx(i, i+1), l.out.dx(i, i+1), l.indices(i))
	}
}

// indices are those of example i.
func (l *maxPool) indices(i int) []int32 { return l.argmax[i*l.out.size() : (i+1)*l.out.size()] }

func (l *avgPool) forward(n int, _ bool) { l.apply.run(n, l.in.size()) }
func (l *avgPool) backward(n int)        { l.passBack.run(n, l.in.size()) }

func (l *avgPool) applyTo(_ *kernels.Scratch, _, from, to int) {
	for i := from; i < to; i++ {
		kernels.AvgPoolForward(&l.geometry, l.out.x(i, i+1), l.in.x(i, i+1))
	}
}

func (l *avgPool) passBackTo(_ *kernels.Scratch, _, from, to int) {
	for i := from; i < to; i++ {
		kernels.AvgPoolBackward(&l.geometry, l.in.dx(i, i+1), l.out.dx(i, i+1))
	}
}

func (l *globalPool) forward(n int, _ bool) { l.apply.run(n, l.positions*l.out.channels) }
func (l *globalPool) backward(n int)        { l.passBack.run(n, l.positions*l.out.channels) }

func (l *globalPool) applyTo(_ *kernels.Scratch, _, from, to int) {
	for i := from; i < to; i++ {
		y := l.out.x(i, i+1)
		for _, in := range l.ins {
			part := y[:in.channels]
			kernels.GlobalAvgPoolForward(part, in.x(i, i+1), 1, in.positions(1), in.channels)
			if in.positions(1) < l.positions { // zeros around it
				kernels.Scale(part, float32(in.positions(1))/float32(l.positions))
			}
			y = y[in.channels:]
		}
	}
}

// passBackTo scales the gradient of the output in place.
func (l *globalPool) passBackTo(_ *kernels.Scratch, _, from, to int) {
	for i := from; i < to; i++ {
		dy := l.out.dx(i, i+1)
		for _, in := range l.ins {
			part := dy[:in.channels]
			if in.positions(1) < l.positions {
				kernels.Scale(part, float32(in.positions(1))/float32(l.positions))
			}
			if in.grad != nil {
				kernels.GlobalAvgPoolBackward(in.dx(i, i+1), part, 1, in.positions(1), in.channels)
			}
			dy = dy[in.channels:]
		}
	}
}
