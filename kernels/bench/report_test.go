package main

import (
	"math"
	"testing"
)

// sampleResult has two products of one group, and one of another.
func sampleResult() result {
	return result{Comparison: "AVX9", Level: "avx9", Peers: []string{"OpenBLAS 1", "oneDNN 2"}, Rows: []row{
		{shape: shape{M: 64, N: 64, K: 64, Group: small}, Threads: 1,
			Rates: map[string][]float64{
				nameEspalier: {90, 100, 120}, nameOpenBLAS: {40, 50, 60},
				nameOneDNNSgemm: {70, 80, 100}, nameOneDNNMatmul: {75, 70, 75}, nameGonum: {9},
				namePeak: {150, 200, 199}},
			Errors: map[string]float64{nameEspalier: 1e-7, nameOpenBLAS: 2e-7}},
		{shape: shape{M: 128, N: 128, K: 128, TransA: true, Group: small}, Threads: 1,
			Rates: map[string][]float64{
				nameEspalier: {20, 20, 20}, nameOpenBLAS: {50, 50, 50}, nameOneDNNSgemm: {5, 5, 5}, nameOneDNNMatmul: {10, 10, 10}, namePeak: {80, 80, 80}},
			Errors: map[string]float64{nameEspalier: 3e-7, nameOpenBLAS: 1e-7}},
		{shape: shape{M: 20, N: 800, K: 200, Group: recurrent, Weights: true}, Threads: 2,
			Rates:  map[string][]float64{nameOpenBLAS: {80, 80, 80}, nameEspalierPacked: {60, 60, 90}, nameOneDNNPacked: {70, 75, 70}},
			Errors: map[string]float64{nameOneDNNPacked: 5e-7}},
	}}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{7, 1, 2}, 2}, {[]float64{8, 1, 2, 4}, 3}} {
		if got := median(c.x); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.x, got, c.want)
		}
	}
	x := []float64{3, 1, 2}
	if median(x); x[0] != 3 {
		t.Error("median sorts its operand")
	}
}

func TestRatio(t *testing.T) {
	r := sampleResult()
	for i, want := range []struct{ ratio, best, peak float64 }{{1.25, 1.2, 0.5}, {0.4, 0.4, 0.25}, {0, 0, 0}} {
		x := r.Rows[i]
		if x.ratio(row.rate) != want.ratio || x.ratio(row.best) != want.best || x.ofPeak() != want.peak {
			t.Errorf("%v: ratio %v, best %v, part of the peak %v; want %v", x, x.ratio(row.rate), x.ratio(row.best), x.ofPeak(), want)
		}
	}
}

func TestPackedRatio(t *testing.T) {
	// OpenBLAS, which does not pack, is better than oneDNN, which does.
	x := sampleResult().Rows[2]
	if got := x.packedRatio(row.rate); got != 0.75 {
		t.Errorf("the medians' ratio is %v, want 0.75", got)
	}
	if got := x.packedRatio(row.best); got != 90.0/80 {
		t.Errorf("the best rounds' ratio is %v, want %v", got, 90.0/80)
	}
	if got := sampleResult().Rows[0].packedRatio(row.rate); got != 0 {
		t.Errorf("nobody packed, and the ratio is %v", got)
	}
}

func TestGeometricMean(t *testing.T) {
	rows := inGroup(sampleResult().with(1), small)
	got, n := geometricMean(rows, func(r row) float64 { return r.ratio(row.rate) })
	if want := math.Sqrt(1.25 * 0.4); math.Abs(got-want) > 1e-12 || n != 2 {
		t.Errorf("mean %v of %d, want %v of 2", got, n, want)
	}
	if got, n := geometricMean(sampleResult().Rows, func(r row) float64 { return r.rate(nameGonum) }); math.Abs(got-9) > 1e-12 || n != 1 {
		t.Errorf("mean %v of %d, want 9 of 1", got, n)
	}
	if got, n := geometricMean(nil, row.ofPeak); got != 0 || n != 0 {
		t.Errorf("mean %v of %d, want none", got, n)
	}
}

func TestParts(t *testing.T) {
	r := sampleResult()
	if got := r.threads(); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("threads %v", got)
	}
	if a, b, c := len(inGroup(r.with(1), small)), len(inGroup(r.with(2), small)), len(inGroup(r.with(2), recurrent)); a != 2 || b != 0 || c != 1 {
		t.Errorf("parts of %d, %d and %d rows", a, b, c)
	}
	if e, ok := r.worst(nameEspalier); e != 3e-7 || !ok {
		t.Errorf("worst error %v, %v", e, ok)
	}
	if e, ok := r.worst(nameGonum); e != 0 || ok {
		t.Errorf("the error of one who took no part: %v, %v", e, ok)
	}
}

// Rounds of all runs count alike.
func TestJoin(t *testing.T) {
	var all result
	for run, others := range []float64{0.1, 0.4, 0.1} {
		r := sampleResult()
		r.OtherCores = others
		r.Rows[0].Rates[nameEspalier] = []float64{float64(10 * run), 200}
		r.Rows[0].Errors[nameEspalier] = float64(run%2) * 1e-6
		all.join(r, run)
	}
	x := all.Rows[0]
	if got := x.Rates[nameEspalier]; len(all.Rows) != 3 || len(got) != 6 || x.rate(nameEspalier) != 110 || x.best(nameEspalier) != 200 {
		t.Errorf("%d rows, the rates are %v", len(all.Rows), got)
	}
	if x.Errors[nameEspalier] != 1e-6 || math.Abs(all.OtherCores-0.2) > 1e-12 {
		t.Errorf("error %v, %v other cores", x.Errors[nameEspalier], all.OtherCores)
	}
	r := sampleResult()
	r.OtherCores = -1
	all.join(r, 3)
	if all.OtherCores != -1 {
		t.Errorf("%v other cores, which one run does not know", all.OtherCores)
	}
}
