package view

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Group is studies that are the same but for their seeds.
type Group struct {
	Name    string // what they have in common that other groups have not
	IDs     []string
	Studies []*event.State
	config  map[string]string // the configuration by path, without what tells repetitions apart
}

// GroupsOf puts studies that differ only in name, seed and budget together, in
// the order in which they come. States that have not started are left out.
func GroupsOf(ids []string, states []*event.State) []Group {
	var groups []Group
	for i, s := range states {
		if s == nil || s.Started == nil {
			continue
		}
		config := settings(s.Started)
		at := slices.IndexFunc(groups, func(g Group) bool { return maps.Equal(g.config, config) })
		if at < 0 {
			at = len(groups)
			groups = append(groups, Group{config: config})
		}
		groups[at].IDs, groups[at].Studies = append(groups[at].IDs, ids[i]), append(groups[at].Studies, s)
	}
	name(groups)
	return groups
}

// settings is the configuration of a study by path, such as
// "strategy.params.rollout", with what its parts are.
func settings(p *event.Started) map[string]string {
	all := map[string]string{}
	var config any
	if json.Unmarshal(p.Config, &config) == nil {
		flatten(all, "", config)
	}
	for _, own := range []string{"name", "seed", "trials", "strategy.name"} {
		delete(all, own)
	}
	all["strategy"] = p.Strategy
	all["space.hash"], all["shaper.hash"], all["data.hash"] = p.Space.Hash, p.Shaper.Hash, p.Data.Hash
	return all
}

// flatten notes the leaves of a JSON value by their paths.
func flatten(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, v := range v {
			flatten(into, strings.TrimPrefix(path+"."+key, "."), v)
		}
	case string:
		into[path] = v
	default:
		b, _ := json.Marshal(v) // what was JSON is JSON
		into[path] = string(b)
	}
}

// name names groups by their strategies, and where those are the same by what
// else tells them apart.
func name(groups []Group) {
	paths := differing(groups)
	for i := range groups {
		g := &groups[i]
		g.Name = g.config["strategy"]
		for j := range groups {
			if i != j && groups[j].config["strategy"] == g.config["strategy"] {
				g.Name = g.apart(paths)
				break
			}
		}
	}
}

// apart says how a group differs: its strategy and at most three settings.
func (g *Group) apart(paths []string) string {
	parts := []string{g.config["strategy"]}
	for _, p := range paths {
		if p != "strategy" && !strings.HasSuffix(p, ".hash") && len(parts) < 4 {
			parts = append(parts, p[strings.LastIndexByte(p, '.')+1:]+" "+cmp.Or(g.config[p], "none"))
		}
	}
	return strings.Join(parts, ", ")
}

// differing are the paths at which the groups differ, in order.
func differing(groups []Group) []string {
	paths := map[string]bool{}
	for _, g := range groups {
		for p := range g.config {
			if !paths[p] {
				paths[p] = slices.ContainsFunc(groups, func(o Group) bool { return o.config[p] != g.config[p] })
			}
		}
	}
	maps.DeleteFunc(paths, func(_ string, differs bool) bool { return !differs })
	return slices.Sorted(maps.Keys(paths))
}

// Differences is the table of the settings in which groups differ, a column for
// each group.
func Differences(groups []Group) Data {
	paths := differing(groups)
	d := Data{Columns: []string{"setting"}, Rows: len(paths)}
	for _, g := range groups {
		d.Columns = append(d.Columns, g.Name)
	}
	d.Row = func(i int) []string {
		row := []string{paths[i]}
		for _, g := range groups {
			row = append(row, g.config[paths[i]])
		}
		return row
	}
	return d
}

// Spread is what the line and the band over several seeds are.
type Spread string

const (
	MeanInterval    Spread = "mean"   // the mean, and the 95 % t interval of it
	MedianQuartiles Spread = "median" // the median, and the quartiles
	MedianRange     Spread = "range"  // the median, and the lowest and the highest
)

// Band is the best so far of a group against the number of trials that ended.
type Band struct {
	Line
	// Label says what line and band are, and over how many seeds.
	Label string
}

// bandPoints is the largest number of points of a band.
const bandPoints = 400

// BandOf is the band of a group. It ends where the shortest of its studies
// does, and begins where each has a result: no point stands for fewer seeds
// than the label says.
func BandOf(g Group, metric report.Metric, spread Spread) Band {
	b := Band{Line: Line{Name: g.Name}, Label: label(len(g.Studies), spread)}
	var runs [][]float64
	shortest := math.MaxInt
	for _, s := range g.Studies {
		best := bestSoFar(s, metric)
		runs = append(runs, best)
		shortest = min(shortest, len(best))
	}
	if len(runs) == 0 {
		return b
	}
	banded, points := len(runs) > 1, min(shortest, bandPoints)
	for p := 1; p <= points; p++ {
		i := p*shortest/points - 1
		at := make([]float64, len(runs))
		for j := range runs {
			at[j] = runs[j][i]
		}
		if slices.ContainsFunc(at, math.IsNaN) {
			continue
		}
		middle, low, high := spread.of(at)
		b.X, b.Y = append(b.X, float64(i+1)), append(b.Y, middle)
		if banded {
			b.Low, b.High = append(b.Low, low), append(b.High, high)
		}
	}
	return b
}

