package view

import (
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

func TestHeader(t *testing.T) {
	s := small(t)
	ended := small(t)
	ended.Ended = &event.Ended{Reason: event.EndAllFailed}
	for _, c := range []struct {
		name     string
		s        *event.State
		standing event.StudyState
		alive    bool
		want     Header
	}{
		{"running", s, event.StudyRunning, true, Header{State: "running", Part: 0.625,
			Sentence: "Running: 5 of 8 trials, 1 failed, 1 repeated an earlier network, 1 under way, about 3.0 s left."}},
		{"killed", s, event.StudyRunning, false, Header{State: "killed", Part: 0.625,
			Sentence: "Killed: 5 of 8 trials, 1 failed, 1 repeated an earlier network, 1 under way. Its process is gone; nothing that had ended is lost, and it can be resumed."}},
		{"paused", s, event.StudyPaused, true, Header{State: "paused", Part: 0.625,
			Sentence: "Paused: 5 of 8 trials, 1 failed, 1 repeated an earlier network, 1 under way. It goes on where it was, whenever it is continued or resumed."}},
		{"failed", s, event.StudyFailed, false, Header{State: "failed", Part: 0.625,
			Sentence: "Failed: 5 of 8 trials, 1 failed, 1 repeated an earlier network, 1 under way. It can be resumed once the cause is gone."}},
		{"all failed", ended, event.StudyDone, false, Header{State: "done", Part: 0.625,
			Sentence: "Done, without a result: 5 of 8 trials, 1 failed, 1 repeated an earlier network, 1 under way. What they failed of is listed below."}},
	} {
		c.want.Best = "Best: trial 4 with reward 0.800, validation accuracy 80.0 %."
		c.want.About = "cnn:v2 on shapes by reinforce, seed 1"
		if got := HeaderOf(c.s, c.standing, c.alive, c.s.Last); got != c.want {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, c.want)
		}
	}
	if got := HeaderOf(&event.State{}, event.StudyRunning, true, noon); got.Sentence != "The study has not begun yet." || got.Best != "No trial has succeeded yet." {
		t.Errorf("before the beginning: %+v", got)
	}
}

// TestLeft: the rest takes as long as the last trials did; a night between two
// of them says nothing.
func TestLeft(t *testing.T) {
	s := begin(t, 1, 100)
	if _, ok := Left(&s.state, s.state.Last); ok {
		t.Error("nothing has ended, and yet there is an estimate")
	}
	for range 40 {
		s.ok(s.sample(nil), 0.5)
	}
	if left, ok := Left(&s.state, s.state.Last); !ok || left != 120*time.Second {
		t.Errorf("%v (%v), want two seconds for each of 60 trials", left, ok)
	}
	for wait, want := range map[time.Duration]time.Duration{time.Second: 119 * time.Second, time.Hour: 118 * time.Second, -time.Hour: 120 * time.Second} {
		if left, _ := Left(&s.state, s.state.Last.Add(wait)); left != want {
			t.Errorf("%v after the last end: %v, want %v", wait, left, want)
		}
	}
	for i := 30; i < 40; i++ {
		s.state.Trials[i].Done = s.state.Trials[i].Done.Add(9 * time.Hour)
	}
	if left, ok := Left(&s.state, s.state.Last); !ok || left != 120*time.Second {
		t.Errorf("after a night: %v (%v), want 2m", left, ok)
	}
	s.state.Budget = 40
	if left, ok := Left(&s.state, s.state.Last); ok {
		t.Errorf("nothing is left, and yet it takes %v", left)
	}
}
