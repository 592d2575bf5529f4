package rewards

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func mustOpen(t testing.TB, name, params string) guest.Shaper {
	t.Helper()
	m := Module()
	s, _, err := m.Shaper(name, spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// curve is a trial with these validation accuracies.
func curve(accuracies ...float64) spec.Metrics {
	m := spec.Metrics{Params: 1_000_000, MACs: 50_000_000, LatencySeconds: 0.02}
	for i, a := range accuracies {
		m.Epochs = append(m.Epochs, spec.Epoch{Epoch: i + 1, ValidAccuracy: a})
	}
	return m
}

var nan, inf = math.NaN(), math.Inf(1)

func TestAccuracy(t *testing.T) {
	for _, test := range []struct {
		params string
		m      spec.Metrics
		want   float64
	}{
		{``, curve(0.1, 0.5, 0.8), 0.512},
		{``, curve(0.9, 0.1, 0.2, 0.3, 0.5, 0.4), 0.125}, // the first epoch is not among the last five
		{`{"last_k":1}`, curve(0.9, 0.5), 0.125},
		{`{"last_k":100,"power":1}`, curve(0.9, 0.5), 0.9},
		{`{"power":0}`, curve(0.5), 1},
		{``, curve(nan, 0.5, nan), 0.125},
		{``, curve(inf, -inf, 0.5, -1), 0.125},
		{``, curve(1), 1},
		{``, curve(0), 0},
		{``, curve(), 0},
		{``, curve(nan, nan), 0},
		{`{"failed":-1.5}`, curve(nan), -1.5},
		{`{"failed":-1.5}`, curve(), -1.5},
		{`{"failed":-1.5}`, spec.Metrics{Failed: true, Reason: "loss became NaN", Epochs: curve(0.9).Epochs}, -1.5},
		{`{"failed":-1.5}`, curve(0), 0},
	} {
		r, err := mustOpen(t, "accuracy", test.params).Reward(test.m)
		if err != nil || math.Abs(r.Reward-test.want) > 1e-12 {
			t.Errorf("accuracy %s of %+v: %v, %v, want %v", test.params, test.m.Epochs, r, err, test.want)
		}
	}
}

func TestTradeoff(t *testing.T) {
	for _, test := range []struct {
		params string
		want   float64
	}{
		{``, 0.8},
		{`{"power":2}`, 0.64},
		{`{"latency_target":0.02}`, 0.8},
		{`{"latency_target":0.01}`, 0.8 * math.Pow(2, -0.07)},
		{`{"latency_target":0.04}`, 0.8 * math.Pow(0.5, -0.07)},
		{`{"latency_target":0.01,"latency_under":0,"latency_over":-1}`, 0.4},
		{`{"latency_target":0.04,"latency_under":0,"latency_over":-1}`, 0.8},
		{`{"params_target":500000,"params_over":-1}`, 0.4},
		{`{"macs_target":25000000,"macs_over":-0.5}`, 0.8 / math.Sqrt2},
		{`{"params_target":500000,"params_over":-1,"macs_target":25000000,"macs_over":-1,"latency_target":0.01,"latency_over":-1}`, 0.1},
	} {
		r, err := mustOpen(t, "tradeoff", test.params).Reward(curve(0.8))
		if err != nil || math.Abs(r.Reward-test.want) > 1e-12 {
			t.Errorf("tradeoff %s: %v, %v, want %v", test.params, r, err, test.want)
		}
	}
	// MnasNet's example: twice the latency for 5 % more accuracy is about even.
	s := mustOpen(t, "tradeoff", `{"latency_target":0.02}`)
	slow := curve(0.8 * 1.05)
	slow.LatencySeconds = 0.04
	a, _ := s.Reward(curve(0.8))
	b, _ := s.Reward(slow)
	if math.Abs(a.Reward/b.Reward-1) > 0.001 {
		t.Errorf("rewards %v and %v, want about the same", a.Reward, b.Reward)
	}
}

// TestParts holds that the parts explain the number.
func TestParts(t *testing.T) {
	s := mustOpen(t, "tradeoff", `{"power":3,"params_target":500000,"macs_target":1e9,"latency_target":0.01}`)
	r, err := s.Reward(curve(0.7, 0.8, 0.75))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]float64{}
	var names []string
	for _, p := range r.Parts {
		parts[p.Name] = p.Value
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "accuracy epoch accuracy_term latency_factor params_factor macs_factor" {
		t.Errorf("parts %s", got)
	}
	if parts["accuracy"] != 0.8 || parts["epoch"] != 2 || math.Abs(parts["accuracy_term"]-0.512) > 1e-12 {
		t.Errorf("parts %v", parts)
	}
	product := parts["accuracy_term"] * parts["latency_factor"] * parts["params_factor"] * parts["macs_factor"]
	if math.Abs(product-r.Reward) > 1e-12 {
		t.Errorf("the parts multiply to %v, the reward is %v", product, r.Reward)
	}
}

func TestRefused(t *testing.T) {
	var f *spec.Fault
	if _, err := mustOpen(t, "accuracy", ``).Reward(curve(93)); !errors.As(err, &f) || f.Code != spec.CodeUnsupported || !strings.Contains(f.Msg, "fractions") {
		t.Errorf("an accuracy in percent: %v", err)
	}
	for _, latency := range []float64{0, nan, -1} {
		m := curve(0.5)
		m.LatencySeconds = latency
		if _, err := mustOpen(t, "tradeoff", `{"latency_target":0.1}`).Reward(m); !errors.As(err, &f) || !strings.Contains(f.Msg, "not measured") {
			t.Errorf("latency %v: %v", latency, err)
		}
		if _, err := mustOpen(t, "tradeoff", ``).Reward(m); err != nil {
			t.Errorf("latency %v without a target: %v", latency, err)
		}
	}
	m := Module()
	for params, want := range map[string]string{
		`{"power":-1}`:          "at least 0",
		`{"last_k":0}`:          "at least 1",
		`{"latency_over":0.5}`:  "at most 0",
		`{"params_target":-1}`:  "at least 0",
		`{"latency_targt":0.1}`: `did you mean "latency_target"?`,
	} {
		if _, _, err := m.Shaper("tradeoff", spec.Raw(params)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", params, err, want)
		}
	}
}

// TestFinite holds that rewards are finite for any metrics and params.
func TestFinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	odd := []float64{0, 1, nan, -inf, 5e-324, 1e-9, 0.5}
	loss := func() float64 { return odd[rng.IntN(len(odd))] * math.Pow(10, float64(rng.IntN(309))) }
	strange := func() float64 { return odd[rng.IntN(len(odd))] }
	shapers := []guest.Shaper{
		mustOpen(t, "accuracy", ``), mustOpen(t, "accuracy", `{"power":16,"failed":-1e300}`), mustOpen(t, "tradeoff", ``),
		mustOpen(t, "tradeoff", `{"latency_target":1e-300,"latency_under":-4,"latency_over":-4,"params_target":1e18,"params_under":-4,"macs_target":1e-9,"macs_over":-4}`),
		mustOpen(t, "perplexity", ``), mustOpen(t, "perplexity", `{"c":1e18,"failed":-1e300}`),
		mustOpen(t, "tradeoff", `{"latency_target":1e18,"latency_under":-4,"params_target":1e18,"params_under":-4,"macs_target":1e18,"macs_under":-4}`),
	}
	for range 2000 {
		m := curve()
		for range rng.IntN(8) {
			m.Epochs = append(m.Epochs, spec.Epoch{Epoch: rng.IntN(9), TrainLoss: loss(), ValidLoss: loss(), ValidAccuracy: strange()})
		}
		m.Params, m.MACs, m.Failed = rng.Int64()-rng.Int64(), rng.Int64()*rng.Int64N(2), rng.IntN(5) == 0
		m.LatencySeconds = max(rng.ExpFloat64(), 5e-324)
		for i, s := range shapers {
			r, err := s.Reward(m)
			if err != nil || math.IsNaN(r.Reward) || math.IsInf(r.Reward, 0) {
				t.Fatalf("shaper %d, %+v: %v, %v", i, m, r, err)
			}
			for _, p := range r.Parts {
				if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
					t.Fatalf("shaper %d, %+v: part %+v", i, m, p)
				}
			}
		}
	}
}

// TestMonotone holds that more accuracy never earns less, all else equal.
func TestMonotone(t *testing.T) {
	for _, s := range []guest.Shaper{mustOpen(t, "accuracy", ``), mustOpen(t, "tradeoff", `{"latency_target":0.01,"params_target":1000}`)} {
		last := -1.0
		for a := 0; a <= 100; a++ {
			r, err := s.Reward(curve(float64(a) / 100))
			if err != nil || r.Reward < last {
				t.Fatalf("accuracy %d %%: %v, %v, after %v", a, r.Reward, err, last)
			}
			last = r.Reward
		}
	}
}
