package event

import "time"

// At returns the state as it was after event number seq, which is what the fold
// of the events up to that one gives: no event is needed to go back. It takes
// time in proportion to the trials. A number below 1 gives the zero State, one
// beyond the last event the last; live epochs, which have no number, are left
// out. The result shares what does not change with s.
func (s *State) At(seq int64) *State {
	seq = min(seq, s.Seq)
	past := &State{Seq: max(seq, 0)}
	if seq < 1 {
		return past
	}
	if s.Started != nil && s.BegunSeq <= seq {
		past.Started, past.Begun, past.BegunSeq = s.Started, s.Begun, s.BegunSeq
	}
	past.Ended, past.EndedAt = s.endAt(seq)
	past.Others = momentsUntil(s.Others, seq)
	past.UpdatesAt = momentsUntil(s.UpdatesAt, seq)
	past.Updates = append([]Updated(nil), s.Updates[:len(past.UpdatesAt)]...)
	past.Trials = s.trialsAt(seq)
	past.count()
	if past.Started != nil {
		past.controlUntil(s.Controls, seq)
	}
	for _, p := range s.Curve {
		if s.Trials[p.Trial-1].DoneSeq <= seq {
			past.Curve, past.BestID = append(past.Curve, p), p.Trial
		}
	}
	past.Last = past.timeOf(seq)
	return past
}

// momentsUntil copies those of the ascending moments that are not after seq.
func momentsUntil(moments []Moment, seq int64) []Moment {
	n := len(moments)
	for n > 0 && moments[n-1].Seq > seq {
		n--
	}
	return append([]Moment(nil), moments[:n]...)
}

// trialsAt are the rows as they were after event number seq.
func (s *State) trialsAt(seq int64) []Trial {
	n := len(s.Trials)
	for n > 0 && s.Trials[n-1].SampledSeq > seq {
		n--
	}
	rows := append([]Trial(nil), s.Trials[:n]...)
	for i := range rows {
		if t := &rows[i]; t.Status == Running || t.DoneSeq > seq {
			t.reopen()
		}
	}
	return rows
}

// reopen takes back all that the trial's end and live events said.
func (t *Trial) reopen() {
	*t = Trial{
		ID: t.ID, Status: Running, Version: t.Version, Depth: t.Depth, Seed: t.Seed, Answers: t.Answers,
		LogProb: t.LogProb, NetworkID: t.NetworkID, Params: t.Params, MACs: t.MACs,
		DuplicateOf: t.Repeats, Repeats: t.Repeats, Sampled: t.Sampled, SampledSeq: t.SampledSeq,
	}
}

// count counts the rows.
func (s *State) count() {
	s.Counts = Counts{Sampled: len(s.Trials), Updates: len(s.Updates)}
	for i := range s.Trials {
		t := &s.Trials[i]
		switch t.Status {
		case OK:
			s.Counts.OK++
		case Failed:
			s.Counts.Failed++
		}
		if t.Status != Running && t.DuplicateOf != 0 {
			s.Counts.Duplicates++
		}
	}
}

// timeOf is the time of event number seq, one of those that s has folded.
func (s *State) timeOf(seq int64) time.Time {
	switch seq {
	case s.BegunSeq:
		return s.Begun
	case s.EndedAt.Seq:
		return s.EndedAt.Time
	}
	for i := range s.Controls {
		switch c := &s.Controls[i]; seq {
		case c.Seq:
			return c.Time
		case c.ReopenedAt.Seq:
			return c.ReopenedAt.Time
		}
	}
	for _, moments := range [][]Moment{s.UpdatesAt, s.Others} {
		if n := len(moments); n > 0 && moments[n-1].Seq == seq {
			return moments[n-1].Time
		}
	}
	for i := range s.Trials {
		switch t := &s.Trials[i]; seq {
		case t.SampledSeq:
			return t.Sampled
		case t.DoneSeq:
			return t.Done
		}
	}
	return time.Time{}
}

// Times are the times of all journaled events: that of event i+1 is Times()[i].
func (s *State) Times() []time.Time {
	all := make([]time.Time, s.Seq)
	set := func(seq int64, t time.Time) {
		if seq >= 1 && seq <= s.Seq {
			all[seq-1] = t
		}
	}
	set(s.BegunSeq, s.Begun)
	set(s.EndedAt.Seq, s.EndedAt.Time)
	for i := range s.Trials {
		set(s.Trials[i].SampledSeq, s.Trials[i].Sampled)
		set(s.Trials[i].DoneSeq, s.Trials[i].Done)
	}
	for i := range s.Controls {
		set(s.Controls[i].Seq, s.Controls[i].Time)
		set(s.Controls[i].ReopenedAt.Seq, s.Controls[i].ReopenedAt.Time)
	}
	for _, moments := range [][]Moment{s.UpdatesAt, s.Others} {
		for _, m := range moments {
			set(m.Seq, m.Time)
		}
	}
	return all
}
