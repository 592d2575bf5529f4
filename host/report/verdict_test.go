package report

import (
	"strings"
	"testing"
)

func TestSentences(t *testing.T) {
	one := DefaultCompare()
	one.Top, one.Headline = []int{1}, 1
	reward := DefaultCompare()
	reward.Metric = Reward
	wide := DefaultCompare()
	wide.Level = 0.995
	pair := DefaultCompare()
	pair.Top, pair.Headline = []int{2}, 2
	// Differences of 1, 2, 4, 2 and 3 points: mean 2.4, standard deviation
	// 1.1402, and 2.776 * 1.1402 / sqrt(5) = 1.416.
	seeds := []uint64{1, 2, 3, 4, 5}
	high := flat(seeds, slicesOf(2, 0.80), slicesOf(2, 0.82), slicesOf(2, 0.84), slicesOf(2, 0.81), slicesOf(2, 0.83))
	low := flat(seeds, slicesOf(2, 0.79), slicesOf(2, 0.80), slicesOf(2, 0.80), slicesOf(2, 0.79), slicesOf(2, 0.80))
	good, plainRuns := simulated(5, 100, 0.15, 1), simulated(5, 100, 0, 2)
	for _, c := range []struct {
		name    string
		a, b    []Run
		o       CompareOptions
		verdict Verdict
		want    string
	}{
		{"better", high, low, pair, Better,
			"RL does better than random here: the best 2 of 2 children average 82.0 % validation accuracy with RL and 79.6 % with random, a difference of +2.4 percentage points (95 % interval +1.0 to +3.8, 5 seeds; paired permutation test: p = 0.062, the least that so few seeds can give)."},
		{"worse", low, high, pair, Worse,
			"RL does worse than random here: the best 2 of 2 children average 79.6 % validation accuracy with RL and 82.0 % with random, a difference of -2.4 percentage points (95 % interval -3.8 to -1.0, 5 seeds; paired permutation test: p = 0.062, the least that so few seeds can give)."},
		{"unclear", simulated(5, 100, 0, 3), plainRuns, wide, Unclear, "No clear difference yet between RL and random: the best 5 of 100 children average"},
		{"no control", high, nil, pair, NoControl,
			"There is no random control, so this does not show whether RL does better than drawing architectures at random; with 5 seeds, the best 2 of 2 children average 82.0 % validation accuracy."},
		{"p above the least", simulated(5, 100, 0, 3), plainRuns, DefaultCompare(), Unclear, ", where so few seeds cannot give less than 0.062)."},
		{"one seed", good[:1], plainRuns[:1], DefaultCompare(), Unclear, "(1 seed, too few for an interval)."},
		{"three against five", good[:3], plainRuns, DefaultCompare(), Better, "3 and 5 seeds; permutation test: p = 0.018)."},
		{"best one", good, plainRuns, one, Better, "the best of 100 children reaches"},
		{"reward", good, plainRuns, reward, Better, "average a reward of 0.504 with RL and 0.317 with random, a difference of +0.187 (95 % interval"},
		{"small budget", simulated(3, 3, 0, 1), simulated(3, 3, 0, 2), DefaultCompare(), Unclear, "the best of 3 children reaches"},
		{"no run", nil, plainRuns, DefaultCompare(), Unclear, "There is no finished trial of RL, so there is nothing to say about it."},
		{"nothing at all", nil, nil, DefaultCompare(), NoControl, "There is no finished trial of RL, so there is nothing to say about it."},
		{"all failed", flat([]uint64{1}, []float64{nan, nan}), nil, one, NoControl, "Too few children were trained successfully to say what the best of 2 children is like."},
		{"control failed", good[:2], flat([]uint64{1, 2}, make([]float64, 100), slicesOf(100, nan)), one, Unclear, "Too few children were trained successfully"},
		{"level", simulated(5, 100, 0, 3), plainRuns, wide, Unclear, "(99.5 % interval -"},
	} {
		got := Compare(c.a, c.b, c.o)
		if got.Verdict != c.verdict || !strings.Contains(got.Sentence, c.want) {
			t.Errorf("%s: %q: %s\nwant %q: %s", c.name, got.Verdict, got.Sentence, c.verdict, c.want)
		}
	}
}

func slicesOf(n int, v float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = v
	}
	return values
}

// TestVerdictFollowsInterval: for many simulated comparisons the verdict is
// what the interval in the table says.
func TestVerdictFollowsInterval(t *testing.T) {
	seen := map[Verdict]int{}
	for stream := range uint64(60) {
		lift := 0.02 * (float64(stream%7) - 3)
		c := Compare(simulated(5, 40, lift, 2*stream), simulated(5, 40, 0, 2*stream+1), DefaultCompare())
		var top Top
		for _, x := range c.Checkpoints[len(c.Checkpoints)-1].Tops {
			if x.K == c.Headline {
				top = x
			}
		}
		want := Unclear
		switch {
		case top.Difference.Low > 0:
			want = Better
		case top.Difference.High < 0:
			want = Worse
		}
		if c.Verdict != want {
			t.Errorf("stream %d: %q for %v", stream, c.Verdict, top.Difference)
		}
		seen[want]++
	}
	for _, v := range []Verdict{Better, Worse, Unclear} {
		if seen[v] == 0 {
			t.Errorf("no case of %q was tried: %v", v, seen)
		}
	}
}

// TestFalseAlarms: with nothing to find, a verdict of better or worse is as
// rare as the level of the interval promises. The standard error is 0.01.
func TestFalseAlarms(t *testing.T) {
	o := DefaultCompare()
	o.Top, o.Headline, o.Every = []int{5}, 5, 30
	alarms := 0
	const studies = 500
	for stream := range uint64(studies) {
		if Compare(simulated(5, 30, 0, 2*stream), simulated(5, 30, 0, 2*stream+1), o).Verdict != Unclear {
			alarms++
		}
	}
	if share := float64(alarms) / studies; share < 0.02 || share > 0.08 {
		t.Errorf("a share %.3f of equal studies is called different, want about 0.05", share)
	}
}
