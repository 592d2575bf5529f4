package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// trained are the trainings of one network by one recipe on the same data, from
// several seeds.
type trained struct {
	name    string
	setting string
	data    string // its name
	metric  report.Metric
	rows    []journal.Training // that succeeded
	failed  []journal.Training
}

// label is the name of what was trained, with the setting if there is one.
func (g trained) label() string { return strings.TrimSpace(g.name + " " + g.setting) }

// groups puts rows together that differ in the seed only, in their order.
func groups(rows []journal.Training) []trained {
	var all []trained
	for _, row := range rows {
		at := slices.IndexFunc(all, func(g trained) bool {
			first := g.first()
			return g.name == row.Name && g.setting == row.Setting && sameData(first, row) && first.NetworkID == row.NetworkID && bytes.Equal(first.Recipe, row.Recipe)
		})
		if at < 0 {
			at = len(all)
			all = append(all, trained{name: row.Name, setting: row.Setting, data: row.Data, metric: report.Metric(row.Metric)})
		}
		if row.Status == event.OK {
			all[at].rows = append(all[at].rows, row)
		} else {
			all[at].failed = append(all[at].failed, row)
		}
	}
	tellApart(all)
	return all
}

// tellApart adds to the settings of groups with the same label, on the same
// data, the members of the recipe in which they differ.
func tellApart(all []trained) {
	settings := make([]string, len(all))
	for i, g := range all {
		members := recipeOf(g)
		differ := map[string]bool{}
		for j, other := range all {
			if i == j || g.label() != other.label() || !sameData(g.first(), other.first()) {
				continue
			}
			others := recipeOf(other)
			for _, recipe := range []map[string]json.RawMessage{members, others} {
				for path := range recipe {
					if !bytes.Equal(members[path], others[path]) {
						differ[path] = true
					}
				}
			}
		}
		settings[i] = g.setting
		for _, path := range slices.Sorted(maps.Keys(differ)) {
			if value, has := members[path]; has {
				settings[i] = strings.TrimSpace(fmt.Sprintf("%s %s=%s", settings[i], shortName(path), value))
			}
		}
	}
	for i := range all {
		all[i].setting = settings[i]
	}
}

// recipeOf is the recipe of a group, by the paths of its members.
func recipeOf(g trained) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(g.first().Recipe, &members) // of a row that was read it is an object
	return members
}

// first is the first of the rows.
func (g trained) first() journal.Training {
	if len(g.rows) > 0 {
		return g.rows[0]
	}
	return g.failed[0]
}

// sameData reports whether two trainings were on the same data.
func sameData(a, b journal.Training) bool {
	return a.Data == b.Data && a.DataHash == b.DataHash && a.Train == b.Train && a.Valid == b.Valid && a.Metric == b.Metric
}

// best is the mean over the seeds of the best epoch, and its standard deviation;
// NaN where there are too few.
func (g trained) best() (mean, deviation float64) {
	return moments(g.rows, func(row journal.Training) float64 { return bestOf(g.metric, row.Curve) })
}

// last is the mean over the seeds of the last epoch.
func (g trained) last() float64 {
	mean, _ := moments(g.rows, func(row journal.Training) float64 { return measured(g.metric, row.Curve[len(row.Curve)-1]) })
	return mean
}

func moments(rows []journal.Training, of func(journal.Training) float64) (mean, deviation float64) {
	n := float64(len(rows))
	for _, row := range rows {
		mean += of(row) / n
	}
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	sum := 0.0
	for _, row := range rows {
		d := of(row) - mean
		sum += d * d
	}
	return mean, math.Sqrt(sum / (n - 1))
}

// curve is the mean over the seeds of every epoch.
func (g trained) curve() []spec.Epoch {
	var mean []spec.Epoch
	n := float64(len(g.rows))
	for _, row := range g.rows {
		for i, e := range row.Curve {
			if i == len(mean) {
				mean = append(mean, spec.Epoch{Epoch: e.Epoch})
			}
			at := &mean[i]
			at.TrainLoss += e.TrainLoss / n
			at.TrainAccuracy += e.TrainAccuracy / n
			at.ValidLoss += e.ValidLoss / n
			at.ValidAccuracy += e.ValidAccuracy / n
			at.Seconds += e.Seconds / n
		}
	}
	return mean
}

// sortTrained puts the best of one metric first, and last what has no result.
func sortTrained(all []trained) {
	slices.SortStableFunc(all, func(a, b trained) int {
		x, _ := a.best()
		y, _ := b.best()
		switch {
		case math.IsNaN(x) || math.IsNaN(y):
			return boolOrder(math.IsNaN(x), math.IsNaN(y))
		case a.metric.Lower():
			x, y = y, x
		}
		return boolOrder(x < y, y < x)
	})
}

// boolOrder is 1 if only a holds, -1 if only b does.
func boolOrder(a, b bool) int {
	switch {
	case a && !b:
		return 1
	case b && !a:
		return -1
	}
	return 0
}

// trainedTable lists groups of one metric, each on a line.
func trainedTable(all []trained, m report.Metric) report.Table {
	table := report.Table{Columns: []report.Column{
		{Title: "network"}, {Title: "params", Right: true, Drop: 2}, {Title: "MACs", Right: true, Drop: 4}, {Title: "seeds", Right: true},
		{Title: "best " + m.Title(), Right: true}, {Title: "std. dev.", Right: true, Drop: 1}, {Title: "at the end", Right: true, Drop: 3},
	}}
	settings := slices.ContainsFunc(all, func(g trained) bool { return g.setting != "" })
	if settings {
		table.Columns = slices.Insert(table.Columns, 1, report.Column{Title: "setting", Wrap: true})
	}
	for _, g := range all {
		mean, deviation := g.best()
		seeds := fmt.Sprint(len(g.rows))
		if len(g.failed) > 0 {
			seeds += fmt.Sprintf(", %d failed", len(g.failed))
		}
		row := []string{g.name, report.Count(g.first().Params), report.Count(g.first().MACs), seeds, m.Text(mean), deviationText(m, deviation), m.Text(g.last())}
		if settings {
			row = slices.Insert(row, 1, g.setting)
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// deviationText is a standard deviation, with fewer digits than what it is of.
func deviationText(m report.Metric, v float64) string {
	if m == report.Accuracy {
		return m.Text(v)
	}
	return report.Number(v)
}

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
