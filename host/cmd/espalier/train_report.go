package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// trainView is what `espalier train --json` prints.
type trainView struct {
	Schema  string        `json:"schema"` // "espalier.train/1"
	Dir     string        `json:"dir"`
	Data    event.Data    `json:"data"`
	Metric  report.Metric `json:"metric"`
	Best    string        `json:"best"`    // the name and setting of the best group; empty: none
	Trained []groupView   `json:"trained"` // the best first
}

// groupView is one network at one point of a grid.
type groupView struct {
	Name      string        `json:"name"`
	NetworkID string        `json:"network_id"`
	Data      string        `json:"data"`
	DataHash  string        `json:"data_hash"`
	Metric    report.Metric `json:"metric"`
	Setting   string        `json:"setting,omitempty"`
	Params    int64         `json:"params"`
	MACs      int64         `json:"macs"`  // of an example, a window of a text
	Seeds     []uint64      `json:"seeds"` // that succeeded
	Failed    []string      `json:"failed,omitempty"`
	Mean      report.Float  `json:"mean"`      // over the seeds, of the best epoch
	Deviation report.Float  `json:"deviation"` // standard, over the seeds
	Last      report.Float  `json:"last"`      // mean of the last epoch
	Curve     []spec.Epoch  `json:"curve"`     // mean over the seeds
	Weights   []string      `json:"weights,omitempty"`
}

func viewTrained(g trained) groupView {
	mean, deviation := g.best()
	v := groupView{
		Name: g.name, Data: g.data, Metric: g.metric, Setting: g.setting, Seeds: []uint64{}, Mean: report.Float(mean), Deviation: report.Float(deviation),
		Last: report.Float(g.last()), Curve: g.curve(), Params: g.first().Params, MACs: g.first().MACs, NetworkID: g.first().NetworkID, DataHash: g.first().DataHash,
	}
	for _, row := range g.rows {
		v.Seeds = append(v.Seeds, row.Seed)
		if row.Weights != "" {
			v.Weights = append(v.Weights, row.Weights)
		}
	}
	for _, row := range g.failed {
		v.Failed = append(v.Failed, fmt.Sprintf("seed %d: %s", row.Seed, row.Reason))
	}
	return v
}

// print shows what was trained.
func (t *training) print() error {
	a, m := t.app, t.metric()
	all := groups(t.results())
	if len(t.axes) > 0 {
		sortTrained(all)
	}
	ranked := slices.Clone(all)
	sortTrained(ranked)
	best := ""
	if len(ranked) > 0 && len(ranked[0].rows) > 0 {
		best = ranked[0].label()
	}
	if a.json {
		v := trainView{Schema: "espalier.train/1", Dir: t.dir, Data: t.data.about, Metric: m, Best: best, Trained: []groupView{}}
		for _, g := range ranked {
			v.Trained = append(v.Trained, viewTrained(g))
		}
		return a.printJSON(v)
	}
	w := a.term.Out
	if len(t.axes) == 0 {
		for _, g := range all {
			if len(g.rows) > 0 {
				fmt.Fprintf(w, "%s, mean of %s\n%s\n", g.name, plural(len(g.rows), "seed"), epochTable(m, thinned(g.curve())).Render(a.screen()))
			}
		}
	}
	fmt.Fprint(w, trainedTable(all, m).Render(a.screen()))
	printFailed(w, all)
	if best != "" && len(all) > 1 {
		mean, _ := ranked[0].best()
		fmt.Fprintf(w, "\nbest: %s: %s %s\n", best, m.Name(), m.Text(mean))
	}
	if least := leastText(m, t.data.about); least != "" {
		fmt.Fprintf(w, "%s\n", least)
	}
	fmt.Fprintf(a.info(), "\nthe rows are in %s/trainings.jsonl; nothing was read of the test part (%s)\n", t.dir, plural(t.data.tests, unitOf(m)))
	return nil
}

// longestCurve is how many epochs a table shows; of a longer curve it shows every
// second, third, … and the last.
const longestCurve = 40

func thinned(curve []spec.Epoch) []spec.Epoch {
	step := (len(curve) + longestCurve - 1) / longestCurve
	var kept []spec.Epoch
	for i, e := range curve {
		if e.Epoch%step == 0 || i == len(curve)-1 {
			kept = append(kept, e)
		}
	}
	return kept
}

// printFailed says what failed, and why.
func printFailed(w io.Writer, all []trained) {
	for _, g := range all {
		for _, row := range g.failed {
			fmt.Fprintf(w, "%s, seed %d failed: %s\n", g.label(), row.Seed, row.Reason)
		}
	}
}

// printTrained shows the best of what was trained anew in a run directory, on
// each data set.
func (a *app) printTrained(w io.Writer, rows []journal.Training) {
	all := groups(rows)
	for len(all) > 0 {
		first := all[0].first()
		same := func(g trained) bool { return sameData(g.first(), first) }
		var these []trained
		for _, g := range all {
			if same(g) {
				these = append(these, g)
			}
		}
		all = slices.DeleteFunc(all, same)
		sortTrained(these)
		m := report.Metric(first.Metric)
		fmt.Fprintf(w, "\ntrained anew on %s of %s", plural(first.Train, unitOf(m)), first.Data)
		if more := len(these) - 5; more > 0 {
			these = these[:5]
			fmt.Fprintf(w, ", the best 5 of %d", more+5)
		}
		fmt.Fprintf(w, "\n%s", trainedTable(these, m).Render(a.screen()))
	}
}

// trainingsView is what `espalier show DIR --json` prints of a directory that
// holds trainings and no study.
type trainingsView struct {
	Schema  string      `json:"schema"` // "espalier.trainings/1"
	Dir     string      `json:"dir"`
	Trained []groupView `json:"trained"`
}

// findTrainings is the directory of that name, or in runs, that holds trainings;
// empty if there is none.
func findTrainings(runs, arg string) string {
	for _, dir := range []string{arg, filepath.Join(runs, arg)} {
		if rows, err := journal.ReadTrainings(dir); errors.Is(err, journal.ErrDamaged) || len(rows) > 0 {
			return dir
		}
	}
	return ""
}

// showTrainings shows what was trained in a directory without a study.
func (a *app) showTrainings(dir string) error {
	rows, err := journal.ReadTrainings(dir)
	if err != nil {
		return storageError(err)
	}
	if a.json {
		v := trainingsView{Schema: "espalier.trainings/1", Dir: dir}
		for _, g := range groups(rows) {
			v.Trained = append(v.Trained, viewTrained(g))
		}
		return a.printJSON(v)
	}
	fmt.Fprintf(a.term.Out, "%s: %s\n", dir, plural(len(rows), "training"))
	a.printTrained(a.term.Out, rows)
	return nil
}
