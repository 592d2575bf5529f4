package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
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
	alike := map[string][]int{}
	for i, g := range all {
		alike[g.label()] = append(alike[g.label()], i)
	}
	for _, some := range alike {
		settings := make([]string, len(some))
		for k, i := range some {
			settings[k] = all[i].setting
			members := recipeOf(all[i])
			for _, path := range membersApart(all, some, i) {
				if value, has := members[path]; has {
					settings[k] = strings.TrimSpace(fmt.Sprintf("%s %s=%s", settings[k], shortName(path), value))
				}
			}
		}
		for k, i := range some {
			all[i].setting = settings[k]
		}
	}
}

// membersApart are the members of the recipe in which group i differs from any of
// some others on the same data, in order.
func membersApart(all []trained, some []int, i int) []string {
	differ := map[string]bool{}
	members := recipeOf(all[i])
	for _, j := range some {
		if i == j || !sameData(all[i].first(), all[j].first()) {
			continue
		}
		others := recipeOf(all[j])
		for _, recipe := range []map[string]json.RawMessage{members, others} {
			for path := range recipe {
				if !bytes.Equal(members[path], others[path]) {
					differ[path] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
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
	return moments(g.rows, func(row journal.Training) float64 { return g.metric.Best(row.Curve) })
}

// last is the mean over the seeds of the last epoch.
func (g trained) last() float64 {
	mean, _ := moments(g.rows, func(row journal.Training) float64 { return g.metric.Of(row.Curve[len(row.Curve)-1]) })
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