func label(seeds int, spread Spread) string {
	if seeds == 1 {
		return "one seed, so there is no band"
	}
	what := map[Spread]string{
		MeanInterval:    "mean of %d seeds; the band is its 95 %% t interval",
		MedianQuartiles: "median of %d seeds; the band is from the lower to the upper quartile",
		MedianRange:     "median of %d seeds; the band is from the lowest to the highest",
	}[spread]
	return fmt.Sprintf(what, seeds)
}

// of is the middle and the bounds of values, one or more.
func (s Spread) of(values []float64) (middle, low, high float64) {
	if s == MeanInterval {
		i := report.MeanInterval(values, 0.95)
		return float64(i.Mean), float64(i.Low), float64(i.High)
	}
	slices.Sort(values)
	middle = report.Quantile(values, 0.5)
	if s == MedianRange {
		return middle, values[0], values[len(values)-1]
	}
	return middle, report.Quantile(values, 0.25), report.Quantile(values, 0.75)
}

// bestSoFar is the best value after each trial that ended, in the order of the
// trials; NaN before the first.
func bestSoFar(s *event.State, metric report.Metric) []float64 {
	sign := 1.0
	if metric.Lower() {
		sign = -1
	}
	var values []float64
	for i := range s.Trials {
		if t := &s.Trials[i]; t.Status != event.Running {
			values = append(values, sign*Value(metric, t))
		}
	}
	best := report.BestSoFar(values)
	for i := range best {
		best[i] *= sign
	}
	return best
}

// Versus compares two groups, usually searches and their random controls. The
// comparison's sentence says what can be said, "no clear difference yet"
// included; metrics of studies that are measured differently are not compared,
// but their rewards.
func Versus(a, b Group) report.Comparison {
	o := report.DefaultCompare()
	o.A, o.B, o.Metric = a.Name, b.Name, report.Reward
	if len(a.Studies) > 0 {
		o.Metric = report.StudyMetric(a.Studies[0])
	}
	for _, s := range b.Studies {
		if report.StudyMetric(s) != o.Metric {
			o.Metric = report.Reward
		}
	}
	return report.Compare(runs(a), runs(b), o)
}

func runs(g Group) []report.Run {
	var all []report.Run
	for _, s := range g.Studies {
		all = append(all, report.DistinctRun(s))
	}
	return all
}

// Control compares a study with its random control, which is nil as long as
// there is none.
func Control(study, control *event.State) report.Comparison {
	var random []report.Run
	if control != nil && control.Started != nil && control.Counts.Ended() > 0 {
		random = append(random, report.DistinctRun(control))
	}
	return report.Compare([]report.Run{report.DistinctRun(study)}, random, report.CompareOptionsOf(study))
}

// BandsData is the table behind a chart of bands.
func BandsData(bands []Band, metric report.Metric) Data {
	d := Data{Columns: []string{"group", "trials", "best_" + string(metric), "low", "high", "what"}}
	type place struct{ band, point int }
	var places []place
	for i := range bands {
		for j := range bands[i].X {
			places = append(places, place{i, j})
		}
	}
	d.Rows = len(places)
	d.Row = func(i int) []string {
		b, j := &bands[places[i].band], places[i].point
		row := []string{b.Name, exact(b.X[j]), exact(b.Y[j]), "", "", b.Label}
		if b.Low != nil {
			row[3], row[4] = exact(b.Low[j]), exact(b.High[j])
		}
		return row
	}
	return d
}

// ComparisonData is the table of a comparison: the mean of the k best of both
// sides at each checkpoint, and their difference.
func ComparisonData(c report.Comparison) Data {
	d := Data{Columns: []string{"mean_of_best", "trials", "a", "b", "difference", "low", "high", "p"}}
	var rows [][]string
	for _, point := range c.Checkpoints {
		for _, t := range point.Tops {
			row := []string{whole(t.K), whole(point.Trials)}
			for _, v := range []report.Float{t.A.Mean, t.B.Mean, t.Difference.Mean, t.Difference.Low, t.Difference.High, t.Test.P} {
				row = append(row, exact(float64(v)))
			}
			rows = append(rows, row)
		}
	}
	d.Rows, d.Row = len(rows), func(i int) []string { return rows[i] }
	return d
}
