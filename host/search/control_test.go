package search

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// asker puts requests to a study when it sees certain events.
type asker struct {
	requests chan Request
	refusals []error // of every request that was answered, in order
}

func newAsker() *asker { return &asker{requests: make(chan Request, 100)} }

func (a *asker) ask(c event.Controlled) {
	c.By = "a test"
	a.requests <- Request{c, func(refusal error) error {
		a.refusals = append(a.refusals, refusal)
		return nil
	}}
}

// to lets d ask at events: those with a number, when they are first seen.
func (a *asker) to(d Deps, at func(e event.Event)) Deps {
	d.Requests = a.requests
	d.Observe = func(e event.Event) {
		if e.Seq != 0 {
			at(e)
		}
	}
	return d
}

// told is what a log tells of trials and updates, without when: every trial's
// sampling and end, every update, and the best, as text.
func told(t testing.TB, m *Memory) string {
	t.Helper()
	var lines []string
	for e, err := range m.Events() {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Sampled != nil, e.Done != nil, e.Updated != nil:
		default:
			continue
		}
		e = event.Timeless(e)
		e.Seq = 0
		line, err := event.AppendLine(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return strings.Join(lines, "") + fmt.Sprintf("best %d %q\n", m.BestTrial, m.Weights[m.BestTrial])
}

func sameTold(t testing.TB, what string, got, want *Memory) {
	t.Helper()
	a, b := strings.Split(told(t, got), "\n"), strings.Split(told(t, want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s: got\n%s\nwant\n%s", what, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%s: %d lines, want %d", what, len(a), len(b))
	}
}

// TestPauseChangesNothing pauses the study at each of its events in turn, and
// continues when nothing is trained any more. Trials, updates and the best are
// those of the study that nobody paused, in the same order.
func TestPauseChangesNothing(t *testing.T) {
	config := toyConfig()
	config.Trials = 14
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	paused := 0
	for n := 1; n < len(want.Lines); n++ {
		log, a, oracle := &Memory{}, newAsker(), newOracle(uint64(n))
		d := a.to(toyDeps(log, 1+n%3, oracle), func(e event.Event) {
			switch {
			case e.Seq == int64(n):
				a.ask(event.Controlled{Action: event.Pause})
			case e.Controlled != nil && e.Controlled.Action == event.Pause:
				paused++
				// Let the children that are being trained end in the pause.
				go func() {
					for range 100 {
						oracle.seconds()
					}
					a.ask(event.Controlled{Action: event.Continue})
				}()
			}
		})
		run(t, config, d)
		sameStory(t, fmt.Sprintf("paused at event %d", n), without(t, log), want)
	}
	if paused < len(want.Lines)/2 {
		t.Errorf("the study was paused only %d times", paused)
	}
}

// without is a log without its controls, numbered anew.
func without(t *testing.T, m *Memory) *Memory {
	t.Helper()
	out := *m
	out.Lines = nil
	seq := int64(0)
	for e, err := range m.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Controlled != nil {
			continue
		}
		seq++
		e.Seq = seq
		if err := out.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	return &out
}

// TestPauseHolds: while the study is paused, the children under way go on to
// their end and no other begins; then only a request or the end of the context
// does anything.
func TestPauseHolds(t *testing.T) {
	for _, mode := range []Mode{Deterministic, Async} {
		t.Run(string(mode), func(t *testing.T) { pauseHolds(t, mode) })
	}
}

func pauseHolds(t *testing.T, mode Mode) {
	a := newAsker()
	begun := make(chan int, 100)
	release := make(chan struct{})
	log := &Memory{}
	sampled, ended := 0, 0
	quiet := make(chan struct{})
	d := a.to(toyDeps(log, 2, table(func(_ context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		begun <- t.ID
		<-release
		return measured(0.5), nil, nil
	})), func(e event.Event) {
		switch {
		case e.Sampled != nil:
			sampled++
		case e.Done != nil:
			if ended++; ended == 2 {
				close(quiet)
			}
		}
	})
	config := toyConfig()
	config.Trials, config.Duplicates, config.Mode = 6, Retrain, mode
	r, err := New(config, d)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.Run(t.Context())
		done <- err
	}()
	<-begun
	<-begun
	// When the next request is answered, the one before has had its effect.
	again := func(answered func()) Request {
		return Request{event.Controlled{Action: event.Pause, By: "a test"}, func(refusal error) error {
			if refusal == nil {
				t.Error("a paused study was paused")
			}
			answered()
			return nil
		}}
	}
	a.ask(event.Controlled{Action: event.Pause})
	a.requests <- again(func() { close(release) })
	<-quiet
	idle := make(chan int)
	a.requests <- again(func() {})
	a.requests <- again(func() { idle <- sampled })
	select {
	case n := <-idle:
		if mode == Async && n != 2 {
			t.Errorf("%d trials are sampled in the pause", n)
		}
	case err := <-done:
		t.Fatalf("the study ended in the pause: %v", err)
	}
	select {
	case id := <-begun:
		t.Fatalf("trial %d was begun in the pause", id)
	default:
	}
	a.ask(event.Controlled{Action: event.Continue})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(begun) != 4 || errors.Join(a.refusals...) != nil {
		t.Errorf("%d more children, refusals %v", len(begun), a.refusals)
	}
}

