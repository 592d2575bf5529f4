package controller

import (
	"math"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// explained is a rollout before an update that is not the first, with what
// ExplainUpdate and Explain say of each of its episodes.
type explained struct {
	c        *Controller
	episodes []Episode
	rewards  []float64
	updates  []UpdateView
	steps    [][]StepView
}

func explainRollout(t *testing.T, config Config) explained {
	t.Helper()
	space := mixed(4)
	x := explained{c: newController(t, config, space, 3), rewards: []float64{0.9, -0.7, 0.4, 2, -1.5, 0.1}}
	if _, err := x.c.Update(samples(t, x.c, space, 5, 4), []float64{0.1, 0.2, 0.6, 0.3}); err != nil {
		t.Fatal(err)
	}
	x.episodes = samples(t, x.c, space, 4, len(x.rewards))
	for i, e := range x.episodes {
		u, err := x.c.ExplainUpdate(x.episodes, x.rewards, i)
		if err != nil {
			t.Fatal(err)
		}
		s, err := x.c.Explain(e)
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Steps) != len(e.Steps) {
			t.Fatalf("episode %d of %d decisions has %d gradients", i, len(e.Steps), len(u.Steps))
		}
		x.updates, x.steps = append(x.updates, u), append(x.steps, s)
	}
	return x
}

// TestLogitGradientsSumToTheWeights holds the gradients that a person is shown
// against the one that Adam gets. A choice's logits are S h + s, so the gradient
// by s is the sum over all decisions of the kind; those of an anchors or pointer
// decision are linear in v, so v·∂J/∂v is the sum of logit times gradient.
func TestLogitGradientsSumToTheWeights(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for label, config := range variants() {
			x := explainRollout(t, config)
			var advantages []float64
			for _, u := range x.updates {
				advantages = append(advantages, u.Advantage)
			}
			dweights := make([]float32, x.c.Size())
			if _, err := x.c.Gradient(dweights, x.episodes, advantages); err != nil {
				t.Fatal(err)
			}
			for _, k := range x.c.layout.kinds {
				sums := make([]float64, k.bias.cols)
				linear, size := 0.0, 0.0
				for i, u := range x.updates {
					for s, g := range u.Steps {
						view := x.steps[i][s]
						if view.Kind != k.kind.ID {
							continue
						}
						for o, du := range g.Total {
							if k.kind.Type == spec.Choice {
								sums[o] += du
							}
							linear += du * view.Logits[o]
							size += math.Abs(du * view.Logits[o])
						}
					}
				}
				if k.kind.Type == spec.Choice {
					for o, dbias := range k.bias.of(dweights) {
						near(t, label+": gradient by the bias of "+k.kind.ID, sums[o], float64(dbias), 1e-6)
					}
					continue
				}
				euler := 0.0
				for i, dv := range k.v.of(dweights) {
					euler += float64(dv) * float64(k.v.of(x.c.weights)[i])
				}
				if size < 1e-3 {
					t.Errorf("%s: the gradients by the logits of %s are nearly zero, so the test says nothing about them", label, k.kind.ID)
				}
				near(t, label+": gradient along v of "+k.kind.ID, linear, euler, 1e-6)
			}
		}
	})
}

// contribution is a decision's part of the objective as a function of its raw
// logits, in float64: advantage log P + entropyWeight H.
func contribution(config Config, d *spec.Decision, a spec.Answer, set bool, logits []float64, advantage, entropyWeight float64) float64 {
	shape := (&reference{config: config}).shape
	var log, entropy float64
	if set {
		chosen := map[int]bool{}
		for _, j := range a.Anchors {
			chosen[j] = true
		}
		for i, j := range d.Candidates {
			p := logistic(shape(logits[i]))
			entropy -= p*math.Log(p) + (1-p)*math.Log(1-p)
			if !chosen[j] {
				p = 1 - p
			}
			log += math.Log(p)
		}
		return advantage*log + entropyWeight*entropy
	}
	z := make([]float64, len(logits))
	for i, u := range logits {
		z[i] = shape(u)
		if len(d.Mask) > 0 && !d.Mask[i] {
			z[i] = math.Inf(-1)
		}
	}
	log, entropy = categorical(z, position(a.Index, d.Candidates))
	return advantage*log + entropyWeight*entropy
}

