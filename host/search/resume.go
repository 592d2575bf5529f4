package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/kernels"
)

// ErrChanged: the study was begun with another configuration, plugin, data set
// or kernel level.
var ErrChanged = errors.New("search: this is not the study that was begun")

// ErrReplay: doing again what the log tells gives something else.
var ErrReplay = errors.New("search: the log cannot be replayed")

// resume brings the runner to where the log ends; in an empty log it begins
// the study.
func (r *Runner) resume(ctx context.Context) error {
	space, err := r.space(ctx, r.config.Depth.At(1))
	if err != nil {
		return err
	}
	if r.strategy = r.deps.Strategy; r.strategy == nil {
		c := r.config.Strategy
		if r.strategy, err = strategy.New(c.Name, c.Params, space.Info().Kinds, r.config.Seed); err != nil {
			return err
		}
	}
	r.schedule = newSchedule(r.strategy.Rollout(), r.config.Lag)
	started, err := r.started(space)
	if err != nil {
		return err
	}
	r.untrained = r.strategy.Snapshot()
	r.snapshot = r.restorePolicy(-1)
	for e, err := range r.deps.Log.Events() {
		if err != nil {
			return err
		}
		if err := r.replay(ctx, e, started); err != nil {
			return err
		}
		r.observe(e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if n := r.strategy.Version(); n != len(r.state.Updates) {
		return r.badSnapshot(r.snapshot, fmt.Sprintf("it has seen %d updates, the log has %d", n, len(r.state.Updates)))
	}
	if r.state.Seq == 0 {
		return r.emit(event.Event{Type: event.StudyStarted, Started: &started})
	}
	return r.pickUp(ctx)
}

// started is the first event of the study.
func (r *Runner) started(space Space) (event.Started, error) {
	s, err := r.config.Begin(r.deps.Started)
	if err != nil {
		return s, err
	}
	info := space.Info()
	s.Space.Version, s.Space.Params = info.Version, json.RawMessage(info.Params)
	s.Rollout, s.Lag, s.Kinds, s.Task = r.schedule.rollout, r.schedule.lag, info.Kinds, r.deps.Task
	s.WeightsHash = r.strategy.Hash()
	return s, nil
}

// restorePolicy starts the strategy from the newest snapshot that it accepts of
// a version below before (negative: of any version), and returns the version; 0
// if there is none.
func (r *Runner) restorePolicy(before int) int {
	for {
		version, policy, ok := r.deps.Log.Policy(before)
		if !ok {
			return 0
		}
		if r.strategy.Restore(policy) == nil {
			return version
		}
		before = version
	}
}

// replay folds one event of the log, and lets the strategy learn again what it
// learned after its snapshot.
func (r *Runner) replay(ctx context.Context, e event.Event, started event.Started) error {
	switch {
	case e.Started != nil:
		if err := r.compare(e.Started, &started); err != nil {
			return err
		}
	case e.Updated != nil:
		if err := r.relearn(ctx, e.Updated); err != nil {
			return err
		}
	}
	if err := r.state.Apply(e); err != nil {
		return fmt.Errorf("%w: %w", ErrReplay, err)
	}
	switch {
	case e.Sampled != nil:
		r.admit(e.Sampled)
	case e.Done != nil:
		r.ended(e.Done.Trial)
	case e.Updated != nil:
		r.learned()
	}
	return nil
}

// relearn does an update again and checks that it leads where it led.
func (r *Runner) relearn(ctx context.Context, want *event.Updated) error {
	if !slices.Equal(want.Trials, r.rollout) {
		return fmt.Errorf("%w: update %d learned from trials %v, but those that had ended were %v", ErrReplay, want.Version, want.Trials, r.rollout)
	}
	if want.Version <= r.snapshot {
		if want.Version == r.snapshot && r.strategy.Hash() != want.WeightsHash {
			return r.badSnapshot(r.snapshot, "its hash is not the one in the log")
		}
		return nil
	}
	return r.learnAgain(ctx, want, r.samples)
}

// learnAgain does an update again.
func (r *Runner) learnAgain(ctx context.Context, want *event.Updated, samples map[int]*event.Sampled) error {
	got, err := r.learn(ctx, want.Trials, samples)
	if err != nil {
		return err
	}
	if got.WeightsHash != want.WeightsHash {
		return fmt.Errorf("%w: update %d now leads to weights %.12s, it led to %.12s; resume with the program that began the study (%s, kernels %s)",
			ErrReplay, want.Version, got.WeightsHash, want.WeightsHash, r.state.Started.Program, r.state.Started.Kernels)
	}
	return nil
}

func (r *Runner) badSnapshot(version int, why string) error {
	return fmt.Errorf("%w: the snapshot of policy version %d belongs to another history: %s; remove the snapshots and resume, then the updates are done again", ErrReplay, version, why)
}

// compare reports in what the study that was begun differs from this one, and
// what would make them the same.
func (r *Runner) compare(begun, now *event.Started) error {
	var changes, cures []string
	check := func(what, was, is, cure string) bool {
		if was == is {
			return false
		}
		changes = append(changes, fmt.Sprintf("its %s was %s, now it is %s", what, orUnknown(was), orUnknown(is)))
		if cure != "" && !slices.Contains(cures, cure) {
			cures = append(cures, cure)
		}
		return true
	}
	before, err := Decode(begun.Config)
	if err != nil {
		return fmt.Errorf("%w: its configuration: %w", ErrChanged, err)
	}
	was, err := before.identity()
	if err != nil {
		return err
	}
	is, err := r.config.identity()
	if err != nil {
		return err
	}
	for _, d := range differences("", was, is) {
		check(d.path, d.was, d.is, "put its configuration back as it was")
	}
	for _, p := range []struct {
		what    string
		was, is event.Source
	}{{"search space plugin", begun.Space, now.Space}, {"shaper plugin", begun.Shaper, now.Shaper}} {
		if check(p.what, p.was.Hash, p.is.Hash, "resume with the plugin that it was begun with") {
			for _, change := range p.was.Changes(p.is) {
				changes = append(changes, fmt.Sprintf("of its %s, %s", p.what, change))
			}
		}
	}
	check("data", dataText(begun.Data), dataText(now.Data), fmt.Sprintf("put the files of its data, %s, back as they were", begun.Data.Name))
	if r.config.Mode == Deterministic {
		check("kernel level", begun.Kernels, now.Kernels, fmt.Sprintf("resume on a machine that has the kernel level %s, with %s=%[1]s if it is not that machine's best", begun.Kernels, kernels.EnvLevel))
	}
	if len(changes) == 0 { // otherwise it says nothing new
		check("untrained policy", begun.WeightsHash, now.WeightsHash, fmt.Sprintf("resume with the program that it was begun with, %s", begun.Program))
	}
	if len(changes) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s; it was left as it is; to go on, %s", ErrChanged, strings.Join(changes, "; "), strings.Join(cures, ", and "))
}

// dataText tells data sets apart; people see how many examples they have.
func dataText(d event.Data) string {
	if d.Hash == "" {
		return ""
	}
	return fmt.Sprintf("%.12s (%d to train on, %d to validate)", d.Hash, d.Train, d.Valid)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// pickUp continues what was under way when the log ended.
func (r *Runner) pickUp(ctx context.Context) error {
	if best := r.state.Best(); best != nil {
		network, err := r.network(ctx, r.leader)
		if err != nil {
			return err
		}
		weights, err := r.deps.Log.PublishBest(best.ID, best.Reward.Reward, network)
		if err != nil {
			return err
		}
		r.published = best.ID
		if !weights {
			r.lost = best.ID
		}
	}
	pending, err := r.deps.Log.Pending()
	if err != nil {
		return err
	}
	if err := r.unpause(); err != nil {
		return err
	}
	r.void()
	r.early = map[int]event.Done{}
	for _, done := range pending {
		r.early[done.Trial] = done
	}
	for _, id := range r.state.Running() {
		if r.status(id) != "" {
			continue // an earlier one with the same network has seen to it
		}
		if err := r.begin(ctx, r.samples[id]); err != nil {
			return err
		}
	}
	return nil
}

// recoverWeights trains the best trial again if its weights were lost, say
// because somebody removed them. The same seed gives the same weights; at
// another kernel level it may not, and then the trial stays without weights.
func (r *Runner) recoverWeights(ctx context.Context) error {
	best := r.state.Best()
	if best == nil || best.ID != r.lost {
		return nil
	}
	network, err := r.network(ctx, r.leader)
	if err != nil {
		return err
	}
	o := r.judge.evaluate(ctx, trial(r.leader, network))
	if o.err != nil {
		return o.err
	}
	if o.weights == nil || o.done.Reward.Reward != best.Reward.Reward {
		return nil
	}
	if err := r.stage(o); err != nil {
		return err
	}
	_, err = r.deps.Log.PublishBest(best.ID, best.Reward.Reward, network)
	return err
}
