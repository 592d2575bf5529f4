package cell

import "slices"

// operation is what a value of a step is: one of the sources, up to fromSlot, or elementwise of one or two values.
type operation uint8

const (
	fromX operation = iota
	fromState
	fromMask
	fromSlot
	copied
	added
	multiplied
	larger
	oneMinus
	relu
	tanh
	sigmoid
	sine
)

// value is a vector of a step.
type value struct {
	op    operation
	in    []int // of an elementwise operation: values before this one
	index int   // of a state or slot
	stage int   // in which it is complete
}

// elementwise reports whether a vector program computes v.
func (v *value) elementwise() bool { return v.op > fromSlot }

// linear is a linear node: what it reads, an index of graph.sources, and its parameters; bias is -1 if it has none.
type linear struct{ source, weight, bias int }

// slot is a place of pre-activations, the sum of linear nodes of different sources.
type slot struct {
	linears []linear
	stage   int // whose products are the last to add to it
}

// reads returns the linear node of a slot that reads a source, or nil.
func (s *slot) reads(source int) *linear {
	for i := range s.linears {
		if s.linears[i].source == source {
			return &s.linears[i]
		}
	}
	return nil
}

// graph is a cell's step. Values come after those that they read.
type graph struct {
	values  []value
	slots   []slot
	sources []int // values that linear nodes read
	states  []int // the value of each state of the step before
	next    []int // the value that each state takes
	output  int   // the state h
	stages  int
}

func (g *graph) elementwise(op operation, in ...int) int {
	v := value{op: op, in: in}
	for _, i := range in {
		v.stage = max(v.stage, g.values[i].stage)
	}
	return g.add(v)
}

func (g *graph) add(v value) int {
	g.values = append(g.values, v)
	return len(g.values) - 1
}

// mask returns the graph in which linear nodes that read the state h read a further state instead, h times the mask; nil if no
// linear node reads h. Everything else keeps its number.
func (g *graph) mask() *graph {
	at := slices.Index(g.sources, g.states[g.output])
	if at < 0 {
		return nil
	}
	m := *g
	m.values, m.sources = slices.Clone(g.values), slices.Clone(g.sources)
	m.states, m.next = slices.Clone(g.states), slices.Clone(g.next)
	m.sources[at] = m.add(value{op: fromState, index: len(m.states)})
	m.states = append(m.states, m.sources[at])
	mask := m.add(value{op: fromMask})
	m.next = append(m.next, m.elementwise(multiplied, m.next[m.output], mask))
	return &m
}

// stateOf returns the states that take a value.
func (g *graph) stateOf(v int) []int {
	var states []int
	for s, next := range g.next {
		if next == v {
			states = append(states, s)
		}
	}
	return states
}
