package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// conv is a convolution: x is (N, H, W, C), in one piece or several that lie on
// each other in depth, the weight is (KH, KW, C/groups, F), y is (N, OH, OW, F).
type conv struct {
	ins          []*tensor
	out          *tensor
	geometry     kernels.Conv
	weight, bias *param // bias may be nil
	scratch      *kernels.Scratch
	x, dx        []kernels.Part // of the inputs
	passes       bool           // some input has a gradient
}

func (c *compiler) conv(n *spec.Node, in, out *tensor) *step {
	_, top := spec.Window(in.height, n.Kernel[0], n.Stride[0], n.Dilation[0], n.Padding)
	_, left := spec.Window(in.width, n.Kernel[1], n.Stride[1], n.Dilation[1], n.Padding)
	l := &conv{
		ins: pieces([]*tensor{in}), out: out, scratch: c.program.scratch,
		geometry: kernels.Conv{
			InH: in.height, InW: in.width, InC: in.channels,
			OutH: out.height, OutW: out.width, OutC: out.channels,
			KernelH: n.Kernel[0], KernelW: n.Kernel[1],
			StrideH: n.Stride[0], StrideW: n.Stride[1],
			DilationH: n.Dilation[0], DilationW: n.Dilation[1],
			PadTop: top, PadLeft: left, Groups: n.Groups,
		},
	}
	for _, piece := range l.ins {
		part := kernels.Part{C: piece.channels}
		l.x, l.dx, l.passes = append(l.x, part), append(l.dx, part), l.passes || piece.grad != nil
	}
	depth := in.channels / n.Groups
	l.weight = c.weight(n.Name, n.Kernel[0]*n.Kernel[1]*depth, n.Kernel[0], n.Kernel[1], depth, n.Filters)
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Filters)
	}
	return &step{layer: l, inputs: l.ins, output: out, keepInputs: true, learns: true}
}

func (l *conv) forward(n int, _ bool) {
	l.geometry.Batch = n
	y := l.out.x(n)
	for i, in := range l.ins {
		l.x[i].X = in.x(n)
	}
	kernels.ConvForward(l.scratch, &l.geometry, y, l.x, l.weight.value)
	if l.bias != nil {
		kernels.AddBias(y, l.bias.value, l.out.positions(n), l.out.channels)
	}
}

func (l *conv) backward(n int) {
	l.geometry.Batch = n
	dy := l.out.dx(n)
	for i, in := range l.ins {
		l.x[i].X = in.kept(n)
		if in.grad != nil {
			l.dx[i].X = in.dx(n)
		}
	}
	kernels.ConvBackwardWeights(l.scratch, &l.geometry, l.weight.grad, dy, l.x)
	if l.bias != nil {
		kernels.ColumnSums(l.bias.grad, dy, l.out.positions(n), l.out.channels)
	}
	if l.passes {
		kernels.ConvBackwardData(l.scratch, &l.geometry, l.dx, dy, l.weight.value)
	}
}
