package search

import (
	"context"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
)

// receive takes the result that the pool delivered, and all others that have
// come meanwhile, so that one commit serves them all.
func (r *Runner) receive(ctx context.Context, o *outcome) error {
	for {
		r.pool.under--
		if o.err != nil && r.cancelled(o.done.Trial) == "" {
			return o.err
		}
		if err := r.accept(ctx, o); err != nil {
			return err
		}
		select {
		case o = <-r.pool.results:
		default:
			return nil
		}
	}
}

// accept takes a result of the pool.
func (r *Runner) accept(ctx context.Context, o *outcome) error {
	p := r.samples[o.done.Trial]
	if r.cancelled(p.Trial) != "" {
		o = r.voided(o)
	}
	r.finish(o)
	if r.config.Duplicates == Reuse {
		return r.pursue(ctx, p.NetworkID)
	}
	return nil
}

// finish takes the end of a trial. Its turn to be applied comes later.
func (r *Runner) finish(o *outcome) {
	id := o.done.Trial
	o.done.NetworkID = r.samples[id].NetworkID
	delete(r.training, id)
	r.outcomes[id] = o
	r.arrivals = append(r.arrivals, id)
}

// advance appends every event that is due, in the one order that follows from
// the configuration, and then makes them durable.
func (r *Runner) advance(ctx context.Context) error {
	for {
		var err error
		switch {
		case r.updateDue():
			err = r.update(ctx)
		case r.mayPropose():
			err = r.propose(ctx)
		case r.next() != 0:
			err = r.apply(r.next())
		default:
			return r.settle(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// next is the trial whose end is to be applied next; 0: none has come.
func (r *Runner) next() int {
	if r.config.Mode == Async {
		if len(r.arrivals) == 0 {
			return 0
		}
		return r.arrivals[0]
	}
	next := r.state.Counts.Ended() + 1
	if r.outcomes[next] == nil {
		return 0
	}
	return next
}

// apply appends the end of a trial.
func (r *Runner) apply(id int) error {
	o := r.outcomes[id]
	if r.leads(&o.done) {
		if err := r.stage(o); err != nil {
			return err
		}
	}
	if err := r.emit(event.Event{Type: event.TrialDone, Done: &o.done}); err != nil {
		return err
	}
	o.weights = nil
	delete(r.outcomes, id)
	at := slices.Index(r.arrivals, id)
	r.arrivals = slices.Delete(r.arrivals, at, at+1)
	r.applied = append(r.applied, o)
	r.ended(id)
	return nil
}

// ended is what follows from the event of a trial's end; so it does when the
// event is replayed.
func (r *Runner) ended(id int) {
	if r.state.BestID == id {
		r.leader = r.samples[id]
	}
	if r.schedule.rollout == 0 {
		delete(r.samples, id)
		return
	}
	r.rollout = append(r.rollout, id)
}

// leads reports whether a trial that has not been applied would now become the
// best one.
func (r *Runner) leads(done *event.Done) bool {
	if done.Status != event.OK {
		return false
	}
	best := r.state.Best()
	return best == nil || done.Reward.Reward > best.Reward.Reward ||
		done.Reward.Reward == best.Reward.Reward && done.Trial < best.ID
}

// stage moves the weights of an outcome from memory into the log.
func (r *Runner) stage(o *outcome) error {
	if o.weights == nil {
		return nil
	}
	if err := r.deps.Log.StageWeights(o.done.Trial, o.weights); err != nil {
		return err
	}
	o.weights, o.staged = nil, true
	return nil
}

// updateDue reports whether a whole rollout has ended.
func (r *Runner) updateDue() bool {
	return r.schedule.rollout > 0 && len(r.rollout) == r.schedule.rollout
}

// update lets the strategy learn from the rollout.
func (r *Runner) update(ctx context.Context) error {
	u, err := r.learn(ctx, r.rollout, r.samples)
	if err != nil {
		return err
	}
	if err := r.emit(event.Event{Type: event.PolicyUpdated, Updated: u}); err != nil {
		return err
	}
	r.learned()
	return nil
}

// learn updates the strategy with a rollout and tells what that did.
func (r *Runner) learn(ctx context.Context, rollout []int, samples map[int]*event.Sampled) (*event.Updated, error) {
	out := &event.Updated{Trials: slices.Clone(rollout)}
	episodes := make([]strategy.Episode, 0, len(rollout))
	for _, id := range rollout {
		episodes = append(episodes, episode(samples[id]))
		out.Rewards = append(out.Rewards, r.state.Trial(id).Reward.Reward)
	}
	u, err := r.strategy.Update(ctx, episodes, out.Rewards)
	if err != nil {
		return nil, fmt.Errorf("search: update %d of the policy: %w", r.strategy.Version()+1, err)
	}
	out.Version, out.Advantages = u.Version, u.Advantages
	out.BaselineBefore, out.Baseline = u.BaselineBefore, u.Baseline
	out.Loss, out.GradNorm, out.Entropy = u.Loss, u.GradNorm, u.Entropy
	out.WeightsHash = u.WeightsHash
	return out, nil
}

// learned forgets the rollout that the policy has learned from.
func (r *Runner) learned() {
	for _, id := range r.rollout {
		delete(r.samples, id)
	}
	r.rollout = nil
}

// end appends that the study has ended.
func (r *Runner) end(ctx context.Context) error {
	e := &event.Ended{Reason: event.EndBudget, Counts: r.state.Counts, WeightsHash: r.strategy.Hash()}
	if best := r.state.Best(); best != nil {
		e.Best, e.BestReward = best.ID, best.Reward.Reward
	} else {
		e.Reason = event.EndAllFailed
	}
	if err := r.emit(event.Event{Type: event.StudyEnded, Ended: e}); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.savePolicy(1)
}
