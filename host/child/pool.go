package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// maxPool takes the largest number of each window. x is (N, H, W, C), y is
// (N, OH, OW, C).
type maxPool struct {
	in, out  *tensor
	geometry kernels.Pool
	argmax   []int32 // (N, OH, OW, C): where forward found it
}

// avgPool takes the mean of each window's numbers inside the map. x is
// (N, H, W, C), y is (N, OH, OW, C).
type avgPool struct {
	in, out  *tensor
	geometry kernels.Pool
}

// globalPool takes the mean over all positions. x is (N, H, W, C), y is (N, C).
type globalPool struct{ in, out *tensor }

func (c *compiler) pool(n *spec.Node, in, out *tensor) *step {
	_, top := spec.Window(in.height, n.Kernel[0], n.Stride[0], 1, n.Padding)
	_, left := spec.Window(in.width, n.Kernel[1], n.Stride[1], 1, n.Padding)
	g := kernels.Pool{
		InH: in.height, InW: in.width, C: in.channels, OutH: out.height, OutW: out.width,
		KernelH: n.Kernel[0], KernelW: n.Kernel[1], StrideH: n.Stride[0], StrideW: n.Stride[1],
		PadTop: top, PadLeft: left,
	}
	s := &step{inputs: []*tensor{in}, output: out}
	if n.Op == spec.OpAvgPool {
		s.layer = &avgPool{in, out, g}
		return s
	}
	l := &maxPool{in: in, out: out, geometry: g}
	c.indices = append(c.indices, indices{&l.argmax, out.value.size})
	s.layer = l
	return s
}

func (l *maxPool) forward(n int, _ bool) {
	l.geometry.Batch = n
	y := l.out.x(n)
	kernels.MaxPoolForward(&l.geometry, y, l.argmax[:len(y)], l.in.x(n))
}

func (l *maxPool) backward(n int) {
	l.geometry.Batch = n
	dy := l.out.dx(n)
	kernels.MaxPoolBackward(&l.geometry, l.in.dx(n), dy, l.argmax[:len(dy)])
}

func (l *avgPool) forward(n int, _ bool) {
	l.geometry.Batch = n
	kernels.AvgPoolForward(&l.geometry, l.out.x(n), l.in.x(n))
}

func (l *avgPool) backward(n int) {
	l.geometry.Batch = n
	kernels.AvgPoolBackward(&l.geometry, l.in.dx(n), l.out.dx(n))
}

func (l *globalPool) forward(n int, _ bool) {
	kernels.GlobalAvgPoolForward(l.out.x(n), l.in.x(n), n, l.in.positions(1), l.in.channels)
}

func (l *globalPool) backward(n int) {
	kernels.GlobalAvgPoolBackward(l.in.dx(n), l.out.dx(n), n, l.in.positions(1), l.in.channels)
}
