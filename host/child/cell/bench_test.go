package cell

import (
	"fmt"
	"testing"
)

// BenchmarkLayer reports nanoseconds per word (a row of x) of forward and backward of a layer, and the speed of its
// products if nothing else took time.
func BenchmarkLayer(b *testing.B) {
	for _, of := range []struct {
		name  string
		units int
	}{{"lstm", 200}, {"lstm", 650}, {"nascell", 200}, {"gru", 200}, {"rhn-3", 200}} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d/threads=%d", of.name, of.units, threads), func(b *testing.B) {
				c := newTrial(b, named(b, of.name), Options{In: of.units, Units: of.units, Batch: 20, Steps: 35}, false, threads, 1)
				plan, err := c.cell.Infer(of.units, of.units)
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					c.forward()
					c.backward()
				}
				words := float64(b.N * c.rows)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/words, "ns/word")
				b.ReportMetric(6*float64(plan.MACs)*words/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
