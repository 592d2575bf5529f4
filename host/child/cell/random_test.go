package cell

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// randomCell draws a cell of every op: one to three states, nodes read any number of times or never, linear nodes of
// anything, x used directly if direct.
func randomCell(r *rand.Rand, direct bool) *spec.Cell {
	c := &spec.Cell{States: []spec.CellState{{Name: "h"}}}
	for i := range r.IntN(3) {
		c.States = append(c.States, spec.CellState{Name: "s" + strconv.Itoa(i)})
	}
	vectors := []string{spec.CellInput} // what a linear node can read
	for _, s := range c.States {
		vectors = append(vectors, s.Name)
	}
	ops := []spec.CellOp{spec.CellLinear, spec.CellLinear, spec.CellAdd, spec.CellElemMult, spec.CellMax, spec.CellAct, spec.CellAct, spec.CellOneMinus}
	funcs := []spec.Func{spec.FuncIdentity, spec.FuncReLU, spec.FuncTanh, spec.FuncTanh, spec.FuncSigmoid, spec.FuncSin}
	for i := range 4 + r.IntN(14) {
		n := spec.CellNode{Name: "n" + strconv.Itoa(i), Op: ops[r.IntN(len(ops))]}
		count, from := 1, vectors
		switch n.Op {
		case spec.CellAdd, spec.CellElemMult, spec.CellMax:
			count = 2 + r.IntN(3)
		case spec.CellAct:
			n.Func = funcs[r.IntN(len(funcs))]
		case spec.CellLinear:
			n.Bias = r.IntN(2) == 0
		}
		if n.Op != spec.CellLinear && !direct {
			from = vectors[1:]
		}
		for range count {
			at := r.IntN(len(from))
			if r.IntN(2) == 0 {
				at = len(from) - 1 - r.IntN(min(3, len(from))) // deep cells
			}
			n.Inputs = append(n.Inputs, from[at])
		}
		c.Nodes = append(c.Nodes, n)
		vectors = append(vectors, n.Name)
	}
	for s := range c.States {
		c.States[s].Next = c.Nodes[len(c.Nodes)-1-r.IntN(min(4, len(c.Nodes)))].Name
	}
	r.Shuffle(len(c.Nodes), func(i, j int) { c.Nodes[i], c.Nodes[j] = c.Nodes[j], c.Nodes[i] })
	return c
}

// tame reports whether no value or gradient of the trial grows so much that float32 cannot follow float64, and no choice of a
// maximum or rectifier hangs on rounding.
func (c *trial) tame() bool {
	o := c.oracle()
	for n := range c.layer.Batch {
		o.run(stream(c.x, c.steps, c.layer.Batch, c.layer.In, n), c.begin(o, n))
		for _, values := range o.trace {
			for _, i := range o.plan.Nodes {
				n := &c.cell.Nodes[i]
				for e, y := range values[n.Name] {
					if math.Abs(y) > 8 || n.Op == spec.CellMax && !decided(n, func(k int) float64 { return values[n.Inputs[k]][e] }) ||
						n.Func == spec.FuncReLU && math.Abs(values[n.Inputs[0]][e]) < 1e-4 && values[n.Inputs[0]][e] != 0 {
						return false
					}
				}
			}
		}
	}
	return true
}

// decided reports whether the inputs of a maximum are the same numbers or far from each other.
func decided(n *spec.CellNode, in func(k int) float64) bool {
	largest := combine(n, in)
	for k := range n.Inputs {
		if d := largest - in(k); d != 0 && d < 1e-4 {
			return false
		}
	}
	return true
}

// randomTrials calls f with 200 tame trials of drawn cells.
func randomTrials(t *testing.T, f func(seed uint64, c *trial)) {
	for seed, found := uint64(1), 0; found < 200; seed++ {
		r := rand.New(rand.NewPCG(seed, 2))
		o := Options{In: 1 + r.IntN(9), Units: 1 + r.IntN(9), Batch: 1 + r.IntN(3), Steps: 1 + r.IntN(4)}
		direct := r.IntN(3) == 0
		if seed%20 == 0 {
			o.Units += 64 // two slices
			direct = true
		}
		if direct {
			o.In = o.Units
		}
		c := randomCell(r, direct)
		if _, err := c.Infer(o.In, o.Units); err != nil {
			continue
		}
		if c := newTrial(t, c, o, r.IntN(3) == 0, 1, seed); c.tame() {
			found++
			f(seed, c)
		}
	}
}

// TestRandomCells compares drawn cells with the oracle, values and gradients, and sees that they have everything.
func TestRandomCells(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		seen := map[string]int{}
		randomTrials(t, func(seed uint64, c *trial) {
			if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { c.compare(t, 1e-4) }) {
				t.Logf("%+v %+v", c.layer.Options, c.cell)
			}
			c.count(seen)
		})
		for _, what := range []string{"linear", "add", "elem_mult", "max", "activation", "one_minus", "sin", "relu", "x used directly",
			"linear of a node", "several stages", "several states", "dead nodes", "masked", "two slices"} {
			if seen[what] < 5 {
				t.Errorf("only %d cells with %s", seen[what], what)
			}
		}
	})
}

// count notes what a trial's cell has.
func (c *trial) count(seen map[string]int) {
	plan, _ := c.cell.Infer(c.layer.In, c.layer.Units)
	has := map[string]bool{
		"several stages": c.layer.plain.stages > 1,
		"several states": len(plan.States) > 1,
		"dead nodes":     len(plan.Nodes) < len(c.cell.Nodes),
		"masked":         c.mask != nil && c.layer.masked != nil,
		"two slices":     len(c.layer.slices) > 1,
	}
	for _, i := range plan.Nodes {
		n := &c.cell.Nodes[i]
		has[string(n.Op)], has[string(n.Func)] = true, true
		switch {
		case n.Op == spec.CellLinear && slices.ContainsFunc(c.cell.Nodes, func(m spec.CellNode) bool { return m.Name == n.Inputs[0] }):
			has["linear of a node"] = true
		case n.Op != spec.CellLinear && slices.Contains(n.Inputs, spec.CellInput):
			has["x used directly"] = true
		}
	}
	for what, is := range has {
		if is {
			seen[what]++
		}
	}
}
