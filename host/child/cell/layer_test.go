package cell

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func named(t testing.TB, name string) *spec.Cell {
	t.Helper()
	c, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNamedCells compares the named cells with the oracle, at widths of one, two and four slices.
func TestNamedCells(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for _, name := range []string{"lstm", "gru", "rhn-1", "rhn-3", "nascell"} {
			for i, o := range []Options{
				{In: 5, Units: 7, Batch: 3, Steps: 4}, {In: 16, Units: 16, Batch: 1, Steps: 1},
				{In: 30, Units: 75, Batch: 2, Steps: 3}, {In: 9, Units: 261, Batch: 2, Steps: 2},
			} {
				for _, masked := range []bool{false, true} {
					for _, o.Inference = range []bool{false, true} {
						t.Run(fmt.Sprintf("%s/%+v/mask=%v", name, o, masked), func(t *testing.T) {
							newTrial(t, named(t, name), o, masked, 1, uint64(i)).compare(t, 2e-5)
						})
					}
				}
			}
		}
	})
}

// TestShortWindow runs fewer steps than the layer has room for.
func TestShortWindow(t *testing.T) {
	for _, name := range []string{"lstm", "rhn-3", "nascell"} {
		for _, inference := range []bool{false, true} {
			c := newTrial(t, named(t, name), Options{In: 5, Units: 70, Batch: 2, Steps: 6, Inference: inference}, true, 1, 1)
			c.steps = 4
			c.compare(t, 2e-5)
		}
	}
}

// TestWindows runs two windows in place of one of twice the length: the values have the same bits, and the gradients of the
// second window are those of a window that begins with the carried states.
func TestWindows(t *testing.T) {
	for _, name := range []string{"lstm", "gru", "rhn-3", "nascell"} {
		const steps = 3
		o := Options{In: 5, Units: 70, Batch: 2, Steps: 2 * steps}
		whole := newTrial(t, named(t, name), o, true, 1, 4)
		whole.forward()

		halves := newTrial(t, named(t, name), o, true, 1, 4)
		halves.steps = steps
		halves.forward()
		same(t, name+": y of the first window", halves.y[:steps*2*70], whole.y[:steps*2*70])
		halves.backward()
		for i, s := range halves.layer.States() {
			copy(halves.before[i], s)
		}
		second := *halves
		second.x, second.dx = halves.x[steps*2*5:], halves.dx[steps*2*5:]
		second.y, second.dy = halves.y[steps*2*70:], halves.dy[steps*2*70:]
		second.compare(t, 2e-5)
		same(t, name+": y of the second window", second.y, whole.y[steps*2*70:])
		for i, s := range whole.layer.States() {
			same(t, name+": a carried state", second.layer.States()[i], s)
		}
	}
}

// same fails the test unless the numbers have the same bits.
func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %g, want the same bits as %g", what, i, got[i], want[i])
		}
	}
}

// TestThreads wants the same bits of any number of threads.
func TestThreads(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for _, name := range []string{"lstm", "rhn-2", "nascell"} {
			for _, units := range []int{20, 100, 300} {
				var one *trial
				for threads := 1; threads <= 3; threads++ {
					c := newTrial(t, named(t, name), Options{In: 30, Units: units, Batch: 3, Steps: 3}, true, threads, 2)
					c.forward()
					c.backward()
					if threads == 1 {
						one = c
						continue
					}
					what := fmt.Sprintf("%s/%d, %d threads: ", name, units, threads)
					same(t, what+"y", c.y, one.y)
					same(t, what+"dx", c.dx, one.dx)
					for i, p := range c.layer.Params() {
						same(t, what+"gradient of "+p.Name, c.grads[i], one.grads[i])
					}
				}
			}
		}
	})
}

// TestNothingIsAllocated in a window.
func TestNothingIsAllocated(t *testing.T) {
	for _, name := range []string{"lstm", "gru", "rhn-3", "nascell"} {
		for threads := 1; threads <= 2; threads++ {
			c := newTrial(t, named(t, name), Options{In: 9, Units: 70, Batch: 2, Steps: 3}, true, threads, 1)
			mask := c.mask
			if n := testing.AllocsPerRun(5, func() {
				for _, c.mask = range [][]float32{nil, mask} {
					c.forward()
					c.backward()
				}
			}); n != 0 {
				t.Errorf("%s, %d threads: %g allocations", name, threads, n)
			}
		}
	}
}

// TestBytes compares Bytes with what Bind allocates.
func TestBytes(t *testing.T) {
	for _, o := range []Options{{In: 100, Units: 300, Batch: 4, Steps: 10}, {In: 100, Units: 300, Batch: 4, Steps: 10, Inference: true}} {
		c := newTrial(t, named(t, "nascell"), o, false, 1, 1)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c.layer.Bind(c.values, c.grads)
		runtime.ReadMemStats(&after)
		if got, want := float64(after.TotalAlloc-before.TotalAlloc), float64(c.layer.Bytes()); math.Abs(got/want-1) > 0.03 {
			t.Errorf("%+v: Bind allocates %g bytes, Bytes says %g", o, got, want)
		}
	}
}

