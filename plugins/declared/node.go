package declared

import (
	"github.com/espalier-nas/espalier/wasm/spec"
)

// node runs a node of the document.
func (b *builder) node(v *value) {
	op := v.shorthand("op")
	name := v.word("name", op)
	list := b.inputs(v)
	if op == "add" {
		b.sum(name, list)
		return
	}
	b.concat(list)
	f := b.last
	needs := 0 // rank
	switch op {
	case "conv", "conv2d", "maxpool", "avgpool", "global_avgpool", "flatten":
		needs = 3
	case "recurrent":
		needs = 2
	}
	switch {
	case op == "embedding" && f.rank != 0:
		b.fail("an embedding takes the input of a text")
	case op != "embedding" && f.rank == 0:
		b.fail("a network for text begins with an embedding")
	case needs == 3 && f.rank != 3:
		b.fail(op + " takes a feature map, and here is none any more")
	case needs == 2 && f.rank != 2:
		b.fail("recurrent takes a sequence: the output of an embedding")
	}
	if b.problem != "" {
		return
	}
	switch op {
	case "conv", "conv2d":
		b.conv(v, op, name)
	case "maxpool", "avgpool":
		stride := b.pair(v, "stride", 1)
		if v.get("stride") == nil {
			stride = b.pair(v, "kernel", 2)
		}
		b.window(v, name, spec.Op(op), b.pair(v, "kernel", 2), stride, [2]int{1, 1}, f.c)
	case "global_avgpool":
		b.add(name, spec.OpGlobalAvgPool, 1, 1, f.c)
	case "flatten":
		b.add(name, spec.OpFlatten, 1, 1, f.h*f.w*f.c)
	case "batchnorm":
		b.add(name, spec.OpBatchNorm, f.h, f.w, f.c)
	case "activation":
		b.add(name, spec.OpActivation, f.h, f.w, f.c).Func = spec.Func(b.choose(v, "func", "relu"))
	case "dropout":
		rate := 0.5
		if m := v.get("rate"); m != nil {
			rate = min(max(b.eval(m, 0), 0), 0.99)
		}
		if rate > 0 {
			b.add(name, spec.OpDropout, f.h, f.w, f.c).Rate = rate
		}
	case "dense":
		bias := v.get("bias")
		b.dense(name, b.number(v, "units", f.c, 1, 4096)).Bias = bias == nil || bias.num == 1
	case "embedding":
		b.last = flow{f.name, 2, f.h, 1, 1}
		units, words := b.number(v, "units", 64, 1, 4096), b.network.Task.Classes
		b.learn(float64(units)*float64(words), 0)
		node := b.add(name, spec.OpEmbedding, f.h, 1, units)
		node.Units, node.Vocabulary = units, words
	case "recurrent":
		b.recurrent(v, name)
	}
}

func (b *builder) conv(v *value, op, name string) {
	f := b.last
	filters := b.number(v, "filters", f.c, 1, 4096)
	groups := b.number(v, "groups", 1, 1, 4096)
	if m := v.get("groups"); m != nil && m.text == "depthwise" {
		groups = f.c
	}
	groups = divisor(groups, divisor(f.c, filters))
	label := name
	if op == "conv" {
		label += "/conv"
	}
	kernel := b.pair(v, "kernel", 3)
	conv := b.window(v, label, spec.OpConv2D, kernel, b.pair(v, "stride", 1), b.pair(v, "dilation", 1), filters)
	conv.Filters, conv.Groups = filters, groups
	if bias := v.get("bias"); bias != nil {
		conv.Bias = bias.num == 1
	}
	b.learn(float64(kernel[0]*kernel[1])*float64(f.c/groups)*float64(filters), float64(b.last.h)*float64(b.last.w))
	if op == "conv" {
		b.add(name+"/norm", spec.OpBatchNorm, b.last.h, b.last.w, filters)
		if act := b.choose(v, "func", "relu"); act != "identity" {
			b.add(name+"/act", spec.OpActivation, b.last.h, b.last.w, filters).Func = spec.Func(act)
		}
	}
}

// divisor is the greatest common one.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// window adds a convolution or a pool. One that does not fit into the map is
// padded.
func (b *builder) window(v *value, name string, op spec.Op, kernel, stride, dilation [2]int, channels int) *spec.Node {
	padding := spec.Padding(b.choose(v, "padding", string(spec.Same)))
	h, _ := spec.Window(b.last.h, kernel[0], stride[0], dilation[0], padding)
	w, _ := spec.Window(b.last.w, kernel[1], stride[1], dilation[1], padding)
	if h == 0 || w == 0 {
		padding = spec.Same
		h, _ = spec.Window(b.last.h, kernel[0], stride[0], dilation[0], padding)
		w, _ = spec.Window(b.last.w, kernel[1], stride[1], dilation[1], padding)
	}
	node := b.add(name, op, h, w, channels)
	node.Kernel, node.Stride, node.Padding = kernel, stride, padding
	if op == spec.OpConv2D {
		node.Dilation = dilation
	}
	return node
}

func (b *builder) recurrent(v *value, name string) {
	f := b.last
	units := b.number(v, "units", f.c, 1, 4096)
	layers := b.number(v, "layers", 1, 1, 8)
	cell := cellOf(b.choose(v, "cell", "lstm"))
	weights := 0.0
	for i := range cell.Nodes {
		if cell.Nodes[i].Op == spec.CellLinear {
			weights += float64(units) * float64(max(f.c, units)+1)
		}
	}
	b.learn(weights*float64(layers), float64(f.h))
	node := b.add(name, spec.OpRecurrent, f.h, 1, units)
	node.Units, node.Layers, node.Cell = units, layers, cell
}
