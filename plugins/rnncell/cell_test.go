package rnncell

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Options of the default space, for tables of answers.
const (
	add, mult                     = 0, 1
	identity, tanh, sigmoid, relu = 0, 1, 2, 3
)

// example is the paper's worked example (figure 5), a tree of base 2.
var example = picks(
	add, tanh, mult, relu, mult, sigmoid, // leaf0, leaf1, node2
	add, relu, // inject
	1, 0) // leaf1 writes the memory, leaf0 receives it

// nascell is the cell that the paper's search found (figure 8), known as
// NASCell: its answers in the default space.
var nascell = picks(
	add, sigmoid, add, relu, add, sigmoid, mult, relu, add, tanh, add, sigmoid, add, tanh, add, sigmoid, // leaves
	mult, tanh, add, tanh, mult, tanh, add, sigmoid, // nodes 8 to 11
	mult, identity, add, tanh, mult, tanh, // nodes 12, 13 and the root
	add, tanh, // inject
	12, 8)

// dual is a number and its derivative in one direction: arithmetic with it is
// forward-mode differentiation.
type dual struct{ v, d float64 }

func (a dual) plus(b dual) dual  { return dual{a.v + b.v, a.d + b.d} }
func (a dual) times(b dual) dual { return dual{a.v * b.v, a.d*b.v + a.v*b.d} }

func (a dual) under(f spec.Func) dual {
	switch f {
	case spec.FuncTanh:
		y := math.Tanh(a.v)
		return dual{y, a.d * (1 - y*y)}
	case spec.FuncSigmoid:
		y := 1 / (1 + math.Exp(-a.v))
		return dual{y, a.d * y * (1 - y)}
	case spec.FuncReLU:
		if a.v <= 0 {
			return dual{}
		}
		return a
	case spec.FuncSin:
		return dual{math.Sin(a.v), a.d * math.Cos(a.v)}
	}
	return a
}

// matrix is (n, n): n numbers for each output.
type matrix [][]dual

// cellStates are the values that a cell carries, by the names of the states.
type cellStates map[string][]dual

// step evaluates one time step of a cell, the weights given by the names of its
// linear nodes.
func step(t *testing.T, c *spec.Cell, weights map[string]matrix, x []dual, before cellStates) cellStates {
	t.Helper()
	plan, err := c.Infer(len(x), len(x))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]dual{spec.CellInput: x}
	for name, v := range before {
		values[name] = v
	}
	for _, i := range plan.Nodes {
		node := c.Nodes[i]
		out := make([]dual, len(x))
		for k := range out {
			out[k] = element(node, weights[node.Name], values, k)
		}
		values[node.Name] = out
	}
	after := cellStates{}
	for _, s := range c.States {
		after[s.Name] = values[s.Next]
	}
	return after
}

// element is the k-th number of a node's value.
func element(node spec.CellNode, w matrix, values map[string][]dual, k int) dual {
	a := values[node.Inputs[0]]
	switch node.Op {
	case spec.CellLinear:
		var sum dual
		for j, v := range a {
			sum = sum.plus(w[k][j].times(v))
		}
		return sum
	case spec.CellAct:
		return a[k].under(node.Func)
	}
	b := values[node.Inputs[1]]
	switch node.Op {
	case spec.CellAdd:
		return a[k].plus(b[k])
	case spec.CellElemMult:
		return a[k].times(b[k])
	case spec.CellMax:
		if a[k].v >= b[k].v {
			return a[k]
		}
		return b[k]
	}
	panic("the trees have no other op")
}

// cellIn returns the cell of a network's layers.
func cellIn(t *testing.T, n *spec.Network) *spec.Cell {
	t.Helper()
	for _, node := range n.Nodes {
		if node.Op == spec.OpRecurrent {
			return node.Cell
		}
	}
	t.Fatal("the network has no cell")
	return nil
}

func cellOf(t *testing.T, params string, answers spec.Answers) *spec.Cell {
	t.Helper()
	return cellIn(t, mustBuild(t, params, answers, words))
}

// scalar is a step of a cell of width 1 on plain numbers.
func scalar(t *testing.T, c *spec.Cell, weights map[string]float64, x, h, memory float64) (nextH, nextC float64) {
	t.Helper()
	w := map[string]matrix{}
	for name, v := range weights {
		w[name] = matrix{{{v: v}}}
	}
	after := step(t, c, w, []dual{{v: x}}, cellStates{"h": {{v: h}}, "c": {{v: memory}}})
	return after["h"][0].v, after["c"][0].v
}

