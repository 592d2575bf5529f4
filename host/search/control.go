package search

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
)

// Request is something that is asked of a study while it runs.
type Request struct {
	event.Controlled
	// Answer, unless it is nil, is called once: with nil when the request is
	// durable and about to take effect, or with why it is refused. Its error
	// stops the study.
	Answer func(refusal error) error
}

// StoppedError is an ErrPaused: the study was stopped by request.
type StoppedError struct{ By string }

func (e *StoppedError) Error() string { return ErrPaused.Error() + ": stopped by " + e.By }

func (e *StoppedError) Is(target error) bool { return target == ErrPaused }

// resumedBy is who continues a paused study that is resumed.
const resumedBy = "being resumed"

// control takes the requests that wait.
func (r *Runner) control(ctx context.Context) error {
	for {
		select {
		case q, open := <-r.deps.Requests:
			if err := r.grant(ctx, q, open); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// grant journals a request and lets it take effect, or refuses it. If q was
// received from a channel that is not open, nobody will ask any more.
func (r *Runner) grant(ctx context.Context, q Request, open bool) error {
	if !open {
		r.deps.Requests = nil
		return nil
	}
	refusal := q.Validate()
	if refusal == nil {
		refusal = r.allows(ctx, q.Controlled)
	}
	if refusal == nil {
		if err := r.emit(event.Event{Type: event.StudyControlled, Controlled: &q.Controlled}); err != nil {
			return err
		}
		if err := r.settle(ctx); err != nil {
			return err
		}
	}
	if q.Answer != nil {
		if err := q.Answer(refusal); err != nil {
			return err
		}
	}
	if refusal != nil {
		return nil
	}
	switch q.Action {
	case event.Pause, event.Continue:
		r.pool.hold(r.state.Paused)
	case event.Stop:
		return &StoppedError{By: q.By}
	case event.Cancel:
		return r.cancel(ctx, q.Trial)
	}
	return nil // the budget is what the state says
}

// allows says why a request is refused, nil if it is not.
func (r *Runner) allows(ctx context.Context, c event.Controlled) error {
	if err := r.state.Check(c); err != nil {
		return err
	}
	switch {
	case c.Action == event.Cancel && r.outcomes[c.Trial] != nil:
		return fmt.Errorf("trial %d has been trained already; its result waits for its turn", c.Trial)
	case c.Action == event.Extend: // the space may not go as deep as the last trial
		_, err := r.space(ctx, r.config.Depth.At(r.state.Budget+c.Trials))
		return err
	}
	return nil
}

// cancel ends a trial as failed: at once if it is not being trained, else when
// its worker notices, soon.
func (r *Runner) cancel(ctx context.Context, id int) error {
	if r.training[id] && !r.pool.cancel(id) {
		return nil
	}
	return r.accept(ctx, &outcome{done: event.Done{Trial: id}})
}

// cancelled says why a trial that has no end yet was cancelled; empty: it was
// not.
func (r *Runner) cancelled(id int) string {
	if t := r.state.Trial(id); t.Status == event.Running {
		return t.Reason
	}
	return ""
}

// voided is what becomes of the result of a cancelled trial: nothing of it is
// kept but the time it took, so that it does not matter how far it had come.
func (r *Runner) voided(o *outcome) *outcome {
	p := r.samples[o.done.Trial]
	v := &outcome{derived: true, done: event.Done{Trial: p.Trial, Seconds: o.done.Seconds}}
	v.done.Metrics.Params, v.done.Metrics.MACs = p.Params, p.MACs
	r.judge.fail(&v.done, r.cancelled(p.Trial))
	return v
}

// void ends the trials that were cancelled before the study was resumed, ahead
// of all others, so that none of them is trained or takes over a result.
func (r *Runner) void() {
	for _, id := range r.state.Running() {
		if r.cancelled(id) != "" {
			r.finish(r.voided(&outcome{done: event.Done{Trial: id}}))
		}
	}
}

// unpause lets a paused study that is resumed continue.
func (r *Runner) unpause() error {
	if !r.state.Paused {
		return nil
	}
	return r.emit(event.Event{Type: event.StudyControlled, Controlled: &event.Controlled{Action: event.Continue, By: resumedBy}})
}

// late is the policy version that a trial has to be sampled from, if the policy
// has learned since then: the budget was extended when the trial's turn was
// over. In asynchronous mode there are no turns.
func (r *Runner) late(id int) (version int, late bool) {
	if r.config.Mode != Deterministic || r.schedule.rollout == 0 {
		return 0, false
	}
	version = r.schedule.turn(id)
	return version, version < r.strategy.Version()
}

// asOf calls do while the strategy is what it was at an earlier version.
func (r *Runner) asOf(ctx context.Context, version int, do func() error) (err error) {
	present := r.strategy.Snapshot()
	defer func() {
		if back := r.strategy.Restore(present); back != nil {
			err = errors.Join(err, fmt.Errorf("search: return to version %d of the policy: %w", len(r.state.Updates), back))
		}
	}()
	if r.past[version] == nil {
		if err := r.recall(ctx, version); err != nil {
			return err
		}
	}
	if err := r.strategy.Restore(r.past[version]); err != nil {
		return fmt.Errorf("search: go back to version %d of the policy: %w", version, err)
	}
	return do()
}

// recall fills past with the versions of the policy from the given one to the
// last but the present one. It starts from a snapshot of the log and does again
// what the strategy learned after it, and leaves the strategy there.
func (r *Runner) recall(ctx context.Context, from int) error {
	version := r.restorePolicy(from + 1)
	if version == 0 {
		if err := r.strategy.Restore(r.untrained); err != nil {
			return fmt.Errorf("search: go back to the untrained policy: %w", err)
		}
	}
	r.past = map[int][]byte{}
	samples := map[int]*event.Sampled{}
	for e, err := range r.deps.Log.Events() {
		if err != nil {
			return err
		}
		if version >= from {
			r.past[version] = r.strategy.Snapshot()
		}
		if version == len(r.state.Updates)-1 {
			break
		}
		switch {
		case e.Sampled != nil:
			samples[e.Sampled.Trial] = e.Sampled
		case e.Updated != nil:
			if e.Updated.Version > version {
				if err := r.learnAgain(ctx, e.Updated, samples); err != nil {
					return err
				}
				version = e.Updated.Version
			}
			for _, id := range e.Updated.Trials {
				delete(samples, id)
			}
		}
	}
	return nil
}

// original is the first earlier trial with the network of trial id that has not
// failed, as far as the events tell when it is the trial's turn; 0: none. In
// deterministic mode a trial that is sampled late knows of no result that came
// after its turn, so that it does not matter when the budget was extended.
func (r *Runner) original(id int, network string) int {
	known := len(r.state.Trials)
	if r.config.Mode == Deterministic {
		known = r.schedule.turn(id) * r.schedule.block()
	}
	at := slices.IndexFunc(r.groups[network], func(earlier int) bool {
		return earlier > known || r.state.Trial(earlier).Status != event.Failed
	})
	if at < 0 {
		return 0
	}
	return r.groups[network][at]
}
