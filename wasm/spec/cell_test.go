package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestCellCounts checks known cells against their formulas.
func TestCellCounts(t *testing.T) {
	for _, test := range []struct {
		cell      *Cell
		in, units int64
		weights   int64
		biases    int64
	}{
		{lstm(), 650, 650, 4 * (650 + 650) * 650, 4 * 650},
		{lstm(), 128, 800, 4 * (128 + 800) * 800, 4 * 800},
		{gru(), 100, 300, 3 * (100 + 300) * 300, 3 * 300},
		{nasCell(), 800, 800, 16 * 800 * 800, 0},
		{nasCell(), 128, 800, 8 * (128 + 800) * 800, 0},
	} {
		plan, err := test.cell.Infer(int(test.in), int(test.units))
		if err != nil {
			t.Fatalf("%s: %v", test.cell.Name, err)
		}
		if plan.Params != test.weights+test.biases || plan.MACs != test.weights {
			t.Errorf("%s at %d, %d: %d parameters, %d MACs; want %d, %d", test.cell.Name, test.in, test.units,
				plan.Params, plan.MACs, test.weights+test.biases, test.weights)
		}
		if err := test.cell.Validate(); err != nil {
			t.Errorf("%s: %v", test.cell.Name, err)
		}
	}
}

// TestCharacterModel is the control experiment of Zoph & Le 2017, table 3:
// the found cell, 2 layers of 800 units, has 16.28M parameters.
func TestCharacterModel(t *testing.T) {
	n := language(nasCell(), 128, 2)
	n.Task.Classes = 50
	n.Nodes[0].Vocabulary = 50
	n.Nodes[2].Units = 800
	n.Nodes[3] = Node{Name: "logits", Op: OpDense, Inputs: []string{"rnn"}, Units: 50, Bias: true}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	if millions := float64(plan.Params) / 1e6; millions < 16.1 || millions > 16.4 {
		t.Errorf("%.2fM parameters, published 16.28M", millions)
	}
}

// TestLiveness leaves out states and nodes that never reach the output.
func TestLiveness(t *testing.T) {
	c := lstm()
	c.States = append(c.States, CellState{"dead", "from_dead"})
	c.Nodes = append(c.Nodes, CellNode{Name: "from_dead", Op: CellLinear, Inputs: []string{"dead"}}, CellNode{Name: "unused", Op: CellLinear, Inputs: []string{"x"}})
	plan, err := c.Infer(10, 10)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := lstm().Infer(10, 10)
	if plan.Params != want.Params || !slices.Equal(plan.States, []int{0, 1}) || len(plan.Nodes) != len(want.Nodes) {
		t.Errorf("plan %+v, want the parameters of %+v", plan, want)
	}
	if c.ID() != lstm().ID() {
		t.Error("what takes no part changes the ID")
	}
	// A state that is read only by way of another state is alive.
	c = &Cell{States: []CellState{{"h", "out"}, {"a", "keep_b"}, {"b", "keep_x"}}, Nodes: []CellNode{
		{Name: "out", Op: CellLinear, Inputs: []string{"a"}},
		{Name: "keep_b", Op: CellLinear, Inputs: []string{"b"}},
		{Name: "keep_x", Op: CellLinear, Inputs: []string{"x"}},
	}}
	if plan, err = c.Infer(2, 3); err != nil || !slices.Equal(plan.States, []int{0, 1, 2}) || plan.Params != 9+9+6 {
		t.Errorf("a chain of states: %+v, %v", plan, err)
	}
	for i, at := range plan.Nodes {
		for _, in := range c.Nodes[at].Inputs {
			if j := slices.IndexFunc(plan.Nodes, func(k int) bool { return c.Nodes[k].Name == in }); j >= i {
				t.Errorf("node %d reads node %d", i, j)
			}
		}
	}
}

func TestInvalidCells(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(c *Cell)
		want string
	}{
		{"no nodes", func(c *Cell) { c.Nodes = nil }, "the cell's number of nodes is 0"},
		{"no states", func(c *Cell) { c.States = nil }, "the cell's number of states is 0"},
		{"no output", func(c *Cell) { c.States[0].Name = "hidden" }, `the cell has no state "h"`},
		{"unknown op", func(c *Cell) { c.Nodes[2].Op = "sub" }, `cell node "z_sum": unknown op "sub"; the ops are linear`},
		{"unknown input", func(c *Cell) { c.Nodes[2].Inputs[1] = "hx" }, `cell node "z_sum": unknown input "hx"; name x, a state or another node`},
		{"linear of two", func(c *Cell) { c.Nodes[0].Inputs = []string{"x", "h"} }, `cell node "xz": linear takes exactly one input, not 2`},
		{"sum of one", func(c *Cell) { c.Nodes[2].Inputs = c.Nodes[2].Inputs[:1] }, `cell node "z_sum": add takes two or more inputs, not 1`},
		{"foreign func", func(c *Cell) { c.Nodes[0].Func = FuncReLU }, `cell node "xz": linear has no func; remove it`},
		{"foreign bias", func(c *Cell) { c.Nodes[2].Bias = true }, `cell node "z_sum": add has no bias; remove it`},
		{"unknown func", func(c *Cell) { c.Nodes[3].Func = "swish" }, `cell node "z": unknown func "swish"`},
		{"name twice", func(c *Cell) { c.Nodes[1].Name = "xz" }, `cell node "xz": the name is taken`},
		{"node named x", func(c *Cell) { c.Nodes[1].Name = "x" }, `cell node "x": the name is taken`},
		{"state named as a node", func(c *Cell) { c.States = append(c.States, CellState{"z", "z"}) }, `cell node "z": the name is taken`},
		{"empty name", func(c *Cell) { c.Nodes[1].Name = "" }, `the name is empty`},
		{"state of nothing", func(c *Cell) { c.States[0].Next = "x" }, `the state takes the value of "x", which is not a node`},
		{"state of an unknown", func(c *Cell) { c.States[0].Next = "hnext" }, `the state takes the value of "hnext", which is not a node`},
		{"cycle", func(c *Cell) { c.Nodes[2].Inputs[0] = "z" }, `cell node "z_sum": it depends on itself within a step: z_sum -> z -> z_sum`},
		{"too many nodes", func(c *Cell) { c.Nodes = append(c.Nodes, make([]CellNode, MaxCellNodes)...) }, "it must be in 1..500"},
	} {
		c := gru()
		test.edit(c)
		err := c.Validate()
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
		}
		if c.ID() != "" {
			t.Errorf("%s: an invalid cell has an ID", test.name)
		}
	}
}

// TestInputWidth lets x meet other vectors only where it has their width.
func TestInputWidth(t *testing.T) {
	c := &Cell{States: []CellState{{"h", "sum"}}, Nodes: []CellNode{
		{Name: "w", Op: CellLinear, Inputs: []string{"h"}},
		{Name: "sum", Op: CellAdd, Inputs: []string{"w", "x"}},
	}}
	if _, err := c.Infer(5, 5); err != nil {
		t.Errorf("x of the same width: %v", err)
	}
	if _, err := c.Infer(0, 5); err == nil || !strings.Contains(err.Error(), "a width of at least 1, not 0") {
		t.Errorf("no input: %v", err)
	}
	if _, err := c.Infer(4, 5); err == nil || !strings.Contains(err.Error(), `cell node "sum": it takes x, of width 4, among vectors of width 5`) {
		t.Errorf("x of another width: %v", err)
	}
}
