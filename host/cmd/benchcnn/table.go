package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// outcome is all that a run has found out.
type outcome struct {
	Schema      string      `json:"schema"` // "espalier.bench.cnn/1"
	CPU         string      `json:"cpu"`
	Cores       int         `json:"cores"`
	Kernels     string      `json:"kernels"`
	Go          string      `json:"go"`
	Seed        uint64      `json:"seed"`
	Runs        int         `json:"runs"`                  // of which rows and means are the middle
	Peak        float64     `json:"peak_gflops,omitempty"` // of one thread
	Torch       []facts     `json:"torch,omitempty"`       // for each number of threads
	Rows        []*row      `json:"rows"`
	Means       []mean      `json:"means,omitempty"`
	Disturbance disturbance `json:"disturbance"`
}

// mean is the geometric mean of the random children's ratios.
type mean struct {
	Threads   int     `json:"threads"`
	Networks  int     `json:"networks"`
	Disturbed int     `json:"disturbed"` // of them, measured while others were at work
	Ratio     float64 `json:"ratio"`
	Least     float64 `json:"least_ratio,omitempty"` // of all runs
	Most      float64 `json:"most_ratio,omitempty"`
}

// wrong lists the rows in which the two sides disagree.
func (o *outcome) wrong() []*row {
	return slices.DeleteFunc(slices.Clone(o.Rows), func(r *row) bool { return !r.wrong() })
}

// disturbed lists the rows during which other processes kept the machine busy.
func (o *outcome) disturbed() []*row {
	return slices.DeleteFunc(slices.Clone(o.Rows), func(r *row) bool { return !r.disturbed() })
}

// column is a column of the table of rows.
type column struct {
	head  string
	shown func(o *outcome) bool
	cell  func(r *row) string
}

func always(*outcome) bool      { return true }
func checked(o *outcome) bool   { return o.Torch != nil }
func timed(o *outcome) bool     { return o.Rows[0].Ours.Steps > 0 }
func withTorch(o *outcome) bool { return checked(o) && timed(o) }
func repeated(o *outcome) bool  { return withTorch(o) && o.Runs > 1 }
func withPeak(o *outcome) bool  { return o.Peak > 0 && timed(o) }
func fixed(x float64) string    { return fmt.Sprintf("%.*f", digits(x), x) }
func (s speed) String() string  { return fixed(s.Images) }

// error is the worst error on a few images, and whether any check has failed.
func (r *row) error() string {
	text := fmt.Sprintf("%.0e", r.Checks[0].Error)
	if r.wrong() {
		text += " WRONG"
	}
	return text
}

// disturbed is the share of a core from which on others' work says more about a
// ratio than the two sides: threads that wait for each other actively suffer
// most.
const disturbed = 0.1

func (r *row) disturbed() bool { return r.Disturbance.others() > disturbed }

func (r *row) ratio() string {
	text := fmt.Sprintf("%.2f", r.Ratio)
	if r.disturbed() {
		text += "?"
	}
	return text
}

// span is the range of a ratio.
func span(least, most float64) string { return fmt.Sprintf("%.2f to %.2f", least, most) }

// digits leaves three significant digits or more.
func digits(x float64) int {
	switch {
	case x >= 100:
		return 0
	case x >= 10:
		return 1
	}
	return 2
}

var columns = []column{
	{"network", always, func(r *row) string { return r.Network }},
	{"params", always, func(r *row) string { return fmt.Sprintf("%.2fM", float64(r.Params)/1e6) }},
	{"MFLOP", always, func(r *row) string { return fixed(r.MFLOP) }},
	{"batch", always, func(r *row) string { return fmt.Sprint(r.Batch) }},
	{"threads", always, func(r *row) string { return fmt.Sprint(r.Threads) }},
	{"ours", timed, func(r *row) string { return r.Ours.String() }},
	{"NCHW", withTorch, func(r *row) string { return r.NCHW.String() }},
	{"channels_last", withTorch, func(r *row) string { return r.ChannelsLast.String() }},
	{"ratio", withTorch, (*row).ratio},
	{"of all runs", repeated, func(r *row) string { return span(r.Least, r.Most) }},
	{"our GFLOP/s", timed, func(r *row) string { return fixed(r.GFLOPS) }},
	{"of peak", withPeak, func(r *row) string { return fmt.Sprintf("%.0f %%", 100*r.Peak) }},
	{"their GFLOP/s", withTorch, func(r *row) string { return fixed(r.PeerGFLOPS) }},
	{"worst error", checked, (*row).error},
}

