package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// elementwise is what a step of a cell does apart from its products: a vector
// program whose operands are the products, by the name of their linear node, and
// the states, and which sets the next states.
type elementwise struct {
	program  *kernels.VectorProgram
	operands []kernels.Matrix
	given    []child.Tensor // products, which lie side by side as a layer has them, and states
	next     []child.Tensor // by the name of the state
}

// codes are those of the operations of a cell.
var codes = map[spec.CellOp]kernels.VectorCode{
	spec.CellAdd: kernels.VectorAdd, spec.CellElemMult: kernels.VectorMul, spec.CellMax: kernels.VectorMax, spec.CellOneMinus: kernels.VectorOneMinus,
}

var functions = map[spec.Func]kernels.VectorCode{
	spec.FuncIdentity: kernels.VectorCopy, spec.FuncReLU: kernels.VectorRelu, spec.FuncTanh: kernels.VectorTanh,
	spec.FuncSigmoid: kernels.VectorSigmoid, spec.FuncSin: kernels.VectorSin,
}

// newElementwise makes the program of c for so many rows and units, on normal
// noise. The states of c have different next nodes.
func newElementwise(c *spec.Cell, rows, units int, seed uint64) (*elementwise, error) {
	plan, err := c.Infer(units, units)
	if err != nil {
		return nil, err
	}
	e := &elementwise{}
	operand := map[string]int{} // by the name of a node or state
	var products []string
	for _, i := range plan.Nodes {
		if c.Nodes[i].Op == spec.CellLinear {
			operand[c.Nodes[i].Name] = len(products)
			products = append(products, c.Nodes[i].Name)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	tape := make([]float32, rows*len(products)*units)
	for i := range tape {
		tape[i] = float32(rng.NormFloat64())
	}
	for k, name := range products {
		m := kernels.Matrix{X: tape[k*units:], LD: len(products) * units}
		e.operands = append(e.operands, m)
		e.given = append(e.given, child.Tensor{Name: name, Shape: []int{rows, units}, Data: dense(m, rows, units)})
	}
	state := func(name string) []float32 {
		x := make([]float32, rows*units)
		operand[name] = len(e.operands)
		e.operands = append(e.operands, kernels.Matrix{X: x, LD: units})
		return x
	}
	for _, s := range plan.States {
		x := state(c.States[s].Name)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		e.given = append(e.given, child.Tensor{Name: c.States[s].Name, Shape: []int{rows, units}, Data: x})
	}
	for _, s := range plan.States {
		e.next = append(e.next, child.Tensor{Name: c.States[s].Name, Shape: []int{rows, units}, Data: state(c.States[s].Next)})
	}
	e.compile(c, plan, operand)
	return e, nil
}

// compile makes the program. Nodes that are no operand are temporaries.
func (e *elementwise) compile(c *spec.Cell, plan *spec.CellPlan, operand map[string]int) {
	var ops []kernels.VectorOp
	temporaries := 0
	for _, i := range plan.Nodes {
		n := &c.Nodes[i]
		if n.Op == spec.CellLinear {
			continue
		}
		if _, given := operand[n.Name]; !given {
			operand[n.Name] = len(e.operands) + temporaries
			temporaries++
		}
		op := kernels.VectorOp{Dst: operand[n.Name], A: operand[n.Inputs[0]]}
		if n.Op == spec.CellAct {
			op.Code = functions[n.Func]
		} else {
			op.Code = codes[n.Op]
		}
		if len(n.Inputs) == 1 {
			ops = append(ops, op)
			continue
		}
		for _, other := range n.Inputs[1:] {
			op.B = operand[other]
			ops = append(ops, op)
			op.A = op.Dst
		}
	}
	e.program = kernels.NewVectorProgram(ops, len(e.operands), temporaries)
}

// dense copies a matrix.
func dense(m kernels.Matrix, rows, units int) []float32 {
	x := make([]float32, 0, rows*units)
	for i := range rows {
		x = append(x, m.X[i*m.LD:][:units]...)
	}
	return x
}

// run does a step.
func (e *elementwise) run(s *kernels.Scratch) {
	next := &e.next[0]
	e.program.Run(s, next.Shape[0], next.Shape[1], e.operands)
}

// measureCell times the elementwise part of a step of the found cell at 20 rows
// of 200 units on both sides, in turns, after it has compared what they compute,
// and writes the nanoseconds that one unit takes. The fastest steps count.
func measureCell(ctx context.Context, b *bench.Bench, w io.Writer) error {
	const rows, units, turn = streams, 200, 0.3
	c, err := cell.Named("nascell")
	if err != nil {
		return err
	}
	e, err := newElementwise(c, rows, units, b.Config.Seed)
	if err != nil {
		return err
	}
	in, out := filepath.Join(b.Dir, "given.safetensors"), filepath.Join(b.Dir, "next.safetensors")
	defer os.Remove(in)
	defer os.Remove(out)
	if err := bench.Store(in, e.given); err != nil {
		return err
	}
	scratch := kernels.NewScratch()
	ours, theirs := math.Inf(1), math.Inf(1)
	for range max(b.Config.Rounds, 1) {
		if err := ctx.Err(); err != nil {
			return err
		}
		ours = min(ours, fastest(turn, func() { e.run(scratch) }))
		var answer struct{ Seconds float64 }
		command := map[string]any{"do": "cell", "cell": c, "rows": rows, "units": units, "tensors": in, "answer": out, "seconds": turn}
		if err := b.Peers[0].Ask(command, &answer); err != nil {
			return err
		}
		theirs = min(theirs, answer.Seconds)
	}
	next, err := bench.Restore(out)
	if err != nil {
		return err
	}
	check := bench.Check{Tolerance: tolerance}
	check.Compare(bench.Results{Tensors: e.next}, bench.Results{Tensors: next}, bench.Single)
	if check.Failed() {
		return fmt.Errorf("the two sides disagree: %s, error %.1e", check.Where, check.Error)
	}
	perUnit := 1e9 / (rows * units)
	_, err = fmt.Fprintf(w, "%s, kernels %s\nelementwise part of a step of the found cell, %d rows of %d units, one thread:\n"+
		"ours %.2f ns a unit, PyTorch eager %.2f ns, ratio %.2f, worst error %.0e\n",
		bench.Processor(), kernels.Active(), rows, units, perUnit*ours, perUnit*theirs, theirs/ours, check.Error)
	return err
}

// fastest is the least seconds of a call, of calls for about so many seconds.
func fastest(seconds float64, do func()) float64 {
	const calls = 20
	least := math.Inf(1)
	for start := time.Now(); time.Since(start).Seconds() < seconds; {
		begin := time.Now()
		for range calls {
			do()
		}
		least = min(least, time.Since(begin).Seconds()/calls)
	}
	return least
}