// TestWorkedExample evaluates the example on numbers worked out by hand, with
// W1 = 0.5, W2 = -1, W3 = 2 and W4 = 3 in the paper's names:
//
//	x =  1, h = 0.5, c = 0.25: a0 = tanh(0.5 - 0.5) = 0, a1 = relu(2·1.5) = 3,
//	      a0' = relu(0 + 0.25), a2 = σ(0.75), c' = 3
//	x = -1, h = 0.5, c = 1: a0 = tanh(-0.5 - 0.5), a1 = relu(-2·1.5) = 0,
//	      a0' = relu(-0.761594 + 1), a2 = σ(0), c' = -3, what relu cuts off
//	x =  2, h = -1, c = -2: a0 = tanh(1 + 1), a1 = relu(4·-3) = 0, a0' = 0
func TestWorkedExample(t *testing.T) {
	c := cellOf(t, `{"base":2}`, example)
	weights := map[string]float64{"leaf0_x": 0.5, "leaf0_h": -1, "leaf1_x": 2, "leaf1_h": 3}
	for _, test := range []struct{ x, h, c, nextH, nextC float64 }{
		{1, 0.5, 0.25, 0.679178699175393, 3},
		{-1, 0.5, 1, 0.5, -3},
		{2, -1, -2, 0.5, -12},
	} {
		h, memory := scalar(t, c, weights, test.x, test.h, test.c)
		if math.Abs(h-test.nextH) > 1e-12 || math.Abs(memory-test.nextC) > 1e-12 {
			t.Errorf("%+v: h is %v and c is %v", test, h, memory)
		}
	}
}

// TestMemory evaluates trees of base 2 in which a node is both indices, or the
// root is one; W1 = 0.5, W2 = -1, W3 = 2, W4 = 3, x = 1, h = 0.25 and c = 0.5
// make u+r = 0.25 in leaf 0 and u∘r = 1.5 in leaf 1.
func TestMemory(t *testing.T) {
	tree := func(rest ...int) spec.Answers {
		return append(picks(add, tanh, mult, identity, add, sigmoid), picks(rest...)...)
	}
	sigma := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	a0 := math.Tanh(0.25)
	weights := map[string]float64{"leaf0_x": 0.5, "leaf0_h": -1, "leaf1_x": 2, "leaf1_h": 3}
	for _, test := range []struct {
		name         string
		answers      spec.Answers
		nextH, nextC float64
	}{
		{"leaf 0 is both", tree(mult, identity, 0, 0), sigma(a0*0.5 + 1.5), 0.25},
		{"leaf 1, an identity, is both", tree(add, tanh, 1, 1), sigma(a0 + math.Tanh(1.5+0.5)), 1.5},
		{"the root is both", tree(add, relu, 2, 2), sigma(a0+1.5) + 0.5, a0 + 1.5},
		{"the root receives", tree(mult, tanh, 0, 2), math.Tanh(sigma(a0+1.5) * 0.5), 0.25},
		{"the root writes what leaf 1 received", tree(add, identity, 2, 1), sigma(a0 + 2), a0 + 2},
	} {
		h, memory := scalar(t, cellOf(t, `{"base":2}`, test.answers), weights, 1, 0.25, 0.5)
		if math.Abs(h-test.nextH) > 1e-12 || math.Abs(memory-test.nextC) > 1e-12 {
			t.Errorf("%s: h is %v and c is %v, want %v and %v", test.name, h, memory, test.nextH, test.nextC)
		}
	}
}

