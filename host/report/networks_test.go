package report

import (
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// image32 is the task of CIFAR-10.
var image32 = spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}

// builder puts test networks together the way a search space does.
type builder struct{ net spec.Network }

func newBuilder(task spec.Task) *builder { return &builder{spec.Network{Task: task}} }

func (b *builder) node(n spec.Node) string {
	b.net.Nodes = append(b.net.Nodes, n)
	b.net.Output = n.Name
	return n.Name
}

// conv adds a convolution, batch norm and ReLU, and a concatenation before
// them where there are several inputs.
func (b *builder) conv(name string, kernel, stride [2]int, filters int, inputs ...string) string {
	if len(inputs) > 1 {
		inputs = []string{b.node(spec.Node{Name: name + "/concat", Op: spec.OpConcat, Inputs: inputs})}
	}
	b.node(spec.Node{Name: name + "/conv", Op: spec.OpConv2D, Inputs: inputs, Filters: filters, Kernel: kernel, Stride: stride})
	b.node(spec.Node{Name: name + "/bn", Op: spec.OpBatchNorm, Inputs: []string{name + "/conv"}})
	return b.node(spec.Node{Name: name, Op: spec.OpActivation, Inputs: []string{name + "/bn"}, Func: spec.FuncReLU})
}

func (b *builder) op(name string, op spec.Op, inputs ...string) string {
	return b.node(spec.Node{Name: name, Op: op, Inputs: inputs})
}

// classify adds the paper's classifier.
func (b *builder) classify(inputs ...string) *spec.Network {
	if len(inputs) > 1 {
		inputs = []string{b.op("outputs", spec.OpConcat, inputs...)}
	}
	b.op("pool", spec.OpGlobalAvgPool, inputs...)
	b.node(spec.Node{Name: "classifier", Op: spec.OpDense, Inputs: []string{"pool"}, Units: b.net.Task.Classes, Bias: true})
	return &b.net
}

func chain() *spec.Network {
	b := newBuilder(image32)
	at := spec.InputName
	for i := 1; i <= 3; i++ {
		at = b.conv(fmt.Sprintf("layer%d", i), [2]int{3, 3}, [2]int{1, 1}, 24, at)
	}
	return b.classify(at)
}

// residual is a small network with sums, as ResNet has them.
func residual() *spec.Network {
	b := newBuilder(image32)
	at := b.conv("stem", [2]int{3, 3}, [2]int{1, 1}, 16, spec.InputName)
	for i := 1; i <= 3; i++ {
		name := fmt.Sprintf("block%d", i)
		b.conv(name+"/a", [2]int{3, 3}, [2]int{1, 1}, 16, at)
		b.node(spec.Node{Name: name + "/b/conv", Op: spec.OpConv2D, Inputs: []string{name + "/a"}, Filters: 16, Kernel: [2]int{3, 3}})
		b.op(name+"/b/bn", spec.OpBatchNorm, name+"/b/conv")
		b.op(name+"/sum", spec.OpAdd, at, name+"/b/bn")
		at = b.node(spec.Node{Name: name, Op: spec.OpActivation, Func: spec.FuncReLU, Inputs: []string{name + "/sum"}})
	}
	return b.classify(at)
}

// strided is like an architecture of the paper's second space: strides differ
// per axis, some layers skip, and two outputs are left for the classifier.
func strided() *spec.Network {
	b := newBuilder(image32)
	one := b.conv("layer1", [2]int{3, 5}, [2]int{1, 1}, 36, spec.InputName)
	two := b.conv("layer2", [2]int{7, 7}, [2]int{2, 2}, 48, one)
	three := b.conv("layer3", [2]int{1, 3}, [2]int{1, 2}, 24, one, two)
	four := b.conv("layer4", [2]int{5, 5}, [2]int{3, 1}, 64, two)
	five := b.conv("layer5", [2]int{3, 3}, [2]int{1, 1}, 48, one, three)
	return b.classify(four, five)
}

// foundLayers are the layers of the best network of the paper's first space
// (Zoph & Le 2017, figure 7): kernel, filters and inputs.
var foundLayers = []struct {
	kernel  [2]int
	filters int
	inputs  []int
}{
	{[2]int{3, 3}, 36, nil},
	{[2]int{3, 3}, 48, []int{1}},
	{[2]int{3, 3}, 36, []int{1, 2}},
	{[2]int{5, 5}, 36, []int{1, 2, 3}},
	{[2]int{3, 7}, 48, []int{3, 4}},
	{[2]int{7, 7}, 48, []int{2, 3, 4, 5}},
	{[2]int{7, 7}, 48, []int{2, 3, 4, 5, 6}},
	{[2]int{7, 3}, 36, []int{1, 6, 7}},
	{[2]int{7, 1}, 36, []int{1, 5, 6, 8}},
	{[2]int{7, 7}, 36, []int{1, 3, 4, 5, 6, 7, 8, 9}},
	{[2]int{5, 7}, 36, []int{1, 2, 5, 6, 7, 8, 9, 10}},
	{[2]int{7, 7}, 48, []int{1, 2, 3, 4, 6, 11}},
	{[2]int{7, 5}, 48, []int{1, 3, 6, 7, 8, 9, 10, 11, 12}},
	{[2]int{7, 5}, 48, []int{3, 7, 12, 13}},
	{[2]int{7, 5}, 48, []int{6, 7, 11, 12, 13, 14}},
}

