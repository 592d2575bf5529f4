package main

import (
	"fmt"
	"io"
	"strings"
)

// A column of the table is a title, which is at least as wide as its cells, and a cell of each row.
type column struct {
	title string
	cell  func(row) string
}

// columns are those of the terminal and of Markdown. Rates are medians.
var columns = []column{
	{"product          ", func(r row) string { return r.String() }},
	{"threads", func(r row) string { return fmt.Sprint(r.Threads) }},
	rateColumn("Espalier", nameEspalier),
	rateColumn("OpenBLAS", nameOpenBLAS),
	{"oneDNN", func(r row) string { return number("%.1f", r.oneDNN(row.rate)) }},
	rateColumn("gonum", nameGonum),
	{"of peak", func(r row) string { return percent(r.ofPeak()) }},
	{"ratio", func(r row) string { return ratio(r.ratio(row.rate)) }},
	{" best", func(r row) string { return ratio(r.ratio(row.best)) }},
	rateColumn("Espalier*", nameEspalierPacked),
	rateColumn("oneDNN*", nameOneDNNPacked),
	{"ratio*", func(r row) string { return ratio(r.packedRatio(row.rate)) }},
}

// legend says what the columns mean, for a number of rounds.
func legend(rounds int) string {
	return fmt.Sprintf("GFLOP/s, medians of %s. oneDNN: the better of sgemm and matmul; of peak: Espalier to the measured multiply-adds;\n"+
		"ratio: Espalier to the better of OpenBLAS and oneDNN; best: the same of the best rounds;\n"+
		"*: b packed beforehand; ratio*: Espalier* to the best of OpenBLAS, oneDNN and oneDNN*.", count(rounds, "round"))
}

func rateColumn(title, name string) column {
	return column{fmt.Sprintf("%6s", title), func(r row) string { return number("%.1f", r.rate(name)) }}
}

func number(format string, x float64) string {
	if x == 0 {
		return "-"
	}
	return fmt.Sprintf(format, x)
}

func ratio(x float64) string   { return number("%.2f", x) }
func percent(x float64) string { return number("%.0f %%", 100*x) }

// writeHead writes what the table of a comparison means, and its titles.
func writeHead(w io.Writer, r result, rounds int) {
	fmt.Fprintf(w, "%s: Espalier's kernels %s; %s\n", r.Comparison, r.Level, strings.Join(r.Peers, "; "))
	fmt.Fprintf(w, "%s\n\n", legend(rounds))
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	fmt.Fprintln(w, strings.Join(titles, "  "))
}

// writeAll writes the whole table.
func writeAll(w io.Writer, r result, rounds int) {
	writeHead(w, r, rounds)
	for _, x := range r.Rows {
		writeRow(w, x)
	}
	writeTail(w, r)
	fmt.Fprintln(w)
}

// writeRow writes a row of the table.
func writeRow(w io.Writer, r row) {
	for i, c := range columns {
		if i == 0 {
			fmt.Fprintf(w, "%-*s", len(c.title), c.cell(r))
			continue
		}
		fmt.Fprintf(w, "  %*s", len(c.title), c.cell(r))
	}
	fmt.Fprintln(w)
}

// writeTail writes the means of a comparison and what is to be known of its figures.
func writeTail(w io.Writer, r result) {
	fmt.Fprintf(w, "\n%-40s", "geometric mean")
	for _, n := range r.threads() {
		fmt.Fprintf(w, "%12s", count(n, "thread"))
	}
	fmt.Fprintln(w)
	for _, m := range r.means() {
		fmt.Fprintf(w, "%-40s", m.title)
		for _, x := range m.figures {
			fmt.Fprintf(w, "%12s", x)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\n%s\n", r.errors())
	if note := r.disturbance(); note != "" {
		fmt.Fprintln(w, note)
	}
}

// A mean is a line of means: a figure for each number of threads.
type mean struct {
	title   string
	figures []string
}

// figures are what geometric means are taken of.
var figures = []struct {
	title  string
	figure func(row) float64
	cell   func(float64) string
}{
	{"ratio, ", func(r row) float64 { return r.ratio(row.rate) }, ratio},
	{"ratio*, ", func(r row) float64 { return r.packedRatio(row.rate) }, ratio},
	{"of peak, ", row.ofPeak, percent},
}

// means returns the measured peak, and the geometric mean of each figure over each group that has it.
func (r result) means() []mean {
	peak := mean{title: "measured peak, GFLOP/s"}
	for _, threads := range r.threads() {
		x := 0.0
		for _, y := range r.with(threads) {
			x = max(x, y.best(namePeak))
		}
		peak.figures = append(peak.figures, number("%.1f", x))
	}
	all := []mean{peak}
	for _, f := range figures {
		for _, g := range groups {
			m, n := mean{title: f.title + g}, 0
			for _, threads := range r.threads() {
				x, rows := geometricMean(inGroup(r.with(threads), g), f.figure)
				m.figures, n = append(m.figures, f.cell(x)), n+rows
			}
			if n > 0 {
				all = append(all, m)
			}
		}
	}
	return all
}

// errors says how exact everyone was.
func (r result) errors() string {
	var all []string
	for _, name := range names {
		if e, ok := r.worst(name); ok {
			all = append(all, fmt.Sprintf("%s %.1e", name, e))
		}
	}
	return fmt.Sprintf("worst error of %d elements of each product, relative to the sum of its terms' sizes: %s", samples, strings.Join(all, ", "))
}

// disturbance says what other processes did to the figures, or nothing if they did nothing worth speaking of.
func (r result) disturbance() string {
	if r.OtherCores < 0.05 {
		return ""
	}
	return fmt.Sprintf("DISTURBED: other processes kept %.2f cores busy meanwhile; repeat this on an idle machine", r.OtherCores)
}

// writeMarkdown writes the comparison as it can stand in a README.
func writeMarkdown(w io.Writer, r result, rounds int) {
	fmt.Fprintf(w, "%s: Espalier's kernels `%s`; %s.\n%s\n\n", r.Comparison, r.Level, strings.Join(r.Peers, "; "), legend(rounds))
	titles, lines := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		titles[i], lines[i] = strings.TrimSpace(c.title), "--:"
	}
	lines[0] = "--"
	writeCells(w, titles)
	writeCells(w, lines)
	for _, x := range r.Rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.cell(x)
		}
		writeCells(w, cells)
	}
	head, lines := []string{"geometric mean"}, []string{"--"}
	for _, n := range r.threads() {
		head, lines = append(head, count(n, "thread")), append(lines, "--:")
	}
	fmt.Fprintln(w)
	writeCells(w, head)
	writeCells(w, lines)
	for _, m := range r.means() {
		writeCells(w, append([]string{m.title}, m.figures...))
	}
	fmt.Fprintln(w)
	if note := r.disturbance(); note != "" {
		fmt.Fprintf(w, "%s\n\n", note)
	}
}

func writeCells(w io.Writer, cells []string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

// count returns "1 thread", "2 threads".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