// TestExtended evaluates max and sin.
func TestExtended(t *testing.T) {
	c := cellOf(t, `{"base":2,"combinations":["max"],"activations":["sin"]}`, picks(0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
	weights := map[string]float64{"leaf0_x": 1, "leaf0_h": 2, "leaf1_x": -1, "leaf1_h": -2}
	h, memory := scalar(t, c, weights, 0.5, 0.75, 0.1)
	if want := math.Sin(math.Sin(1.5)); math.Abs(h-want) > 1e-12 || memory != 1.5 {
		t.Errorf("h is %v and c is %v, want %v and 1.5", h, memory, want)
	}
}

// TestNASCell compares the graph with the one that package spec keeps as a file,
// written by hand.
func TestNASCell(t *testing.T) {
	data, err := os.ReadFile("../../wasm/spec/testdata/nascell.json")
	if err != nil {
		t.Fatal(err)
	}
	var byHand spec.Network
	if err := json.Unmarshal(data, &byHand); err != nil {
		t.Fatal(err)
	}
	if got, want := cellOf(t, ``, nascell).ID(), cellIn(t, &byHand).ID(); got != want || want == "" {
		t.Errorf("the decoded cell has ID %q, the one written by hand %q", got, want)
	}
}

// formula is NASCell as it is written down, on vectors; w are the matrices of
// the leaves, leafK_x and leafK_h.
func formula(w map[string]matrix, x, h, c []float64) (nextH, nextC []float64) {
	sigma := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	relu := func(v float64) float64 { return max(v, 0) }
	dot := func(name string, k int, v []float64) (sum float64) {
		for j := range v {
			sum += w[name][k][j].v * v[j]
		}
		return sum
	}
	for k := range x {
		var u, r [8]float64
		for leaf := range u {
			name := "leaf" + string(rune('0'+leaf))
			u[leaf], r[leaf] = dot(name+"_x", k, x), dot(name+"_h", k, h)
		}
		n8 := math.Tanh(sigma(u[0]+r[0]) * relu(u[1]+r[1]))
		n9 := math.Tanh(sigma(u[2]+r[2]) + relu(u[3]*r[3]))
		n10 := math.Tanh(math.Tanh(u[4]+r[4]) * sigma(u[5]+r[5]))
		n11 := sigma(math.Tanh(u[6]+r[6]) + sigma(u[7]+r[7]))
		n12 := math.Tanh(n8+c[k]) * n9
		nextC = append(nextC, n12)
		nextH = append(nextH, math.Tanh(n12*math.Tanh(n10+n11)))
	}
	return nextH, nextC
}

// TestNASCellFormula holds the decoded cell against the formula over six steps,
// and its derivatives by every weight against central differences of the
// formula.
func TestNASCellFormula(t *testing.T) {
	const width, steps = 3, 6
	rng := rand.New(rand.NewPCG(4, 2))
	vector := func(scale float64) []float64 {
		v := make([]float64, width)
		for i := range v {
			v[i] = scale * rng.NormFloat64()
		}
		return v
	}
	c := cellOf(t, ``, nascell)
	weights := map[string]matrix{}
	for _, node := range c.Nodes {
		if node.Op == spec.CellLinear {
			for range width {
				weights[node.Name] = append(weights[node.Name], lift(vector(0.7)))
			}
		}
	}
	var inputs, scores [][]float64
	for range steps {
		inputs, scores = append(inputs, vector(1)), append(scores, vector(1))
	}
	firstH, firstC := vector(1), vector(1)
	// The loss is a fixed weighting of all outputs.
	byFormula := func() (loss float64) {
		h, memory := firstH, firstC
		for s := range inputs {
			h, memory = formula(weights, inputs[s], h, memory)
			for k := range h {
				loss += scores[s][k] * h[k]
			}
		}
		return loss
	}
	byGraph := func() (loss dual) {
		at := cellStates{"h": lift(firstH), "c": lift(firstC)}
		for s := range inputs {
			at = step(t, c, weights, lift(inputs[s]), at)
			for k, v := range at["h"] {
				loss = loss.plus(v.times(dual{v: scores[s][k]}))
			}
		}
		return loss
	}
	if got, want := byGraph().v, byFormula(); math.Abs(got-want) > 1e-12 {
		t.Errorf("the loss of the decoded cell is %v, by the formula %v", got, want)
	}
	if len(weights) != 16 {
		t.Errorf("%d matrices, want 16", len(weights))
	}
	for name, w := range weights {
		moves := 0.0
		for _, row := range w {
			for j := range row {
				const small = 1e-5
				old := row[j].v
				row[j].v = old + small
				up := byFormula()
				row[j].v = old - small
				down := byFormula()
				row[j] = dual{old, 1}
				got, want := byGraph().d, (up-down)/(2*small)
				row[j] = dual{v: old}
				moves += math.Abs(got)
				if math.Abs(got-want) > 1e-8 {
					t.Errorf("%s: the derivative is %v, by the formula %v", name, got, want)
				}
			}
		}
		if moves < 0.01 {
			t.Errorf("%s: the loss does not depend on it", name)
		}
	}
}

// lift makes constants of numbers.
func lift(v []float64) []dual {
	out := make([]dual, len(v))
	for i := range v {
		out[i].v = v[i]
	}
	return out
}
