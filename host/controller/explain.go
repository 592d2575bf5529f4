package controller

import "github.com/espalier-nas/espalier/wasm/spec"

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
		v := StepView{
			Kind: d.Kind, Decision: d.Name, Answer: a,
			Candidates: append([]int(nil), r.candidates...),
			Probs:      append([]float64(nil), t.dist.probs...),
			LogProb:    t.dist.logProb(a, r.candidates),
			Entropy:    t.dist.entropy,
		}
		for _, u := range t.dist.raw {
			v.Logits = append(v.Logits, float64(u))
		}
		views = append(views, v)
	})
	return views, nil
}
