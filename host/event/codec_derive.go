package event

import (
	"fmt"
	"slices"
)

// row is what a State keeps of one event.
type row struct {
	kind rowKind
	at   int // in the slice of its kind
}

type rowKind int8

const (
	noRow rowKind = iota
	begunRow
	sampledRow
	doneRow
	updatedRow
	controlledRow
	reopenedRow // the end that a control took back
	endedRow
	otherRow
)

// derive restores what a snapshot leaves out: it folds the events that the rows
// stand for. So it refuses rows that no fold gives, as Apply does.
func (s *State) derive() error {
	order, err := s.order()
	if err != nil {
		return err
	}
	folded := State{Trials: slices.Grow([]Trial(nil), len(s.Trials))}
	var sampled Sampled // Apply keeps neither
	var done Done
	for i, r := range order {
		e := s.eventOf(r, &sampled, &done)
		e.Seq = int64(i + 1)
		if err := folded.Apply(e); err != nil {
			return err
		}
	}
	for i := range folded.Trials {
		t, from := &folded.Trials[i], &s.Trials[i]
		t.Answers = from.Answers
		if t.Status == Running {
			t.Metrics.Epochs = from.Metrics.Epochs
		}
	}
	*s = folded
	return nil
}

// order lists the rows in the order of their events.
func (s *State) order() ([]row, error) {
	rows := 0
	s.eachRow(func(int64, row) { rows++ })
	if int64(rows) != s.Seq {
		return nil, fmt.Errorf("its rows stand for %d events, and there were %d", rows, s.Seq)
	}
	order := make([]row, rows)
	var err error
	s.eachRow(func(seq int64, r row) {
		switch {
		case seq < 1 || seq > s.Seq:
			err = fmt.Errorf("a row stands for event %d of %d", seq, s.Seq)
		case order[seq-1].kind != noRow:
			err = fmt.Errorf("two rows stand for event %d", seq)
		default:
			order[seq-1] = r
		}
	})
	return order, err
}

// eachRow calls do with every row and the number of its event.
func (s *State) eachRow(do func(seq int64, r row)) {
	if s.Started != nil {
		do(s.BegunSeq, row{kind: begunRow})
	}
	for i := range s.Trials {
		t := &s.Trials[i]
		do(t.SampledSeq, row{sampledRow, i})
		if t.Status != Running {
			do(t.DoneSeq, row{doneRow, i})
		}
	}
	for i := range s.UpdatesAt {
		do(s.UpdatesAt[i].Seq, row{updatedRow, i})
	}
	for i := range s.Controls {
		c := &s.Controls[i]
		do(c.Seq, row{controlledRow, i})
		if c.Reopened != nil {
			do(c.ReopenedAt.Seq, row{reopenedRow, i})
		}
	}
	for i := range s.Others {
		do(s.Others[i].Seq, row{otherRow, i})
	}
	if s.Ended != nil {
		do(s.EndedAt.Seq, row{kind: endedRow})
	}
}

// eventOf is the event that a row stands for, slim, and without its number and
// its answers. A payload of such a type is put where sampled or done points.
func (s *State) eventOf(r row, sampled *Sampled, done *Done) Event {
	switch r.kind {
	case begunRow:
		return Event{Time: s.Begun, Type: StudyStarted, Started: s.Started}
	case sampledRow:
		t := &s.Trials[r.at]
		*sampled = Sampled{
			Trial: t.ID, Version: t.Version, Seed: t.Seed, Depth: t.Depth, LogProb: t.LogProb,
			NetworkID: t.NetworkID, Params: t.Params, MACs: t.MACs, DuplicateOf: t.Repeats,
		}
		return Event{Time: t.Sampled, Type: TrialSampled, Sampled: sampled}
	case doneRow:
		t := &s.Trials[r.at]
		*done = Done{
			Trial: t.ID, Status: t.Status, Reason: t.Reason, NetworkID: t.NetworkID,
			Reward: t.Reward, Metrics: t.Metrics, DuplicateOf: t.DuplicateOf, Seconds: t.Seconds,
		}
		return Event{Time: t.Done, Type: TrialDone, Done: done}
	case updatedRow:
		return Event{Time: s.UpdatesAt[r.at].Time, Type: PolicyUpdated, Updated: &s.Updates[r.at]}
	case controlledRow:
		c := &s.Controls[r.at]
		return Event{Time: c.Time, Type: StudyControlled, Controlled: &c.Controlled}
	case reopenedRow:
		c := &s.Controls[r.at]
		return Event{Time: c.ReopenedAt.Time, Type: StudyEnded, Ended: c.Reopened}
	case endedRow:
		return Event{Time: s.EndedAt.Time, Type: StudyEnded, Ended: s.Ended}
	}
	return Event{Time: s.Others[r.at].Time} // of no type that this program knows
}
