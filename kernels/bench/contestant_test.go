package main

import (
	"testing"
	"time"

	"github.com/espalier-nas/espalier/kernels/bench/peak"
)

// The contestants that are Go must compute right products, whose results the meter checks, of every form.
func TestContestants(t *testing.T) {
	all := []contestant{espalier(), espalierPacked(), gonumBLAS()}
	want := 3
	if peak.Has(peak.Width256) {
		all = append(all, fmaPeak(peak.Width256))
		want++
	}
	m := meter{contestants: all, rounds: 1, burst: time.Microsecond}
	for _, s := range []shape{
		{M: 5, N: 70, K: 33, Weights: true},
		{M: 100, N: 130, K: 65, TransB: true, Weights: true},
		{M: 65, N: 17, K: 600, TransA: true, Weights: true},
	} {
		for _, threads := range []int{1, 2} {
			r, err := m.measure(newOperands(s), threads)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Rates) != want || len(r.Errors) != 3 {
				t.Errorf("%v on %d threads: rates %v, errors %v", s, threads, r.Rates, r.Errors)
			}
		}
	}
}

func TestTakes(t *testing.T) {
	large, plain := shape{M: 2048, N: 2048, K: 2048}, shape{M: 9, N: 9, K: 9}
	if gonumBLAS().takes(large, 1) || !gonumBLAS().takes(plain, 1) {
		t.Error("gonum is asked for large products, or not for small ones")
	}
	if espalierPacked().takes(plain, 1) || !espalierPacked().takes(shape{M: 9, N: 9, K: 9, Weights: true}, 1) {
		t.Error("others than weights are packed, or weights are not")
	}
}
