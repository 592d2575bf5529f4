package main

import (
	"math"
	"slices"
)

// A row is what was measured of one product on a number of threads. Figures are by the contestant's name.
type row struct {
	shape
	Threads int                  `json:"threads"`
	Rates   map[string][]float64 `json:"gflops"` // of each round, in GFLOP/s
	Errors  map[string]float64   `json:"errors"` // the largest of the sampled elements, as worstError defines it
}

// A result is a comparison's rows.
type result struct {
	Comparison string   `json:"comparison"`
	Level      string   `json:"level"`
	Peers      []string `json:"peers"` // what each says of itself
	Rows       []row    `json:"rows"`
	// OtherCores is how many cores other processes used meanwhile, on average; negative if unknown.
	OtherCores float64 `json:"otherCores"`
}

// A report is everything that one run measured, and where.
type report struct {
	CPU     string   `json:"cpu"`
	Cores   int      `json:"cores"`
	Go      string   `json:"go"`
	Gonum   string   `json:"gonum"`
	Runs    int      `json:"runs"`
	Rounds  int      `json:"rounds"` // of each run
	Results []result `json:"results"`
}

// join adds the rounds of another run of the same comparison, which ran so many times before.
func (r *result) join(other result, runs int) {
	if runs == 0 {
		*r = other
		return
	}
	for i, x := range other.Rows {
		for name, rates := range x.Rates {
			r.Rows[i].Rates[name] = append(r.Rows[i].Rates[name], rates...)
		}
		for name, e := range x.Errors {
			r.Rows[i].Errors[name] = max(r.Rows[i].Errors[name], e)
		}
	}
	if r.OtherCores >= 0 && other.OtherCores >= 0 {
		r.OtherCores = (r.OtherCores*float64(runs) + other.OtherCores) / float64(runs+1)
	} else {
		r.OtherCores = -1
	}
}

// rate returns a contestant's median rate in GFLOP/s, or 0 if it took no part.
func (r row) rate(name string) float64 { return median(r.Rates[name]) }

// best returns a contestant's highest rate in GFLOP/s, or 0 if it took no part.
func (r row) best(name string) float64 {
	if len(r.Rates[name]) == 0 {
		return 0
	}
	return slices.Max(r.Rates[name])
}

// A statistic of a contestant's rounds: row.rate or row.best.
type statistic func(r row, name string) float64

// oneDNN returns the rate of the better of oneDNN's two ways, which differ by the shape.
func (r row) oneDNN(of statistic) float64 {
	return max(of(r, nameOneDNNSgemm), of(r, nameOneDNNMatmul))
}

// ratio returns Espalier's rate over that of the better of OpenBLAS and oneDNN, where all pack on every call. It is 0 if
// one of both sides took no part.
func (r row) ratio(of statistic) float64 {
	return quotient(of(r, nameEspalier), max(of(r, nameOpenBLAS), r.oneDNN(of)))
}

// packedRatio returns the ratio with b packed beforehand: Espalier's rate over that of the best way of any peer, packed or
// not. It is 0 if Espalier did not pack.
func (r row) packedRatio(of statistic) float64 {
	return quotient(of(r, nameEspalierPacked), max(of(r, nameOneDNNPacked), of(r, nameOpenBLAS), r.oneDNN(of)))
}

// ofPeak returns Espalier's part of the measured peak, or 0. The peak, a bound, is the best of its rounds.
func (r row) ofPeak() float64 { return quotient(r.rate(nameEspalier), r.best(namePeak)) }

// quotient returns x/y, or 0 if either is unknown.
func quotient(x, y float64) float64 {
	if x <= 0 || y <= 0 {
		return 0
	}
	return x / y
}

// median returns the middle of the figures, or the mean of both middle ones, or 0 if there are none.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// geometricMean returns the mean of a figure over the rows, leaving out those where it is 0, and how many it took.
func geometricMean(rows []row, figure func(row) float64) (mean float64, n int) {
	sum := 0.0
	for _, r := range rows {
		if x := figure(r); x > 0 {
			sum += math.Log(x)
			n++
		}
	}
	if n == 0 {
		return 0, 0
	}
	return math.Exp(sum / float64(n)), n
}

// with returns the rows of a number of threads.
func (r result) with(threads int) []row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(x row) bool { return x.Threads != threads })
}

// inGroup returns the rows of a group.
func inGroup(rows []row, group string) []row {
	return slices.DeleteFunc(slices.Clone(rows), func(x row) bool { return x.Group != group })
}

// threads returns the numbers of threads that occur, rising.
func (r result) threads() []int {
	var all []int
	for _, x := range r.Rows {
		all = append(all, x.Threads)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// worst returns a contestant's largest error in any row, and whether it took part in one.
func (r result) worst(name string) (e float64, any bool) {
	for _, x := range r.Rows {
		if y, ok := x.Errors[name]; ok {
			e, any = max(e, y), true
		}
	}
	return e, any
}