func TestLogitGradientsEqualCentralDifferences(t *testing.T) {
	const step = 1e-5
	for label, config := range variants() {
		x := explainRollout(t, config)
		m := float64(len(x.episodes))
		for i, u := range x.updates {
			for s, g := range u.Steps {
				view, d := x.steps[i][s], x.episodes[i].Steps[s].Decision
				for _, part := range []struct {
					name               string
					got                []float64
					advantage, entropy float64
				}{
					{"total", g.Total, u.Advantage / m, config.EntropyWeight / m},
					{"reward", g.Reward, u.Advantage / m, 0},
					{"entropy", g.Entropy, 0, config.EntropyWeight / m},
					{"without baseline", g.WithoutBaseline, x.rewards[i] / m, 0},
				} {
					if len(part.got) != len(view.Logits) {
						t.Fatalf("%s: %s has %d gradients for %d logits", label, d.Name, len(part.got), len(view.Logits))
					}
					for o, old := range view.Logits {
						at := func(u float64) float64 {
							view.Logits[o] = u
							return contribution(config, d, view.Answer, view.Kind == "feed", view.Logits, part.advantage, part.entropy)
						}
						want := (at(old+step) - at(old-step)) / (2 * step)
						view.Logits[o] = old
						near(t, label+": "+part.name+" of "+d.Name, part.got[o], want, 2e-6)
					}
				}
			}
		}
	}
}

// TestLogitGradientsOfAChoice holds them against the closed form without options:
// ∂J/∂u_k = (A/m) ([a = k] − p_k).
func TestLogitGradientsOfAChoice(t *testing.T) {
	x := explainRollout(t, small())
	m := float64(len(x.episodes))
	for i, u := range x.updates {
		near(t, "advantage", u.Advantage, x.rewards[i]-u.Baseline, 0)
		for s, g := range u.Steps {
			view := x.steps[i][s]
			if view.Kind == "feed" {
				continue
			}
			for k, p := range view.Probs {
				hit := 0.0
				if position(view.Answer.Index, view.Candidates) == k {
					hit = 1
				}
				near(t, view.Decision, g.Total[k], u.Advantage/m*(hit-p), 1e-7)
				near(t, view.Decision+" without baseline", g.WithoutBaseline[k], x.rewards[i]/m*(hit-p), 1e-7)
			}
		}
	}
}

func TestExplainUpdateTellsWhatUpdateDoes(t *testing.T) {
	x := explainRollout(t, variants()["all"])
	hash := x.c.Hash()
	u, err := x.c.Update(x.episodes, x.rewards)
	if err != nil {
		t.Fatal(err)
	}
	for i, view := range x.updates {
		if view.Baseline != u.BaselineBefore || view.Advantage != u.Advantages[i] || view.First || view.Config != x.c.Config() {
			t.Errorf("episode %d is explained with %+v, the update says %+v", i, view, u)
		}
	}
	again := explainRollout(t, variants()["all"])
	if again.c.Hash() != hash {
		t.Error("explaining an update has changed the weights")
	}
	first := newController(t, small(), mixed(4), 3)
	view, err := first.ExplainUpdate(x.episodes, x.rewards, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "baseline of the first update", view.Baseline, total(x.rewards)/6, 1e-12)
	if _, seen := first.Baseline(); !view.First || seen {
		t.Errorf("first is %v, and a baseline is set: %v", view.First, seen)
	}
}

func TestExplainUpdateRefusesWhatIsNoRollout(t *testing.T) {
	x := explainRollout(t, small())
	for _, of := range []int{-1, len(x.episodes)} {
		if _, err := x.c.ExplainUpdate(x.episodes, x.rewards, of); err == nil {
			t.Errorf("episode %d of %d was explained", of, len(x.episodes))
		}
	}
	if _, err := x.c.ExplainUpdate(x.episodes, x.rewards[1:], 0); err == nil {
		t.Error("a reward too few was accepted")
	}
	x.episodes[1].Answers = x.episodes[1].Answers[1:]
	if _, err := x.c.ExplainUpdate(x.episodes, x.rewards, 0); err == nil {
		t.Error("an episode with an answer too few was accepted")
	}
}
