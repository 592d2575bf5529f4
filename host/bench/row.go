package bench

import (
	"fmt"
	"math"
	"slices"
)

// Row is what every benchmark says of a network that was trained with one
// number of threads. A benchmark's rows embed it.
type Row struct {
	Network string `json:"network"`
	About   string `json:"about"`
	ID      string `json:"id"`
	Drawn   bool   `json:"drawn"` // at random, so that it counts in the mean
	Params  int64  `json:"params"`
	Batch   int    `json:"batch"`
	Threads int    `json:"threads"`
	Bytes   int64  `json:"bytes"` // that our side holds

	// Rate is how many examples a second our side trains on; 0: not timed.
	Rate       float64 `json:"-"`
	Ratio      float64 `json:"ratio,omitempty"`       // of rates, ours to the peer's best
	Least      float64 `json:"least_ratio,omitempty"` // of all runs
	Most       float64 `json:"most_ratio,omitempty"`
	GFLOPS     float64 `json:"gflops"` // ours, effective: three forward passes a step
	PeerGFLOPS float64 `json:"torch_gflops,omitempty"`
	Peak       float64 `json:"peak_fraction,omitempty"` // ours, of the threads' peak
	Checks     []Check `json:"checks,omitempty"`

	Disturbance Disturbance `json:"disturbance"`
}

// Line is a row of a benchmark.
type Line interface {
	Common() *Row
	Summary() string // for a person who waits for the others
}

// Common makes a struct that embeds Row a Line.
func (r *Row) Common() *Row { return r }

// Finish computes what follows from the rates of both sides, in examples per
// second; peer is 0 without one. Of an example, a forward pass takes so many
// MFLOP, and a step a forward pass and two of its size backward. Peak is that of
// one thread in GFLOP/s, or 0.
func (r *Row) Finish(rate, peer, megaFLOP, peak float64) {
	perExample := 3 * megaFLOP / 1e3
	r.Rate = rate
	r.GFLOPS = rate * perExample
	if peak > 0 {
		r.Peak = r.GFLOPS / (peak * float64(r.Threads))
	}
	if peer > 0 {
		r.Ratio = rate / peer
		r.PeerGFLOPS = peer * perExample
	}
}

// Wrong reports whether the two sides disagree on the numbers.
func (r *Row) Wrong() bool {
	return slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Failed() })
}

// ErrorText is the error of the first check, and whether any check has failed.
func (r *Row) ErrorText() string {
	text := fmt.Sprintf("%.0e", r.Checks[0].Error)
	if r.Wrong() {
		text += " WRONG"
	}
	return text
}

// disturbed is the share of a core from which on others' work says more about a
// ratio than the two sides: threads that wait for each other actively suffer
// most.
const disturbed = 0.1

func (r *Row) disturbed() bool { return r.Disturbance.others() > disturbed }

// ratioText is the ratio, with a question mark if it says little.
func (r *Row) ratioText() string {
	text := fmt.Sprintf("%.2f", r.Ratio)
	if r.disturbed() {
		text += "?"
	}
	return text
}

// Mean is the geometric mean of the random children's ratios.
type Mean struct {
	Threads   int     `json:"threads"`
	Networks  int     `json:"networks"`
	Disturbed int     `json:"disturbed"` // of them, measured while others were at work
	Ratio     float64 `json:"ratio"`
	Least     float64 `json:"least_ratio,omitempty"` // of all runs
	Most      float64 `json:"most_ratio,omitempty"`
}

// meanOf is the mean of the drawn networks with so many threads; of none if
// there are none.
func meanOf[L Line](rows []L, threads int) Mean {
	m := Mean{Threads: threads}
	sum := 0.0
	for _, line := range rows {
		r := line.Common()
		if !r.Drawn || r.Threads != threads || r.Ratio == 0 {
			continue
		}
		m.Networks++
		sum += math.Log(r.Ratio)
		if r.disturbed() {
			m.Disturbed++
		}
	}
	if m.Networks > 0 {
		m.Ratio = math.Exp(sum / float64(m.Networks))
	}
	return m
}
