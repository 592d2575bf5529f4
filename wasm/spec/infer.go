package spec

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Plan is what a valid network computes, in an order in which it can run.
//
// Nodes that the output does not depend on are allowed, but take no part: they
// are not in the plan, their shapes are not checked, and they count nowhere.
type Plan struct {
	Nodes  []PlanNode // each after its inputs; the last is the output
	Params int64      // learned numbers
	MACs   int64      // multiply-accumulates of one forward pass of one example
}

// PlanNode is a node that takes part in a Plan.
type PlanNode struct {
	Index  int   // in Network.Nodes
	Inputs []int // positions in Plan.Nodes; FromInput is the network's input
	Shape  []int // of the output for one example: (H, W, C), (T, C) or (C)
	// Params counts convolution, dense, embedding and recurrent weights and
	// biases, and 2 a channel (gamma, beta) for a batchnorm, whose running
	// statistics are not learned. A tied dense layer has no weights of its own.
	Params int64
	// MACs counts convolutions, dense and recurrent layers: everything else
	// costs too little to count.
	MACs int64
}

// FromInput stands for the network's input in PlanNode.Inputs.
const FromInput = -1

// Validate reports everything that is wrong with the network, naming the
// offending nodes: an *Invalid.
func (n *Network) Validate() error {
	_, err := n.Infer()
	return err
}

// Infer validates the network, infers the shapes and counts parameters and
// multiply-accumulates. Its error is an *Invalid.
func (n *Network) Infer() (*Plan, error) {
	var p problems
	n.Task.check(&p)
	switch {
	case len(n.Nodes) == 0:
		p.add("", "it has no nodes")
	case len(n.Nodes) > MaxNodes:
		p.large("", "it has "+strconv.Itoa(len(n.Nodes))+" nodes; at most "+strconv.Itoa(MaxNodes)+" are allowed")
	}
	if p != nil {
		return nil, p.err("network")
	}
	index := n.names(&p)
	g := n.graph(&p, index)
	for i := range n.Nodes {
		n.Nodes[i].check(&p)
	}
	output, ok := index[n.Output]
	if !ok || output == FromInput {
		p.add("", "the output "+wire.Quote(n.Output)+" is not a node")
	}
	if p != nil {
		return nil, p.err("network")
	}
	if _, cycle := g.order(all(len(n.Nodes))...); cycle != nil {
		path := cyclePath(cycle, func(i int) string { return n.Nodes[i].Name })
		p.add(n.Nodes[cycle[0]].Name, "it depends on itself: "+path)
		return nil, p.err("network")
	}
	order, _ := g.order(output)
	plan := n.shapes(&p, g, order)
	return plan, p.err("network")
}

// names returns the position of every node by its name, and FromInput for the
// input.
func (n *Network) names(p *problems) map[string]int {
	index := map[string]int{InputName: FromInput}
	for i := range n.Nodes {
		name := n.Nodes[i].Name
		if what := label(name); what != "" {
			p.add("", "the name of node "+strconv.Itoa(i)+" "+what)
		}
		if _, taken := index[name]; !taken {
			index[name] = i
		} else if name == InputName {
			p.add(name, "the name is taken by the network's input")
		} else {
			p.add(name, "another node has the same name; names are unique")
		}
	}
	return index
}

// graph resolves the inputs of every node, followed by the embedding that it is
// tied to, if any: that has to take part as well.
func (n *Network) graph(p *problems, index map[string]int) graph {
	g := make(graph, len(n.Nodes))
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if len(node.Inputs) > MaxNodes {
			p.add(node.Name, "it has more than "+strconv.Itoa(MaxNodes)+" inputs")
			continue
		}
		for _, name := range node.Inputs {
			in, ok := index[name]
			if !ok {
				p.add(node.Name, "unknown input "+wire.Quote(name)+"; name another node, or "+wire.Quote(InputName))
				continue
			}
			g[i] = append(g[i], in)
		}
		if node.Tied == "" {
			continue
		}
		if in, ok := index[node.Tied]; ok && in != FromInput && n.Nodes[in].Op == OpEmbedding {
			g[i] = append(g[i], in)
		} else {
			p.add(node.Name, "it is tied to "+wire.Quote(node.Tied)+", which is not an embedding")
		}
	}
	return g
}

// shapes infers the nodes in order, up to the first that fails.
func (n *Network) shapes(p *problems, g graph, order []int) *Plan {
	plan := &Plan{}
	position := make([]int, len(n.Nodes)) // in the plan
	for _, i := range order {
		node := n.Nodes[i].WithDefaults()
		out := PlanNode{Index: i}
		t := layer{node: &node, task: &n.Task, out: &out}
		for _, in := range g[i][:len(node.Inputs)] {
			if in == FromInput {
				out.Inputs = append(out.Inputs, FromInput)
				t.in = append(t.in, tensor{shape: n.Task.Input, tokens: n.Task.Type == TaskText})
			} else {
				out.Inputs = append(out.Inputs, position[in])
				t.in = append(t.in, tensor{shape: plan.Nodes[position[in]].Shape})
			}
		}
		if node.Tied != "" {
			t.table = &n.Nodes[g[i][len(node.Inputs)]]
		}
		if problem := t.infer(); problem != nil {
			problem.Node = node.Name
			*p = append(*p, problem)
			return nil
		}
		position[i] = len(plan.Nodes)
		plan.Nodes = append(plan.Nodes, out)
		plan.Params = sum(plan.Params, out.Params)
		plan.MACs = sum(plan.MACs, out.MACs)
		if plan.Params > MaxParams {
			p.large(node.Name, "with it the network has more than 1e9 parameters")
			return nil
		}
		if plan.MACs > MaxMACs {
			p.large(node.Name, "with it the network has more than 1e13 multiply-accumulates per example")
			return nil
		}
	}
	last := plan.Nodes[len(plan.Nodes)-1]
	want := []int{n.Task.Classes}
	if n.Task.Type == TaskText {
		want = []int{n.Task.Input[0], n.Task.Classes}
	}
	if !equal(last.Shape, want) {
		p.add(n.Output, "the output has shape "+shapeText(last.Shape)+"; the task needs logits of shape "+shapeText(want))
		return nil
	}
	return plan
}

// check collects what is wrong with the task.
func (t *Task) check(p *problems) {
	rank := 0
	switch t.Type {
	case TaskImage:
		rank = 3
	case TaskText:
		rank = 1
	default:
		p.add("", "unknown task type "+wire.Quote(string(t.Type))+"; it is image or text")
		return
	}
	if len(t.Input) != rank {
		p.add("", "the input of a task of type "+string(t.Type)+" has "+strconv.Itoa(rank)+" dimensions, not "+strconv.Itoa(len(t.Input)))
		return
	}
	elements := int64(1)
	for _, size := range t.Input {
		if what := within("a dimension of the task's input", size, 1, MaxDim); what != "" {
			p.add("", what)
			return
		}
		elements = product(elements, int64(size))
	}
	if elements > MaxElements {
		p.add("", "the task's input has more than "+strconv.Itoa(MaxElements)+" numbers")
	}
	if what := within("the task's number of classes", t.Classes, 2, MaxClasses); what != "" {
		p.add("", what)
	}
}

// Validate reports what is wrong with the task, as an *Invalid.
func (t Task) Validate() error {
	var p problems
	t.check(&p)
	return p.err("task")
}
