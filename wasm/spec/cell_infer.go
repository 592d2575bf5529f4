package spec

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// CellPlan is what one layer of a valid cell computes in one time step.
//
// A state is live if h, the output, depends on it at any later step; nodes
// that no live state depends on take no part and count nowhere.
type CellPlan struct {
	Nodes  []int // live nodes, positions in Cell.Nodes, each after its inputs
	States []int // live states, positions in Cell.States, ascending
	Params int64 // weights and biases of the live linear nodes
	MACs   int64 // of one step: the weights
}

// Validate reports everything that is wrong with the cell, naming the
// offending nodes: an *Invalid.
func (c *Cell) Validate() error {
	_, p := c.order()
	return p.err("cell")
}

// Infer validates the cell as a layer that reads vectors of width in and has
// states of width units. Its error is an *Invalid.
func (c *Cell) Infer(in, units int) (*CellPlan, error) {
	plan, problem := c.infer(in, units)
	if problem != nil {
		return nil, problems{problem}.err("cell")
	}
	return plan, nil
}

// infer returns the plan of a layer, or the first problem.
func (c *Cell) infer(in, units int) (*CellPlan, *Problem) {
	if in < 1 || units < 1 {
		return nil, refuse("a layer has a width of at least 1, not " + strconv.Itoa(min(in, units)))
	}
	plan, p := c.order()
	if p != nil {
		return nil, p[0]
	}
	for _, i := range plan.Nodes {
		node := &c.Nodes[i]
		if node.Op != CellLinear {
			if in != units && contains(node.Inputs, CellInput) {
				return nil, &Problem{Cell: node.Name, What: "it takes x, of width " + strconv.Itoa(in) + ", among vectors of width " +
					strconv.Itoa(units) + "; send x through a linear node"}
			}
			continue
		}
		width := units
		if node.Inputs[0] == CellInput {
			width = in
		}
		weights := product(int64(width), int64(units))
		plan.Params = sum(plan.Params, weights)
		plan.MACs = sum(plan.MACs, weights)
		if node.Bias {
			plan.Params = sum(plan.Params, int64(units))
		}
	}
	return plan, nil
}

// order validates the cell apart from widths, and finds what is live.
func (c *Cell) order() (*CellPlan, problems) {
	var p problems
	if len(c.Nodes) == 0 || len(c.Nodes) > MaxCellNodes {
		p.add("", within("the cell's number of nodes", len(c.Nodes), 1, MaxCellNodes))
	}
	if len(c.States) == 0 || len(c.States) > MaxCellStates {
		p.add("", within("the cell's number of states", len(c.States), 1, MaxCellStates))
	}
	if p != nil {
		return nil, p
	}
	index, output := c.names(&p)
	g, next := c.graph(&p, index)
	for i := range c.Nodes {
		c.Nodes[i].check(&p)
	}
	if output < 0 {
		p.add("", `the cell has no state "h", its output`)
	}
	if p != nil {
		return nil, p
	}
	if _, cycle := g.order(all(len(c.Nodes))...); cycle != nil {
		path := cyclePath(cycle, func(i int) string { return c.Nodes[i].Name })
		p.addCell(c.Nodes[cycle[0]].Name, "it depends on itself within a step: "+path)
		return nil, p
	}
	return c.live(g, next, output), nil
}

// live finds the states that h depends on over time, and the nodes that these
// depend on.
func (c *Cell) live(g graph, next []int, output int) *CellPlan {
	plan := &CellPlan{}
	alive := make([]bool, len(c.States))
	alive[output] = true
	roots := []int{next[output]}
	for grown := true; grown; {
		grown = false
		plan.Nodes, _ = g.order(roots...)
		for _, i := range plan.Nodes {
			for _, in := range g[i] {
				if s := stateAt(in); s >= 0 && !alive[s] {
					alive[s] = true
					roots = append(roots, next[s])
					grown = true
				}
			}
		}
	}
	for s, is := range alive {
		if is {
			plan.States = append(plan.States, s)
		}
	}
	return plan
}

// In a cell's graph the input x is -1 and state s is -2-s.
const fromX = -1

func stateSource(s int) int { return -2 - s }

// stateAt returns the state that a source is, or a negative number.
func stateAt(source int) int { return -2 - source }

// names returns the graph position of every node, state and x by its name, and
// which state is h.
func (c *Cell) names(p *problems) (index map[string]int, output int) {
	index = map[string]int{CellInput: fromX}
	output = -1
	add := func(name string, position int) {
		if what := label(name); what != "" {
			p.addCell(name, "the name "+what)
		}
		if _, taken := index[name]; taken {
			p.addCell(name, "the name is taken; nodes, states and x have different names")
			return
		}
		index[name] = position
	}
	for s, state := range c.States {
		add(state.Name, stateSource(s))
		if state.Name == HiddenState {
			output = s
		}
	}
	for i := range c.Nodes {
		add(c.Nodes[i].Name, i)
	}
	return index, output
}

// graph resolves the inputs of every node, and the node that each state takes.
func (c *Cell) graph(p *problems, index map[string]int) (g graph, next []int) {
	g = make(graph, len(c.Nodes))
	for i := range c.Nodes {
		for _, name := range c.Nodes[i].Inputs {
			in, ok := index[name]
			if !ok {
				p.addCell(c.Nodes[i].Name, "unknown input "+wire.Quote(name)+"; name x, a state or another node")
				continue
			}
			g[i] = append(g[i], in)
		}
	}
	for _, state := range c.States {
		i, ok := index[state.Next]
		if !ok || i < 0 {
			p.addCell(state.Name, "the state takes the value of "+wire.Quote(state.Next)+", which is not a node")
		}
		next = append(next, i)
	}
	return g, next
}

// cellOps are the ops of a cell.
var cellOps = [...]CellOp{CellLinear, CellAdd, CellElemMult, CellMax, CellAct, CellOneMinus}

// commutes reports whether the order of the inputs does not matter.
func (op CellOp) commutes() bool { return op == CellAdd || op == CellElemMult || op == CellMax }

// check collects what can be wrong with a node by itself.
func (n *CellNode) check(p *problems) {
	known := ""
	for _, op := range cellOps {
		if n.Op == op {
			known = ""
			break
		}
		known += " " + string(op)
	}
	if known != "" {
		p.addCell(n.Name, "unknown op "+wire.Quote(string(n.Op))+"; the ops are"+known)
		return
	}
	switch count := strconv.Itoa(len(n.Inputs)); {
	case n.Op.commutes() && (len(n.Inputs) < 2 || len(n.Inputs) > MaxCellNodes):
		p.addCell(n.Name, string(n.Op)+" takes two or more inputs, not "+count)
	case !n.Op.commutes() && len(n.Inputs) != 1:
		p.addCell(n.Name, string(n.Op)+" takes exactly one input, not "+count)
	}
	switch {
	case n.Op != CellAct && n.Func != "":
		p.addCell(n.Name, string(n.Op)+" has no func; remove it")
	case n.Op == CellAct && !knownFunc(n.Func):
		p.addCell(n.Name, unknownFunc(n.Func))
	}
	if n.Bias && n.Op != CellLinear {
		p.addCell(n.Name, string(n.Op)+" has no bias; remove it")
	}
}

func (p *problems) addCell(node, what string) {
	*p = append(*p, &Problem{Cell: node, What: what})
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
