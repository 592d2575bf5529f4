package report

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// formulasOf are the lines of a cell as "name = formula".
func formulasOf(cell *spec.Cell) []string {
	c := &canvas{screen: screen80}
	screen80.drawCell(c, cellUse{cell, []string{"rnn"}})
	var lines []string
	for _, line := range strings.Split(c.String(), "\n") {
		if strings.Contains(line, " = ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// TestWorkedExample is the paper's example tree of base 2: the memory is the
// second leaf's value before its activation, so that value has its own line.
func TestWorkedExample(t *testing.T) {
	b := &cellBuilder{}
	b.gate("a0", spec.FuncTanh, spec.CellAdd)
	b.gate("a1", spec.FuncReLU, spec.CellElemMult)
	b.act("a0c", spec.FuncReLU, b.node("a0c_in", spec.CellAdd, "a0", "c"))
	b.act("a2", spec.FuncSigmoid, b.node("a2_in", spec.CellElemMult, "a0c", "a1"))
	b.cell.States = []spec.CellState{{Name: "h", Next: "a2"}, {Name: "c", Next: "a1_in"}}
	want := []string{
		"a0 = tanh(W x + U h)",
		"a1_in = W x ∘ U h",
		"a1 = relu(a1_in)",
		"a0c = relu(a0 + c)",
		"a2 = sigmoid(a0c ∘ a1)",
		"next h = a2",
		"next c = a1_in",
	}
	if got := formulasOf(&b.cell); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestFormulaBrackets: a formula says what the graph computes.
func TestFormulaBrackets(t *testing.T) {
	b := &cellBuilder{}
	b.cell.Nodes = append(b.cell.Nodes, spec.CellNode{Name: "w", Op: spec.CellLinear, Inputs: []string{"x"}, Bias: true})
	b.node("s", spec.CellAdd, "w", "h")
	b.node("v", spec.CellLinear, "s")
	b.node("o", spec.CellOneMinus, "c")
	b.node("m", spec.CellElemMult, "o", "v")
	b.node("big", spec.CellMax, "m", b.node("sum", spec.CellAdd, "c", b.node("p", spec.CellElemMult, "c", "h")))
	b.act("same", spec.FuncIdentity, "big")
	b.node("lost", spec.CellAdd, "x", "h")
	b.cell.States = []spec.CellState{{Name: "h", Next: "same"}, {Name: "c", Next: "c2"}}
	b.node("c2", spec.CellAdd, "same", "c")
	want := []string{"same = max((1 - c) ∘ V (W x + b + h), c + c ∘ h)", "c2 = same + c", "next h = same", "next c = c2"}
	if got := formulasOf(&b.cell); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCellLegend(t *testing.T) {
	c := &canvas{screen: Screen{Width: 200}}
	c.screen.drawCell(c, cellUse{lstmCell(), []string{"rnn"}})
	if want := "x is the layer's input; h and c on the right are the previous step's; each W and U is a matrix of its own; * multiplies element by element\n"; !strings.HasSuffix(c.String(), want) {
		t.Errorf("the legend of\n%s\nis not\n%s", c, want)
	}
	b := &cellBuilder{}
	b.cell.Nodes = []spec.CellNode{{Name: "next", Op: spec.CellLinear, Inputs: []string{"x"}, Bias: true}}
	b.cell.States = []spec.CellState{{Name: "h", Next: "next"}}
	c = &canvas{screen: Screen{Width: 200}}
	c.screen.drawCell(c, cellUse{&b.cell, []string{"rnn"}})
	if want := "each W is a matrix of its own; each b is a bias of its own\n"; !strings.HasSuffix(c.String(), want) {
		t.Errorf("the legend of\n%s\nis not\n%s", c, want)
	}
}
