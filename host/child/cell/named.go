package cell

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// maxDepth is the deepest recurrent highway network that a cell has room for.
const maxDepth = 50

// Names lists the cells that Named knows; D stands for a depth.
func Names() []string { return []string{"lstm", "gru", "rhn-D", "nascell"} }

// Named returns a published cell.
func Named(name string) (*spec.Cell, error) {
	switch name {
	case "lstm":
		return lstm(), nil
	case "gru":
		return gru(), nil
	case "nascell":
		return nascell(), nil
	}
	if digits, ok := strings.CutPrefix(name, "rhn-"); ok {
		if depth, err := strconv.Atoi(digits); err == nil && depth >= 1 && depth <= maxDepth {
			return rhn(depth), nil
		}
		return nil, fmt.Errorf("cell: the depth of %q must be a number from 1 to %d", name, maxDepth)
	}
	return nil, fmt.Errorf("cell: no cell is named %q; the named ones are %s", name, strings.Join(Names(), ", "))
}

// drawing builds a cell.
type drawing struct{ spec.Cell }

func (d *drawing) node(name string, op spec.CellOp, inputs ...string) string {
	d.Nodes = append(d.Nodes, spec.CellNode{Name: name, Op: op, Inputs: inputs})
	return name
}

func (d *drawing) act(name string, f spec.Func, input string) string {
	d.Nodes = append(d.Nodes, spec.CellNode{Name: name, Op: spec.CellAct, Func: f, Inputs: []string{input}})
	return name
}

func (d *drawing) linear(name, input string, bias bool) string {
	d.Nodes = append(d.Nodes, spec.CellNode{Name: name, Op: spec.CellLinear, Inputs: []string{input}, Bias: bias})
	return name
}

// gate is f(W x + b + U h), with nodes named after it.
func (d *drawing) gate(name string, f spec.Func, h string) string {
	x, u := d.linear("x_"+name, spec.CellInput, true), d.linear("h_"+name, h, false)
	return d.act(name, f, d.node("sum_"+name, spec.CellAdd, x, u))
}

// lstm is the long short-term memory with a forget gate (Hochreiter & Schmidhuber 1997; Gers et al. 2000), as PyTorch's
// nn.LSTM has it, with one bias b = b_ih + b_hh per gate:
//
//	i = σ(W_i x + b_i + U_i h)    f = σ(W_f x + b_f + U_f h)
//	g = tanh(W_g x + b_g + U_g h) o = σ(W_o x + b_o + U_o h)
//	c' = f∘c + i∘g                h' = o∘tanh(c')
//
// The forget gate keeps where it is 1. Nothing is added to its bias: who wants it to keep at first sets the parameter
// x_f.bias to 1 (Jozefowicz et al. 2015).
func lstm() *spec.Cell {
	d := &drawing{spec.Cell{Name: "lstm", States: []spec.CellState{{Name: "h", Next: "h_next"}, {Name: "c", Next: "c_next"}}}}
	i, f := d.gate("i", spec.FuncSigmoid, "h"), d.gate("f", spec.FuncSigmoid, "h")
	g, o := d.gate("g", spec.FuncTanh, "h"), d.gate("o", spec.FuncSigmoid, "h")
	c := d.node("c_next", spec.CellAdd, d.node("keep", spec.CellElemMult, f, "c"), d.node("write", spec.CellElemMult, i, g))
	d.node("h_next", spec.CellElemMult, o, d.act("c_tanh", spec.FuncTanh, c))
	return &d.Cell
}

// gru is the gated recurrent unit in the form of PyTorch's nn.GRU and cuDNN, in which the reset gate multiplies the
// product of the state, not the state (Cho et al. 2014 has U_n (r∘h)); b_r and b_z are b_ir + b_hr and b_iz + b_hz,
// b_n is b_in, and d is b_hn:
//
//	r = σ(W_r x + b_r + U_r h)    z = σ(W_z x + b_z + U_z h)
//	n = tanh(W_n x + b_n + r∘(U_n h + d))
//	h' = (1-z)∘n + z∘h
func gru() *spec.Cell {
	d := &drawing{spec.Cell{Name: "gru", States: []spec.CellState{{Name: "h", Next: "h_next"}}}}
	r, z := d.gate("r", spec.FuncSigmoid, "h"), d.gate("z", spec.FuncSigmoid, "h")
	reset := d.node("reset", spec.CellElemMult, r, d.linear("h_n", "h", true))
	n := d.act("n", spec.FuncTanh, d.node("sum_n", spec.CellAdd, d.linear("x_n", spec.CellInput, true), reset))
	fresh := d.node("fresh", spec.CellElemMult, d.node("not_z", spec.CellOneMinus, z), n)
	d.node("h_next", spec.CellAdd, fresh, d.node("old", spec.CellElemMult, z, "h"))
	return &d.Cell
}

