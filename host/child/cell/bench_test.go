package cell

import (
	"fmt"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
)

// benchmarkCells runs f for layers of the sizes that language models have, at 20 streams and 35 steps, and reports the
// nanoseconds per word, a row of x, and with so many operations per weight the speed.
func benchmarkCells(b *testing.B, perWeight float64, f func(c *trial) func()) {
	for _, of := range []struct {
		name  string
		units int
	}{{"lstm", 200}, {"lstm", 650}, {"nascell", 200}, {"gru", 200}, {"rhn-5", 200}} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d/threads=%d", of.name, of.units, threads), func(b *testing.B) {
				c := newTrial(b, named(b, of.name), Options{In: of.units, Units: of.units, Batch: 20, Steps: 35}, false, threads, 1)
				c.forward()
				plan, err := c.cell.Infer(of.units, of.units)
				if err != nil {
					b.Fatal(err)
				}
				do := f(c)
				for b.Loop() {
					do()
				}
				words := float64(b.N * c.rows)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/words, "ns/word")
				if perWeight > 0 {
					b.ReportMetric(perWeight*float64(plan.MACs)*words/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
				}
			})
		}
	}
}

// BenchmarkLayer is a training step of a layer: packing, forward and backward.
func BenchmarkLayer(b *testing.B) {
	benchmarkCells(b, 6, func(c *trial) func() {
		return func() {
			c.forward()
			c.backward()
		}
	})
}

// BenchmarkElementwise is the part of a training step that vector programs take.
func BenchmarkElementwise(b *testing.B) {
	benchmarkCells(b, 0, func(c *trial) func() {
		l, w := c.layer, &c.layer.work
		w.begin(l, window{steps: c.steps, x: c.x, y: c.y, dx: c.dx, dy: c.dy})
		ahead := part(func(k int, s *kernels.Scratch) { w.compute(l, w.variant.forward[w.stage], k, s) })
		back := part(func(k int, s *kernels.Scratch) { w.compute(l, w.variant.backward[w.stage], k, s) })
		return func() {
			for w.step = range w.steps {
				for w.stage = range w.stages {
					c.team.Run(ahead, len(l.slices))
				}
			}
			for w.step = w.steps - 1; w.step >= 0; w.step-- {
				for w.stage = w.stages - 1; w.stage >= 0; w.stage-- {
					c.team.Run(back, len(l.slices))
				}
			}
		}
	})
}
