package view

import (
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// paused is a study of ten events a second apart, but for a night before the
// seventh: 1 begin, 2 and 3 sampled, 4 and 5 ended, 6 update, 7 and 8 sampled,
// 9 ended, 10 ended.
func paused(t *testing.T) *event.State {
	t.Helper()
	s := begin(t, 1, 4)
	s.sample(nil)
	s.sample(nil)
	s.ok(1, 0.5)
	s.ok(2, 0.6)
	s.apply(event.Event{Type: event.PolicyUpdated, Updated: &event.Updated{Version: 1, Trials: []int{1, 2}}})
	s.sample(nil)
	s.sample(nil)
	s.ok(4, 0.5)
	s.failed(3, "diverged")
	for i := range s.state.Trials {
		row := &s.state.Trials[i]
		if row.SampledSeq >= 7 {
			row.Sampled = row.Sampled.Add(9 * time.Hour)
		}
		if row.DoneSeq >= 7 {
			row.Done = row.Done.Add(9 * time.Hour)
		}
	}
	return &s.state
}

func TestReplay(t *testing.T) {
	s := paused(t)
	whole, short := ReplayOf(s, 0), ReplayOf(s, 5*time.Second)
	if got := whole.Length(); got != 9*time.Second+9*time.Hour {
		t.Errorf("the whole takes %v", got)
	}
	if got := short.Length(); got != 13*time.Second || short.Events() != 10 {
		t.Errorf("without the night %d events take %v, want 13 s", short.Events(), got)
	}
	for elapsed, want := range map[time.Duration]int64{
		-time.Second: 0, 0: 1, 999 * time.Millisecond: 1, time.Second: 2, 5 * time.Second: 6, 9 * time.Second: 6, 10 * time.Second: 7, time.Hour: 10,
	} {
		if got := short.Seq(elapsed); got != want {
			t.Errorf("after %v comes event %d, want %d", elapsed, got, want)
		}
	}
	for seq := range int64(12) {
		want := s.At(seq)
		if back := short.Seq(short.Elapsed(seq)); seq > 0 && back != want.Seq {
			t.Errorf("event %d comes at %v, and then it is event %d", seq, short.Elapsed(seq), back)
		}
	}
}

func TestReplaySteps(t *testing.T) {
	r := ReplayOf(paused(t), time.Second)
	for _, c := range []struct {
		stride         Stride
		from           int64
		next, previous int64
	}{
		{StrideEvent, 0, 1, 0}, {StrideEvent, 4, 5, 3}, {StrideEvent, 10, 10, 9}, {StrideEvent, 99, 10, 9}, {StrideEvent, -9, 1, 0},
		{StrideTrial, 0, 4, 0}, {StrideTrial, 4, 5, 0}, {StrideTrial, 5, 9, 4}, {StrideTrial, 7, 9, 5}, {StrideTrial, 10, 10, 9},
		{StrideUpdate, 0, 6, 0}, {StrideUpdate, 6, 10, 0}, {StrideUpdate, 8, 10, 6},
	} {
		if next, previous := r.Next(c.from, c.stride), r.Previous(c.from, c.stride); next != c.next || previous != c.previous {
			t.Errorf("from %d by %s to %d and back to %d, want %d and %d", c.from, c.stride, next, previous, c.next, c.previous)
		}
	}
	none := ReplayOf(&event.State{}, 0)
	if none.Length() != 0 || none.Seq(time.Hour) != 0 || none.Elapsed(3) != 0 || none.Next(0, StrideEvent) != 0 || none.Previous(0, StrideTrial) != 0 {
		t.Error("nothing takes time")
	}
}
