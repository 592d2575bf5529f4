package policy

import (
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// record is what a study's events say of its policy: every episode and every
// update. It grows with the study, by some 100 bytes for a trial and three for
// each of its decisions.
type record struct {
	info    spec.SpaceInfo // the kinds, for checking steps
	rollout int
	book    book
	trials  []trial         // trials[i] has the number i+1
	updates []event.Updated // updates[i] made version i+1
	// witness is the first trial that each version sampled, if it sampled any.
	witness map[int]int
	waiting int  // trials that have ended and that no update has learned from
	ended   bool // the study
	through int  // updates that the player has gone through
}

// trial is one episode and what became of it.
type trial struct {
	episode     []byte // in the book
	logProb     float64
	sampled     int // version
	learned     int // version; 0: none
	duplicateOf int
	ended       bool
	reason      string // why it failed
}

// apply adds an event, or returns an error and changes nothing.
func (r *record) apply(e event.Event) error {
	switch {
	case e.Seq == 0: // live: nothing that stays
		return nil
	case e.Sampled != nil:
		return r.sample(e.Sampled)
	case e.Done != nil:
		return r.done(e.Done)
	case e.Updated != nil:
		return r.update(e.Updated)
	case e.Ended != nil:
		r.ended = true
	case e.Controlled != nil && e.Controlled.Action == event.Extend:
		r.ended = false // it goes on
	}
	return nil
}

func (r *record) sample(p *event.Sampled) error {
	switch {
	case p.Trial != len(r.trials)+1:
		return history("trial %d follows trial %d", p.Trial, len(r.trials))
	case p.Version < 0 || p.Version > len(r.updates):
		return history("version %d sampled trial %d after %d updates", p.Version, p.Trial, len(r.updates))
	case len(p.Decisions) != len(p.Answers):
		return history("trial %d has %d decisions and %d answers; only whole events will do", p.Trial, len(p.Decisions), len(p.Answers))
	}
	anchors := 0
	for i := range p.Decisions {
		d := &p.Decisions[i]
		err := r.info.Check(spec.Step{Decision: d}, anchors)
		if err == nil {
			err = r.info.CheckAnswer(*d, p.Answers[i])
		}
		if err != nil {
			return history("trial %d: %w", p.Trial, err)
		}
		if d.Anchor {
			anchors++
		}
	}
	r.trials = append(r.trials, trial{
		episode: r.book.write(p.Decisions, p.Answers), logProb: p.LogProb,
		sampled: p.Version, duplicateOf: p.DuplicateOf,
	})
	if r.witness[p.Version] == 0 {
		r.witness[p.Version] = p.Trial
	}
	return nil
}

func (r *record) done(p *event.Done) error {
	if p.Trial < 1 || p.Trial > len(r.trials) || r.trials[p.Trial-1].ended {
		return history("trial %d ends, but it is not under way", p.Trial)
	}
	t := &r.trials[p.Trial-1]
	t.ended, t.duplicateOf = true, p.DuplicateOf
	if p.Status == event.Failed {
		t.reason = p.Reason
		if t.reason == "" {
			t.reason = "no reason was recorded"
		}
	}
	r.waiting++
	return nil
}

func (r *record) update(p *event.Updated) error {
	switch {
	case p.Version != len(r.updates)+1:
		return history("version %d follows version %d", p.Version, len(r.updates))
	case len(p.Trials) != r.rollout || len(p.Rewards) != r.rollout:
		return history("update %d has %d trials and %d rewards; a rollout has %d", p.Version, len(p.Trials), len(p.Rewards), r.rollout)
	}
	for i, id := range p.Trials {
		if id < 1 || id > len(r.trials) || !r.trials[id-1].ended || r.trials[id-1].learned != 0 || slices.Contains(p.Trials[:i], id) {
			return history("update %d learns from trial %d, which has not ended or was learned from before", p.Version, id)
		}
	}
	for _, id := range p.Trials {
		r.trials[id-1].learned = p.Version
	}
	r.waiting -= len(p.Trials)
	own := *p
	own.Trials, own.Rewards, own.Advantages = slices.Clone(p.Trials), slices.Clone(p.Rewards), nil
	r.updates = append(r.updates, own)
	return nil
}

// find returns a trial.
func (r *record) find(id int) (trial, error) {
	if id < 1 || id > len(r.trials) {
		return trial{}, fmt.Errorf("%w: %d; the study has trials 1 to %d", ErrNoTrial, id, len(r.trials))
	}
	return r.trials[id-1], nil
}

// episode is the strategy's view of a trial.
func (r *record) episode(id int) strategy.Episode {
	t := &r.trials[id-1]
	steps, answers := r.book.read(t.episode)
	return strategy.Episode{ID: id, Version: t.sampled, Steps: steps, Answers: answers}
}

// lesson returns what the policy learned from to become version.
func (r *record) lesson(version int) ([]strategy.Episode, event.Updated) {
	u := r.updates[version-1]
	var episodes []strategy.Episode
	for _, id := range u.Trials {
		episodes = append(episodes, r.episode(id))
	}
	return episodes, u
}