// write prints the outcome for people.
func (o *outcome) write(w io.Writer, markdown bool) {
	fmt.Fprintf(w, "%s, %d cores, kernels %s, %s, seed %d\n", o.CPU, o.Cores, o.Kernels, o.Go, o.Seed)
	if o.Torch != nil {
		fmt.Fprintf(w, "PyTorch %s: %s\n", o.Torch[0].Torch, strings.Join(o.Torch[0].brief(), ", "))
		for _, f := range o.Torch {
			fmt.Fprintf(w, "  with %s\n", strings.Join(f.environment(), " "))
		}
	}
	if o.Peak > 0 {
		fmt.Fprintf(w, "peak of one thread: %s GFLOP/s\n", fixed(o.Peak))
	}
	fmt.Fprint(w, "\n")
	if o.Runs > 1 {
		fmt.Fprintf(w, "Each row, and each mean, is the middle one of %d runs.\n", o.Runs)
	}
	fmt.Fprint(w, "Images per second in training. MFLOP is of one forward pass of an image, GFLOP/s counts three a step: those of\n"+
		"plain convolution, of which a fast algorithm (Winograd's) needs fewer.\n\n")
	var table [][]string
	for i := -1; i < len(o.Rows); i++ {
		var cells []string
		for _, c := range columns {
			switch {
			case !c.shown(o):
			case i < 0:
				cells = append(cells, c.head)
			default:
				cells = append(cells, c.cell(o.Rows[i]))
			}
		}
		table = append(table, cells)
	}
	if markdown {
		writeMarkdown(w, table)
	} else {
		writeText(w, table)
	}
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

func (o *outcome) writeWarnings(w io.Writer) {
	for _, r := range o.wrong() {
		for _, c := range r.Checks {
			if c.failed() {
				fmt.Fprintf(w, "WRONG: %s, batch %d, threads %d: %s: %s: error %.1e, tolerance %.0e\n",
					r.Network, r.Batch, r.Threads, c.What, c.Where, c.Error, c.Tolerance)
			}
		}
	}
	if d := o.Disturbance; d.idle() > 0.02 {
		fmt.Fprintf(w, "note: the side that was not timed used %.0f %% of a core\n", 100*d.idle())
	}
	if n := len(o.disturbed()); n > 0 {
		fmt.Fprintf(w, "note: during %d of %d rows other processes used more than %.0f %% of a core, %.0f %% on average:\n"+
			"ratios with a question mark say little, above all those of several threads\n",
			n, len(o.Rows), 100*disturbed, 100*o.Disturbance.others())
	}
}

// brief is what matters most of a long description.
func (f *facts) brief() []string {
	var list []string
	for _, text := range []string{f.Config, f.Parallel} {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- "))
			for _, start := range []string{"CPU capability", "Intel(R) MKL", "ATen parallel backend"} {
				if strings.HasPrefix(line, start) && !slices.Contains(list, line) {
					list = append(list, line)
				}
			}
		}
	}
	return list
}

func (f *facts) environment() []string {
	var list []string
	for name, value := range f.Environment {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// writeText aligns the first column to the left and all others to the right.
func writeText(w io.Writer, table [][]string) {
	var widths []int
	for i := range table[0] {
		width := 0
		for _, cells := range table {
			width = max(width, utf8.RuneCountInString(cells[i]))
		}
		widths = append(widths, width)
	}
	for _, cells := range table {
		line := ""
		for i, cell := range cells {
			if i == 0 {
				line += fmt.Sprintf("%-*s", widths[i], cell)
			} else {
				line += fmt.Sprintf("  %*s", widths[i], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func writeMarkdown(w io.Writer, table [][]string) {
	for i, cells := range table {
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|--|%s\n", strings.Repeat("--:|", len(cells)-1))
		}
	}
}