// TestDxIsOptional passes nil for a gradient of x that nobody wants, where elementwise nodes read x, too.
func TestDxIsOptional(t *testing.T) {
	cell := &spec.Cell{States: []spec.CellState{{Name: "h", Next: "out"}}, Nodes: []spec.CellNode{
		{Name: "w", Op: spec.CellLinear, Inputs: []string{"h"}}, {Name: "v", Op: spec.CellLinear, Inputs: []string{"x"}},
		{Name: "out", Op: spec.CellAdd, Inputs: []string{"w", "v", "x"}},
	}}
	with := newTrial(t, cell, Options{In: 6, Units: 6, Batch: 2, Steps: 3}, false, 1, 1)
	without := newTrial(t, cell, Options{In: 6, Units: 6, Batch: 2, Steps: 3}, false, 1, 1)
	without.dx = nil
	for _, c := range []*trial{with, without} {
		c.forward()
		c.backward()
	}
	for i, p := range with.layer.Params() {
		same(t, "gradient of "+p.Name, without.grads[i], with.grads[i])
	}
}

// TestSlices wants slices that depend on the units only, and cover them.
func TestSlices(t *testing.T) {
	for units := 1; units <= 2000; units++ {
		at := 0
		for _, s := range cut(units) {
			if s.from != at || s.units < 1 || s.units > units/len(cut(units))+sliceUnit {
				t.Fatalf("%d units: %+v", units, cut(units))
			}
			at += s.units
		}
		if at != units {
			t.Fatalf("%d units: %+v", units, cut(units))
		}
	}
}

// TestLargestCell compiles a cell of as many nodes as there can be, each of which reads the one before twice.
func TestLargestCell(t *testing.T) {
	c := &spec.Cell{States: []spec.CellState{{Name: "h", Next: "last"}}}
	from := "h"
	for i := range spec.MaxCellNodes - 1 {
		name := fmt.Sprint("n", i)
		op := []spec.CellOp{spec.CellElemMult, spec.CellMax, spec.CellAdd}[i%3]
		c.Nodes = append(c.Nodes, spec.CellNode{Name: name, Op: op, Inputs: []string{from, from}})
		from = name
	}
	c.Nodes = append(c.Nodes, spec.CellNode{Name: "last", Op: spec.CellLinear, Inputs: []string{from}})
	l, err := Compile(c, Options{In: 1, Units: 2, Batch: 1, Steps: 2})
	if err != nil || len(l.Params()) != 1 {
		t.Errorf("%d parameters, %v", len(l.Params()), err)
	}
}

func TestErrors(t *testing.T) {
	lstm := named(t, "lstm")
	for _, o := range []Options{{In: 1, Units: 1, Steps: 1}, {In: 1, Units: 1, Batch: 1}, {Units: 1, Batch: 1, Steps: 1}, {In: 1, Batch: 1, Steps: 1}} {
		if _, err := Compile(lstm, o); err == nil {
			t.Errorf("%+v compiles", o)
		}
	}
	if _, err := Compile(&spec.Cell{}, Options{In: 1, Units: 1, Batch: 1, Steps: 1}); err == nil {
		t.Error("an empty cell compiles")
	}
}

func TestMisusePanics(t *testing.T) {
	o := Options{In: 2, Units: 3, Batch: 2, Steps: 2}
	fresh := func() *trial { return newTrial(t, named(t, "lstm"), o, true, 1, 1) }
	for name, f := range map[string]func(c *trial){
		"values":         func(c *trial) { c.layer.Bind(c.values[1:], c.grads) },
		"gradients":      func(c *trial) { c.layer.Bind(c.values, nil) },
		"size":           func(c *trial) { c.values[0] = c.values[0][1:]; c.layer.Bind(c.values, c.grads) },
		"not packed":     func(c *trial) { c.layer.Forward(c.team, c.steps, c.y, c.x, nil) },
		"no steps":       func(c *trial) { c.steps = 0; c.forward() },
		"too many steps": func(c *trial) { c.steps = 3; c.forward() },
		"x":              func(c *trial) { c.x = c.x[1:]; c.forward() },
		"y":              func(c *trial) { c.y = c.y[1:]; c.forward() },
		"mask":           func(c *trial) { c.mask = c.mask[1:]; c.forward() },
		"dx":             func(c *trial) { c.forward(); c.dx = c.dx[1:]; c.backward() },
		"before forward": func(c *trial) { c.backward() },
		"twice":          func(c *trial) { c.forward(); c.backward(); c.backward() },
		"other steps":    func(c *trial) { c.forward(); c.steps = 1; c.backward() },
		"other mask":     func(c *trial) { c.forward(); c.mask = nil; c.backward() },
	} {
		c := fresh()
		func() {
			defer func() {
				if m, _ := recover().(string); !strings.HasPrefix(m, "cell: ") {
					t.Errorf("%s: panic %q", name, m)
				}
			}()
			f(c)
		}()
	}
}
