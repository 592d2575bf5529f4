package rnncell

import "github.com/espalier-nas/espalier/wasm/spec"

// memory is the name of the state c.
const memory = "c"

// cell decodes the answers of a whole episode. The value of leaf or node k is
// the cell node of that name; "_in" is added to the name of its combination,
// and "_x" and "_h" to those of a leaf's matrices.
func (s *space) cell(answers spec.Answers) *spec.Cell {
	b := &cellBuilder{space: s}
	last := answers[2*(s.nodes()+1):]
	next := "" // the memory's
	values := make([]string, s.nodes())
	for k := range values {
		name := s.nodeName(k)
		var left, right string
		if k < s.base {
			left = b.node(name+"_x", spec.CellLinear, spec.CellInput).Name
			right = b.node(name+"_h", spec.CellLinear, spec.HiddenState).Name
		} else {
			child := 2 * (k - s.base)
			left, right = values[child], values[child+1]
		}
		combined, value := b.combine(name, answers[2*k:], left, right)
		if k == last[memoryIndex].Index {
			next = combined
		}
		if k == last[receiveIndex].Index {
			inject := s.nodes()
			_, value = b.combine(s.nodeName(inject), answers[2*inject:], value, memory)
		}
		values[k] = value
	}
	return &spec.Cell{Name: "tree", Nodes: b.nodes, States: []spec.CellState{
		{Name: spec.HiddenState, Next: values[len(values)-1]},
		{Name: memory, Next: next},
	}}
}

// cellBuilder writes a cell node by node.
type cellBuilder struct {
	space *space
	nodes []spec.CellNode
}

// node adds a node; the pointer is good until the next one is added.
//
//go:noinline
func (b *cellBuilder) node(name string, op spec.CellOp, inputs ...string) *spec.CellNode {
	b.nodes = append(b.nodes, spec.CellNode{Name: name, Op: op, Inputs: inputs})
	return &b.nodes[len(b.nodes)-1]
}

// combine adds what a combination and an activation, the first two answers,
// make of two values. It returns the names of the two; the identity is no node.
func (b *cellBuilder) combine(name string, answers spec.Answers, left, right string) (combined, value string) {
	kinds := b.space.info.Kinds
	op := spec.CellOp(kinds[combination].Options[answers[combination].Index])
	act := spec.Func(kinds[activation].Options[answers[activation].Index])
	if act == spec.FuncIdentity {
		b.node(name, op, left, right)
		return name, name
	}
	combined = b.node(name+"_in", op, left, right).Name
	b.node(name, spec.CellAct, combined).Func = act
	return combined, name
}
