package report

import (
	"reflect"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// cellUse is a cell with the names of the recurrent nodes that are made of it.
type cellUse struct {
	cell  *spec.Cell
	nodes []string
}

// cellUses lists the cells of a network, each once, in the order of its plan.
func cellUses(net *spec.Network, plan *spec.Plan) []cellUse {
	var uses []cellUse
	for _, p := range plan.Nodes {
		node := &net.Nodes[p.Index]
		if node.Op != spec.OpRecurrent {
			continue
		}
		i := slices.IndexFunc(uses, func(u cellUse) bool { return reflect.DeepEqual(u.cell, node.Cell) })
		if i < 0 {
			i, uses = len(uses), append(uses, cellUse{cell: node.Cell})
		}
		uses[i].nodes = append(uses[i].nodes, node.Name)
	}
	return uses
}

// drawCell writes one step of a cell as formulas, a line for each activation and
// for each value that is used more than once, inputs before what reads them. The
// cell has to be legal.
func (s Screen) drawCell(c *canvas, u cellUse) {
	cell := u.cell
	f := formulas{screen: s, nodes: map[string]*spec.CellNode{}, own: map[string]bool{}}
	uses := map[string]int{}
	for i := range cell.Nodes {
		n := &cell.Nodes[i]
		f.nodes[n.Name] = n
		for _, input := range n.Inputs {
			uses[input]++
		}
	}
	for _, n := range cell.Nodes {
		f.own[n.Name] = n.Op == spec.CellAct || uses[n.Name] != 1
	}
	for _, state := range cell.States {
		f.own[state.Next] = true
	}
	title := "one step of " + and(u.nodes)
	if cell.Name != "" {
		title += " (" + cell.Name + ")"
	}
	c.paragraph(bold, 2, s.clean(title))

	lines, width := f.lines(cell), 0
	for _, l := range lines {
		width = max(width, cells(l[0]))
	}
	width = min(width, s.width()/3)
	for _, l := range lines {
		for i, part := range wrap(l[1], s.width()-width-5) {
			if i == 0 {
				c.to(2 + width - cells(s.cut(l[0], width)))
				c.put(bold, s.cut(l[0], width))
				c.put(dim, " = ")
			} else {
				c.to(width + 5)
			}
			c.put(plain, part)
			c.newline()
		}
	}
	c.newline()
	c.paragraph(dim, 0, f.legend(cell))
}

// legend explains the letters and signs that the formulas used.
func (f *formulas) legend(cell *spec.Cell) string {
	var states, matrices []string
	for _, state := range cell.States {
		states = append(states, f.screen.clean(state.Name))
	}
	for _, letter := range []string{"W", "U", "V"} {
		if strings.Contains(f.written, letter+" ") {
			matrices = append(matrices, letter)
		}
	}
	verb := " is"
	if len(states) > 1 {
		verb = " are"
	}
	text := "x is the layer's input; " + and(states) + " on the right" + verb + " the previous step's"
	if len(matrices) > 0 {
		text += "; each " + and(matrices) + " is a matrix of its own"
	}
	if f.biased {
		text += "; each b is a bias of its own"
	}
	if sign := f.screen.glyphs().compose; strings.Contains(f.written, " "+sign+" ") {
		text += "; " + sign + " multiplies element by element"
	}
	return text
}

// and joins words as a sentence does.
func and(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// formulas writes a cell's nodes as text.
type formulas struct {
	screen  Screen
	nodes   map[string]*spec.CellNode
	own     map[string]bool // nodes with a line of their own
	written string
	biased  bool // a bias is written
}

// lines are pairs of a name and its formula, the next states last.
func (f *formulas) lines(cell *spec.Cell) [][2]string {
	var lines [][2]string
	done := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		n := f.nodes[name]
		if n == nil || done[name] {
			return
		}
		done[name] = true
		for _, input := range n.Inputs {
			visit(input)
		}
		if f.own[name] {
			text := f.expression(n)
			f.written += text
			lines = append(lines, [2]string{f.screen.clean(name), text})
		}
	}
	needed := f.needed(cell)
	for _, n := range cell.Nodes {
		if needed[n.Name] {
			visit(n.Name)
		}
	}
	for _, state := range cell.States {
		lines = append(lines, [2]string{"next " + f.screen.clean(state.Name), f.screen.clean(state.Next)})
	}
	return lines
}

// needed are the nodes that some state depends on.
func (f *formulas) needed(cell *spec.Cell) map[string]bool {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if n := f.nodes[name]; n != nil && !seen[name] {
			seen[name] = true
			for _, input := range n.Inputs {
				visit(input)
			}
		}
	}
	for _, state := range cell.States {
		visit(state.Next)
	}
	return seen
}

// How tightly the parts of a formula hold together.
const (
	asSum = iota
	asProduct
	asMatrixProduct
	asAtom
)

func binding(n *spec.CellNode) int {
	switch n.Op {
	case spec.CellAdd, spec.CellOneMinus:
		return asSum
	case spec.CellElemMult:
		return asProduct
	case spec.CellLinear:
		if n.Bias {
			return asSum
		}
		return asMatrixProduct
	}
	return asAtom
}

// operand writes an input of a node: its name, or in its place its expression,
// in brackets where that binds less tightly than needed.
func (f *formulas) operand(name string, needed int) string {
	n := f.nodes[name]
	if n == nil || f.own[name] {
		return f.screen.clean(name)
	}
	if binding(n) < needed {
		return "(" + f.expression(n) + ")"
	}
	return f.expression(n)
}

func (f *formulas) expression(n *spec.CellNode) string {
	join := func(separator string, needed int) string {
		parts := make([]string, len(n.Inputs))
		for i, input := range n.Inputs {
			parts[i] = f.operand(input, needed)
		}
		return strings.Join(parts, separator)
	}
	switch n.Op {
	case spec.CellLinear:
		text := matrixOf(n) + " " + f.operand(n.Inputs[0], asMatrixProduct)
		if n.Bias {
			text += " + b"
			f.biased = true
		}
		return text
	case spec.CellAdd:
		return join(" + ", asSum)
	case spec.CellElemMult:
		return join(" "+f.screen.glyphs().compose+" ", asProduct)
	case spec.CellMax:
		return "max(" + join(", ", asSum) + ")"
	case spec.CellOneMinus:
		return "1 - " + f.operand(n.Inputs[0], asProduct)
	}
	if n.Func == spec.FuncIdentity {
		return join("", asSum)
	}
	return f.screen.clean(string(n.Func)) + "(" + join("", asSum) + ")"
}

// matrixOf is the letter for the matrix of a linear node.
func matrixOf(n *spec.CellNode) string {
	switch n.Inputs[0] {
	case spec.CellInput:
		return "W"
	case spec.HiddenState:
		return "U"
	}
	return "V"
}
