package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/conformance"
	"github.com/espalier-nas/espalier/host/report"
)

// printVerdict prints what was found, and what was tried.
func (a *app) printVerdict(v *conformance.Verdict, took time.Duration) {
	w := a.term.Out
	for _, r := range v.Results {
		for _, f := range r.Findings {
			a.printBreach(w, v.Plugin, f, r.Broken)
		}
	}
	title := v.Plugin
	if v.Name != "" {
		title = strings.TrimSpace(v.Name + " " + v.Version)
	}
	fmt.Fprintf(w, "%s  sha256 %.12s…, %s bytes, seed %d\n", title, v.Hash, report.Grouped(int64(v.Bytes)), v.Seed)
	for _, p := range v.Played {
		fmt.Fprintf(w, "  %s\n", playedText(p))
	}
	for _, h := range v.Worst {
		fmt.Fprintf(w, "  %-9s at most %s of %s units of fuel, %s, %s of memory\n", h.Op, report.Count(h.Fuel), report.Count(h.FuelLimit),
			report.Duration(time.Duration(h.Seconds*float64(time.Second))), report.Bytes(h.MemoryBytes))
	}
	if limits := a.limits.String(); limits != "" {
		fmt.Fprintf(w, "  limits other than usual: %s\n", limits)
	}
	if v.Cut {
		fmt.Fprintln(w, "  so many calls ran out of fuel that the rest was left out")
	}
	broken, warned := v.Broken(), v.Warned()
	if a.verbose {
		a.printResults(w, v, broken, warned)
	}
	fmt.Fprintf(w, "%s checked: %d broken, %s; %s calls in %s\n", plural(len(v.Results), "rule"), len(broken), plural(len(warned), "warning"),
		report.Grouped(int64(v.Calls)), report.Duration(took))
}

// playedText says how much of a space or shaper was tried.
func playedText(p conformance.Played) string {
	refused := ""
	if p.Refused > 0 {
		refused = fmt.Sprintf(", %d refused", p.Refused)
	}
	settings := fmt.Sprintf("under %s of params%s", plural(p.Settings, "setting"), refused)
	if p.Shaper != "" {
		return fmt.Sprintf("shaper %s: %s metrics %s", p.Shaper, report.Grouped(int64(p.Walks)), settings)
	}
	return fmt.Sprintf("space %s: %s episodes of up to %s %s", p.Space, report.Grouped(int64(p.Walks)), plural(p.Longest, "decision"), settings)
}

// printBreach prints one finding; count is how often the rule was broken.
func (a *app) printBreach(w io.Writer, plugin string, f conformance.Finding, count int) {
	mark := "FAIL"
	if f.Warning {
		mark = "WARN"
	}
	where := f.Subject()
	if f.Params != "" {
		where += " with " + f.Params
	}
	if where = strings.TrimSpace(where); where != "" {
		where += ": "
	}
	fmt.Fprintf(w, "%s %s  %s%s\n", mark, f.Code, where, f.Problem)
	part := func(title, text string) {
		if text = strings.TrimSpace(text); text != "" {
			fmt.Fprintf(w, "  %-8s %s\n", title, strings.ReplaceAll(text, "\n", "\n           "))
		}
	}
	part("rule", f.Rule.Text)
	part("because", f.Rule.Why)
	part("sent", f.Sent)
	part("got", f.Got)
	part("output", f.Output)
	part("fix", f.Fix)
	if count > 1 {
		part("often", fmt.Sprintf("this rule is broken %s times in all", report.Grouped(int64(count))))
	}
	args := []string{"espalier plugin check", shellQuote(plugin)}
	again := f.Args()
	if limits := a.limits.String(); limits != "" {
		again = append(again, "--"+limitsFlagName, limits)
	}
	for _, arg := range again {
		args = append(args, shellQuote(arg))
	}
	part("again", a.called(strings.Join(args, " ")))
	fmt.Fprintln(w)
}

// printResults prints a line for every rule.
func (a *app) printResults(w io.Writer, v *conformance.Verdict, broken, warned []string) {
	table := report.Table{Columns: []report.Column{{Title: "  rule"}, {Title: ""}, {Title: "tested", Right: true}, {Title: "broken", Right: true}, {Title: "", Wrap: true}}}
	for _, r := range v.Results {
		mark := "ok"
		switch {
		case slices.Contains(broken, r.Code):
			mark = "FAIL"
		case slices.Contains(warned, r.Code):
			mark = "WARN"
		}
		table.Rows = append(table.Rows, []string{"  " + r.Code, mark, report.Grouped(int64(r.Tested)), report.Grouped(int64(r.Broken)), r.Text})
	}
	fmt.Fprint(w, table.Render(a.screen()))
}
