package baselines

import "github.com/espalier-nas/espalier/wasm/spec"

// cellLine adds the nodes of a line to a cell and returns the name of the last.
// The argument of a node is its op or function; linear+ has a bias.
func cellLine(c *spec.Cell, label, state, line string) string {
	s := scanner{line: line, label: label, source: state}
	at := state
	for s.next(at) {
		c.Nodes = append(c.Nodes, spec.CellNode{Name: label + s.name, Op: spec.CellOp(s.argument), Inputs: s.inputs})
		n := &c.Nodes[len(c.Nodes)-1]
		switch f := spec.Func(s.argument); f {
		case spec.FuncTanh, spec.FuncSigmoid:
			n.Op, n.Func = spec.CellAct, f
		case "linear+":
			n.Op, n.Bias = spec.CellLinear, true
		}
		at = n.Name
	}
	return at
}

// addState is not inlined, which keeps the guest small.
//
//go:noinline
func addState(c *spec.Cell, name, next string) {
	c.States = append(c.States, spec.CellState{Name: name, Next: next})
}

// lstm is the long short-term memory of Zaremba et al. 2014, equation 3, with
// one bias for each gate:
//
//	c' = σ(f) ∘ c + σ(i) ∘ tanh(g)    h' = σ(o) ∘ tanh(c')
func lstm() *spec.Cell {
	c := &spec.Cell{Name: "lstm"}
	cellLine(c, "", spec.HiddenState,
		"ix:linear+=x ih:linear=0 is:add=ix,ih i:sigmoid fx:linear+=x fh:linear=0 fs:add=fx,fh f:sigmoid "+
			"gx:linear+=x gh:linear=0 gs:add=gx,gh g:tanh ox:linear+=x oh:linear=0 os:add=ox,oh o:sigmoid "+
			"kept:elem_mult=f,c written:elem_mult=i,g memory:add=kept,written squashed:tanh output:elem_mult=o,squashed")
	addState(c, spec.HiddenState, "output")
	addState(c, "c", "memory")
	return c
}

const highwayCell = "rhn"

// rhn is the cell of a recurrent highway network (Zilly et al. 2017,
// equations 6 to 9), with coupled gates: depth steps of
//
//	s' = m ∘ t + s ∘ (1 - t)
//
// of which only the first reads x.
func rhn(depth int) *spec.Cell {
	c := &spec.Cell{Name: highwayCell}
	s := spec.HiddenState
	for k := range depth {
		line := "ms:linear+=0 m:tanh ts:linear+=0 t:sigmoid "
		if k == 0 {
			line = "mx:linear+=x mh:linear=0 ms:add=mx,mh m:tanh tx:linear+=x th:linear=0 ts:add=tx,th t:sigmoid "
		}
		s = cellLine(c, number(k+1)+"_", s, line+"carry:one_minus new:elem_mult=m,t old:elem_mult=0,carry s:add=new,old")
	}
	addState(c, spec.HiddenState, s)
	return c
}
