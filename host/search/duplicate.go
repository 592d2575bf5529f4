package search

import (
	"context"

	"github.com/espalier-nas/espalier/host/event"
)

// status is that of a trial which may have ended without its event: "" if
// nobody trains it yet.
func (r *Runner) status(id int) event.Status {
	if t := r.state.Trial(id); t.Status != event.Running {
		return t.Status
	}
	if o := r.outcomes[id]; o != nil {
		return o.done.Status
	}
	if r.training[id] {
		return event.Running
	}
	return ""
}

// pursue sees to it that the trials of one network get on: the first is
// trained; when it succeeds the others take its metrics over, when it fails the
// next one is trained. It is called whenever one of them is new or has ended.
func (r *Runner) pursue(ctx context.Context, network string) error {
	origin := 0
	for _, id := range r.groups[network] {
		switch status := r.status(id); {
		case status == event.OK && origin == 0:
			origin = id
		case status == event.Running && origin == 0:
			return nil
		case status != "":
		case origin == 0:
			return r.train(ctx, id)
		default:
			if err := r.copyOf(ctx, id, origin); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyOf ends a trial with the metrics of another one with the same network.
func (r *Runner) copyOf(ctx context.Context, id, origin int) error {
	metrics := r.state.Trial(origin).Metrics
	if o := r.outcomes[origin]; o != nil {
		metrics = o.done.Metrics
	}
	o := &outcome{derived: true, done: event.Done{Trial: id, Metrics: metrics, DuplicateOf: origin}}
	if err := r.judge.reward(ctx, &o.done); err != nil {
		return err
	}
	r.finish(o)
	return nil
}
