package controller

import (
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// StepView is what the policy thinks of one decision of an episode.
type StepView struct {
	Kind     string
	Decision string
	// Logits are those of each option or candidate, before temperature and
	// clipping.
	Logits []float64
	// Probs of a choice or pointer sum to one; those of an anchors decision are
	// each candidate's own probability of being chosen.
	Probs []float64
	// Candidates are the anchor points that Logits and Probs are about; nil for
	// a choice.
	Candidates []int
	Answer     spec.Answer
	LogProb    float64 // of the answer, nats
	Entropy    float64 // nats
}

// Explain runs the present policy along an episode's answers and returns what it
// thinks of each step. To see the policy that sampled an older episode, restore
// that version's snapshot first.
func (c *Controller) Explain(e Episode) ([]StepView, error) {
	if err := c.check(&e); err != nil {
		return nil, err
	}
	t := c.tapes.Get().(*tape)
	defer c.tapes.Put(t)
	views := make([]StepView, 0, len(e.Steps))
	var score [1]Score
	t.score([]Episode{e}, score[:], func(_ int, d *spec.Decision, a spec.Answer, r *row) {
		views = append(views, StepView{
			Kind: d.Kind, Decision: d.Name, Answer: a,
			Logits:     widen(t.dist.raw),
			Candidates: append([]int(nil), r.candidates...),
			Probs:      append([]float64(nil), t.dist.probs...),
			LogProb:    t.dist.logProb(a, r.candidates),
			Entropy:    t.dist.entropy,
		})
	})
	return views, nil
}

// UpdateView is an update of the policy as one episode of its rollout sees it.
type UpdateView struct {
	// Baseline is what the rewards are compared with, and Advantage the
	// episode's reward minus it. First: no reward was seen before, so the
	// baseline is the mean of the rollout's own.
	Baseline  float64
	Advantage float64
	First     bool
	Config    Config
	Steps     []StepGradient // one for each decision of the episode
}

// StepGradient is the gradient of an update's objective by the raw logits of one
// decision, with those of all other decisions held. The objective is the one of
// Gradient; it has 1/m already.
type StepGradient struct {
	// Total is what Gradient carries back to the weights: Reward plus Entropy,
	// rounded to float32.
	Total []float64
	// Reward is the part of the advantage, Entropy that of the entropy bonus,
	// and WithoutBaseline what Reward would be with the reward itself for an
	// advantage.
	Reward          []float64
	Entropy         []float64
	WithoutBaseline []float64
}

// ExplainUpdate returns how Update with the same rollout would pull at the logits
// of episodes[of]. It changes no state. The gradients are those of the pass over
// the whole rollout that Update makes.
func (c *Controller) ExplainUpdate(episodes []Episode, rewards []float64, of int) (UpdateView, error) {
	if of < 0 || of >= len(episodes) || len(episodes) != len(rewards) {
		return UpdateView{}, fmt.Errorf("controller: explain episode %d of an update of %d episodes with %d rewards", of, len(episodes), len(rewards))
	}
	for i := range episodes {
		if err := c.check(&episodes[i]); err != nil {
			return UpdateView{}, err
		}
	}
	var u Update
	c.compare(&u, rewards)
	view := UpdateView{Baseline: u.BaselineBefore, Advantage: u.Advantages[of], First: !c.seen, Config: c.config}
	t := c.tapes.Get().(*tape)
	defer c.tapes.Put(t)
	m := float64(len(episodes))
	advantage, entropy := view.Advantage/m, c.config.EntropyWeight/m
	t.score(episodes, make([]Score, len(episodes)), func(i int, _ *spec.Decision, a spec.Answer, r *row) {
		if i != of {
			return
		}
		by := func(advantage, entropyWeight float64) []float64 {
			t.du = resize(t.du, len(t.dist.raw))
			t.dist.gradient(t.du, a, r.candidates, advantage, entropyWeight)
			return widen(t.du)
		}
		view.Steps = append(view.Steps, StepGradient{
			Total: by(advantage, entropy), Reward: by(advantage, 0), Entropy: by(0, entropy),
			WithoutBaseline: by(rewards[of]/m, 0),
		})
	})
	return view, nil
}

// widen returns x in float64.
func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