func found() *spec.Network {
	b := newBuilder(image32)
	last := ""
	for i, l := range foundLayers {
		var inputs []string
		for _, j := range l.inputs {
			inputs = append(inputs, fmt.Sprintf("layer%d", j))
		}
		if inputs == nil {
			inputs = []string{spec.InputName}
		}
		last = b.conv(fmt.Sprintf("layer%d", i+1), l.kernel, [2]int{1, 1}, l.filters, inputs...)
	}
	return b.classify(last)
}

// cellBuilder puts recurrent cells together.
type cellBuilder struct{ cell spec.Cell }

func (b *cellBuilder) node(name string, op spec.CellOp, inputs ...string) string {
	b.cell.Nodes = append(b.cell.Nodes, spec.CellNode{Name: name, Op: op, Inputs: inputs})
	return name
}

func (b *cellBuilder) act(name string, f spec.Func, input string) string {
	b.cell.Nodes = append(b.cell.Nodes, spec.CellNode{Name: name, Op: spec.CellAct, Inputs: []string{input}, Func: f})
	return name
}

// gate is f(comb(W x, U h)).
func (b *cellBuilder) gate(name string, f spec.Func, comb spec.CellOp) string {
	w, u := b.node(name+"_w", spec.CellLinear, spec.CellInput), b.node(name+"_u", spec.CellLinear, spec.HiddenState)
	return b.act(name, f, b.node(name+"_in", comb, w, u))
}

func lstmCell() *spec.Cell {
	b := &cellBuilder{spec.Cell{Name: "lstm"}}
	i, f, o := b.gate("i", spec.FuncSigmoid, spec.CellAdd), b.gate("f", spec.FuncSigmoid, spec.CellAdd), b.gate("o", spec.FuncSigmoid, spec.CellAdd)
	g := b.gate("g", spec.FuncTanh, spec.CellAdd)
	kept, added := b.node("kept", spec.CellElemMult, f, "c"), b.node("added", spec.CellElemMult, i, g)
	memory := b.node("memory", spec.CellAdd, kept, added)
	b.node("output", spec.CellElemMult, o, b.act("squashed", spec.FuncTanh, memory))
	b.cell.States = []spec.CellState{{Name: "h", Next: "output"}, {Name: "c", Next: "memory"}}
	return &b.cell
}

// nasCell is the recurrent cell that the paper found (its figure 8).
func nasCell() *spec.Cell {
	b := &cellBuilder{spec.Cell{Name: "nas"}}
	for i, leaf := range []struct {
		f    spec.Func
		comb spec.CellOp
	}{
		{spec.FuncSigmoid, spec.CellAdd}, {spec.FuncReLU, spec.CellAdd}, {spec.FuncSigmoid, spec.CellAdd}, {spec.FuncReLU, spec.CellElemMult},
		{spec.FuncTanh, spec.CellAdd}, {spec.FuncSigmoid, spec.CellAdd}, {spec.FuncTanh, spec.CellAdd}, {spec.FuncSigmoid, spec.CellAdd},
	} {
		b.gate(fmt.Sprintf("l%d", i), leaf.f, leaf.comb)
	}
	b.act("n8", spec.FuncTanh, b.node("m8", spec.CellElemMult, "l0", "l1"))
	b.act("n9", spec.FuncTanh, b.node("m9", spec.CellAdd, "l2", "l3"))
	b.act("n10", spec.FuncTanh, b.node("m10", spec.CellElemMult, "l4", "l5"))
	b.act("n11", spec.FuncSigmoid, b.node("m11", spec.CellAdd, "l6", "l7"))
	b.act("n8c", spec.FuncTanh, b.node("m8c", spec.CellAdd, "n8", "c"))
	b.node("n12", spec.CellElemMult, "n8c", "n9")
	b.act("n13", spec.FuncTanh, b.node("m13", spec.CellAdd, "n10", "n11"))
	b.act("n14", spec.FuncTanh, b.node("m14", spec.CellElemMult, "n12", "n13"))
	b.cell.States = []spec.CellState{{Name: "h", Next: "n14"}, {Name: "c", Next: "n12"}}
	return &b.cell
}

// language is a language model of two stacked layers of the cell.
func language(cell *spec.Cell) *spec.Network {
	b := newBuilder(spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 10_000})
	b.node(spec.Node{Name: "embedding", Op: spec.OpEmbedding, Inputs: []string{spec.InputName}, Units: 200, Vocabulary: 10_000})
	b.node(spec.Node{Name: "embedding/dropout", Op: spec.OpDropout, Inputs: []string{"embedding"}, Rate: 0.5})
	b.node(spec.Node{Name: "rnn", Op: spec.OpRecurrent, Inputs: []string{"embedding/dropout"}, Cell: cell, Units: 200, Layers: 2})
	b.node(spec.Node{Name: "logits", Op: spec.OpDense, Inputs: []string{"rnn"}, Units: 10_000, Tied: "embedding"})
	return &b.net
}
