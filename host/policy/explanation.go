package policy

import (
	"context"
	"slices"

	"github.com/espalier-nas/espalier/host/strategy"
)

// Stage says how far a trial's way to the policy has come.
type Stage string

const (
	// Training: the trial has not ended.
	Training Stage = "training"
	// Waiting: it has ended, and its rollout is not full.
	Waiting Stage = "waiting"
	// Learned: an update has learned from it.
	Learned Stage = "learned"
	// Unused: the study ended before an update could learn from it.
	Unused Stage = "unused"
)

// Explanation is why a trial was sampled and what the policy learned from it.
// Log-probabilities and entropies are in nats.
type Explanation struct {
	Trial int   `json:"trial"`
	Stage Stage `json:"stage"`
	// Notes are sentences for a person: why there is no Update, what a failed
	// trial or a duplicate counts for, and where numbers are not the study's own.
	Notes []string `json:"notes,omitempty"`
	// Sampled is the version that sampled the trial.
	Sampled int `json:"sampled"`
	// LogProb is that of all the answers together when they were sampled.
	LogProb float64 `json:"log_prob"`
	// Failed is why the trial failed; empty if it did not.
	Failed string `json:"failed,omitempty"`
	// DuplicateOf is the earlier trial with the same network whose result it
	// has or waits for; 0: none.
	DuplicateOf int `json:"duplicate_of,omitempty"`
	// Update is the one that learned from the trial; only with Stage Learned.
	Update    *UpdateView    `json:"update,omitempty"`
	Decisions []DecisionView `json:"decisions"`
}

// UpdateView is an update of the policy as one trial of its rollout sees it. The
// update is one step of Adam up the gradient of
//
//	J = (1/m) Σ_k [ A_k log P(answers_k) + EntropyWeight Σ_t H_t ],  A_k = R_k − b
type UpdateView struct {
	// Version is the one that the update made, from Version-1.
	Version int `json:"version"`
	// Trials are the whole rollout, m of them, and Rewards theirs.
	Trials  []int     `json:"trials"`
	Rewards []float64 `json:"rewards"`
	// Reward is this trial's R, Baseline is b, and Advantage A = R − b.
	Reward    float64 `json:"reward"`
	Baseline  float64 `json:"baseline"`
	Advantage float64 `json:"advantage"`
	// BaselineAfter is what the next rollout is compared with.
	BaselineAfter float64 `json:"baseline_after"`
	// First: it is the study's first update, whose baseline is the mean reward
	// of its own rollout, as there are no earlier rewards.
	First bool `json:"first,omitempty"`
	// EntropyWeight, Temperature and LogitClip (0: off) are those of
	// controller.Config.
	EntropyWeight float64 `json:"entropy_weight"`
	Temperature   float64 `json:"temperature"`
	LogitClip     float64 `json:"logit_clip"`
	LearningRate  float64 `json:"learning_rate"`
	// GradNorm is the Euclidean norm of the gradient by all weights. Where it
	// exceeds ClipNorm (0: off) the gradient is shortened to it.
	GradNorm float64 `json:"grad_norm"`
	ClipNorm float64 `json:"clip_norm"`
	// LogProbBefore and LogProbAfter are those of all the trial's answers
	// together under Version-1 and Version.
	LogProbBefore float64 `json:"log_prob_before"`
	LogProbAfter  float64 `json:"log_prob_after"`
}

// DecisionView is one decision of an Explanation.
type DecisionView struct {
	Question
	// Sampled is what the version that sampled the trial thought.
	Sampled Bars `json:"sampled"`
	// Before and After are what the versions before and after the update think,
	// and Gradient how the update pulled; all three only with an Update.
	Before   *Bars     `json:"before,omitempty"`
	After    *Bars     `json:"after,omitempty"`
	Gradient *Gradient `json:"gradient,omitempty"`
}

// Bars are what one version thinks of a decision.
type Bars struct {
	// Logits are those of each of Options before temperature and clipping.
	Logits []float64 `json:"logits"`
	// Probs sum to one, but those of an anchors decision: there each candidate
	// has its own probability of being chosen.
	Probs   []float64 `json:"probs"`
	LogProb float64   `json:"log_prob"` // of what the trial answered
	Entropy float64   `json:"entropy"`
}

