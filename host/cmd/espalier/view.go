package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) screen() report.Screen {
	return report.Screen{Width: a.term.Width, Unicode: a.term.Unicode, Color: a.term.Color}
}

// printBest prints the best trial and its network.
func (a *app) printBest(w io.Writer, s *event.State, network *spec.Network) {
	best := s.Best()
	if best == nil {
		fmt.Fprintln(w, "no trial has succeeded")
		return
	}
	metric := report.StudyMetric(s)
	least := leastText(metric, s.Started.Data)
	if least != "" {
		least = " (" + least + ")"
	}
	fmt.Fprintf(w, "best of %s: trial %d, reward %s, %s %s%s\n",
		plural(s.Counts.Ended(), "trial"), best.ID, report.Number(best.Reward.Reward), metric.Name(), metric.Text(metric.Best(best.Metrics.Epochs)), least)
	if network != nil {
		fmt.Fprintf(w, "\n%s", report.Draw(network, report.DrawOptions{Screen: a.screen()}))
	}
}

// printTop prints the n best trials, leaving out repetitions of one network.
func (a *app) printTop(w io.Writer, s *event.State, n int) {
	metric := report.StudyMetric(s)
	table := report.Table{Columns: []report.Column{
		{Title: "trial", Right: true}, {Title: "reward", Right: true}, {Title: metric.Title(), Right: true},
		{Title: "params", Right: true}, {Title: "MACs", Right: true, Drop: 1}, {Title: "answers", Drop: 2},
	}}
	seen := map[string]bool{}
	for _, id := range s.Top(s.Counts.OK) {
		t := s.Trial(id)
		if seen[t.NetworkID] {
			continue
		}
		seen[t.NetworkID] = true
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(id), report.Number(t.Reward.Reward), metric.Text(metric.Best(t.Metrics.Epochs)),
			report.Count(t.Params), report.Count(t.MACs), t.Answers,
		})
		if len(table.Rows) == n {
			break
		}
	}
	fmt.Fprint(w, table.Render(a.screen()))
}

// printFailures says what went wrong, if anything did.
func printFailures(w io.Writer, s *event.State) {
	for _, f := range report.Alike(s.Failures()) {
		ids := make([]string, 0, 5)
		for _, id := range f.Trials[:min(5, len(f.Trials))] {
			ids = append(ids, fmt.Sprint(id))
		}
		if len(f.Trials) > 5 {
			ids = append(ids, "…")
		}
		which := whether(len(f.Trials) == 1, "trial", "trials")
		fmt.Fprintf(w, "%s failed (%s %s): %s\n", plural(len(f.Trials), "trial"), which, strings.Join(ids, ", "), f.Reason)
	}
}

// printComparison sets a study beside its random control, or says that there
// is none.
func (a *app) printComparison(w io.Writer, study, control *event.State) {
	options := report.CompareOptionsOf(study)
	var controls []report.Run
	if control != nil {
		controls = append(controls, report.DistinctRun(control))
	}
	comparison := report.Compare([]report.Run{report.DistinctRun(study)}, controls, options)
	if control != nil {
		fmt.Fprintf(w, "%s\n", comparison.Chart(a.screen()))
	}
	fmt.Fprint(w, comparison.Summary(a.screen()))
}

// whether is one text if that is so, and another if not.
func whether(so bool, one, another string) string {
	if so {
		return one
	}
	return another
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return report.Grouped(int64(n)) + " " + noun + "s"
}
