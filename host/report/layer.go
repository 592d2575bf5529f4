package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// layer is one line of a drawing: an operation with what is folded into it,
// such as the concatenation before a convolution and the batch norm and
// activation after it.
type layer struct {
	name, op     string
	before, then []string // folded operations around op, as text
	output       []int    // shape
	params, macs int64
	reads        []int // layers, ascending; 0 is the input
	conv         bool
	joins        bool // several inputs are concatenated
}

// maxName is where a long name is cut, in cells.
const maxName = 24

// layers folds the nodes that the output depends on into layers, in an order
// in which each reads only earlier ones. Layer 0 is the input.
func (s Screen) layers(net *spec.Network, plan *spec.Plan) []layer {
	planned := map[string]spec.PlanNode{}
	for _, p := range plan.Nodes {
		planned[net.Nodes[p.Index].Name] = p
	}
	g := newGraph(net)
	groups := g.fold()
	source := "tokens"
	if net.Task.Type == spec.TaskImage {
		source = "image"
	}
	layers := []layer{{name: spec.InputName, op: source, output: net.Task.Input}}
	index := map[string]int{spec.InputName: 0}
	for i, group := range groups {
		for _, node := range group {
			index[node.Name] = i + 1
		}
	}
	for i, group := range groups {
		l := layer{name: s.cut(s.clean(groupName(group)), maxName)}
		main := mainOf(group)
		for at, node := range group {
			p := planned[node.Name]
			l.output, l.params, l.macs = p.Shape, l.params+p.Params, l.macs+p.MACs
			for _, input := range node.Inputs {
				if from := index[input]; from != i+1 {
					l.reads = append(l.reads, from)
				}
			}
			switch {
			case at == main:
				l.op, l.conv = s.opText(node), node.Op == spec.OpConv2D
			case at < main && node.Op != spec.OpConcat:
				l.before = append(l.before, s.opText(node))
			case at > main:
				l.then = append(l.then, s.opText(node))
			}
			l.joins = l.joins || node.Op == spec.OpConcat
		}
		slices.Sort(l.reads)
		l.reads = slices.Compact(l.reads)
		layers = append(layers, l)
	}
	return layers
}

// graph is the part of a network that its output depends on.
type graph struct {
	nodes map[string]*spec.Node
	order []*spec.Node // topological, near the order of declaration
	// reader is the only reader of a node, absent if there are several.
	reader map[string]*spec.Node
}

func newGraph(net *spec.Network) *graph {
	g := &graph{nodes: map[string]*spec.Node{}, reader: map[string]*spec.Node{}}
	for i := range net.Nodes {
		g.nodes[net.Nodes[i].Name] = &net.Nodes[i]
	}
	needed := map[string]bool{}
	stack := []string{net.Output}
	for len(stack) > 0 {
		name := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if node := g.nodes[name]; node != nil && !needed[name] {
			needed[name] = true
			stack = append(stack, node.Inputs...)
		}
	}
	// Repeated passes place each node once its inputs are; a declaration in
	// topological order takes one pass.
	placed := map[string]bool{spec.InputName: true}
	for grew := true; grew; {
		grew = false
		for i := range net.Nodes {
			node := &net.Nodes[i]
			ready := needed[node.Name] && !placed[node.Name]
			for _, input := range node.Inputs {
				ready = ready && placed[input]
			}
			if ready {
				placed[node.Name], grew = true, true
				g.order = append(g.order, node)
			}
		}
	}
	reads := map[string]int{net.Output: 1}
	for _, node := range g.order {
		for _, input := range node.Inputs {
			reads[input]++
			g.reader[input] = node
		}
	}
	for name, n := range reads {
		if n > 1 || name == net.Output {
			delete(g.reader, name)
		}
	}
	return g
}

// role says how a node takes part in folding.
type role int

const (
	primary role = iota // a layer of its own
	joint               // concat and flatten join the layer that alone reads them
	trailer             // batch norm, activation and dropout join the layer that they alone read
)

func roleOf(op spec.Op) role {
	switch op {
	case spec.OpConcat, spec.OpFlatten:
		return joint
	case spec.OpBatchNorm, spec.OpActivation, spec.OpDropout:
		return trailer
	}
	return primary
}

