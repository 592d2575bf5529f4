package rewards

import (
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// losses is a trial with these validation losses.
func losses(list ...float64) spec.Metrics {
	var m spec.Metrics
	for i, l := range list {
		m.Epochs = append(m.Epochs, spec.Epoch{Epoch: i + 1, ValidLoss: l, ValidAccuracy: nan})
	}
	return m
}

func TestPerplexity(t *testing.T) {
	log := math.Log
	for _, test := range []struct {
		params     string
		m          spec.Metrics
		want       float64
		ppl, epoch float64
	}{
		{``, losses(log(100)), 0.008, 100, 1},
		{``, losses(log(200), log(80), log(100)), 0.0125, 80, 2},
		{``, losses(log(10), log(90), log(80), log(90), log(100), log(110)), 0.0125, 80, 3}, // the first epoch is not among the last five
		{`{"last_k":1}`, losses(log(80), log(100)), 0.008, 100, 2},
		{`{"c":2}`, losses(log(2)), 0.5, 2, 1},
		{`{"c":0}`, losses(log(2)), 0, 2, 1},
		{``, losses(0), 80, 1, 1},
		{``, losses(nan, log(100), inf, -inf, -1), 0.008, 100, 2},
		{``, losses(300), 80 * math.Exp(-600), math.Exp(300), 1},
		{``, losses(400), 0, math.Exp(400), 1},
		{``, losses(1e300), 0, math.MaxFloat64, 1},
	} {
		r, err := mustOpen(t, "perplexity", test.params).Reward(test.m)
		want := []spec.Part{{Name: "perplexity", Value: test.ppl}, {Name: "epoch", Value: test.epoch}}
		if err != nil || len(r.Parts) != len(want) || !near(r.Reward, test.want) {
			t.Errorf("perplexity %s of %+v: %v, %v, want %v", test.params, test.m.Epochs, r, err, test.want)
			continue
		}
		for i, p := range r.Parts {
			if p.Name != want[i].Name || !near(p.Value, want[i].Value) {
				t.Errorf("perplexity %s of %+v: part %+v, want %+v", test.params, test.m.Epochs, p, want[i])
			}
		}
	}
}

// near compares numbers of any size.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(b) }

func TestPerplexityOfFailures(t *testing.T) {
	crashed := losses(1)
	crashed.Failed = true
	for name, m := range map[string]spec.Metrics{"no epochs": losses(), "no losses": losses(nan, inf, -3), "failed": crashed} {
		for params, want := range map[string]float64{``: 0, `{"failed":-1.5}`: -1.5} {
			r, err := mustOpen(t, "perplexity", params).Reward(m)
			if err != nil || r.Reward != want || len(r.Parts) != 1 || r.Parts[0] != (spec.Part{Name: "failed", Value: want}) {
				t.Errorf("%s, %s: %+v, %v, want %v", name, params, r, err, want)
			}
		}
	}
	m := Module()
	for params, want := range map[string]string{`{"c":-1}`: "at least 0", `{"power":3}`: "unknown param", `{"last_k":0}`: "at least 1"} {
		if _, _, err := m.Shaper("perplexity", spec.Raw(params)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", params, err, want)
		}
	}
}

// TestPerplexityFalls holds that a higher loss never earns more.
func TestPerplexityFalls(t *testing.T) {
	s := mustOpen(t, "perplexity", ``)
	last := 81.0
	for l := 0.0; l < 800; l += 0.25 {
		r, err := s.Reward(losses(l))
		if err != nil || r.Reward > last || r.Reward == last && last > 1e-300 {
			t.Fatalf("loss %v: %v, %v, after %v", l, r.Reward, err, last)
		}
		last = r.Reward
	}
}

// TestExp compares with math.Exp, to three units in the last place.
func TestExp(t *testing.T) {
	for x := -745.0; x < 709.78; x += 0.0137 {
		want := math.Exp(x)
		ulp := math.Nextafter(want, math.Inf(1)) - want
		if got := exp(x); math.Abs(got-want) > 3*ulp {
			t.Fatalf("exp(%v) is %v, want %v", x, got, want)
		}
	}
	for x, want := range map[float64]float64{0: 1, math.Inf(-1): 0, -1e300: 0, 1e300: math.MaxFloat64, math.Inf(1): math.MaxFloat64} {
		if got := exp(x); got != want {
			t.Errorf("exp(%v) is %v, want %v", x, got, want)
		}
	}
}
