package cnn

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if err := guest.CheckPrefix(s.info, answers, s.decision); err != nil {
		return nil, err
	}
	if len(answers) < s.info.MaxSteps {
		return nil, guest.BadPrefix(len(answers), "the episode is not over; it has "+strconv.Itoa(s.info.MaxSteps)+" answers")
	}
	b := &builder{space: s, network: &spec.Network{Task: task}, read: make([]bool, s.layers)}
	b.sources = append(b.sources, source{name: spec.InputName, label: "image"})
	for layer := range s.layers {
		b.block(layer, answers[layer*len(s.info.Kinds):])
	}
	b.classifier()
	return b.network, nil
}

// source is the image, or the output of a layer of the network.
type source struct {
	name  string // of the node that yields it
	label string // for the names of its pools
	pools int    // how many pools behind it exist
}

// builder writes a network layer by layer.
type builder struct {
	space   *space
	network *spec.Network
	sources []source // the image, then the layers
	read    []bool   // whether a later block reads each predicted layer
}

// node adds a node; the attributes are set through the pointer, which is good
// until the next one is added.
//
//go:noinline
func (b *builder) node(name string, op spec.Op, inputs ...string) *spec.Node {
	b.network.Nodes = append(b.network.Nodes, spec.Node{Name: name, Op: op, Inputs: inputs})
	return &b.network.Nodes[len(b.network.Nodes)-1]
}

// output returns the sources that later layers read of a predicted layer, after
// those already in list.
//
//go:noinline
func (b *builder) output(list []int, layer int) []int {
	last := (layer + 1) * b.space.expansion
	first := last
	if b.space.wholeBlocks {
		first = last - b.space.expansion + 1
	}
	for s := first; s <= last; s++ {
		list = append(list, s)
	}
	return list
}

// block adds the layers that a predicted layer becomes; answers begin with its
// own. Each layer reads the inputs of the block and the layers before it in the
// block. The first layer takes the stride.
func (b *builder) block(layer int, answers spec.Answers) {
	picked := [choices]int{strideHeight: 1, strideWidth: 1}
	for choice, options := range b.space.options {
		if options != nil {
			picked[choice] = options[answers[0].Index]
			answers = answers[1:]
		}
	}
	inputs := b.inputs(layer, answers)
	for k := range b.space.expansion {
		label := "layer" + strconv.Itoa(layer+1)
		if b.space.expansion > 1 {
			label += "." + strconv.Itoa(k+1)
		}
		conv := b.node(label+"/conv", spec.OpConv2D, b.join(label, inputs))
		conv.Filters = picked[filters] + b.space.extraFilters
		conv.Kernel = [2]int{picked[filterHeight], picked[filterWidth]}
		if stride := [2]int{picked[strideHeight], picked[strideWidth]}; k == 0 && stride != [2]int{1, 1} {
			conv.Stride = stride
		}
		b.node(label+"/norm", spec.OpBatchNorm, label+"/conv")
		b.node(label+"/relu", spec.OpActivation, label+"/norm").Func = spec.FuncReLU
		inputs = append(inputs, len(b.sources))
		b.sources = append(b.sources, source{name: label + "/relu", label: label})
	}
}

// inputs returns the sources that a predicted layer reads; answers begin with
// its skip decision, if it has one.
func (b *builder) inputs(layer int, answers spec.Answers) (list []int) {
	for earlier := range layer {
		reads := earlier == layer-1
		if b.space.skips {
			reads = false
			for _, anchor := range answers[0].Anchors {
				reads = reads || anchor == earlier
			}
		}
		if reads {
			b.read[earlier] = true
			list = b.output(list, earlier)
		}
	}
	if list == nil {
		list = []int{0}
	}
	return list
}

// join returns the node that yields the sources, concatenated, to the coming
// layer.
func (b *builder) join(label string, list []int) string {
	var inputs []string
	for _, s := range list {
		inputs = append(inputs, b.pooled(s))
	}
	if len(inputs) == 1 {
		return inputs[0]
	}
	return b.node(label+"/concat", spec.OpConcat, inputs...).Name
}

// pooled returns the node that yields a source to the coming layer, behind the
// pools that lie between the two.
func (b *builder) pooled(from int) string {
	s := &b.sources[from]
	crossed := 0
	for _, after := range b.space.pools {
		if after < from || after >= len(b.sources) {
			continue
		}
		crossed++
		if crossed > s.pools {
			s.pools = crossed
			pool := b.node(s.label+"/pool"+strconv.Itoa(after), spec.OpMaxPool, s.name)
			pool.Kernel = [2]int{b.space.poolSize, b.space.poolSize}
			pool.Stride = pool.Kernel
			s.name = pool.Name
		}
	}
	return s.name
}

// classifier adds what follows the last layer: all outputs that nobody reads,
// their global average, and the logits.
func (b *builder) classifier() {
	var list []int
	for layer, read := range b.read {
		if !read {
			list = b.output(list, layer)
		}
	}
	in := b.join("classifier", list)
	b.node("classifier/pool", spec.OpGlobalAvgPool, in)
	dense := b.node("classifier/dense", spec.OpDense, "classifier/pool")
	dense.Units = b.network.Task.Classes
	dense.Bias = true
	b.network.Output = dense.Name
}
