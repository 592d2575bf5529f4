package controller

import (
	"math"
	"testing"
)

// variants are the options of the policy, each alone and all together.
func variants() map[string]Config {
	plain := small()
	hot := plain
	hot.Temperature = 1.7
	clipped := plain
	clipped.LogitClip = 1.3
	entropy := plain
	entropy.EntropyWeight = 0.3
	all := plain
	all.Temperature, all.LogitClip, all.EntropyWeight = 0.6, 1.3, 0.3
	deep := plain
	deep.Layers = 3
	shallow := plain
	shallow.Layers = 1
	return map[string]Config{
		"plain": plain, "temperature": hot, "clip": clipped, "entropy": entropy, "all": all,
		"three layers": deep, "one layer": shallow,
	}
}

func TestLogProbsAgreeWithReference(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for label, config := range variants() {
			space := mixed(4)
			c := newController(t, config, space, 1)
			ref := newReference(c)
			for _, e := range samples(t, c, space, 2, 20) {
				logs, entropies := ref.episode(e)
				views, err := c.Explain(e)
				if err != nil {
					t.Fatal(err)
				}
				for i := range logs {
					near(t, label+": sampled log-probability", e.StepLogProbs[i], logs[i], 1e-5)
					near(t, label+": sampled entropy", e.StepEntropies[i], entropies[i], 1e-5)
					near(t, label+": explained log-probability", views[i].LogProb, logs[i], 1e-5)
					near(t, label+": explained entropy", views[i].Entropy, entropies[i], 1e-5)
				}
				near(t, label+": sum", e.LogProb, total(logs), 1e-5)
			}
		}
	})
}

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v within %g", what, got, want, tolerance)
	}
}

// sameGradient compares block by block, relative to the block's largest entry,
// where want is not NaN.
func sameGradient(t *testing.T, c *Controller, got []float32, want []float64, tolerance float64) {
	t.Helper()
	for _, b := range c.layout.blocks {
		largest := 0.0
		for i := b.offset; i < b.offset+b.rows*b.cols; i++ {
			if !math.IsNaN(want[i]) {
				largest = max(largest, math.Abs(want[i]))
			}
		}
		if largest == 0 {
			t.Errorf("%s: the whole gradient is zero, so the test says nothing about it", b.name)
		}
		for i := b.offset; i < b.offset+b.rows*b.cols; i++ {
			if math.IsNaN(want[i]) {
				continue
			}
			if d := math.Abs(float64(got[i]) - want[i]); !(d <= tolerance*largest) {
				t.Fatalf("%s[%d]: gradient %v, central difference %v, off by %.2g of the block's largest",
					b.name, i-b.offset, got[i], want[i], d/largest)
			}
		}
	}
}

func TestGradientEqualsCentralDifferences(t *testing.T) {
	for label, config := range variants() {
		t.Run(label, func(t *testing.T) {
			space := mixed(4)
			c := newController(t, config, space, 3)
			episodes := samples(t, c, space, 4, 6)
			advantages := []float64{1, -0.7, 0.4, 2, -1.5, 0.9}
			ref := newReference(c)
			want := ref.differences(c.layout, some(), func() float64 { return ref.objective(episodes, advantages) })
			everyLevel(t, func(t *testing.T) {
				got := make([]float32, c.Size())
				scores, err := c.Gradient(got, episodes, advantages)
				if err != nil {
					t.Fatal(err)
				}
				for i, e := range episodes {
					near(t, "score", scores[i].LogProb, ref.logProb(e), 1e-5)
				}
				sameGradient(t, c, got, want, 3e-4)
			})
		})
	}
}
