package event

import (
	"reflect"
	"strings"
	"testing"
)

func control(seq int64, c Controlled) Event {
	c.By = "a test"
	return Event{Seq: seq, Type: StudyControlled, Controlled: &c}
}

func TestControlled(t *testing.T) {
	s := fold(t, story()[:3])
	if s.Budget != 4 || s.Paused {
		t.Fatalf("budget %d, paused %v", s.Budget, s.Paused)
	}
	for i, c := range []Controlled{{Action: Pause}, {Action: Cancel, Trial: 1}, {Action: Extend, Trials: 3}, {Action: Stop}, {Action: "admire"}} {
		if err := s.Apply(control(int64(4+i), c)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Budget != 7 || !s.Paused || s.Seq != 8 || s.Trial(1).Status != Running || s.Trial(1).Reason != "cancelled by a test" {
		t.Errorf("after all controls: %+v", s)
	}
	failed := done(1, Failed, 0)
	failed.Seq = 9
	if err := s.Apply(failed); err != nil || s.Trial(1).Reason != "diverged" {
		t.Errorf("the end of a trial says why it failed: %v, %q", err, s.Trial(1).Reason)
	}
	if err := s.Apply(control(10, Controlled{Action: Continue})); err != nil || s.Paused {
		t.Errorf("continue: %v, paused %v", err, s.Paused)
	}
}

// TestExtendEnded: a study that has ended goes on when it is extended, and
// nothing else can be done with it.
func TestExtendEnded(t *testing.T) {
	s := fold(t, story())
	for _, c := range []Controlled{{Action: Pause}, {Action: Continue}, {Action: Stop}, {Action: Cancel, Trial: 1}} {
		if err := s.Apply(control(12, c)); err == nil || !strings.Contains(err.Error(), "has ended") {
			t.Errorf("%s after the end: %v", c, err)
		}
	}
	if err := s.Apply(control(12, Controlled{Action: Extend, Trials: 1})); err != nil {
		t.Fatal(err)
	}
	next := sampled(5, "ee")
	next.Seq = 13
	if err := s.Apply(next); err != nil || s.Ended != nil || s.Budget != 5 || len(s.Trials) != 5 {
		t.Errorf("%v, state %+v", err, s)
	}
}

func TestPausedAtTheEnd(t *testing.T) {
	s := fold(t, story()[:10])
	if err := s.Apply(control(11, Controlled{Action: Pause})); err != nil {
		t.Fatal(err)
	}
	end := story()[10]
	end.Seq = 12
	if err := s.Apply(end); err != nil || s.Paused {
		t.Errorf("%v; a study that has ended is paused: %v", err, s.Paused)
	}
}

func TestControlRefused(t *testing.T) {
	for _, c := range []struct {
		at   int
		c    Controlled
		want string
	}{
		{0, Controlled{Action: Pause}, "not started"},
		{3, Controlled{Action: Continue}, "not paused"},
		{3, Controlled{Action: Cancel, Trial: 3}, "not been sampled; the last one is 2"},
		{3, Controlled{Action: Cancel}, "not been sampled"},
		{4, Controlled{Action: Cancel, Trial: 1}, "already ended, with a result"},
		{9, Controlled{Action: Cancel, Trial: 3}, "already ended: diverged"},
		{3, Controlled{Action: Extend}, "not by 0"},
		{3, Controlled{Action: Extend, Trials: -1}, "not by -1"},
		{3, Controlled{Action: Extend, Trials: maxBudget - 3}, "can grow to"},
	} {
		s, want := fold(t, story()[:c.at]), fold(t, story()[:c.at])
		err := s.Apply(control(int64(c.at+1), c.c))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s after %d events: error %v, want one with %q", c.c, c.at, err, c.want)
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%s: what was refused changed the state", c.c)
		}
	}
	s := fold(t, story()[:3])
	for i, c := range []Controlled{{Action: Pause}, {Action: Cancel, Trial: 2}} {
		if err := s.Apply(control(int64(4+2*i), c)); err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(control(int64(5+2*i), c)); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s twice: %v", c, err)
		}
		s.Seq++ // as if the second had been something else
	}
}

func TestControlledValidate(t *testing.T) {
	for _, c := range []Controlled{
		{Action: Pause, By: "x"}, {Action: Extend, Trials: 1, By: "x"}, {Action: Cancel, Trial: 9, By: "dashboard, 127.0.0.1"},
	} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []struct {
		c    Controlled
		want string
	}{
		{Controlled{By: "x"}, "unknown action"},
		{Controlled{Action: "halt", By: "x"}, "want one of pause, continue"},
		{Controlled{Action: Extend, By: "x"}, "want 1 to"},
		{Controlled{Action: Extend, Trials: maxBudget + 1, By: "x"}, "want 1 to"},
		{Controlled{Action: Extend, Trials: 1, Trial: 1, By: "x"}, "takes no trial"},
		{Controlled{Action: Cancel, By: "x"}, "from 1"},
		{Controlled{Action: Stop, Trials: 2, By: "x"}, "no number of trials"},
		{Controlled{Action: Stop}, "by is"},
		{Controlled{Action: Stop, By: "a\nb"}, "printable"},
		{Controlled{Action: Stop, By: "\xff"}, "printable"},
		{Controlled{Action: Stop, By: strings.Repeat("x", maxBy+1)}, "printable"},
	} {
		if err := c.c.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.c, err, c.want)
		}
	}
}
