package report

import (
	"math"
	"strings"
	"testing"
)

func TestMetricText(t *testing.T) {
	for _, c := range []struct {
		metric Metric
		v      float64
		want   string
	}{
		{Accuracy, 0.8125, "81.2 %"}, {Reward, 0.1234, "0.123"},
		{Perplexity, 114.27, "114.3"}, {Perplexity, 9.876, "9.876"}, {Perplexity, 2e6, "> 1e6"}, {Perplexity, 5.92e248, "> 1e6"}, {Perplexity, math.Inf(1), "> 1e6"},
		{Bits, 1.2345, "1.234"}, {Bits, nan, Unknown},
	} {
		if got := c.metric.Text(c.v); got != c.want {
			t.Errorf("%s of %v is written %q, want %q", c.metric, c.v, got, c.want)
		}
	}
}

// TestCompareLower: where lower is better, the best are the lowest, and a gain
// is a reduction. The same runs as scores give the same gains.
func TestCompareLower(t *testing.T) {
	o := DefaultCompare()
	a, b := simulated(4, 40, 0.1, 1), simulated(4, 40, 0, 2)
	scores := Compare(a, b, o)
	for _, side := range [][]Run{a, b} {
		for i := range side {
			for j, v := range side[i].Values {
				side[i].Values[j] = 100 * (2 - v)
			}
		}
	}
	o.Metric = Perplexity
	c := Compare(a, b, o)
	if c.Verdict != scores.Verdict || c.Verdict != Better {
		t.Errorf("verdict %q, of the scores %q", c.Verdict, scores.Verdict)
	}
	near := func(what string, got, want Float) {
		if math.Abs(float64(got-want)) > 1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	got, want := c.Checkpoints[2].Tops[1], scores.Checkpoints[2].Tops[1]
	near("gain", got.Difference.Mean, 100*want.Difference.Mean)
	near("mean", got.A.Mean, 100*(2-want.A.Mean))
	near("low", got.A.Low, 100*(2-want.A.High))
	near("band", c.BandsB[3].High, 100*(2-scores.BandsB[3].Low))
	if !(c.ImprovementA.Mean > c.ImprovementB.Mean && c.ImprovementB.Mean > 0) {
		t.Errorf("improvements %v and %v", c.ImprovementA.Mean, c.ImprovementB.Mean)
	}
	for _, words := range []string{"RL does better than random here", "validation perplexity of 1", "a gain of +"} {
		if !strings.Contains(c.Sentence, words) {
			t.Errorf("%q does not say %q", c.Sentence, words)
		}
	}
	if text := c.Text(Screen{Width: 100}); !strings.Contains(text, "Reduction from the mean random child") {
		t.Errorf("the text is\n%s", text)
	}
	if chart := c.Chart(Screen{Width: 80}); !strings.Contains(chart, "best validation perplexity so far, mean over seeds") || strings.Contains(chart, "%") {
		t.Errorf("the chart is\n%s", chart)
	}
}
