package bench

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/kernels"
)

// Outcome is all that a benchmark has found out.
type Outcome[L Line] struct {
	Schema      string      `json:"schema"` // "espalier.bench.cnn/1"
	CPU         string      `json:"cpu"`
	Cores       int         `json:"cores"`
	Kernels     string      `json:"kernels"`
	Go          string      `json:"go"`
	Seed        uint64      `json:"seed"`
	Runs        int         `json:"runs"`                  // of which rows and means are the middle
	Peak        float64     `json:"peak_gflops,omitempty"` // of one thread
	Torch       []Facts     `json:"torch,omitempty"`       // for each number of threads and tuning
	Rows        []L         `json:"rows"`
	Means       []Mean      `json:"means,omitempty"`
	Disturbance Disturbance `json:"disturbance"`
}

func newOutcome[L Line](schema string, c *Config) *Outcome[L] {
	return &Outcome[L]{
		Schema: schema, CPU: Processor(), Cores: runtime.NumCPU(), Kernels: string(kernels.Active()),
		Go: runtime.Version(), Seed: c.Seed, Peak: c.Peak,
	}
}

// middle joins the outcomes of several runs, which have the same rows and lose
// them: of each row it takes the run whose ratio is the median, or whose rate is
// where there is no ratio, and of each mean the median. A row whose numbers were
// wrong in any run stays wrong.
func middle[L Line](all []*Outcome[L]) *Outcome[L] {
	joined := *all[0]
	joined.Runs = len(all)
	joined.Rows, joined.Means, joined.Disturbance = nil, nil, Disturbance{}
	for i := range all[0].Rows {
		joined.Rows = append(joined.Rows, middleRow(all, i))
	}
	for i := range all[0].Means {
		means := make([]Mean, len(all))
		for k, o := range all {
			means[k] = o.Means[i]
		}
		slices.SortFunc(means, func(a, b Mean) int { return cmp.Compare(a.Ratio, b.Ratio) })
		m := means[(len(means)-1)/2]
		m.Least, m.Most = means[0].Ratio, means[len(means)-1].Ratio
		joined.Means = append(joined.Means, m)
	}
	for _, o := range all {
		joined.Disturbance = joined.Disturbance.plus(o.Disturbance)
	}
	return &joined
}

func middleRow[L Line](all []*Outcome[L], i int) L {
	rows := make([]L, len(all))
	for k, o := range all {
		rows[k] = o.Rows[i]
	}
	slices.SortStableFunc(rows, func(x, y L) int {
		a, b := x.Common(), y.Common()
		return cmp.Or(cmp.Compare(a.Ratio, b.Ratio), cmp.Compare(a.Rate, b.Rate))
	})
	line := rows[(len(rows)-1)/2]
	r := line.Common()
	r.Least, r.Most = rows[0].Common().Ratio, rows[len(rows)-1].Common().Ratio
	for _, other := range rows {
		if o := other.Common(); o.Wrong() && !r.Wrong() {
			r.Checks = o.Checks
		}
	}
	return line
}

// rows lists the rows for which that is so.
func (o *Outcome[L]) rows(is func(*Row) bool) []*Row {
	var list []*Row
	for _, line := range o.Rows {
		if r := line.Common(); is(r) {
			list = append(list, r)
		}
	}
	return list
}

// wrong lists the rows in which the two sides disagree.
func (o *Outcome[L]) wrong() []*Row { return o.rows((*Row).Wrong) }

// Write prints the outcome for people: a table of the columns, below a note on
// what it shows.
func (o *Outcome[L]) Write(w io.Writer, note string, columns []Column[L], markdown bool) {
	fmt.Fprintf(w, "%s, %d cores, kernels %s, %s, seed %d\n", o.CPU, o.Cores, o.Kernels, o.Go, o.Seed)
	if o.Torch != nil {
		fmt.Fprintf(w, "PyTorch %s: %s\n", o.Torch[0].Torch, strings.Join(o.Torch[0].brief(), ", "))
		for _, f := range o.Torch {
			fmt.Fprintf(w, "  with %s\n", strings.Join(f.environment(), " "))
		}
	}
	if o.Peak > 0 {
		fmt.Fprintf(w, "peak of one thread: %s GFLOP/s\n", Fixed(o.Peak))
	}
	fmt.Fprintln(w)
	if o.Runs > 1 {
		fmt.Fprintf(w, "Each row, and each mean, is the middle one of %d runs.\n", o.Runs)
	}
	fmt.Fprintf(w, "%s\n\n", note)
	WriteTable(w, o.table(columns), markdown)
	fmt.Fprintln(w)
	for _, m := range o.Means {
		fmt.Fprintf(w, "geometric mean of the ratio over %d random children, threads %d: %.2f", m.Networks, m.Threads, m.Ratio)
		if o.Runs > 1 {
			fmt.Fprintf(w, " (%s)", span(m.Least, m.Most))
		}
		if m.Disturbed > 0 {
			fmt.Fprintf(w, ", %d of them measured while others were at work", m.Disturbed)
		}
		fmt.Fprintln(w)
	}
	o.writeWarnings(w)
}

func (o *Outcome[L]) writeWarnings(w io.Writer) {
	for _, r := range o.wrong() {
		for _, c := range r.Checks {
			if c.Failed() {
				fmt.Fprintf(w, "WRONG: %s, batch %d, threads %d: %s: %s: error %.1e, tolerance %.0e\n",
					r.Network, r.Batch, r.Threads, c.What, c.Where, c.Error, c.Tolerance)
			}
		}
	}
	if d := o.Disturbance; d.idle() > 0.02 {
		fmt.Fprintf(w, "note: the side that was not timed used %.0f %% of a core\n", 100*d.idle())
	}
	if n := len(o.rows((*Row).disturbed)); n > 0 {
		fmt.Fprintf(w, "note: during %d of %d rows other processes used more than %.0f %% of a core, %.0f %% on average:\n"+
			"ratios with a question mark say little, above all those of several threads\n",
			n, len(o.Rows), 100*disturbed, 100*o.Disturbance.others())
	}
}
