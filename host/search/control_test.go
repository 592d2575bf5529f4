package search

import (
	"context"
	"encoding/json"
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

// TestExtend gives a study more trials at each of its events in turn, its last
// included: all trials and updates are those of the study that had the larger
// budget from the beginning.
func TestExtend(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Config)
	}{
		{"default", func(*Config) {}},
		{"long lag", func(c *Config) { c.Lag = 25 }},
		{"no lag", func(c *Config) { c.Lag = 0 }},
		{"random", func(c *Config) { c.Strategy = StrategyConfig{Name: "random"} }},
		{"deeper", func(c *Config) { c.Depth = Depth{Param: "layers", Start: 1, Step: 1, Every: 5, Max: 3} }},
		{"retrain", func(c *Config) { c.Duplicates = Retrain }},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := toyConfig()
			c.set(&config)
			config.Trials = 31
			want := &Memory{}
			run(t, config, toyDeps(want, 1, newOracle(1)))
			config.Trials = 14
			short := &Memory{}
			run(t, config, toyDeps(short, 1, newOracle(1)))
			for n := 1; n < len(short.Lines); n += 3 {
				log, a := &Memory{}, newAsker()
				d := a.to(toyDeps(log, 1+n%3, newOracle(uint64(n))), func(e event.Event) {
					if e.Seq == int64(n) {
						a.ask(event.Controlled{Action: event.Extend, Trials: 10})
						a.ask(event.Controlled{Action: event.Extend, Trials: 7})
					}
				})
				s := run(t, config, d)
				if s.Budget != 31 || s.Counts.Ended() != 31 {
					if len(a.requests) > 0 {
						continue // the event came with the last ones
					}
					t.Fatalf("extended at event %d: %d of %d trials", n, s.Counts.Ended(), s.Budget)
				}
				sameTold(t, fmt.Sprintf("extended at event %d", n), log, want)
			}
			extendEnded(t, config, short, want)
		})
	}
}

// extendEnded gives the study that has ended in short as many trials as the one
// in want has, in two sessions.
func extendEnded(t *testing.T, config Config, short, want *Memory) {
	t.Helper()
	for i, more := range []int{3, 14} {
		a := newAsker()
		a.ask(event.Controlled{Action: event.Extend, Trials: more})
		d := toyDeps(short, 1+i, newOracle(9))
		d.Requests = a.requests
		s := run(t, config, d)
		if len(s.Controls) != 1+i || s.Ended == nil {
			t.Fatalf("controls are %+v, end %v", s.Controls, s.Ended)
		}
	}
	sameTold(t, "extended after its end", short, want)
}

// TestExtendAsync: without turns, trials are sampled from the newest policy,
// also those of a larger budget.
func TestExtendAsync(t *testing.T) {
	config := toyConfig()
	config.Mode = Async
	log, a := &Memory{}, newAsker()
	d := toyDeps(log, 3, newOracle(1))
	d.Shaper = lastEpoch{timely: true}
	run(t, config, d)
	a.ask(event.Controlled{Action: event.Extend, Trials: 10})
	d.Requests = a.requests
	s := run(t, config, d)
	if s.Counts.Ended() != 40 || s.Trial(31).Version != 7 {
		t.Errorf("%d trials, the first more is from version %d", s.Counts.Ended(), s.Trial(31).Version)
	}
}

// TestCancel cancels trials as they are sampled: they fail, their duplicates
// and all others go on, and the journal goes on from each of its prefixes as it
// did.
func TestCancel(t *testing.T) {
	config := toyConfig()
	log, a := &Memory{}, newAsker()
	d := a.to(toyDeps(log, 3, newOracle(1)), func(e event.Event) {
		if e.Sampled != nil && e.Sampled.Trial%4 == 2 {
			a.ask(event.Controlled{Action: event.Cancel, Trial: e.Sampled.Trial})
		}
	})
	s := run(t, config, d)
	cancelled := 0
	for _, trial := range s.Trials {
		if trial.Reason == "cancelled by a test" {
			cancelled++
			if trial.Status != event.Failed || trial.Reward.Reward != config.FailedReward || trial.DuplicateOf != 0 || len(trial.Metrics.Epochs) != 0 {
				t.Errorf("trial %d is %+v", trial.ID, trial)
			}
		}
	}
	if cancelled != len(s.Controls) || cancelled < 4 {
		t.Errorf("%d trials were cancelled, %d controls", cancelled, len(s.Controls))
	}
	last := 0
	for i, line := range log.Lines {
		if strings.Contains(string(line), string(event.StudyControlled)) {
			last = i + 1
		}
	}
	for n := last; n < len(log.Lines); n++ {
		again, oracle := &Memory{Lines: slices.Clone(log.Lines[:n])}, newOracle(uint64(n))
		run(t, config, toyDeps(again, 1+n%3, oracle))
		for _, c := range s.Controls {
			if oracle.calls[c.Trial] > 0 {
				t.Errorf("resumed after event %d: trial %d, which was cancelled, was trained", n, c.Trial)
			}
		}
		sameStory(t, fmt.Sprintf("resumed after event %d", n), again, log)
	}
}

