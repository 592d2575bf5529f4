package cell

import (
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// lowering builds a graph.
type lowering struct {
	*graph
	cell   *spec.Cell
	named  map[string]int // value of a name; a linear node of a sum has none
	merged map[string]bool
	params map[string][2]int // weight and bias of a linear node
}

// lower returns the graph of the live part of a cell, and its parameters.
func lower(c *spec.Cell, plan *spec.CellPlan, o Options) (*graph, []Param) {
	l := &lowering{graph: &graph{}, cell: c, named: map[string]int{}, params: map[string][2]int{}}
	l.named[spec.CellInput] = l.add(value{op: fromX})
	for k, s := range plan.States {
		name := c.States[s].Name
		l.states = append(l.states, l.add(value{op: fromState, index: k}))
		l.named[name] = l.states[k]
		if name == spec.HiddenState {
			l.output = k
		}
	}
	params := l.parameters(plan, o)
	l.merged = merged(c, plan)
	for _, i := range plan.Nodes {
		if n := &c.Nodes[i]; !l.merged[n.Name] {
			l.named[n.Name] = l.node(n)
		}
	}
	for _, s := range plan.States {
		l.next = append(l.next, l.named[c.States[s].Next])
	}
	l.sortSlots()
	for _, v := range l.values {
		l.stages = max(l.stages, v.stage+1)
	}
	return l.graph, params
}

// parameters lists those of the live linear nodes in the order of the cell's nodes.
func (l *lowering) parameters(plan *spec.CellPlan, o Options) []Param {
	var params []Param
	live := slices.Sorted(slices.Values(plan.Nodes))
	for _, i := range live {
		n := &l.cell.Nodes[i]
		if n.Op != spec.CellLinear {
			continue
		}
		rows := o.Units
		if n.Inputs[0] == spec.CellInput {
			rows = o.In
		}
		at := [2]int{len(params), -1}
		params = append(params, Param{Name: n.Name, Rows: rows, Cols: o.Units})
		if n.Bias {
			at[1] = len(params)
			params = append(params, Param{Name: n.Name + ".bias", Rows: 1, Cols: o.Units, Bias: true})
		}
		l.params[n.Name] = at
	}
	return params
}

// merged returns the linear nodes that only one sum reads, and only once.
func merged(c *spec.Cell, plan *spec.CellPlan) map[string]bool {
	reads, sums := map[string]int{}, map[string]int{}
	for _, i := range plan.Nodes {
		for _, name := range c.Nodes[i].Inputs {
			reads[name]++
			if c.Nodes[i].Op == spec.CellAdd {
				sums[name]++
			}
		}
	}
	for _, s := range plan.States {
		reads[c.States[s].Next]++
	}
	found := map[string]bool{}
	for _, i := range plan.Nodes {
		if n := &c.Nodes[i]; n.Op == spec.CellLinear && reads[n.Name] == 1 && sums[n.Name] == 1 {
			found[n.Name] = true
		}
	}
	return found
}

// node adds what a node computes, and returns its value.
func (l *lowering) node(n *spec.CellNode) int {
	switch n.Op {
	case spec.CellLinear:
		return l.slot([]linear{l.linear(n)})
	case spec.CellAct:
		in := l.named[n.Inputs[0]]
		if n.Func == spec.FuncIdentity {
			return in
		}
		return l.elementwise(functions[n.Func], in)
	case spec.CellOneMinus:
		return l.elementwise(oneMinus, l.named[n.Inputs[0]])
	case spec.CellElemMult:
		return l.chain(multiplied, l.inputs(n))
	case spec.CellMax:
		return l.chain(larger, l.inputs(n))
	}
	return l.chain(added, l.inputs(n))
}

// inputs returns the values that a node combines: slots for the linear nodes that only it reads, as few as their
// sources allow, and then the others in order.
func (l *lowering) inputs(n *spec.CellNode) []int {
	var slots [][]linear
	var values []int
	for _, name := range n.Inputs {
		if !l.merged[name] {
			values = append(values, l.named[name])
			continue
		}
		lin := l.linear(l.find(name))
		at := slices.IndexFunc(slots, func(s []linear) bool { return (&slot{linears: s}).reads(lin.source) == nil })
		if at < 0 {
			at = len(slots)
			slots = append(slots, nil)
		}
		slots[at] = append(slots[at], lin)
	}
	var all []int
	for _, s := range slots {
		all = append(all, l.slot(s))
	}
	return append(all, values...)
}

func (l *lowering) find(name string) *spec.CellNode {
	return &l.cell.Nodes[slices.IndexFunc(l.cell.Nodes, func(n spec.CellNode) bool { return n.Name == name })]
}

// linear returns a linear node, and makes what it reads a source.
func (l *lowering) linear(n *spec.CellNode) linear {
	from := l.named[n.Inputs[0]]
	if l.values[from].op == fromSlot {
		from = l.copyOf(from)
	}
	source := slices.Index(l.sources, from)
	if source < 0 {
		source = len(l.sources)
		l.sources = append(l.sources, from)
	}
	at := l.params[n.Name]
	return linear{source, at[0], at[1]}
}

// copyOf returns the copy of a slot's value, which a product can read.
func (l *lowering) copyOf(from int) int {
	if at := slices.IndexFunc(l.values, func(v value) bool { return v.op == copied && v.in[0] == from }); at >= 0 {
		return at
	}
	return l.elementwise(copied, from)
}

// slot adds a slot with its value.
func (l *lowering) slot(linears []linear) int {
	s := slot{linears: linears}
	for _, lin := range linears {
		if from := &l.values[l.sources[lin.source]]; from.elementwise() {
			s.stage = max(s.stage, from.stage+1)
		}
	}
	l.slots = append(l.slots, s)
	return l.add(value{op: fromSlot, index: len(l.slots) - 1, stage: s.stage})
}

// chain combines two or more values, two at a time.
func (l *lowering) chain(op operation, values []int) int {
	v := values[0]
	for _, next := range values[1:] {
		v = l.elementwise(op, v, next)
	}
	return v
}

// sortSlots orders the slots so that those of a source follow each other, as far as that can be: those of x alone, those
// of x and another source, those of other sources.
func (l *lowering) sortSlots() {
	x := slices.Index(l.sources, l.named[spec.CellInput])
	key := func(i int) [2]int {
		first := len(l.values)
		for _, lin := range l.slots[i].linears {
			if lin.source != x {
				first = min(first, l.sources[lin.source])
			}
		}
		switch {
		case l.slots[i].reads(x) == nil:
			return [2]int{2, first}
		case len(l.slots[i].linears) == 1:
			return [2]int{0, 0}
		}
		return [2]int{1, -first}
	}
	order := make([]int, len(l.slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		ka, kb := key(a), key(b)
		return slices.Compare(ka[:], kb[:])
	})
	sorted := make([]slot, len(order))
	for to, from := range order {
		sorted[to] = l.slots[from]
	}
	l.slots = sorted
	for i := range l.values {
		if v := &l.values[i]; v.op == fromSlot {
			v.index = slices.Index(order, v.index)
		}
	}
}

var functions = map[spec.Func]operation{spec.FuncReLU: relu, spec.FuncTanh: tanh, spec.FuncSigmoid: sigmoid, spec.FuncSin: sine}
