package spec

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the files in testdata")

// lstm is the cell of Hochreiter & Schmidhuber (1997) with forget gates, as a
// graph: 4 (in + n + 1) n parameters.
func lstm() *Cell {
	c := &Cell{Name: "lstm", States: []CellState{{"h", "h_next"}, {"c", "c_next"}}}
	for _, g := range []struct {
		name string
		f    Func
	}{{"i", FuncSigmoid}, {"f", FuncSigmoid}, {"o", FuncSigmoid}, {"g", FuncTanh}} {
		c.Nodes = append(c.Nodes,
			CellNode{Name: "x" + g.name, Op: CellLinear, Inputs: []string{CellInput}, Bias: true},
			CellNode{Name: "h" + g.name, Op: CellLinear, Inputs: []string{HiddenState}},
			CellNode{Name: "sum_" + g.name, Op: CellAdd, Inputs: []string{"x" + g.name, "h" + g.name}},
			CellNode{Name: g.name, Op: CellAct, Func: g.f, Inputs: []string{"sum_" + g.name}})
	}
	c.Nodes = append(c.Nodes,
		CellNode{Name: "keep", Op: CellElemMult, Inputs: []string{"f", "c"}},
		CellNode{Name: "write", Op: CellElemMult, Inputs: []string{"i", "g"}},
		CellNode{Name: "c_next", Op: CellAdd, Inputs: []string{"keep", "write"}},
		CellNode{Name: "c_tanh", Op: CellAct, Func: FuncTanh, Inputs: []string{"c_next"}},
		CellNode{Name: "h_next", Op: CellElemMult, Inputs: []string{"o", "c_tanh"}})
	return c
}

// gru is the cell of Cho et al. (2014), with the reset gate on the state:
// 3 (in + n + 1) n parameters.
func gru() *Cell {
	return &Cell{Name: "gru", States: []CellState{{"h", "h_next"}}, Nodes: []CellNode{
		{Name: "xz", Op: CellLinear, Inputs: []string{"x"}, Bias: true},
		{Name: "hz", Op: CellLinear, Inputs: []string{"h"}},
		{Name: "z_sum", Op: CellAdd, Inputs: []string{"xz", "hz"}},
		{Name: "z", Op: CellAct, Func: FuncSigmoid, Inputs: []string{"z_sum"}},
		{Name: "xr", Op: CellLinear, Inputs: []string{"x"}, Bias: true},
		{Name: "hr", Op: CellLinear, Inputs: []string{"h"}},
		{Name: "r_sum", Op: CellAdd, Inputs: []string{"xr", "hr"}},
		{Name: "r", Op: CellAct, Func: FuncSigmoid, Inputs: []string{"r_sum"}},
		{Name: "reset", Op: CellElemMult, Inputs: []string{"r", "h"}},
		{Name: "xn", Op: CellLinear, Inputs: []string{"x"}, Bias: true},
		{Name: "hn", Op: CellLinear, Inputs: []string{"reset"}},
		{Name: "n_sum", Op: CellAdd, Inputs: []string{"xn", "hn"}},
		{Name: "n", Op: CellAct, Func: FuncTanh, Inputs: []string{"n_sum"}},
		{Name: "keep", Op: CellOneMinus, Inputs: []string{"z"}},
		{Name: "new", Op: CellElemMult, Inputs: []string{"keep", "n"}},
		{Name: "old", Op: CellElemMult, Inputs: []string{"z", "h"}},
		{Name: "h_next", Op: CellAdd, Inputs: []string{"new", "old"}},
	}}
}

// nasCell is the cell that the search of Zoph & Le 2017 found (figure 8, as
// published in their TensorFlow code): 16 n^2 weights at input width n.
func nasCell() *Cell {
	c := &Cell{Name: "nascell", States: []CellState{{"h", "h_next"}, {"c", "n12"}}}
	add := func(name string, op CellOp, f Func, inputs ...string) {
		if f == "" {
			c.Nodes = append(c.Nodes, CellNode{Name: name, Op: op, Inputs: inputs})
			return
		}
		c.Nodes = append(c.Nodes, CellNode{Name: name + "_pre", Op: op, Inputs: inputs},
			CellNode{Name: name, Op: CellAct, Func: f, Inputs: []string{name + "_pre"}})
	}
	for i, leaf := range []struct {
		op CellOp
		f  Func
	}{{CellAdd, FuncSigmoid}, {CellAdd, FuncReLU}, {CellAdd, FuncSigmoid}, {CellElemMult, FuncReLU},
		{CellAdd, FuncTanh}, {CellAdd, FuncSigmoid}, {CellAdd, FuncTanh}, {CellAdd, FuncSigmoid}} {
		id := string(rune('0' + i))
		c.Nodes = append(c.Nodes, CellNode{Name: "u" + id, Op: CellLinear, Inputs: []string{"x"}},
			CellNode{Name: "r" + id, Op: CellLinear, Inputs: []string{"h"}})
		add("l"+id, leaf.op, leaf.f, "u"+id, "r"+id)
	}
	add("n8", CellElemMult, FuncTanh, "l0", "l1")
	add("n9", CellAdd, FuncTanh, "l2", "l3")
	add("n10", CellElemMult, FuncTanh, "l4", "l5")
	add("n11", CellAdd, FuncSigmoid, "l6", "l7")
	add("n8i", CellAdd, FuncTanh, "n8", "c")
	add("n12", CellElemMult, "", "n8i", "n9")
	add("n13", CellAdd, FuncTanh, "n10", "n11")
	add("h_next", CellElemMult, FuncTanh, "n12", "n13")
	return c
}

