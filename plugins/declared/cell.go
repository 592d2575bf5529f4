package declared

import "github.com/espalier-nas/espalier/wasm/spec"

// cellOf returns a cell of a recurrent node. With gates f(W x + b + U h):
//
//	rnn   h' = tanh gate (Elman 1990)
//	gru   n = tanh(W x + b + r∘(U h)), h' = (1-z)∘n + z∘h, with sigmoid gates r and z
//	      (Cho et al. 2014, with the reset behind the matrix)
//	lstm  c' = f∘c + i∘g, h' = o∘tanh(c'), with sigmoid gates f, i and o and a tanh
//	      gate g (Hochreiter & Schmidhuber 1997; Gers et al. 2000)
func cellOf(name string) *spec.Cell {
	w := &cellWriter{spec.Cell{Name: name, States: []spec.CellState{{Name: "h", Next: "next"}}}}
	switch name {
	case "rnn":
		w.gate("next", spec.FuncTanh)
	case "gru":
		w.gate("r", spec.FuncSigmoid)
		w.gate("z", spec.FuncSigmoid)
		w.linear("n")
		w.node("reset", spec.CellElemMult, "r", "hn")
		w.node("sum", spec.CellAdd, "xn", "reset")
		w.act("n", spec.FuncTanh, "sum")
		w.node("open", spec.CellOneMinus, "z")
		w.node("new", spec.CellElemMult, "open", "n")
		w.node("old", spec.CellElemMult, "z", "h")
		w.node("next", spec.CellAdd, "new", "old")
	default:
		w.States = append(w.States, spec.CellState{Name: "c", Next: "memory"})
		for _, gate := range [...]string{"f", "i", "o"} {
			w.gate(gate, spec.FuncSigmoid)
		}
		w.gate("g", spec.FuncTanh)
		w.node("keep", spec.CellElemMult, "f", "c")
		w.node("write", spec.CellElemMult, "i", "g")
		w.node("memory", spec.CellAdd, "keep", "write")
		w.act("shown", spec.FuncTanh, "memory")
		w.node("next", spec.CellElemMult, "o", "shown")
	}
	return &w.Cell
}

type cellWriter struct{ spec.Cell }

//go:noinline
func (w *cellWriter) node(name string, op spec.CellOp, inputs ...string) *spec.CellNode {
	w.Nodes = append(w.Nodes, spec.CellNode{Name: name, Op: op, Inputs: inputs})
	return &w.Nodes[len(w.Nodes)-1]
}

func (w *cellWriter) act(name string, f spec.Func, input string) {
	w.node(name, spec.CellAct, input).Func = f
}

// linear adds W x + b and U h.
func (w *cellWriter) linear(name string) {
	w.node("x"+name, spec.CellLinear, "x").Bias = true
	w.node("h"+name, spec.CellLinear, "h")
}

func (w *cellWriter) gate(name string, f spec.Func) {
	w.linear(name)
	w.node("sum_"+name, spec.CellAdd, "x"+name, "h"+name)
	w.act(name, f, "sum_"+name)
}
