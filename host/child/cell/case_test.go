package cell

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// trial is a layer with parameters, a window and gradients, all drawn by a seed.
type trial struct {
	layer         *Layer
	cell          *spec.Cell
	values, grads [][]float32
	x, y, dx, dy  []float32
	mask          []float32
	before        [][]float32 // the states
	steps, rows   int
	team          *kernels.Team
}

func newTrial(t testing.TB, c *spec.Cell, o Options, masked bool, threads int, seed uint64) *trial {
	t.Helper()
	l, err := Compile(c, o)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	draw := func(n int, scale float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(scale * r.NormFloat64())
		}
		return x
	}
	c1 := &trial{layer: l, cell: c, steps: o.Steps, rows: o.Steps * o.Batch, team: kernels.NewTeam(threads)}
	t.Cleanup(c1.team.Close)
	for _, p := range l.Params() {
		c1.values = append(c1.values, draw(p.Rows*p.Cols, 0.8/math.Sqrt(float64(p.Rows))))
		if !o.Inference {
			c1.grads = append(c1.grads, draw(p.Rows*p.Cols, 0.1))
		}
	}
	l.Bind(c1.values, c1.grads)
	for _, s := range l.States() {
		copy(s, draw(len(s), 0.5))
		c1.before = append(c1.before, append([]float32(nil), s...))
	}
	c1.x, c1.dy = draw(c1.rows*o.In, 1), draw(c1.rows*o.Units, 1)
	c1.y, c1.dx = draw(c1.rows*o.Units, 1), draw(c1.rows*o.In, 0.1)
	if masked {
		c1.mask = make([]float32, o.Batch*o.Units)
		for i := range c1.mask {
			c1.mask[i] = float32(r.IntN(2)) * 1.5
		}
	}
	return c1
}

func (c *trial) forward() {
	c.layer.Pack(c.team)
	c.layer.Forward(c.team, c.steps, c.y, c.x, c.mask)
}

func (c *trial) backward() {
	c.layer.Backward(c.team, c.steps, c.dx, c.dy, c.x, c.mask)
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

// stream returns the rows of a stream of (T, N, width).
func stream(x []float32, steps, batch, width, n int) [][]float64 {
	var rows [][]float64
	for t := range steps {
		rows = append(rows, wide(x[(t*batch+n)*width:][:width]))
	}
	return rows
}

// oracle returns the oracle of the trial's cell with its parameters, and with the gradients as they are.
func (c *trial) oracle() *oracle {
	o := newOracle(c.cell, c.layer.In, c.layer.Units)
	for i, p := range c.layer.Params() {
		o.weights[p.Name] = wide(c.values[i])
		if c.grads != nil {
			o.grads[p.Name] = wide(c.grads[i])
		}
	}
	return o
}

// begin readies the oracle for a stream, and returns the states before the window.
func (c *trial) begin(o *oracle, n int) map[string][]float64 {
	units := c.layer.Units
	states := map[string][]float64{}
	for i, s := range o.plan.States {
		states[c.cell.States[s].Name] = wide(c.before[i][n*units:][:units])
	}
	if c.mask != nil {
		o.mask = wide(c.mask[n*units:][:units])
	}
	return states
}

// compare runs the trial forward and, unless the layer is for inference, backward, and compares all that it leaves with
// the oracle.
func (c *trial) compare(t *testing.T, tolerance float64) {
	t.Helper()
	l, o := c.layer, c.oracle()
	dx := append([]float32(nil), c.dx...)
	c.forward()
	after := l.States()
	if !l.Inference {
		c.backward()
	}
	for n := range l.Batch {
		states := c.begin(o, n)
		y := o.run(stream(c.x, c.steps, l.Batch, l.In, n), states)
		for i, s := range o.plan.States {
			near(t, "state "+c.cell.States[s].Name, wide(after[i][n*l.Units:][:l.Units]), states[c.cell.States[s].Name], tolerance)
		}
		for step, row := range stream(c.y, c.steps, l.Batch, l.Units, n) {
			near(t, fmt.Sprint("y of step ", step), row, y[step], tolerance)
		}
		if l.Inference {
			continue
		}
		want := o.back(stream(c.dy, c.steps, l.Batch, l.Units, n))
		got, first := stream(c.dx, c.steps, l.Batch, l.In, n), stream(dx, c.steps, l.Batch, l.In, n)
		for step := range want {
			for i := range want[step] {
				want[step][i] += first[step][i]
			}
			near(t, fmt.Sprint("dx of step ", step), got[step], want[step], tolerance)
		}
	}
	for i, p := range l.Params() {
		if !l.Inference {
			near(t, "gradient of "+p.Name, wide(c.grads[i]), o.grads[p.Name], tolerance)
		}
	}
}

// near fails the test unless the numbers differ by less than tolerance, relative to the largest one beyond 1.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	largest := 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= tolerance*largest) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

// everyLevel runs f at every level of kernels that the machine has.
func everyLevel(t *testing.T, f func(t *testing.T)) {
	for _, level := range kernels.Levels() {
		t.Run(string(level), func(t *testing.T) {
			restore, err := kernels.Use(level)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			f(t)
		})
	}
}
