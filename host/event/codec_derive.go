package event

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// derive restores what a snapshot leaves out: counts, the best trial, the curve
// and what controls lead to. It refuses rows that no fold gives.
func (s *State) derive() error {
	if err := errors.Join(s.checkRows(), s.checkControls()); err != nil {
		return err
	}
	s.count()
	if n := s.events(); n != s.Seq {
		return fmt.Errorf("its rows stand for %d events, and there were %d", n, s.Seq)
	}
	if s.Started != nil {
		controls := s.Controls
		s.Controls = nil
		s.controlUntil(controls, s.Seq)
	}
	var ended []*Trial
	for i := range s.Trials {
		if t := &s.Trials[i]; t.Status != Running {
			ended = append(ended, t)
		}
	}
	slices.SortStableFunc(ended, func(a, b *Trial) int { return cmp.Compare(a.DoneSeq, b.DoneSeq) })
	for i, t := range ended {
		if t.Status == OK {
			s.rank(t, i+1)
		}
	}
	return nil
}

// events is how many events the rows stand for.
func (s *State) events() int64 {
	n := len(s.Trials) + s.Counts.Ended() + len(s.Updates) + len(s.Others) + len(s.Controls)
	for i := range s.Controls {
		if s.Controls[i].Reopened != nil {
			n++
		}
	}
	if s.Started != nil {
		n++
	}
	if s.Ended != nil {
		n++
	}
	return int64(n)
}

// checkRows refuses rows that refer to what does not exist or came later.
func (s *State) checkRows() error {
	if s.Seq < 0 || s.Started == nil && (s.Ended != nil || len(s.Trials)+len(s.Updates) > 0) {
		return fmt.Errorf("it has rows of a study that has not started")
	}
	before := int64(0)
	for i := range s.Trials {
		t := &s.Trials[i]
		switch {
		case t.Status != Running && t.Status != OK && t.Status != Failed:
			return fmt.Errorf("trial %d has the unknown status %q", t.ID, t.Status)
		case t.DuplicateOf < 0 || t.DuplicateOf >= t.ID || t.Repeats < 0 || t.Repeats >= t.ID:
			return fmt.Errorf("trial %d is a duplicate of %d, want an earlier one", t.ID, max(t.DuplicateOf, t.Repeats))
		case t.SampledSeq <= before || t.SampledSeq > s.Seq:
			return fmt.Errorf("trial %d was sampled in event %d of %d", t.ID, t.SampledSeq, s.Seq)
		case t.Status != Running && (t.DoneSeq <= t.SampledSeq || t.DoneSeq > s.Seq):
			return fmt.Errorf("trial %d ended in event %d of %d", t.ID, t.DoneSeq, s.Seq)
		}
		before = t.SampledSeq
	}
	for i := range s.Updates {
		if err := s.checkLearned(&s.Updates[i]); err != nil {
			return err
		}
	}
	return nil
}
