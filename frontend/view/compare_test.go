package view

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// run is a study of a seed whose trials have the given accuracies; NaN fails.
func run(t *testing.T, seed uint64, strategy, rollout string, accuracies ...float64) *event.State {
	t.Helper()
	s := begin(t, seed, len(accuracies))
	s.state.Started.Strategy = strategy
	s.state.Started.Config = fmt.Appendf(nil, `{"seed":%d,"strategy":{"name":%q,"params":{"rollout":%s}}}`, seed, strategy, rollout)
	for _, a := range accuracies {
		id := s.sample(nil)
		if math.IsNaN(a) {
			s.failed(id, "diverged")
		} else {
			s.ok(id, a)
		}
	}
	return &s.state
}

func TestGroups(t *testing.T) {
	states := []*event.State{
		run(t, 1, "reinforce", "8", 0.5), run(t, 1, "random", "8", 0.5), run(t, 2, "reinforce", "8", 0.5, 0.6), run(t, 1, "reinforce", "4", 0.5), nil, {},
	}
	groups := GroupsOf([]string{"a", "b", "c", "d", "e", "f"}, states)
	var got []string
	for _, g := range groups {
		got = append(got, g.Name+": "+strings.Join(g.IDs, " "))
	}
	want := []string{"reinforce, rollout 8: a c", "random: b", "reinforce, rollout 4: d"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	csv := string(Differences(groups).CSV())
	if csv != "setting,\"reinforce, rollout 8\",random,\"reinforce, rollout 4\"\nstrategy,reinforce,random,reinforce\nstrategy.params.rollout,8,8,4\n" {
		t.Errorf("%s", csv)
	}
	if groups := GroupsOf(nil, nil); groups != nil || Differences(groups).Rows != 0 {
		t.Error("of nothing there are groups")
	}
}

func TestBands(t *testing.T) {
	nan := math.NaN()
	states := []*event.State{run(t, 1, "r", "8", nan, 0.2, 0.4, 0.9), run(t, 2, "r", "8", 0.4, 0.3, 0.6), run(t, 3, "r", "8", 0.3, 0.6, 0.5)}
	g := GroupsOf([]string{"a", "b", "c"}, states)[0]
	for _, c := range []struct {
		spread    Spread
		y, low    []float64
		high      []float64
		labelWith string
	}{
		{MedianRange, []float64{0.4, 0.6}, []float64{0.2, 0.4}, []float64{0.6, 0.6}, "median of 3 seeds; the band is from the lowest to the highest"},
		{MedianQuartiles, []float64{0.4, 0.6}, []float64{0.3, 0.5}, []float64{0.5, 0.6}, "quartile"},
		{MeanInterval, []float64{0.4, 1.6 / 3}, []float64{-0.0968, 0.2465}, []float64{0.8968, 0.8202}, "95 % t interval"},
	} {
		b := BandOf(g, report.Accuracy, c.spread)
		if !reflect.DeepEqual(b.X, []float64{2, 3}) || !strings.Contains(b.Label, c.labelWith) {
			t.Errorf("%s: at %v, %q", c.spread, b.X, b.Label)
		}
		for i := range b.X {
			if math.Abs(b.Y[i]-c.y[i]) > 1e-4 || math.Abs(b.Low[i]-c.low[i]) > 1e-4 || math.Abs(b.High[i]-c.high[i]) > 1e-4 {
				t.Errorf("%s at %v: %v (%v to %v), want %v (%v to %v)", c.spread, b.X[i], b.Y[i], b.Low[i], b.High[i], c.y[i], c.low[i], c.high[i])
			}
		}
	}
	one := BandOf(GroupsOf([]string{"a"}, states[:1])[0], report.Accuracy, MeanInterval)
	if one.Low != nil || one.Label != "one seed, so there is no band" || !reflect.DeepEqual(one.Y, []float64{0.2, 0.4, 0.9}) {
		t.Errorf("of one seed: %+v", one)
	}
	csv := string(BandsData([]Band{one, BandOf(g, report.Accuracy, MedianRange)}, report.Accuracy).CSV())
	if !strings.HasPrefix(csv, "group,trials,best_accuracy,low,high,what\nr,2,0.2,,,\"one seed, so there is no band\"\n") || strings.Count(csv, "\n") != 6 {
		t.Errorf("%s", csv)
	}
	lower := bestSoFar(states[0], report.Perplexity)
	if math.Abs(lower[3]-math.Exp(2)) > 1e-12 || !math.IsNaN(lower[0]) {
		t.Errorf("the lowest perplexities so far are %v", lower)
	}
}

// TestLongBand: a band of many trials has few points, the last among them.
func TestLongBand(t *testing.T) {
	s := large(t, 3000)
	b := BandOf(GroupsOf([]string{"a"}, []*event.State{&s.state})[0], report.Reward, MeanInterval)
	if n := len(b.X); n > bandPoints || b.X[n-1] != 3000 {
		t.Errorf("%d points, the last at %v", n, b.X[n-1])
	}
}

func TestVersus(t *testing.T) {
	var a, b Group
	a.Name, b.Name = "RL", "random"
	for seed := range uint64(5) {
		d := float64(seed) / 100
		a.Studies = append(a.Studies, run(t, seed, "reinforce", "8", 0.5+d, 0.8+d, 0.9+d))
		b.Studies = append(b.Studies, run(t, seed, "random", "8", 0.5-d, 0.4+d, 0.6+d))
	}
	c := Versus(a, b)
	if c.Verdict != report.Better || !c.Paired || !strings.HasPrefix(c.Sentence, "RL does better than random here") {
		t.Errorf("%s: %s", c.Verdict, c.Sentence)
	}
	if got := string(ComparisonData(c).CSV()); !strings.HasPrefix(got, "mean_of_best,trials,a,b,difference,low,high,p\n1,1,0.52,0.48,0.04") {
		t.Errorf("%s", got)
	}
	one := Control(a.Studies[0], b.Studies[0])
	if one.Verdict != report.Unclear || !strings.HasPrefix(one.Sentence, "No clear difference yet between RL and random") {
		t.Errorf("%s: %s", one.Verdict, one.Sentence)
	}
	if c := Control(a.Studies[0], nil); c.Verdict != report.NoControl {
		t.Errorf("%s: %s", c.Verdict, c.Sentence)
	}
	b.Studies[0].Started.Task.Type = "text"
	if c := Versus(a, b); c.Metric != report.Reward {
		t.Errorf("an accuracy and a perplexity are compared by %s", c.Metric)
	}
	if c := Versus(Group{}, Group{}); c.Sentence == "" {
		t.Error("of nothing nothing is said")
	}
}
