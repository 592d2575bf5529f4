package search

import (
	"context"
	"fmt"

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
