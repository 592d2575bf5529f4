package child

import (
	"fmt"
	"math/rand/v2"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// network makes an image network whose output is its last node. A node without
// inputs takes the one before it; a node without a name gets its number.
func network(h, w, c, classes int, nodes ...spec.Node) *spec.Network {
	before := spec.InputName
	for i := range nodes {
		n := &nodes[i]
		if n.Name == "" {
			n.Name = fmt.Sprint("n", i)
		}
		if n.Inputs == nil {
			n.Inputs = []string{before}
		}
		before = n.Name
	}
	return &spec.Network{
		Task:  spec.Task{Type: spec.TaskImage, Input: []int{h, w, c}, Classes: classes},
		Nodes: nodes, Output: before,
	}
}

func convNode(filters, h, w int) spec.Node {
	return spec.Node{Op: spec.OpConv2D, Filters: filters, Kernel: [2]int{h, w}}
}

func actNode(f spec.Func) spec.Node { return spec.Node{Op: spec.OpActivation, Func: f} }

func denseNode(units int) spec.Node { return spec.Node{Op: spec.OpDense, Units: units, Bias: true} }

var (
	norm    = spec.Node{Op: spec.OpBatchNorm}
	relu    = actNode(spec.FuncReLU)
	global  = spec.Node{Op: spec.OpGlobalAvgPool}
	flatten = spec.Node{Op: spec.OpFlatten}
)

// with changes a copy of n.
func with(n spec.Node, f func(n *spec.Node)) spec.Node {
	f(&n)
	return n
}

// from names a copy of n and its inputs.
func from(name string, n spec.Node, inputs ...string) spec.Node {
	n.Name, n.Inputs = name, inputs
	return n
}

// smallNet is conv-BN-ReLU with the given filters, pooled, with a classifier.
func smallNet(h, w, c, classes int, filters ...int) *spec.Network {
	var nodes []spec.Node
	for i, f := range filters {
		nodes = append(nodes, convNode(f, 3, 3), norm, relu)
		if i == 0 {
			nodes = append(nodes, spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}})
		}
	}
	return network(h, w, c, classes, append(nodes, global, denseNode(classes))...)
}

// randomNet draws a network with every image operation, strides, fan-out and
// concatenations of maps of different sizes.
func randomNet(rng *rand.Rand) *spec.Network {
	pick := func(options ...int) int { return options[rng.IntN(len(options))] }
	classes := 2 + rng.IntN(3)
	g := &grower{rng: rng, shapes: map[string][3]int{}, read: map[string]bool{}, learned: map[string]bool{}}
	h, w, c := 5+rng.IntN(5), 5+rng.IntN(5), 1+rng.IntN(3)
	g.shapes[spec.InputName] = [3]int{h, w, c}
	g.names = []string{spec.InputName}
	for range 3 + rng.IntN(7) {
		g.grow()
	}
	// What nobody reads is joined before the classifier, as the paper does.
	var loose []string
	for _, name := range g.names[1:] {
		if !g.read[name] {
			loose = append(loose, name)
		}
	}
	if len(loose) > 1 {
		g.nodes = append(g.nodes, from("join", spec.Node{Op: spec.OpConcat}, loose...))
	}
	g.nodes = append(g.nodes, [][]spec.Node{{global}, {flatten}}[pick(0, 0, 1)]...)
	g.nodes = append(g.nodes, denseNode(classes))
	return network(h, w, c, classes, g.nodes...)
}

type grower struct {
	rng    *rand.Rand
	nodes  []spec.Node
	names  []string
	shapes map[string][3]int // known by the grower, which adds only maps of equal shape
	read   map[string]bool
	// learned are the nodes that parameters lie before.
	learned map[string]bool
}

func (g *grower) grow() {
	rng := g.rng
	name := fmt.Sprint("g", len(g.names))
	in := g.names[rng.IntN(len(g.names))]
	if rng.IntN(3) > 0 {
		in = g.names[len(g.names)-1]
	}
	s := g.shapes[in]
	n := spec.Node{}
	ins := []string{in}
	switch rng.IntN(15) {
	case 0, 1, 2:
		n = g.window(s, spec.OpConv2D)
		n.Groups = 1
		if s[2]%2 == 0 {
			n.Groups = 1 + rng.IntN(2)
		}
		n.Filters = n.Groups * (1 + rng.IntN(4))
		n.Bias = rng.IntN(2) == 0
		s = g.windowed(s, n)
		s[2] = n.Filters
	case 3, 4, 5:
		n = norm
	case 6, 7:
		n = actNode([]spec.Func{spec.FuncReLU, spec.FuncReLU, spec.FuncTanh, spec.FuncSigmoid, spec.FuncSin, spec.FuncIdentity}[rng.IntN(6)])
	case 8:
		n = g.window(s, []spec.Op{spec.OpMaxPool, spec.OpAvgPool}[rng.IntN(2)])
		s = g.windowed(s, n)
	case 9, 10:
		n.Op = spec.OpConcat
		ins = append(ins, g.names[rng.IntN(len(g.names))])
		for _, other := range g.names {
			if rng.IntN(3) == 0 {
				ins = append(ins, other)
			}
		}
		s[2] = 0
		for _, i := range ins {
			o := g.shapes[i]
			s = [3]int{max(s[0], o[0]), max(s[1], o[1]), s[2] + o[2]}
		}
	case 11:
		n.Op, s[2] = spec.OpPad, s[2]+rng.IntN(3)
		n.Filters = s[2]
	case 12:
		n.Op = spec.OpOneMinus
	case 13, 14:
		n.Op = []spec.Op{spec.OpAdd, spec.OpElemMult, spec.OpMean}[rng.IntN(3)]
		if n.Op == spec.OpMean && g.learned[in] { // otherwise nothing keeps which inputs it has left out
			n.Rate = 0.4
		}
		ins = append(ins, in)
		for _, other := range g.names {
			if g.shapes[other] == s {
				ins = append(ins, other)
			}
		}
	}
	g.nodes = append(g.nodes, from(name, n, ins...))
	g.names = append(g.names, name)
	g.shapes[name] = s
	g.learned[name] = n.Op == spec.OpConv2D || n.Op == spec.OpBatchNorm
	for _, i := range ins {
		g.read[i] = true
		g.learned[name] = g.learned[name] || g.learned[i]
	}
}

// window draws the geometry of a convolution or pool that fits s.
func (g *grower) window(s [3]int, op spec.Op) spec.Node {
	n := spec.Node{Op: op, Padding: []spec.Padding{spec.Same, spec.Same, spec.Valid}[g.rng.IntN(3)]}
	for axis := range 2 {
		n.Kernel[axis] = 1 + g.rng.IntN(4)
		n.Stride[axis] = 1 + g.rng.IntN(2)
		if op == spec.OpConv2D {
			n.Dilation[axis] = 1 + g.rng.IntN(2)
		}
		for n.Padding == spec.Valid && (n.Kernel[axis]-1)*max(n.Dilation[axis], 1)+1 > s[axis] {
			n.Kernel[axis]--
		}
	}
	return n
}

func (g *grower) windowed(s [3]int, n spec.Node) [3]int {
	dilation := one(n.Dilation)
	for axis := range 2 {
		s[axis], _ = span(s[axis], n.Kernel[axis], n.Stride[axis], dilation[axis], n.Padding)
	}
	return s
}
