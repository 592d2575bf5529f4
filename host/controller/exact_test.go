package controller

import (
	"math"
	"testing"
)

// gains gives an episode of an enumerated space its made-up reward. Neighbours,
// which differ in the last decision alone, differ less than others.
func gains(e Episode) float64 {
	return 1 + math.Sin(float64(3*(e.ID/2))) + 0.3*math.Sin(float64(e.ID))
}

func TestProbabilitiesSumToOne(t *testing.T) {
	for label, config := range variants() {
		for space, want := range map[*toy]int{grid(4, 3): 81, mixed(3): 1 * 2 * 3 * 1, cells(t, smallCells): 4 * 4 * 4 * 4 * 9} {
			c := newController(t, config, space, 5)
			all := enumerate(t, space)
			if len(all) < want {
				t.Fatalf("%s: enumerated only %d episodes", space.info.Name, len(all))
			}
			scores, err := c.Gradient(make([]float32, c.Size()), all, make([]float64, len(all)))
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for _, s := range scores {
				sum += math.Exp(s.LogProb)
			}
			near(t, label+": "+space.info.Name+": sum of all probabilities", sum, 1, 1e-5)
		}
	}
}

// exactGradient is the gradient of J = Σ P(a) R(a) by enumeration:
// Σ P(a) (R(a) - b) ∇ log P(a). It also returns each P and ∇ log P.
func exactGradient(t *testing.T, c *Controller, all []Episode, baseline float64) (exact []float64, probs []float64, grads [][]float32) {
	t.Helper()
	exact = make([]float64, c.Size())
	for _, e := range all {
		g := make([]float32, c.Size())
		scores, err := c.Gradient(g, []Episode{e}, []float64{1})
		if err != nil {
			t.Fatal(err)
		}
		p := math.Exp(scores[0].LogProb)
		for i, v := range g {
			exact[i] += p * (gains(e) - baseline) * float64(v)
		}
		probs, grads = append(probs, p), append(grads, g)
	}
	return exact, probs, grads
}

func TestExactGradientOfJ(t *testing.T) {
	for _, label := range []string{"plain", "temperature", "clip", "all"} {
		config := variants()[label]
		config.EntropyWeight = 0 // J has none
		config.Units, config.Embedding = 3, 3
		t.Run(label, func(t *testing.T) {
			space := mixed(2)
			c := newController(t, config, space, 6)
			all := enumerate(t, space)
			ref := newReference(c)
			want := ref.differences(c.layout, some(), func() float64 {
				j := 0.0
				for _, e := range all {
					j += math.Exp(ref.logProb(e)) * gains(e)
				}
				return j
			})
			for _, baseline := range []float64{0, 1.3} {
				exact, _, _ := exactGradient(t, c, all, baseline)
				got := make([]float32, len(exact))
				for i, v := range exact {
					got[i] = float32(v)
				}
				sameGradient(t, c, got, want, 1e-3)
			}
		})
	}
}

// TestReinforceIsUnbiased compares the mean over many sampled episodes of
// (R - b) ∇ log P with the exact gradient of J, weight by weight.
func TestReinforceIsUnbiased(t *testing.T) {
	const n = 20000
	space := mixed(2)
	config := small()
	config.Units, config.Embedding = 3, 3
	c := newController(t, config, space, 7)
	all := enumerate(t, space)
	ids := map[string]int{}
	for i, e := range all {
		ids[name(e)] = i
	}
	counts := make([]float64, len(all))
	mean := 0.0
	for i := range n {
		k, known := ids[name(sample(t, c, space, 8, uint64(i)))]
		if !known {
			t.Fatal("sampled an episode that the enumeration does not have")
		}
		counts[k]++
		mean += gains(all[k]) / n
	}
	exact, _, grads := exactGradient(t, c, all, 0)
	noise := map[float64]float64{}
	for _, baseline := range []float64{0, mean} {
		worst := 0.0
		for i := range exact {
			sum, squares := 0.0, 0.0
			for k, count := range counts {
				x := (gains(all[k]) - baseline) * float64(grads[k][i])
				sum += count * x
				squares += count * x * x
			}
			estimate := sum / n
			variance := squares/n - estimate*estimate
			noise[baseline] += variance
			// The floor is the rounding of float32 gradients.
			worst = max(worst, math.Abs(estimate-exact[i])/(math.Sqrt(variance/n)+1e-7))
		}
		// 4.5 standard errors: about one chance in 500 for all weights together,
		// were they independent; the seed is fixed.
		if worst > 4.5 {
			t.Errorf("baseline %.3g: an estimate lies %.1f standard errors from the exact gradient", baseline, worst)
		}
	}
	if noise[mean] >= noise[0] {
		t.Errorf("the baseline does not lower the variance: %g, without %g", noise[mean], noise[0])
	}
}
