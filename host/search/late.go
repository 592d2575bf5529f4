package search

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
)

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
	switch {
	case version > 0 && r.strategy.Hash() != r.state.Updates[version-1].WeightsHash:
		return r.badSnapshot(version, "its hash is not the one in the log")
	case version == 0:
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
		if version >= from && r.past[version] == nil {
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
