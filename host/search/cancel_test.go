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

// TestPoolCancel: a trial that is taken out of the queue is counted no more.
func TestPoolCancel(t *testing.T) {
	begun, release := make(chan int), make(chan bool)
	p := newPool(t.Context(), 1, func(_ context.Context, trial Trial) *outcome {
		begun <- trial.ID
		<-release
		return &outcome{done: event.Done{Trial: trial.ID}}
	})
	p.add(Trial{ID: 1})
	<-begun
	p.add(Trial{ID: 2})
	if p.under != 2 || p.cancel(1) || !p.cancel(2) || p.cancel(2) || p.under != 1 {
		t.Errorf("%d trials are under way, want only the one that is being trained", p.under)
	}
	close(release)
	if o := <-p.results; o.done.Trial != 1 {
		t.Errorf("trial %d was trained", o.done.Trial)
	}
	if rest := p.stop(); len(rest) != 0 {
		t.Errorf("%d more trials were trained", len(rest))
	}
}