// TestResumePaused: a study that was killed while it was paused goes on when it
// is resumed, and says so.
func TestResumePaused(t *testing.T) {
	config := toyConfig()
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	for _, mode := range []Mode{Deterministic, Async} {
		config.Mode = mode
		ctx, cancel := context.WithCancel(t.Context())
		log, a := &Memory{}, newAsker()
		ended := 0
		d := a.to(toyDeps(log, 2, newOracle(2)), func(e event.Event) {
			if e.Done != nil {
				ended++
			}
			switch {
			case e.Done != nil && ended == 3:
				a.ask(event.Controlled{Action: event.Pause})
			case e.Controlled != nil:
				cancel()
			}
		})
		d.Shaper = lastEpoch{timely: mode == Async}
		r, err := New(config, d)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Run(ctx)
		cancel()
		if !errors.Is(err, ErrPaused) || !s.Paused {
			t.Fatalf("%s: %v, paused %v", mode, err, s.Paused)
		}
		d = toyDeps(log, 2, newOracle(3))
		d.Shaper = lastEpoch{timely: mode == Async}
		s = run(t, config, d)
		if n := len(s.Controls); n != 2 || s.Controls[1].Action != event.Continue || s.Controls[1].By != resumedBy {
			t.Errorf("%s: controls are %+v", mode, s.Controls)
		}
		if mode == Deterministic {
			sameStory(t, "resumed", without(t, log), want)
		}
	}
}

// TestNobodyAsks: when those who could ask are gone, the study goes on.
func TestNobodyAsks(t *testing.T) {
	requests := make(chan Request)
	close(requests)
	d := toyDeps(&Memory{}, 2, newOracle(1))
	d.Requests = requests
	if s := run(t, toyConfig(), d); s.Ended == nil || len(s.Controls) != 0 {
		t.Errorf("end %v, controls %+v", s.Ended, s.Controls)
	}
}

// TestStop stops the study at each of its events in turn; the log says by whom,
// and resumed it ends as if nothing had been.
func TestStop(t *testing.T) {
	config := toyConfig()
	config.Trials = 14
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	stopped := 0
	for n := 1; n < len(want.Lines); n += 2 {
		log, a := &Memory{}, newAsker()
		d := a.to(toyDeps(log, 1+n%3, newOracle(uint64(n))), func(e event.Event) {
			if e.Seq == int64(n) {
				a.ask(event.Controlled{Action: event.Stop})
			}
		})
		_, err := try(t, config, d)
		if err == nil {
			continue // the event came with the last ones
		}
		stopped++
		var by *StoppedError
		if !errors.Is(err, ErrPaused) || !errors.As(err, &by) || by.By != "a test" || log.State != event.StudyPaused {
			t.Fatalf("stopped at event %d: %v, state %s", n, err, log.State)
		}
		run(t, config, toyDeps(log, 1+n%4, newOracle(uint64(n+100))))
		sameStory(t, fmt.Sprintf("stopped at event %d", n), without(t, log), want)
	}
	if stopped < 5 {
		t.Errorf("the study was stopped only %d times", stopped)
	}
}

