package event

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// State is the fold of a study's events. Its zero value is the state before
// the first one. The slices belong to the State; whoever looks at them while
// another goroutine applies events needs a lock.
type State struct {
	Seq     int64 // of the last journaled event
	Started *Started
	Begun   time.Time // of study.started
	Last    time.Time // of the last journaled event
	Trials  []Trial   // Trials[i].ID == i+1
	Counts  Counts
	// BestID is the trial with the highest reward, among equals the lowest ID;
	// 0: none has succeeded.
	BestID  int
	Curve   []Point   // best so far
	Updates []Updated // Updates[i].Version == i+1
	// Budget is how many trials the study is to have, as extended.
	Budget int
	Paused bool   // no trial is begun until the study continues
	Ended  *Ended // nil again if the study was extended since

	Controls []Control // what people did

	// Where the events stand of which no Trial says it; see At.
	BegunSeq  int64    // of study.started
	UpdatesAt []Moment // of Updates
	EndedAt   Moment
	Others    []Moment // of types that this program does not know
}

// Moment is the number and the time of an event.
type Moment struct {
	Seq  int64
	Time time.Time
}

// Point is a step of the best-so-far curve: when the study had Ended trials,
// the best became Trial.
type Point struct {
	Ended  int
	Trial  int
	Reward float64
}

// Apply folds e into s. It refuses, and leaves s as it was, what no study
// emits: a gap in the sequence, an end without a beginning, two ends. Event
// types that it does not know are counted and otherwise ignored.
func (s *State) Apply(e Event) error {
	if e.Seq == 0 {
		return s.applyLive(e)
	}
	if e.Seq != s.Seq+1 {
		return fmt.Errorf("event: number %d follows number %d", e.Seq, s.Seq)
	}
	if err := s.fold(e); err != nil {
		return fmt.Errorf("event %d (%s): %w", e.Seq, e.Type, err)
	}
	s.Seq = e.Seq
	s.Last = e.Time
	return nil
}

func (s *State) fold(e Event) error {
	known := e.payload()
	switch {
	case known == unknownType:
		s.Others = append(s.Others, Moment{e.Seq, e.Time})
		return nil
	case known == noPayload:
		return fmt.Errorf("it has no payload")
	case e.Type == TrialEpoch:
		return fmt.Errorf("live events have no number")
	case s.Started == nil && e.Type != StudyStarted:
		return fmt.Errorf("the study has not started")
	case e.Type == StudyControlled:
		return s.control(e)
	case s.Ended != nil:
		return fmt.Errorf("the study has ended")
	}
	switch e.Type {
	case StudyStarted:
		return s.start(e)
	case TrialSampled:
		return s.sample(e)
	case TrialDone:
		return s.done(e)
	case PolicyUpdated:
		return s.update(e)
	}
	s.Ended, s.EndedAt = e.Ended, Moment{e.Seq, e.Time}
	s.Paused = false
	return nil
}

func (s *State) start(e Event) error {
	if s.Started != nil {
		return fmt.Errorf("the study has already started")
	}
	if e.Started.Schema > Schema {
		return fmt.Errorf("the events have schema %d, this program knows up to %d; use a newer one", e.Started.Schema, Schema)
	}
	s.Started = e.Started
	s.Begun, s.BegunSeq = e.Time, e.Seq
	s.Budget = e.Started.Trials
	return nil
}

func (s *State) sample(e Event) error {
	p := e.Sampled
	if p.Trial != len(s.Trials)+1 {
		return fmt.Errorf("trial %d follows trial %d", p.Trial, len(s.Trials))
	}
	if p.DuplicateOf < 0 || p.DuplicateOf >= p.Trial {
		return fmt.Errorf("trial %d is a duplicate of %d, want an earlier one", p.Trial, p.DuplicateOf)
	}
	if p.Decisions != nil && len(p.Decisions) != len(p.Answers) { // a slim event has none
		return fmt.Errorf("trial %d has %d decisions and %d answers", p.Trial, len(p.Decisions), len(p.Answers))
	}
	s.Trials = append(s.Trials, sampledTrial(e))
	s.Counts.Sampled++
	return nil
}

