package cells

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// window is a convolution or a pool of an operation.
type window struct {
	height, width int
	dilation      int  // 0 is 1
	depthwise     bool // a pointwise convolution follows
}

// operation is what may be done to a hidden state. Convolutions are each
// preceded by ReLU and followed by batch normalization, but for the depthwise
// ones, which the pointwise one follows at once.
type operation struct {
	name    string
	paper   bool    // it is one of the 13 of the paper
	pool    spec.Op // empty: convolutions
	windows []window
}

func square(size int) window    { return window{height: size, width: size} }
func separable(size int) window { return window{height: size, width: size, depthwise: true} }

// operations are all that may be chosen. Separable convolutions are applied
// twice, as the paper's appendix says.
var operations = [...]operation{
	{name: "identity", paper: true},
	{name: "conv_1x3_3x1", paper: true, windows: []window{{height: 1, width: 3}, {height: 3, width: 1}}},
	{name: "conv_1x7_7x1", paper: true, windows: []window{{height: 1, width: 7}, {height: 7, width: 1}}},
	{name: "dilated_3x3", paper: true, windows: []window{{height: 3, width: 3, dilation: 2}}},
	{name: "avg_pool_3x3", paper: true, pool: spec.OpAvgPool, windows: []window{square(3)}},
	{name: "max_pool_3x3", paper: true, pool: spec.OpMaxPool, windows: []window{square(3)}},
	{name: "max_pool_5x5", paper: true, pool: spec.OpMaxPool, windows: []window{square(5)}},
	{name: "max_pool_7x7", paper: true, pool: spec.OpMaxPool, windows: []window{square(7)}},
	{name: "conv_1x1", paper: true, windows: []window{square(1)}},
	{name: "conv_3x3", paper: true, windows: []window{square(3)}},
	{name: "conv_5x5", windows: []window{square(5)}},
	{name: "conv_7x7", windows: []window{square(7)}},
	{name: "separable_3x3", paper: true, windows: []window{separable(3), separable(3)}},
	{name: "separable_5x5", paper: true, windows: []window{separable(5), separable(5)}},
	{name: "separable_7x7", paper: true, windows: []window{separable(7), separable(7)}},
	{name: "dilated_5x5", windows: []window{{height: 5, width: 5, dilation: 2}}},
}

// mostNodes is how many nodes of a network an operation becomes at most.
const mostNodes = 8

func paperOperations() (names []string) {
	for i := range operations {
		if operations[i].paper {
			names = append(names, operations[i].name)
		}
	}
	return names
}

// byName finds an operation; the name has passed the param's declaration.
func byName(name string) *operation {
	for i := range operations {
		if operations[i].name == name {
			return &operations[i]
		}
	}
	panic("cells: an operation was chosen that does not exist")
}

// apply adds an operation on the node from, whose channels are filters, under a
// label, and returns the node that yields its result. The first window takes the
// stride.
func (b *builder) apply(op *operation, label, from string, filters, stride int) string {
	if len(op.windows) == 0 && stride > 1 {
		return b.convolve(label, from, square(1), filters, stride)
	}
	for i, w := range op.windows {
		step := label
		if len(op.windows) > 1 {
			step += strconv.Itoa(i + 1)
		}
		if op.pool != "" {
			node := b.node(step+"/pool", op.pool, from)
			node.Kernel, node.Stride = [2]int{w.height, w.width}, [2]int{stride, stride}
			from = node.Name
		} else {
			from = b.convolve(step, from, w, filters, stride)
		}
		stride = 1
	}
	return from
}

// convolve adds ReLU, convolution and batch normalization. The node from has as
// many channels as filters if the window is depthwise.
func (b *builder) convolve(label, from string, w window, filters, stride int) string {
	conv := b.node(label+"/conv", spec.OpConv2D, b.relu(from))
	conv.Filters, conv.Kernel, conv.Stride = filters, [2]int{w.height, w.width}, [2]int{stride, stride}
	if w.dilation > 1 {
		conv.Dilation = [2]int{w.dilation, w.dilation}
	}
	last := conv.Name
	if w.depthwise {
		conv.Groups = filters
		point := b.node(label+"/point", spec.OpConv2D, last)
		point.Filters, point.Kernel = filters, [2]int{1, 1}
		last = point.Name
	}
	return b.node(label+"/norm", spec.OpBatchNorm, last).Name
}

// relu returns the node that yields the ReLU of a node, which all its readers
// share.
func (b *builder) relu(from string) string {
	name := from
	if end := len(name) - len("/norm"); name[end:] == "/norm" {
		name = name[:end]
	}
	name += "/relu"
	for i := range b.network.Nodes {
		if b.network.Nodes[i].Name == name {
			return name
		}
	}
	b.node(name, spec.OpActivation, from).Func = spec.FuncReLU
	return name
}
