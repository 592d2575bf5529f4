package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) screen() report.Screen {
	return report.Screen{Width: a.term.Width, Unicode: a.term.Unicode, Color: a.term.Color}
}

// distinctRun is reportRun without the trials that repeated a network: the best
// five are to be five networks, not one that the policy settled on.
func distinctRun(s *event.State) report.Run {
	run, at := reportRun(s), 0
	for i := range s.Trials {
		if s.Trials[i].Status == event.Running {
			continue
		}
		if s.Trials[i].DuplicateOf != 0 {
			run.Rewards[at], run.Values[at] = math.NaN(), math.NaN()
		}
		at++
	}
	return run
}

// reportRun turns the ended trials of a study into what report compares. A
// trial that failed is NaN.
func reportRun(s *event.State) report.Run {
	run, metric := report.Run{Seed: s.Started.Seed}, studyMetric(s)
	for i := range s.Trials {
		t := &s.Trials[i]
		switch t.Status {
		case event.OK:
			run.Rewards = append(run.Rewards, t.Reward.Reward)
			run.Values = append(run.Values, bestOf(metric, t.Metrics.Epochs))
		case event.Failed:
			run.Rewards = append(run.Rewards, math.NaN())
			run.Values = append(run.Values, math.NaN())
		}
	}
	return run
}

// printBest prints the best trial and its network.
func (a *app) printBest(w io.Writer, s *event.State, network *spec.Network) {
	best := s.Best()
	if best == nil {
		fmt.Fprintln(w, "no trial has succeeded")
		return
	}
	metric := studyMetric(s)
	least := leastText(metric, s.Started.Data)
	if least != "" {
		least = " (" + least + ")"
	}
	fmt.Fprintf(w, "best of %s: trial %d, reward %s, %s %s%s\n",
		plural(s.Counts.Ended(), "trial"), best.ID, report.Number(best.Reward.Reward), metric.Name(), metric.Text(bestOf(metric, best.Metrics.Epochs)), least)
	if network != nil {
		fmt.Fprintf(w, "\n%s", report.Draw(network, report.DrawOptions{Screen: a.screen()}))
	}
}

// printTop prints the n best trials, leaving out repetitions of one network.
func (a *app) printTop(w io.Writer, s *event.State, n int) {
	metric := studyMetric(s)
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
			fmt.Sprint(id), report.Number(t.Reward.Reward), metric.Text(bestOf(metric, t.Metrics.Epochs)),
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
	for _, f := range alike(s.Failures()) {
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

// compareOptions are those of a study and its control.
func compareOptions(s *event.State) report.CompareOptions {
	options := report.DefaultCompare()
	options.Metric = studyMetric(s)
	return options
}

// printComparison sets a study beside its random control, or says that there
// is none.
func (a *app) printComparison(w io.Writer, study, control *event.State) {
	options := compareOptions(study)
	options.A = study.Started.Strategy
	if options.A == "reinforce" {
		options.A = "RL"
	}
	var controls []report.Run
	if control != nil {
		controls = append(controls, distinctRun(control))
	}
	comparison := report.Compare([]report.Run{distinctRun(study)}, controls, options)
	if control != nil {
		fmt.Fprintf(w, "%s\n", comparison.Chart(a.screen()))
	}
	fmt.Fprint(w, comparison.Summary(a.screen()))
}

// andAlike follows the reason of the first of several failures.
const andAlike = ", and the like"

// alike puts failures together that differ only in where a child diverged.
func alike(all []event.Failure) []event.Failure {
	var merged []event.Failure
	for _, f := range all {
		kind, _, _ := strings.Cut(f.Reason, " at epoch ")
		at := slices.IndexFunc(merged, func(m event.Failure) bool { return strings.HasPrefix(m.Reason, kind+" at epoch ") })
		if at < 0 {
			merged = append(merged, event.Failure{Reason: f.Reason, Trials: slices.Clone(f.Trials)})
			continue
		}
		m := &merged[at]
		m.Trials = append(m.Trials, f.Trials...)
		m.Reason = strings.TrimSuffix(m.Reason, andAlike) + andAlike
	}
	for _, m := range merged {
		slices.Sort(m.Trials)
	}
	return merged
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