// rhn is the recurrent highway network of a depth, with coupled gates (Zilly et al. 2017, equations 6 to 9, with
// c = 1 - t). s_0 is h; x takes part in the first micro-layer only, and h' = s_D:
//
//	m_l = tanh(W_h x [l=1] + R_hl s_{l-1} + b_hl)
//	t_l = σ(W_t x [l=1] + R_tl s_{l-1} + b_tl)
//	s_l = m_l∘t_l + s_{l-1}∘(1-t_l)
//
// The biases of the first micro-layer are x_m1.bias and x_t1.bias, those of the others s_ml.bias and s_tl.bias.
func rhn(depth int) *spec.Cell {
	d := &drawing{spec.Cell{Name: "rhn-" + strconv.Itoa(depth)}}
	s := spec.HiddenState
	for l := 1; l <= depth; l++ {
		id := strconv.Itoa(l)
		var m, t string
		if l == 1 {
			m, t = d.gate("m1", spec.FuncTanh, s), d.gate("t1", spec.FuncSigmoid, s)
		} else {
			m = d.act("m"+id, spec.FuncTanh, d.linear("s_m"+id, s, true))
			t = d.act("t"+id, spec.FuncSigmoid, d.linear("s_t"+id, s, true))
		}
		carry := d.node("keep"+id, spec.CellElemMult, s, d.node("c"+id, spec.CellOneMinus, t))
		s = d.node("s"+id, spec.CellAdd, d.node("write"+id, spec.CellElemMult, m, t), carry)
	}
	d.States = []spec.CellState{{Name: spec.HiddenState, Next: s}}
	return &d.Cell
}

// nascell is the cell that the search of Zoph & Le 2017 found (figure 8), without biases: with u_k = W_k x and
// r_k = U_k h,
//
//	l0 = σ(u+r)  l1 = relu(u+r)  l2 = σ(u+r)  l3 = relu(u∘r)  l4 = tanh(u+r)  l5 = σ(u+r)  l6 = tanh(u+r)  l7 = σ(u+r)
//	n8 = tanh(l0∘l1)  n9 = tanh(l2+l3)  n10 = tanh(l4∘l5)  n11 = σ(l6+l7)
//	c' = tanh(n8+c)∘n9
//	h' = tanh(c'∘tanh(n10+n11))
func nascell() *spec.Cell {
	d := &drawing{spec.Cell{Name: "nascell", States: []spec.CellState{{Name: "h", Next: "h_next"}, {Name: "c", Next: "c_next"}}}}
	both := func(name string, f spec.Func, op spec.CellOp, a, b string) string {
		return d.act(name, f, d.node("in_"+name, op, a, b))
	}
	var leaves []string
	for i, f := range []spec.Func{spec.FuncSigmoid, spec.FuncReLU, spec.FuncSigmoid, spec.FuncReLU, spec.FuncTanh, spec.FuncSigmoid, spec.FuncTanh, spec.FuncSigmoid} {
		id, op := strconv.Itoa(i), spec.CellAdd
		if i == 3 {
			op = spec.CellElemMult
		}
		leaves = append(leaves, both("l"+id, f, op, d.linear("u"+id, spec.CellInput, false), d.linear("r"+id, "h", false)))
	}
	n8 := both("n8", spec.FuncTanh, spec.CellElemMult, leaves[0], leaves[1])
	n9 := both("n9", spec.FuncTanh, spec.CellAdd, leaves[2], leaves[3])
	n10 := both("n10", spec.FuncTanh, spec.CellElemMult, leaves[4], leaves[5])
	n11 := both("n11", spec.FuncSigmoid, spec.CellAdd, leaves[6], leaves[7])
	c := d.node("c_next", spec.CellElemMult, both("inject", spec.FuncTanh, spec.CellAdd, n8, "c"), n9)
	both("h_next", spec.FuncTanh, spec.CellElemMult, c, both("n13", spec.FuncTanh, spec.CellAdd, n10, n11))
	return &d.Cell
}