// TestRefusals: what a study does not allow changes nothing and is answered.
func TestRefusals(t *testing.T) {
	config := toyConfig()
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	log, a := &Memory{}, newAsker()
	oracle := newOracle(1)
	oracle.release = make(chan struct{})
	asked := false
	d := a.to(toyDeps(log, 1, oracle), func(e event.Event) {
		if e.Done == nil || asked {
			return
		}
		asked = true
		a.ask(event.Controlled{Action: event.Continue})
		a.ask(event.Controlled{Action: event.Cancel, Trial: e.Done.Trial})
		a.ask(event.Controlled{Action: event.Cancel, Trial: 30})
		a.ask(event.Controlled{Action: event.Extend})
		a.ask(event.Controlled{Action: "admire"})
	})
	close(oracle.release)
	run(t, config, d)
	sameStory(t, "after refusals", log, want)
	for i, reason := range []string{"not paused", "already ended", "not been sampled", "by 0 trials", "unknown action"} {
		if i >= len(a.refusals) || a.refusals[i] == nil || !strings.Contains(a.refusals[i].Error(), reason) {
			t.Errorf("refusals are %v, want number %d with %q", a.refusals, i+1, reason)
		}
	}
}

// TestControlCrash kills a study that is paused, extended and told to cancel
// trials, at its n-th operation on the log, for all n. An answered request is
// in the log, and one in the log has its effect, once, when the study is
// resumed.
func TestControlCrash(t *testing.T) {
	config := toyConfig()
	config.Trials = 10
	var want *Memory // the first with all controls
	for n := 1; ; n++ {
		memory, a := &Memory{}, newAsker()
		granted := map[string]int{}
		ask := func(c event.Controlled) {
			c.By = "a test"
			a.requests <- Request{c, func(refusal error) error {
				if refusal == nil {
					granted[c.String()]++
				}
				return nil
			}}
		}
		log := &mortal{Memory: memory, left: n, late: n%2 == 0, power: n%3 == 0}
		d := a.to(toyDeps(log, 2, newOracle(uint64(n))), func(e event.Event) {
			switch {
			case e.Sampled != nil && e.Sampled.Trial == 3:
				ask(event.Controlled{Action: event.Cancel, Trial: 3})
				ask(event.Controlled{Action: event.Pause})
				ask(event.Controlled{Action: event.Continue})
			case e.Done != nil && e.Done.Trial == 9:
				ask(event.Controlled{Action: event.Extend, Trials: 8})
			}
		})
		_, err := try(t, config, d)
		if err != nil && !errors.Is(err, errDead) {
			t.Fatalf("death %d: %v", n, err)
		}
		alive := err == nil
		revive(t, memory)
		s := run(t, config, toyDeps(memory, 2, newOracle(uint64(n+1000))))
		seen := map[string]int{}
		for _, c := range s.Controls {
			seen[c.String()]++
		}
		for c := range granted {
			if seen[c] == 0 {
				t.Errorf("death %d: %s was granted and is not in the log", n, c)
			}
		}
		if seen["cancel trial 3"] == 1 != (s.Trial(3).Reason == "cancelled by a test") || seen["extend by 8 trials"] == 1 != (s.Counts.Ended() == 18) || s.Counts.Ended() != s.Budget {
			t.Errorf("death %d: controls %v, trial 3 failed with %q, %d trials", n, seen, s.Trial(3).Reason, s.Counts.Ended())
		}
		if seen["cancel trial 3"] == 1 && s.Budget == 18 {
			if want == nil {
				want = memory
			}
			sameTold(t, fmt.Sprintf("death %d", n), memory, want)
		}
		if alive {
			if n < 40 {
				t.Errorf("only %d operations", n)
			}
			return
		}
	}
}
