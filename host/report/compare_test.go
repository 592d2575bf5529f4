package report

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// simulated are runs of seeds 1, 2, … whose accuracies rise by lift in the
// course of the run and where one trial in a hundred fails.
func simulated(seeds, trials int, lift float64, stream uint64) []Run {
	var runs []Run
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed+1, stream))
		run := Run{Seed: seed + 1}
		for i := range trials {
			accuracy := 0.55 + 0.07*r.NormFloat64() + lift*float64(i)/float64(trials)
			if r.Float64() < 0.01 {
				accuracy = nan
			}
			run.Values = append(run.Values, accuracy)
			run.Rewards = append(run.Rewards, accuracy*accuracy*accuracy)
		}
		runs = append(runs, run)
	}
	return runs
}

// flat are runs of the given accuracies, one a seed.
func flat(seeds []uint64, accuracies ...[]float64) []Run {
	var runs []Run
	for i, values := range accuracies {
		runs = append(runs, Run{Seed: seeds[i], Values: values})
	}
	return runs
}

func TestCompareOptions(t *testing.T) {
	if err := DefaultCompare().Validate(); err != nil {
		t.Errorf("the default options: %v", err)
	}
	bad := CompareOptions{Metric: "f1", Top: []int{5, 1}, Headline: 2, Every: -1, Level: 1, Method: "z", Resamples: 1}
	err := bad.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, what := range []string{"metric", "top", "headline", "every", "level", "method", "resamples"} {
		if !strings.Contains(err.Error(), what) {
			t.Errorf("the error does not mention %s:\n%v", what, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Compare took options that are not valid")
		}
	}()
	Compare(nil, nil, bad)
}

// TestCompareByHand: two seeds, three trials each.
func TestCompareByHand(t *testing.T) {
	o := DefaultCompare()
	o.Top, o.Headline, o.Every = []int{1, 2}, 2, 2
	a := flat([]uint64{7, 8}, []float64{0.5, 0.6, 0.9}, []float64{0.4, 0.8, 0.6})
	b := flat([]uint64{8, 7}, []float64{0.5, 0.5, 0.6}, []float64{0.2, 0.5, 0.7}) // listed the other way around
	c := Compare(a, b, o)
	if !c.Paired || c.Budget != 3 || c.Headline != 2 || len(c.Checkpoints) != 2 || c.Checkpoints[0].Trials != 2 || c.Checkpoints[1].Trials != 3 {
		t.Fatalf("%+v", c)
	}
	for _, want := range []struct {
		point, top       int
		a, b, difference float64
	}{
		{0, 0, 0.7, 0.5, 0.2},     // 0.6, 0.8 against 0.5, 0.5
		{0, 1, 0.575, 0.425, .15}, // 0.55, 0.6 against 0.35, 0.5
		{1, 0, 0.85, 0.65, 0.2},   // 0.9, 0.8 against 0.7, 0.6
		{1, 1, 0.725, 0.575, .15}, // 0.75, 0.7 against 0.6, 0.55
	} {
		top := c.Checkpoints[want.point].Tops[want.top]
		what := fmt.Sprintf("checkpoint %d, top %d: ", want.point, top.K)
		near(t, what+"a", top.A.Mean, want.a, 1e-12)
		near(t, what+"b", top.B.Mean, want.b, 1e-12)
		near(t, what+"difference", top.Difference.Mean, want.difference, 1e-12)
	}
	// The pairs of top 2 at the end differ by 0.15 and 0.15.
	if c.Verdict != Better {
		t.Errorf("verdict %q", c.Verdict)
	}
	// Seed 7: the best 0.9 over the mean 1.4/3; seed 8: 0.8 over 1.6/3.
	near(t, "improvement of a", c.ImprovementA.Mean, (0.9/(1.4/3)+0.8/(1.6/3))/2-1, 1e-12)
	near(t, "improvement of b", c.ImprovementB.Mean, (0.7/(1.4/3)+0.6/(1.6/3))/2-1, 1e-12)
	if got, want := len(c.BandsA), 3; got != want {
		t.Fatalf("%d points in the band, want %d", got, want)
	}
	near(t, "band", c.BandsA[1].Mean, 0.7, 1e-12)
	near(t, "band", c.BandsA[2].Mean, 0.85, 1e-12)
}

func TestCompareEqualBudget(t *testing.T) {
	a, b := simulated(3, 50, 0, 1), simulated(3, 50, 0, 2)
	short := Compare(a, b, DefaultCompare())
	a[1].Values = append(a[1].Values, 0.99) // a trial that the others had no chance of
	long := Compare(a, b, DefaultCompare())
	if long.Budget != 50 || !reflect.DeepEqual(jsonOf(t, short.Checkpoints), jsonOf(t, long.Checkpoints)) {
		t.Errorf("a longer run changes the comparison")
	}
	if !slices.Contains(long.Notes, "The runs have 50 to 51 trials; the first 50 of each are compared.") {
		t.Errorf("notes: %q", long.Notes)
	}
}

func TestComparePairing(t *testing.T) {
	a, b := simulated(3, 20, 0, 1), simulated(3, 20, 0, 2)
	for _, c := range []struct {
		name   string
		change func()
		paired bool
	}{
		{"same seeds", func() {}, true},
		{"one seed differs", func() { b[0].Seed = 99 }, false},
		{"a seed twice", func() { a[0].Seed, b[0].Seed = 2, 2 }, false},
		{"fewer on one side", func() { b = b[:2] }, false},
	} {
		c.change()
		if got := Compare(a, b, DefaultCompare()); got.Paired != c.paired {
			t.Errorf("%s: paired is %v", c.name, got.Paired)
		}
	}
}

// TestCompareSymmetry: swapping the sides turns every sign.
func TestCompareSymmetry(t *testing.T) {
	for _, n := range []int{4, 5} { // paired and not
		a, b := simulated(5, 60, 0.1, 1), simulated(n, 60, 0, 2)
		forth, back := Compare(a, b, DefaultCompare()), Compare(b, a, DefaultCompare())
		for i, point := range forth.Checkpoints {
			for j, top := range point.Tops {
				other := back.Checkpoints[i].Tops[j]
				near(t, "difference", top.Difference.Mean, -float64(other.Difference.Mean), 1e-12)
				near(t, "low", top.Difference.Low, -float64(other.Difference.High), 1e-12)
				near(t, "p", top.Test.P, float64(other.Test.P), 1e-12)
			}
		}
		if forth.Verdict != Better || back.Verdict != Worse {
			t.Errorf("verdicts %q and %q", forth.Verdict, back.Verdict)
		}
	}
}

func TestCompareManyTrials(t *testing.T) {
	c := Compare(simulated(2, 1234, 0, 1), simulated(2, 1234, 0, 2), DefaultCompare())
	if len(c.BandsA) != bandPoints || c.BandsA[bandPoints-1].Trials != 1234 {
		t.Errorf("%d points, the last at %d", len(c.BandsA), c.BandsA[len(c.BandsA)-1].Trials)
	}
	for i := 1; i < len(c.BandsA); i++ {
		if c.BandsA[i].Trials <= c.BandsA[i-1].Trials || c.BandsA[i].Mean < c.BandsA[i-1].Mean {
			t.Fatalf("the best so far falls or stands still in time at point %d", i)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestComparisonJSON(t *testing.T) {
	for name, c := range map[string]Comparison{
		"both":       Compare(simulated(3, 20, 0.1, 1), simulated(3, 20, 0, 2), DefaultCompare()),
		"no control": Compare(simulated(3, 20, 0.1, 1), nil, DefaultCompare()),
		"one seed":   Compare(simulated(1, 20, 0.1, 1), simulated(1, 20, 0, 2), DefaultCompare()),
		"nothing":    Compare(nil, nil, DefaultCompare()),
	} {
		text := jsonOf(t, c)
		var back Comparison
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again := jsonOf(t, back); again != text {
			t.Errorf("%s: read back it is\n%s\nwas\n%s", name, again, text)
		}
		if strings.Contains(text, `:null`) && name == "both" || !strings.HasPrefix(text, `{"schema":"espalier.comparison.v1"`) {
			t.Errorf("%s: %s", name, text)
		}
		for _, list := range []string{`"checkpoints":null`, `"bands_a":null`, `"bands_b":null`, `"notes":null`, `"tops":null`} {
			if strings.Contains(text, list) {
				t.Errorf("%s: an empty list is null: %s", name, list)
			}
		}
	}
}
