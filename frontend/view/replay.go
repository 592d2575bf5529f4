package view

import (
	"slices"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// Replay is the timetable of a study that is played again: when each of its
// events comes, from the beginning. What is shown at an event is State.At.
type Replay struct {
	at      []time.Duration // of event i+1; never falling
	trials  []int64         // the events that ended a trial
	updates []int64         // the events that updated the policy
}

// Stride is how far a step of a replay goes.
type Stride string

const (
	StrideEvent  Stride = "event"
	StrideTrial  Stride = "trial"  // to where a trial has ended
	StrideUpdate Stride = "update" // to where the policy was updated
)

// ReplayOf is the timetable of a study. Where nothing happened for longer than
// longest, because it was paused or stopped, it goes on after that time; 0
// shortens nothing. A clock that was set back counts as no time.
func ReplayOf(s *event.State, longest time.Duration) Replay {
	var r Replay
	times := s.Times()
	elapsed := time.Duration(0)
	for i, t := range times {
		if i > 0 {
			gap := max(t.Sub(times[i-1]), 0)
			if longest > 0 {
				gap = min(gap, longest)
			}
			elapsed += gap
		}
		r.at = append(r.at, elapsed)
	}
	for i := range s.Trials {
		if t := &s.Trials[i]; t.Status != event.Running {
			r.trials = append(r.trials, t.DoneSeq)
		}
	}
	slices.Sort(r.trials)
	for _, m := range s.UpdatesAt {
		r.updates = append(r.updates, m.Seq)
	}
	return r
}

// Length is how long the replay takes at the speed of the study.
func (r Replay) Length() time.Duration {
	if len(r.at) == 0 {
		return 0
	}
	return r.at[len(r.at)-1]
}

// Events is the number of events.
func (r Replay) Events() int64 { return int64(len(r.at)) }

// Seq is the number of the last event that has come after a time; 0: none.
func (r Replay) Seq(elapsed time.Duration) int64 {
	if elapsed < 0 {
		return 0
	}
	n, _ := slices.BinarySearch(r.at, elapsed+1)
	return int64(n)
}

// Elapsed is the time at which an event comes.
func (r Replay) Elapsed(seq int64) time.Duration {
	if len(r.at) == 0 || seq < 1 {
		return 0
	}
	return r.at[min(seq, r.Events())-1]
}

// Next is the event to which a step from event seq leads: at the end the last.
func (r Replay) Next(seq int64, stride Stride) int64 {
	if stride == StrideEvent {
		return min(max(seq, 0)+1, r.Events())
	}
	stops := r.stops(stride)
	if at, _ := slices.BinarySearch(stops, seq+1); at < len(stops) {
		return stops[at]
	}
	return r.Events()
}

// Previous is the event to which a step back from event seq leads: at the
// beginning 0, before the first.
func (r Replay) Previous(seq int64, stride Stride) int64 {
	if stride == StrideEvent {
		return max(min(seq, r.Events())-1, 0)
	}
	stops := r.stops(stride)
	if at, _ := slices.BinarySearch(stops, seq); at > 0 {
		return stops[at-1]
	}
	return 0
}

// stops are where the long strides lead.
func (r Replay) stops(stride Stride) []int64 {
	if stride == StrideUpdate {
		return r.updates
	}
	return r.trials
}
