package policy

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/kernels"
)

// subject is the trial that a question is about.
type subject struct {
	trial
	id        int
	episode   strategy.Episode
	questions []Question
	options   int // of all questions together
}

// mostOptions bounds an Explanation to some 50 megabytes of JSON.
const mostOptions = 1 << 18

// subject finds a trial.
func (p *Player) subject(id int) (subject, error) {
	p.notes.Lock()
	defer p.notes.Unlock()
	t, err := p.record.find(id)
	if err != nil {
		return subject{}, err
	}
	e := p.record.episode(id)
	s := subject{trial: t, id: id, episode: e, questions: questions(p.record.info, e.Steps, e.Answers)}
	for _, q := range s.questions {
		s.options += len(q.Options)
	}
	if s.options > mostOptions {
		return s, fmt.Errorf("%w: the %d decisions of trial %d have %d options, and %d are the most", ErrTooMuch, len(e.Steps), id, s.options, mostOptions)
	}
	return s, nil
}

// thought is what one version thinks of a trial.
type thought struct {
	steps    []strategy.StepView
	logProb  float64 // of all answers together
	entropy  float64 // summed over the decisions
	fidelity fidelity
}

func newThought(steps []strategy.StepView) thought {
	t := thought{steps: steps}
	for _, v := range steps {
		t.logProb += v.LogProb
		t.entropy += v.Entropy
	}
	return t
}

// agree reports whether a log-probability, in nats, is the one that the study
// recorded, but for rounding.
func agree(got, recorded float64) bool {
	return math.Abs(got-recorded) <= 1e-3*max(1, math.Abs(recorded)) // false for NaN
}

// think asks a version what it thinks of a trial.
func (p *Player) think(ctx context.Context, version int, s subject) (thought, error) {
	if err := p.reach(ctx, version); err != nil {
		return thought{}, err
	}
	if p.replay.fidelity == lost {
		return thought{}, fmt.Errorf("%w: version %d is another policy than the study's; %s", errLost, version, p.otherRounding())
	}
	views, err := p.replay.explainer.Explain(s.episode)
	if err != nil {
		return thought{}, history("trial %d: %w", s.id, err)
	}
	t := newThought(views)
	t.fidelity = p.replay.fidelity
	if version == s.sampled && !agree(t.logProb, s.logProb) {
		return thought{}, history("trial %d was sampled with log-probability %.6g, but version %d gives it %.6g", s.id, s.logProb, version, t.logProb)
	}
	return t, nil
}

// otherRounding says why numbers are not bit for bit the study's own.
func (p *Player) otherRounding() string {
	if own := kernels.Active(); string(own) != p.started.Kernels {
		why := fmt.Sprintf("it computed with kernels %s, this program with %s", p.started.Kernels, own)
		if slices.Contains(kernels.Levels(), kernels.Level(p.started.Kernels)) {
			why += " (ESPALIER_KERNELS=" + p.started.Kernels + " would make it the same)"
		}
		return why
	}
	return fmt.Sprintf("another program (%s) ran it, or its events are not those that it wrote", p.started.Program)
}

// roundingNote is the note on numbers that are near the study's own.
func (p *Player) roundingNote() string {
	return "These numbers are rounded otherwise than the study's own: " + p.otherRounding() + "."
}