// language is a text network with a stack of cells and tied embeddings.
func language(cell *Cell, width, layers int) *Network {
	return &Network{Task: Task{Type: TaskText, Input: []int{35}, Classes: 10000}, Output: "logits", Nodes: []Node{
		{Name: "embed", Op: OpEmbedding, Inputs: []string{"input"}, Units: width, Vocabulary: 10000},
		{Name: "drop", Op: OpDropout, Inputs: []string{"embed"}, Rate: 0.5, Variational: true},
		{Name: "rnn", Op: OpRecurrent, Inputs: []string{"drop"}, Units: width, Layers: layers, Cell: cell},
		{Name: "logits", Op: OpDense, Inputs: []string{"rnn"}, Units: 10000, Bias: true, Tied: "embed"},
	}}
}

// variational is language with the state of its layers dropped, too.
func variational(cell *Cell, width, layers int) *Network {
	n := language(cell, width, layers)
	n.Nodes[2].Rate, n.Nodes[2].Variational = 0.25, true
	return n
}

// everyImageOp uses each image op, and each attribute at a value other than its
// default.
func everyImageOp() *Network {
	return &Network{Task: Task{Type: TaskImage, Input: []int{16, 12, 4}, Classes: 3}, Output: "logits", Nodes: []Node{
		{Name: "conv", Op: OpConv2D, Inputs: []string{"input"}, Filters: 8, Kernel: [2]int{3, 5}, Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}, Padding: Valid, Groups: 2, Bias: true},
		{Name: "norm", Op: OpBatchNorm, Inputs: []string{"conv"}},
		{Name: "act", Op: OpActivation, Inputs: []string{"norm"}, Func: FuncSin},
		{Name: "max", Op: OpMaxPool, Inputs: []string{"act"}, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}, Padding: Valid},
		{Name: "avg", Op: OpAvgPool, Inputs: []string{"act"}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 2}},
		{Name: "join", Op: OpConcat, Inputs: []string{"max", "avg"}},
		{Name: "twin", Op: OpConv2D, Inputs: []string{"join"}, Filters: 16, Kernel: [2]int{1, 1}},
		{Name: "sum", Op: OpAdd, Inputs: []string{"twin", "join"}},
		{Name: "drop", Op: OpDropout, Inputs: []string{"sum"}, Rate: 0.25},
		{Name: "flat", Op: OpFlatten, Inputs: []string{"drop"}},
		{Name: "mean", Op: OpGlobalAvgPool, Inputs: []string{"drop"}},
		{Name: "both", Op: OpConcat, Inputs: []string{"flat", "mean", "average"}},
		{Name: "logits", Op: OpDense, Inputs: []string{"both"}, Units: 3, Bias: true},
		{Name: "pad", Op: OpPad, Inputs: []string{"mean"}, Filters: 20},
		{Name: "rest", Op: OpOneMinus, Inputs: []string{"pad"}},
		{Name: "product", Op: OpElemMult, Inputs: []string{"pad", "rest"}},
		{Name: "average", Op: OpMean, Inputs: []string{"product", "pad"}, Rate: 0.5},
	}}
}

// examples are valid networks, by the name of their file in testdata.
func examples() map[string]*Network {
	return map[string]*Network{
		"found":       convNetwork(found),
		"image":       everyImageOp(),
		"lstm":        language(lstm(), 650, 2),
		"gru":         language(gru(), 200, 1),
		"nascell":     language(nasCell(), 735, 2),
		"variational": variational(gru(), 200, 2),
	}
}

// TestExamples keeps the examples as files that people and other tests read.
func TestExamples(t *testing.T) {
	for name, n := range examples() {
		if err := n.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file := filepath.Join("testdata", name+".json")
		want, err := json.MarshalIndent(n, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			if err := os.WriteFile(file, want, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s differs from the example in the code, %v; run go test -update", file, err)
		}
		var back Network
		if err := json.Unmarshal(got, &back); err != nil || back.ID() != n.ID() {
			t.Errorf("%s: ID %s, want %s, %v", file, back.ID(), n.ID(), err)
		}
	}
}
