package report

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestChartGolden(t *testing.T) {
	c := Compare(simulated(5, 100, 0.1, 1), simulated(5, 100, 0, 2), DefaultCompare())
	golden(t, "chart-80", c.Chart(screen80))
	golden(t, "chart-80-ascii", c.Chart(screen80ASC))
	golden(t, "chart-40", c.Chart(screen40))
	one := simulated(1, 1000, 0.1, 1)[0]
	golden(t, "chart-ends-early", Chart([]Series{
		{Name: "RL", Y: BestSoFar(one.Rewards)}, {Name: "random", Y: BestSoFar(one.Rewards[100:300])},
	}, ChartOptions{Title: "best reward so far", XTitle: "children", Height: 5}, screen80))
}

func TestChartLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for range 150 {
		var series []Series
		for range r.IntN(5) {
			one := Series{Name: strings.Repeat("name 層", r.IntN(3))}
			x := 0.0
			for range r.IntN(60) {
				y := r.NormFloat64() * []float64{0, 1e-9, 0.01, 1, 1e6, 1e12, 1e308}[r.IntN(7)]
				if r.IntN(10) == 0 {
					y = nan
				}
				x += r.Float64() * float64(r.IntN(4))
				one.X, one.Y = append(one.X, x), append(one.Y, y)
			}
			if r.IntN(2) == 0 {
				one.X = nil
			}
			series = append(series, one)
		}
		o := ChartOptions{Title: strings.Repeat("title ", r.IntN(9)), XTitle: strings.Repeat("x", r.IntN(30)), Height: r.IntN(14), Percent: r.IntN(2) == 0}
		checkLayout(t, 1+r.IntN(140), func(s Screen) string { return Chart(series, o, s) })
	}
}

func TestChartOfNothing(t *testing.T) {
	for _, series := range [][]Series{nil, {{Name: "RL"}}, {{Name: "RL", Y: []float64{nan}}}} {
		if got := Chart(series, ChartOptions{}, screen80); got != "There is nothing to draw yet.\n" {
			t.Errorf("%q", got)
		}
	}
}

// TestChartShowsValues: in ASCII a line runs in the row of its value, so a
// known step function can be read off the chart.
func TestChartShowsValues(t *testing.T) {
	got := Chart([]Series{{Name: "a", Y: []float64{0, 0, 0, 0, 10, 10, 10, 10}}}, ChartOptions{Height: 7}, Screen{Width: 40})
	lines := strings.Split(got, "\n")
	low, high := strings.Count(lines[6], "*"), strings.Count(lines[0], "*")
	if !strings.Contains(lines[6], " 0 +") || !strings.Contains(lines[0], "10 +") {
		t.Fatalf("the axis is not labelled 0 and 10 at its ends:\n%s", got)
	}
	// One mark more at the top is the key beside the name.
	if low < 12 || high < 12 || strings.Index(lines[0], "*") < strings.LastIndex(lines[6], "*") {
		t.Errorf("the line is not low in the first half and high in the second:\n%s", got)
	}
	for _, line := range lines[1:6] {
		if strings.Count(line, "*") != 1 {
			t.Errorf("the jump is not one vertical line:\n%s", got)
		}
	}
}

// TestChartKeepsNamesApart: many lines that end together are still all named.
func TestChartKeepsNamesApart(t *testing.T) {
	var series []Series
	for _, name := range []string{"alpha", "beta", "gamma", "delta"} {
		series = append(series, Series{Name: name, Y: []float64{1, 2, 3}})
	}
	got := Chart(series, ChartOptions{Height: 4}, screen80)
	for _, one := range series {
		if strings.Count(got, one.Name) != 1 {
			t.Errorf("%s is not named once:\n%s", one.Name, got)
		}
	}
}

func TestNiceStep(t *testing.T) {
	for v, want := range map[float64]float64{1: 1, 1.1: 2, 2.4: 2.5, 3: 5, 5.1: 10, 0.03: 0.05, 120: 200} {
		if got := niceStep(v); got < want*0.999 || got > want*1.001 {
			t.Errorf("niceStep(%v) = %v, want %v", v, got, want)
		}
	}
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		width   int
		unicode bool
		want    string
	}{
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 8, true, "▁▂▃▄▅▆▇█"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 8, false, "_.-=+*#@"},
		{[]float64{0, 0, 7, 7}, 2, true, "▁█"},
		{[]float64{1, nan, 2, nan}, 4, true, "▁ █"},
		{[]float64{3, 3}, 9, true, "▅▅"},
		{[]float64{nan}, 5, true, ""}, {nil, 5, true, ""}, {[]float64{1}, 0, true, ""}, {[]float64{1}, -1, true, ""},
	} {
		if got := Sparkline(c.values, c.width, Screen{Unicode: c.unicode}); got != c.want {
			t.Errorf("Sparkline(%v, %d) = %q, want %q", c.values, c.width, got, c.want)
		}
	}
}
