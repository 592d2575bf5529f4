package bench

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Column is a column of the table of rows.
type Column[L Line] struct {
	Head  string
	Shown When
	Cell  func(r L) string
}

// When says when a column is shown.
type When int

const (
	Always    When = iota
	Checked        // beside PyTorch
	Timed          // with rounds
	WithTorch      // Checked and Timed
	Repeated       // WithTorch, in several runs
	WithPeak       // Timed, if the peak is known
)

func (o *Outcome[L]) shows(when When) bool {
	torch, timed := o.Torch != nil, o.Rows[0].Common().Rate > 0
	switch when {
	case Checked:
		return torch
	case Timed:
		return timed
	case WithTorch:
		return torch && timed
	case Repeated:
		return torch && timed && o.Runs > 1
	case WithPeak:
		return timed && o.Peak > 0
	}
	return true
}

// Of makes the function of a column from one of what all rows have.
func Of[L Line](cell func(r *Row) string) func(L) string {
	return func(r L) string { return cell(r.Common()) }
}

// Names are the columns that say what a row is about.
func Names[L Line]() []Column[L] {
	return []Column[L]{
		{"network", Always, Of[L](func(r *Row) string { return r.Network })},
		{"params", Always, Of[L](func(r *Row) string { return fmt.Sprintf("%.2fM", float64(r.Params)/1e6) })},
	}
}

// Figures are the columns that say how a row turned out, from the ratio on.
func Figures[L Line]() []Column[L] {
	return []Column[L]{
		{"ratio", WithTorch, Of[L]((*Row).ratioText)},
		{"of all runs", Repeated, Of[L](func(r *Row) string { return span(r.Least, r.Most) })},
		{"our GFLOP/s", Timed, Of[L](func(r *Row) string { return Fixed(r.GFLOPS) })},
		{"of peak", WithPeak, Of[L](func(r *Row) string { return fmt.Sprintf("%.0f %%", 100*r.Peak) })},
		{"their GFLOP/s", WithTorch, Of[L](func(r *Row) string { return Fixed(r.PeerGFLOPS) })},
		{"worst error", Checked, Of[L]((*Row).ErrorText)},
	}
}

// table is the head and the cells of the columns that are shown.
func (o *Outcome[L]) table(columns []Column[L]) [][]string {
	var table [][]string
	for i := -1; i < len(o.Rows); i++ {
		var cells []string
		for _, c := range columns {
			switch {
			case !o.shows(c.Shown):
			case i < 0:
				cells = append(cells, c.Head)
			default:
				cells = append(cells, c.Cell(o.Rows[i]))
			}
		}
		table = append(table, cells)
	}
	return table
}

// span is the range of a ratio.
func span(least, most float64) string { return fmt.Sprintf("%.2f to %.2f", least, most) }

// Fixed shows three significant digits or more.
func Fixed(x float64) string {
	digits := 2
	switch {
	case x >= 100:
		digits = 0
	case x >= 10:
		digits = 1
	}
	return fmt.Sprintf("%.*f", digits, x)
}

// WriteTable writes a head and rows, as text or in Markdown: the first column is
// aligned to the left and all others to the right.
func WriteTable(w io.Writer, table [][]string, markdown bool) {
	if markdown {
		writeMarkdown(w, table)
	} else {
		writeText(w, table)
	}
}

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