// Gradient is that of the objective J by each of a decision's logits, as the
// engine took it before it went on to the weights. The weights are shared by all
// decisions of a rollout, so the logits need not move along it.
type Gradient struct {
	// Total is what the engine took: the sum of Reward and Entropy.
	Total []float64 `json:"total"`
	// Reward is the part that the advantage pulls, and Entropy the part of the
	// entropy bonus.
	Reward  []float64 `json:"reward"`
	Entropy []float64 `json:"entropy"`
	// WithoutBaseline is what Reward would be if the rewards were compared with
	// nothing: A = R.
	WithoutBaseline []float64 `json:"without_baseline"`
}

// Explain returns why a trial was sampled and what the policy learned from it. It
// goes through updates as far as that needs it, which ctx may end; what was done
// until then is not lost. The error is an ErrNoTrial, an ErrTooMuch or an
// ErrHistory, or ctx has ended.
func (p *Player) Explain(ctx context.Context, trial int) (*Explanation, error) {
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.give()
	s, err := p.subject(trial)
	if err != nil {
		return nil, err
	}
	x := &Explanation{
		Trial: trial, Sampled: s.sampled, LogProb: s.logProb, Failed: s.reason, DuplicateOf: s.duplicateOf,
		Decisions: make([]DecisionView, len(s.questions)),
	}
	t, err := p.think(ctx, s.sampled, s)
	if err != nil {
		return nil, err
	}
	for i, v := range t.steps {
		x.Decisions[i] = DecisionView{Question: s.questions[i], Sampled: bars(v)}
	}
	p.tellStage(x, s)
	worst := t.fidelity
	if s.learned > 0 {
		updated, err := p.explainUpdate(ctx, x, s)
		if err != nil {
			return nil, err
		}
		worst = min(worst, updated)
	}
	if worst < exact {
		x.note("%s", p.roundingNote())
	}
	return x, nil
}

// explainUpdate adds the update that learned from the trial, and returns the
// fidelity of its numbers.
func (p *Player) explainUpdate(ctx context.Context, x *Explanation, s subject) (fidelity, error) {
	before, err := p.think(ctx, s.learned-1, s)
	if err != nil {
		return lost, err
	}
	p.notes.Lock()
	episodes, done := p.record.lesson(s.learned)
	p.notes.Unlock()
	of := slices.Index(done.Trials, s.id)
	u, err := p.replay.explainer.ExplainUpdate(episodes, done.Rewards, of)
	if err != nil {
		return lost, history("update %d: %w", done.Version, err)
	}
	after, err := p.think(ctx, s.learned, s)
	if err != nil {
		return lost, err
	}
	x.Update = &UpdateView{
		Version: done.Version, Trials: done.Trials, Rewards: done.Rewards,
		Reward: done.Rewards[of], Baseline: u.Baseline, Advantage: u.Advantage, BaselineAfter: done.Baseline, First: u.First,
		EntropyWeight: u.Config.EntropyWeight, Temperature: u.Config.Temperature, LogitClip: u.Config.LogitClip,
		LearningRate: u.Config.LearningRate, GradNorm: done.GradNorm, ClipNorm: u.Config.ClipNorm,
		LogProbBefore: before.logProb, LogProbAfter: after.logProb,
	}
	for i, g := range u.Steps {
		d := &x.Decisions[i]
		b, a := bars(before.steps[i]), bars(after.steps[i])
		d.Before, d.After = &b, &a
		d.Gradient = &Gradient{Total: g.Total, Reward: g.Reward, Entropy: g.Entropy, WithoutBaseline: g.WithoutBaseline}
	}
	x.tellUpdate()
	return min(before.fidelity, after.fidelity), nil
}

// bars is the part of a view that differs from version to version.
func bars(v strategy.StepView) Bars {
	return Bars{Logits: v.Logits, Probs: v.Probs, LogProb: v.LogProb, Entropy: v.Entropy}
}