func (s *State) done(e Event) error {
	p := e.Done
	t := s.Trial(p.Trial)
	switch {
	case t == nil:
		return fmt.Errorf("trial %d was not sampled", p.Trial)
	case t.Status != Running:
		return fmt.Errorf("trial %d has already ended", p.Trial)
	case p.Status != OK && p.Status != Failed:
		return fmt.Errorf("trial %d has the unknown status %q", p.Trial, p.Status)
	case p.DuplicateOf < 0 || p.DuplicateOf >= p.Trial:
		return fmt.Errorf("trial %d is a duplicate of %d, want an earlier one", p.Trial, p.DuplicateOf)
	}
	t.end(e)
	if p.DuplicateOf != 0 {
		s.Counts.Duplicates++
	}
	if p.Status == Failed {
		s.Counts.Failed++
		return nil
	}
	s.Counts.OK++
	s.rank(t, s.Counts.Ended())
	return nil
}

func (s *State) update(e Event) error {
	p := e.Updated
	if p.Version != len(s.Updates)+1 {
		return fmt.Errorf("policy version %d follows version %d", p.Version, len(s.Updates))
	}
	if err := s.checkLearned(p); err != nil {
		return err
	}
	s.Updates = append(s.Updates, *p)
	s.UpdatesAt = append(s.UpdatesAt, Moment{e.Seq, e.Time})
	s.Counts.Updates++
	return nil
}

// checkLearned refuses an update that learns from a trial that has not ended.
func (s *State) checkLearned(u *Updated) error {
	for _, id := range u.Trials {
		if t := s.Trial(id); t == nil || t.Status == Running {
			return fmt.Errorf("policy version %d learns from trial %d, which has not ended", u.Version, id)
		}
	}
	return nil
}

// rank makes t, which was the n-th trial to end, the best, if it is.
func (s *State) rank(t *Trial, n int) {
	if best := s.Best(); best == nil || t.better(best) {
		s.BestID = t.ID
		s.Curve = append(s.Curve, Point{Ended: n, Trial: t.ID, Reward: t.Reward.Reward})
	}
}

// applyLive adds an epoch to a running trial. Live events may be lost, late or
// early, so one for another trial is ignored.
func (s *State) applyLive(e Event) error {
	switch e.payload() {
	case unknownType:
		return nil
	case noPayload:
		return fmt.Errorf("event: live %s has no payload", e.Type)
	}
	if e.Type != TrialEpoch {
		return fmt.Errorf("event: %s has no number", e.Type)
	}
	t := s.Trial(e.Epoch.Trial)
	if t == nil || t.Status != Running {
		return nil
	}
	epochs := t.Metrics.Epochs
	if n := len(epochs); n > 0 && e.Epoch.Epoch.Epoch <= epochs[n-1].Epoch {
		epochs = nil // the child was started anew
	}
	t.Metrics.Epochs = append(epochs, e.Epoch.Epoch)
	return nil
}

// Trial returns the row of a trial, or nil if it has not been sampled.
func (s *State) Trial(id int) *Trial {
	if id < 1 || id > len(s.Trials) {
		return nil
	}
	return &s.Trials[id-1]
}

// Best returns the row of the best trial, or nil.
func (s *State) Best() *Trial { return s.Trial(s.BestID) }

// Baseline is the one of the last update, 0 before the first.
func (s *State) Baseline() float64 { return s.baselineAfter(len(s.Updates)) }

// Running lists the trials that have been sampled and have not ended.
func (s *State) Running() []int {
	var ids []int
	for i := range s.Trials {
		if s.Trials[i].Status == Running {
			ids = append(ids, s.Trials[i].ID)
		}
	}
	return ids
}

// Top lists the n best trials that succeeded, best first.
func (s *State) Top(n int) []int {
	var ids []int
	for i := range s.Trials {
		if s.Trials[i].Status == OK {
			ids = append(ids, s.Trials[i].ID)
		}
	}
	slices.SortFunc(ids, func(a, b int) int {
		if s.Trial(a).better(s.Trial(b)) {
			return -1
		}
		return 1
	})
	return ids[:min(n, len(ids))]
}

// Failure counts the trials that failed for one reason.
type Failure struct {
	Reason string
	Trials []int
}

// Failures groups the failed trials by reason, the most frequent first.
func (s *State) Failures() []Failure {
	var all []Failure
	index := map[string]int{}
	for i := range s.Trials {
		t := &s.Trials[i]
		if t.Status != Failed {
			continue
		}
		at, known := index[t.Reason]
		if !known {
			at = len(all)
			index[t.Reason] = at
			all = append(all, Failure{Reason: t.Reason})
		}
		all[at].Trials = append(all[at].Trials, t.ID)
	}
	slices.SortStableFunc(all, func(a, b Failure) int { return cmp.Compare(len(b.Trials), len(a.Trials)) })
	return all
}
