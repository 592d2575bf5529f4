package main

import (
	"context"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// naive computes the next states of a cell whose products and states are given,
// node by node.
func naive(c *spec.Cell, given []child.Tensor) (next []child.Tensor) {
	value := map[string][]float32{}
	for _, t := range given {
		value[t.Name] = t.Data
	}
	for _, n := range c.Nodes {
		if n.Op == spec.CellLinear {
			continue
		}
		y := append([]float32(nil), value[n.Inputs[0]]...)
		for i := range y {
			for _, other := range n.Inputs[1:] {
				switch x := value[other][i]; n.Op {
				case spec.CellAdd:
					y[i] += x
				case spec.CellElemMult:
					y[i] *= x
				case spec.CellMax:
					y[i] = max(y[i], x)
				}
			}
			if n.Op == spec.CellOneMinus {
				y[i] = 1 - y[i]
			}
			y[i] = float32(apply(n.Func, float64(y[i])))
		}
		value[n.Name] = y
	}
	for _, s := range c.States {
		next = append(next, child.Tensor{Name: s.Name, Shape: given[0].Shape, Data: value[s.Next]})
	}
	return next
}

func apply(f spec.Func, x float64) float64 {
	switch f {
	case spec.FuncReLU:
		return max(x, 0)
	case spec.FuncTanh:
		return math.Tanh(x)
	case spec.FuncSigmoid:
		return 1 / (1 + math.Exp(-x))
	case spec.FuncSin:
		return math.Sin(x)
	}
	return x
}

// odd is a cell with every operation and function.
func odd() *spec.Cell {
	act := func(name string, f spec.Func, input string) spec.CellNode {
		return spec.CellNode{Name: name, Op: spec.CellAct, Func: f, Inputs: []string{input}}
	}
	return &spec.Cell{
		Nodes: []spec.CellNode{
			{Name: "u", Op: spec.CellLinear, Inputs: []string{"x"}}, {Name: "r", Op: spec.CellLinear, Inputs: []string{"h"}},
			act("a", spec.FuncSin, "u"), act("b", spec.FuncReLU, "r"), act("d", spec.FuncIdentity, "c"),
			{Name: "three", Op: spec.CellAdd, Inputs: []string{"a", "b", "d"}},
			{Name: "most", Op: spec.CellMax, Inputs: []string{"three", "u", "r"}},
			{Name: "not", Op: spec.CellOneMinus, Inputs: []string{"most"}},
			{Name: "both", Op: spec.CellElemMult, Inputs: []string{"not", "three"}},
			act("out", spec.FuncTanh, "both"), act("kept", spec.FuncSigmoid, "most"),
		},
		States: []spec.CellState{{Name: "h", Next: "out"}, {Name: "c", Next: "kept"}},
	}
}

func TestElementwise(t *testing.T) {
	found, err := cell.Named("nascell")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*spec.Cell{"nascell": found, "odd": odd()} {
		e, err := newElementwise(c, 3, 5, 1)
		if err != nil {
			t.Fatal(err)
		}
		e.run(kernels.NewScratch())
		var check bench.Check
		check.Compare(bench.Results{Tensors: e.next}, bench.Results{Tensors: naive(c, e.given)}, bench.Single)
		if check.Error > 1e-5 {
			t.Errorf("%s: %s differs by %v", name, check.Where, check.Error)
		}
	}
}

func TestMeasureCell(t *testing.T) {
	for mode, want := range map[string]string{"honest": "", "has wrong states": "the two sides disagree: h"} {
		b := &bench.Bench{Config: &bench.Config{Seed: 1}, Dir: t.TempDir(), Peers: []*bench.Peer{fake.Must(t, mode)}, Progress: io.Discard}
		var out strings.Builder
		err := measureCell(context.Background(), b, &out)
		if want == "" && (err != nil || !strings.Contains(out.String(), "ns a unit, PyTorch eager 250000.00 ns")) {
			t.Errorf("%v: %s", err, out.String())
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("it %s: %v", mode, err)
		}
	}
}