// fold groups the nodes: a trailer joins the group of its input, and a group
// without a primary node joins its reader, wherever nobody else reads what
// vanishes inside. The groups are in topological order of their last nodes.
func (g *graph) fold() [][]*spec.Node {
	groupOf := map[string][]*spec.Node{} // by the name of the group's last node
	var ends []*spec.Node                // last nodes of groups, in topological order
	for _, node := range g.order {
		group := []*spec.Node{node}
		if len(node.Inputs) == 1 && g.reader[node.Inputs[0]] == node {
			input := node.Inputs[0]
			before, ok := groupOf[input]
			if ok && (roleOf(node.Op) == trailer || !hasPrimary(before)) {
				group = append(before, node)
				delete(groupOf, input)
				ends = slices.DeleteFunc(ends, func(n *spec.Node) bool { return n.Name == input })
			}
		}
		groupOf[node.Name] = group
		ends = append(ends, node)
	}
	groups := make([][]*spec.Node, len(ends))
	for i, node := range ends {
		groups[i] = groupOf[node.Name]
	}
	return groups
}

func hasPrimary(group []*spec.Node) bool {
	return slices.ContainsFunc(group, func(n *spec.Node) bool { return roleOf(n.Op) == primary })
}

// mainOf is the index of the node that a group is named and described by.
func mainOf(group []*spec.Node) int {
	if i := slices.IndexFunc(group, func(n *spec.Node) bool { return roleOf(n.Op) == primary }); i >= 0 {
		return i
	}
	return max(slices.IndexFunc(group, func(n *spec.Node) bool { return roleOf(n.Op) == joint }), 0)
}

// groupName is the part that the names of a group share, up to a separator
// ("layer3" of layer3/conv and layer3/bn), else the main node's name. What
// joins the inputs has no say.
func groupName(group []*spec.Node) string {
	main := group[mainOf(group)].Name
	separates := func(b byte) bool { return strings.IndexByte("/._-:", b) >= 0 }
	for end := len(main); end > 0; end-- {
		if end < len(main) && !separates(main[end]) {
			continue
		}
		shared := !slices.ContainsFunc(group, func(n *spec.Node) bool {
			rest, ok := strings.CutPrefix(n.Name, main[:end])
			return roleOf(n.Op) != joint && (!ok || rest != "" && !separates(rest[0]))
		})
		if shared {
			return main[:end]
		}
	}
	return main
}

// opText describes a node's operation in a few cells: conv 3×7 /2.
func (s Screen) opText(n *spec.Node) string {
	switch n.Op {
	case spec.OpConv2D:
		return "conv" + s.window(n)
	case spec.OpMaxPool:
		return "max pool" + s.window(n)
	case spec.OpAvgPool:
		return "avg pool" + s.window(n)
	case spec.OpGlobalAvgPool:
		return "global pool"
	case spec.OpBatchNorm:
		return "bn"
	case spec.OpActivation:
		return s.clean(string(n.Func))
	case spec.OpDropout:
		return "dropout " + rate(n)
	case spec.OpMean:
		if n.Rate != 0 {
			return "mean, drop-path " + rate(n)
		}
	case spec.OpOneMinus:
		return "1 - x"
	case spec.OpPad:
		return "pad channels"
	case spec.OpEmbedding:
		return "embedding of " + Grouped(int64(n.Vocabulary))
	case spec.OpDense:
		if n.Tied != "" {
			return "dense, tied"
		}
		return "dense"
	case spec.OpRecurrent:
		name := "cell"
		if n.Cell != nil && n.Cell.Name != "" {
			name = s.cut(s.clean(n.Cell.Name), maxName)
		}
		text := fmt.Sprintf("%d %s %s", max(n.Layers, 1), s.glyphs().times, name)
		if n.Rate != 0 {
			text += ", state dropout " + rate(n)
		}
		return text
	}
	return s.clean(string(n.Op))
}

// rate is a node's rate of dropout or drop-path as text.
func rate(n *spec.Node) string { return strconv.FormatFloat(n.Rate, 'g', 3, 64) }

// window describes a kernel and what is unusual about how it moves.
func (s Screen) window(n *spec.Node) string {
	text := " " + s.shape(n.Kernel[:])
	if n.Stride[0] > 1 || n.Stride[1] > 1 {
		text += " /" + s.pair(n.Stride)
	}
	if n.Dilation[0] > 1 || n.Dilation[1] > 1 {
		text += " dilated " + s.pair(n.Dilation)
	}
	if n.Groups > 1 {
		text += " in " + count(n.Groups, "group", "groups")
	}
	if n.Padding == spec.Valid {
		text += " valid"
	}
	return text
}

// pair writes a number for each axis, once if they are equal; 0 means 1.
func (s Screen) pair(v [2]int) string {
	h, w := max(v[0], 1), max(v[1], 1)
	if h == w {
		return fmt.Sprint(h)
	}
	return s.shape([]int{h, w})
}

func (s Screen) shape(dims []int) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = fmt.Sprint(d)
	}
	return strings.Join(parts, s.glyphs().times)
}