// TestCancelTraining: the child that is being trained is told at once, and its
// worker takes the next one.
func TestCancelTraining(t *testing.T) {
	a := newAsker()
	log := &Memory{}
	d := a.to(toyDeps(log, 1, table(func(ctx context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		if t.ID > 2 {
			return measured(0.5), nil, nil
		}
		a.ask(event.Controlled{Action: event.Cancel, Trial: t.ID})
		<-ctx.Done()
		if t.ID == 1 {
			return spec.Metrics{}, nil, ctx.Err()
		}
		return measured(0.9), nil, nil // it was just ready
	})), func(event.Event) {})
	config := toyConfig()
	config.Trials, config.Duplicates = 4, Retrain
	s := run(t, config, d)
	if s.Counts != (event.Counts{Sampled: 4, OK: 2, Failed: 2, Updates: 1}) || s.Trial(2).Reason != "cancelled by a test" || errors.Join(a.refusals...) != nil {
		t.Errorf("counts %+v, trial 2 %+v, refusals %v", s.Counts, s.Trial(2), a.refusals)
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

// TestExtendTooDeep: a budget at whose end the space would have to be deeper than
// it can be is refused, before any trial needs it.
func TestExtendTooDeep(t *testing.T) {
	config := toyConfig()
	config.Trials = 12
	config.Depth = Depth{Param: "layers", Start: 1, Step: 1, Every: 6, Max: 9}
	log, a := &Memory{}, newAsker()
	d := toyDeps(log, 2, newOracle(1))
	open := d.Space
	d.Space = func(ctx context.Context, params json.RawMessage) (Space, error) {
		s, err := open(ctx, params)
		if err == nil && s.(*toy).layers > 3 {
			return nil, errors.New("at most 3 layers")
		}
		return s, err
	}
	d.Requests = a.requests
	a.ask(event.Controlled{Action: event.Extend, Trials: 7})
	a.ask(event.Controlled{Action: event.Extend, Trials: 6})
	s := run(t, config, d)
	if s.Counts.Ended() != 18 || len(a.refusals) != 2 || a.refusals[0] == nil || !strings.Contains(a.refusals[0].Error(), "at most 3 layers") || a.refusals[1] != nil {
		t.Errorf("%d trials, refusals %v", s.Counts.Ended(), a.refusals)
	}
}

// TestCancelWaiting: a trial that waits for its turn has been trained, and is
// not cancelled.
func TestCancelWaiting(t *testing.T) {
	oracle := newOracle(1)
	oracle.release = make(chan struct{})
	log, a := &Memory{}, newAsker()
	d := toyDeps(log, 2, oracle)
	d.Requests = a.requests
	waiting := &waitingLog{Memory: log, saved: func(id int) {
		a.requests <- Request{event.Controlled{Action: event.Cancel, Trial: id, By: "a test"}, func(refusal error) error {
			a.refusals = append(a.refusals, refusal)
			close(oracle.release)
			return nil
		}}
	}}
	d.Log = waiting
	run(t, toyConfig(), d)
	if len(a.refusals) != 1 || a.refusals[0] == nil || !strings.Contains(a.refusals[0].Error(), "waits for its turn") {
		t.Errorf("refusals are %v", a.refusals)
	}
}

// waitingLog says when the first result is pending.
type waitingLog struct {
	*Memory
	saved func(id int)
}

func (l *waitingLog) SavePending(d event.Done) error {
	if l.saved != nil {
		l.saved(d.Trial)
		l.saved = nil
	}
	return l.Memory.SavePending(d)
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
