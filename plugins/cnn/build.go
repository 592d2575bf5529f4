package cnn

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if err := guest.CheckPrefix(s.info, answers, s.info.MaxSteps, s.decision); err != nil {
		return nil, err
	}
	if len(answers) < s.info.MaxSteps {
		return nil, guest.BadPrefix(len(answers), "the episode has "+strconv.Itoa(s.info.MaxSteps)+" answers; these are "+strconv.Itoa(len(answers)))
	}
	if task.Type != spec.TaskImage || len(task.Input) != 3 {
		return nil, guest.Unsupported("the space builds networks for images of shape (height, width, channels) only")
	}
	b := builder{space: s, network: &spec.Network{Task: task}, names: []string{spec.InputName}, labels: []string{"image"}, pooled: map[string]bool{}}
	b.read = make([]bool, s.layers)
	for layer := range s.layers {
		b.block(layer, s.chosen(answers, layer))
	}
	b.classifier()
	return b.network, nil
}

// choices is what was answered for one predicted layer.
type choices struct {
	kernel, stride [2]int
	filters        int
	inputs         []int // earlier predicted layers; none: the image
}

// chosen collects the answers of a predicted layer.
func (s *space) chosen(answers spec.Answers, layer int) choices {
	c := choices{stride: [2]int{1, 1}}
	for i, kind := range s.info.Kinds {
		a := answers[layer*len(s.info.Kinds)+i]
		switch kind.ID {
		case filterHeight:
			c.kernel[0] = s.heights[a.Index]
		case filterWidth:
			c.kernel[1] = s.widths[a.Index]
		case strideHeight:
			c.stride[0] = s.strideHeights[a.Index]
		case strideWidth:
			c.stride[1] = s.strideWidths[a.Index]
		case filters:
			c.filters = s.filters[a.Index] + s.extraFilters
		case skip:
			c.inputs = a.Anchors
		}
	}
	if !s.skips && layer > 0 {
		c.inputs = []int{layer - 1}
	}
	return c
}

// builder writes a network layer by layer. A source is the image, 0, or the
// output of a layer of the network, from 1.
type builder struct {
	space   *space
	network *spec.Network
	names   []string        // of the node that yields each source
	labels  []string        // of each source, for the names of its pools
	pooled  map[string]bool // names of the pools so far
	read    []bool          // whether a later block reads each predicted layer
}

func (b *builder) add(node spec.Node) string {
	b.network.Nodes = append(b.network.Nodes, node)
	return node.Name
}

// output returns the sources that later layers read of a predicted layer.
func (b *builder) output(layer int) []int {
	first, last := layer*b.space.expansion+1, (layer+1)*b.space.expansion
	if !b.space.wholeBlocks {
		first = last
	}
	var sources []int
	for s := first; s <= last; s++ {
		sources = append(sources, s)
	}
	return sources
}

// block adds the layers that a predicted layer becomes. Each reads the inputs
// of the block and the layers of the block before it.
func (b *builder) block(layer int, c choices) {
	var sources []int
	for _, earlier := range c.inputs {
		b.read[earlier] = true
		sources = append(sources, b.output(earlier)...)
	}
	if len(sources) == 0 {
		sources = []int{0}
	}
	for k := range b.space.expansion {
		label := "layer" + strconv.Itoa(layer+1)
		if b.space.expansion > 1 {
			label += "." + strconv.Itoa(k+1)
		}
		in := b.join(label, sources, len(b.names))
		conv := spec.Node{Name: label + "/conv", Op: spec.OpConv2D, Inputs: []string{in}, Filters: c.filters, Kernel: c.kernel}
		// The stride is that of the block: its first layer takes it.
		if k == 0 && c.stride != [2]int{1, 1} {
			conv.Stride = c.stride
		}
		norm := spec.Node{Name: label + "/norm", Op: spec.OpBatchNorm, Inputs: []string{b.add(conv)}}
		relu := spec.Node{Name: label + "/relu", Op: spec.OpActivation, Inputs: []string{b.add(norm)}, Func: spec.FuncReLU}
		sources = append(sources, len(b.names))
		b.names = append(b.names, b.add(relu))
		b.labels = append(b.labels, label)
	}
}

// join returns the node that yields the sources, concatenated, to layer reader
// of the network.
func (b *builder) join(label string, sources []int, reader int) string {
	var inputs []string
	for _, s := range sources {
		inputs = append(inputs, b.across(s, reader))
	}
	if len(inputs) == 1 {
		return inputs[0]
	}
	return b.add(spec.Node{Name: label + "/concat", Op: spec.OpConcat, Inputs: inputs})
}

// across returns the node that yields a source to layer reader, behind the
// pools that lie between the two.
func (b *builder) across(source, reader int) string {
	name := b.names[source]
	for _, after := range b.space.pools {
		if after < source || after >= reader {
			continue
		}
		pool := spec.Node{Name: b.labels[source] + "/pool" + strconv.Itoa(after), Op: spec.OpMaxPool, Inputs: []string{name},
			Kernel: [2]int{b.space.poolSize, b.space.poolSize}, Stride: [2]int{b.space.poolSize, b.space.poolSize}}
		if !b.pooled[pool.Name] {
			b.pooled[pool.Name] = true
			b.add(pool)
		}
		name = pool.Name
	}
	return name
}

// classifier adds the layers after the last: what nobody reads, its global
// average, and the logits.
func (b *builder) classifier() {
	var sources []int
	for layer, read := range b.read {
		if !read {
			sources = append(sources, b.output(layer)...)
		}
	}
	in := b.join("classifier", sources, len(b.names))
	pool := spec.Node{Name: "classifier/pool", Op: spec.OpGlobalAvgPool, Inputs: []string{in}}
	dense := spec.Node{Name: "classifier/dense", Op: spec.OpDense, Inputs: []string{b.add(pool)}, Units: b.network.Task.Classes, Bias: true}
	b.network.Output = b.add(dense)
}
