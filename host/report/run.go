package report

import (
	"encoding/json"
	"math"
	"slices"
)

// Run is one study of one seed: its trials in order. A trial that failed is
// NaN in both slices, and so is, for Compare, one that repeated an earlier
// network: it counts against the budget and never among the best.
type Run struct {
	Seed    uint64
	Rewards []float64
	Values  []float64 // of the metric; nil where that is the reward
}

func (r Run) values(m Metric) []float64 {
	if m == Reward {
		return r.Rewards
	}
	return r.Values
}

// Float is a number that may be unknown: NaN in Go, null in JSON.
type Float float64

// Known says that the number is finite.
func (f Float) Known() bool { return finite(float64(f)) }

// MarshalJSON writes an unknown number as null.
func (f Float) MarshalJSON() ([]byte, error) {
	if !f.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// UnmarshalJSON reads null as NaN.
func (f *Float) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = Float(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(f))
}

// topMean is the mean of the k largest numbers; NaN where fewer than k are
// known.
func topMean(values []float64, k int) float64 {
	if k < 1 {
		return math.NaN()
	}
	var top []float64 // the largest so far, ascending
	for _, v := range values {
		if !finite(v) || len(top) == k && v <= top[0] {
			continue
		}
		if len(top) == k {
			top = top[1:]
		}
		at, _ := slices.BinarySearch(top, v)
		top = slices.Insert(top, at, v)
	}
	if len(top) < k {
		return math.NaN()
	}
	return mean(top)
}

// bestSoFar is the running maximum, NaN until the first known value.
func bestSoFar(values []float64) []float64 {
	best := make([]float64, len(values))
	top := math.NaN()
	for i, v := range values {
		if finite(v) && !(v <= top) {
			top = v
		}
		best[i] = top
	}
	return best
}

func knownValues(values []float64) []float64 {
	known := make([]float64, 0, len(values))
	for _, v := range values {
		if finite(v) {
			known = append(known, v)
		}
	}
	return known
}

// mean is NaN for no values.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// variance is the unbiased sample variance, NaN for fewer than two values.
func variance(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	m, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - m) * (v - m)
	}
	return sum / float64(len(values)-1)
}
