package report

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func rewarded(rewards ...float64) Run { return Run{Rewards: rewards} }

// TestTrendByHand: a straight line of 0.01 a trial has no residuals.
func TestTrendByHand(t *testing.T) {
	run := Run{}
	for i := range 40 {
		run.Rewards = append(run.Rewards, 0.1+0.01*float64(i))
	}
	got := MeasureTrend([]Run{run}, 0.95)
	near(t, "first", got.First, 0.1+0.045, 1e-12)
	near(t, "last", got.Last, 0.1+0.345, 1e-12)
	near(t, "change", got.Change.Mean, 0.3, 1e-12)
	near(t, "slope", got.Slope.Mean, 1, 1e-9)
	near(t, "low", got.Slope.Low, 1, 1e-9)
	if got.Verdict != Better || got.Trials != 40 || got.Studies != 1 {
		t.Errorf("%+v", got)
	}
}

// TestSlopeByHand: HC3 for y = 0, 0, 3, 1 at x = 0..3. The slope is 0.6, the
// fit 0.1, 0.7, 1.3, 1.9, the leverages 0.7, 0.3, 0.3, 0.7.
func TestSlopeByHand(t *testing.T) {
	got := byT.slope([]float64{0, 0, 3, 1})
	near(t, "slope", got.Mean, 60, 1e-9)
	sum := 0.0
	for _, c := range []struct{ x, residual, leverage float64 }{{-1.5, -0.1, 0.7}, {-0.5, -0.7, 0.3}, {0.5, 1.7, 0.3}, {1.5, -0.9, 0.7}} {
		sum += math.Pow(c.x*c.residual/(1-c.leverage), 2)
	}
	near(t, "high", got.High, 60+100*tQuantile(0.975, 2)*math.Sqrt(sum)/5, 1e-9)
}

// TestSlopeSkipsFailures: a failed trial keeps its place in time.
func TestSlopeSkipsFailures(t *testing.T) {
	got := byT.slope([]float64{0, nan, 0.2, 0.3, math.Inf(1), 0.5})
	near(t, "slope", got.Mean, 10, 1e-9)
}

// TestSlopeCoverage: the interval of one study's slope holds the truth where
// the noise grows in the course of the study, and nearly so where it is as
// skewed as an exponential too. The standard error is 0.005.
func TestSlopeCoverage(t *testing.T) {
	const studies, trials, slope = 2000, 60, 0.002
	r := rand.New(rand.NewPCG(11, 12))
	for _, c := range []struct {
		name   string
		noise  func() float64
		lo, hi float64
	}{
		{"normal", r.NormFloat64, 0.935, 0.965},
		{"exponential", func() float64 { return r.ExpFloat64() - 1 }, 0.905, 0.965},
	} {
		covered := 0
		for range studies {
			rewards := make([]float64, trials)
			for i := range rewards {
				rewards[i] = 0.2 + slope*float64(i) + (0.02+0.003*float64(i))*c.noise()
			}
			if !byT.slope(rewards).Excludes(100 * slope) {
				covered++
			}
		}
		if share := float64(covered) / studies; share < c.lo || share > c.hi {
			t.Errorf("with %s noise the interval holds the slope in a share %.3f of the studies", c.name, share)
		}
	}
}

func TestTrendVerdicts(t *testing.T) {
	for _, c := range []struct {
		name    string
		runs    []Run
		verdict Verdict
		want    string
	}{
		{"rising", simulated(5, 100, 0.15, 1), Better, "The rewards rose in the course of the search: their mean was"},
		{"falling", simulated(5, 100, -0.15, 1), Worse, "The rewards fell in the course of the search"},
		{"flat", simulated(5, 100, 0, 3), Unclear, "The rewards show no clear trend"},
		{"one study", simulated(1, 200, 0.15, 1), Better, ", 1 study)."},
		{"too short", []Run{rewarded(1, 2, 3)}, Unclear, "too few successful trials to see a trend in the rewards; it takes 8."},
		{"one of two too short", append(simulated(1, 200, 0.15, 1), rewarded(1, 2)), Better, ", 1 study)."},
		{"none", nil, Unclear, "too few successful trials"},
		{"a failed quarter", []Run{rewarded(nan, nan, nan, 1, 2, 1, 2, 1, 2, 1, 2, 1)}, Unclear, "their mean was - in the first quarter"},
	} {
		got := MeasureTrend(c.runs, 0.95)
		if got.Verdict != c.verdict || !strings.Contains(got.Sentence, c.want) {
			t.Errorf("%s: %q: %s", c.name, got.Verdict, got.Sentence)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestTrendOfSeveral: over seeds the interval is that of their slopes.
func TestTrendOfSeveral(t *testing.T) {
	runs := simulated(4, 50, 0.1, 1)
	var slopes []float64
	for _, run := range runs {
		slopes = append(slopes, float64(byT.slope(run.Rewards).Mean))
	}
	if got, want := MeasureTrend(runs, 0.95).Slope, byT.mean(slopes); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}
