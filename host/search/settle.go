package search

import (
	"context"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// emit appends an event. Observers see it once it is durable.
func (r *Runner) emit(e event.Event) error {
	e.Seq = r.state.Seq + 1
	e.Time = r.deps.Clock().UTC().Truncate(time.Millisecond)
	if err := r.deps.Log.Append(e); err != nil {
		return err
	}
	if err := r.state.Apply(e); err != nil {
		return err
	}
	r.unsaid = append(r.unsaid, e)
	return nil
}

// observe shows an event to the observer.
func (r *Runner) observe(e event.Event) {
	r.watching.Lock()
	defer r.watching.Unlock()
	r.deps.Observe(e)
}

// settle makes the appended events durable, shows them, and then does what must
// not happen before. A crash in between leaves nothing that resuming does not
// put right.
func (r *Runner) settle(ctx context.Context) error {
	log := r.deps.Log
	if err := log.Commit(); err != nil {
		return err
	}
	for _, e := range r.unsaid {
		r.observe(e)
	}
	r.unsaid = r.unsaid[:0]
	if err := r.publish(ctx); err != nil {
		return err
	}
	for _, o := range r.applied {
		if err := r.clear(o); err != nil {
			return err
		}
	}
	r.applied = r.applied[:0]
	for _, id := range r.arrivals {
		if err := r.save(r.outcomes[id]); err != nil {
			return err
		}
	}
	return r.savePolicy(r.deps.SnapshotEvery)
}

// publish makes the best trial the one in best/, if it is not.
func (r *Runner) publish(ctx context.Context) error {
	if r.state.BestID == r.published {
		return nil
	}
	network, err := r.network(ctx, r.leader)
	if err != nil {
		return err
	}
	if _, err := r.deps.Log.PublishBest(r.state.BestID, r.state.Best().Reward.Reward, network); err != nil {
		return err
	}
	r.published = r.state.BestID
	return nil
}

// clear removes what the log kept of an outcome that is now an event.
func (r *Runner) clear(o *outcome) error {
	id := o.done.Trial
	if o.staged && id != r.state.BestID {
		if err := r.deps.Log.DropWeights(id); err != nil {
			return err
		}
	}
	if !o.saved {
		return nil
	}
	return r.deps.Log.DropPending(id)
}

// save keeps an outcome whose turn has not come, and its weights if it may
// become the best: the best can only get better until then.
func (r *Runner) save(o *outcome) error {
	if o.saved || o.derived {
		return nil
	}
	if r.leads(&o.done) {
		if err := r.stage(o); err != nil {
			return err
		}
	}
	o.weights = nil
	if err := r.deps.Log.SavePending(o.done); err != nil {
		return err
	}
	o.saved = true
	return nil
}

// savePolicy takes a snapshot if there were this many updates since the last.
func (r *Runner) savePolicy(every int) error {
	version := r.strategy.Version()
	if version-r.snapshot < every {
		return nil
	}
	if err := r.deps.Log.SavePolicy(version, r.strategy.Snapshot()); err != nil {
		return err
	}
	r.snapshot = version
	return nil
}
