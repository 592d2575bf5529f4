package search

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// mayPropose reports whether another trial is to be sampled now.
func (r *Runner) mayPropose() bool {
	next := len(r.state.Trials) + 1
	if next > r.state.Budget {
		return false
	}
	if r.config.Mode == Deterministic {
		applied := r.state.Counts.Ended() / r.schedule.block()
		return r.schedule.turn(next) <= applied
	}
	// Duplicates that wait for another trial keep no worker busy, but when the
	// policy has settled on one network there must not be ever more of them.
	if r.state.Paused {
		return false
	}
	open := r.state.Counts.Sampled - r.state.Counts.Ended()
	return r.pool.under < r.deps.Workers && open < 2*r.deps.Workers+r.schedule.block()
}

// propose samples the next trial.
func (r *Runner) propose(ctx context.Context) error {
	id := len(r.state.Trials) + 1
	depth := r.config.Depth.At(id)
	space, err := r.space(ctx, depth)
	if err != nil {
		return err
	}
	episode, err := r.sample(ctx, space, id)
	if err != nil {
		return fmt.Errorf("search: sample trial %d: %w", id, err)
	}
	p := &event.Sampled{
		Trial:         id,
		Version:       episode.Version,
		Seed:          ChildSeed(r.config.Seed, id),
		Depth:         depth,
		Decisions:     make([]spec.Decision, len(episode.Steps)),
		Answers:       episode.Answers,
		LogProb:       episode.LogProb,
		StepLogProbs:  episode.StepLogProbs,
		StepEntropies: episode.StepEntropies,
	}
	for i, step := range episode.Steps {
		p.Decisions[i] = *step.Decision
	}
	if err := r.build(ctx, space, p); err != nil {
		return err
	}
	p.DuplicateOf = r.original(id, p.NetworkID)
	recorded := *p
	if p.DuplicateOf != 0 {
		recorded.Network = nil
	}
	if err := r.emit(event.Event{Type: event.TrialSampled, Sampled: &recorded}); err != nil {
		return err
	}
	r.admit(p)
	return r.begin(ctx, p)
}

// sample lets the policy propose a trial: the present one, or the one whose turn
// it was.
func (r *Runner) sample(ctx context.Context, space Space, id int) (episode strategy.Episode, err error) {
	version, late := r.late(id)
	if !late {
		r.past = nil
		return r.strategy.Propose(ctx, space, id)
	}
	err = r.asOf(ctx, version, func() (err error) {
		episode, err = r.strategy.Propose(ctx, space, id)
		return err
	})
	return episode, err
}

// build decodes the answers of p. That they decode to no network is the
// trial's problem; an error means that ctx has ended.
func (r *Runner) build(ctx context.Context, space Space, p *event.Sampled) error {
	if name, ok := repeated(p.Decisions); ok {
		p.Problem = tidy(fmt.Sprintf("no network: the search space asks two decisions named %q", name))
		return nil
	}
	network, err := space.Build(ctx, p.Answers, r.deps.Task)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var plan *spec.Plan
	if err == nil {
		plan, err = network.Infer()
	}
	if err != nil {
		p.Problem, p.Output = tidy("no network: "+err.Error()), printed(err)
		return nil
	}
	p.Network, p.NetworkID = network, network.ID()
	p.Params, p.MACs = plan.Params, plan.MACs
	return nil
}

// repeated finds a name that two decisions of an episode have.
func repeated(decisions []spec.Decision) (name string, ok bool) {
	seen := make(map[string]bool, len(decisions))
	for i := range decisions {
		name = decisions[i].Name
		if seen[name] {
			return name, true
		}
		seen[name] = true
	}
	return "", false
}

// admit makes a sampled trial known; so does the replay of its event.
func (r *Runner) admit(p *event.Sampled) {
	r.samples[p.Trial] = p
	if p.NetworkID != "" && r.config.Duplicates == Reuse {
		r.groups[p.NetworkID] = append(r.groups[p.NetworkID], p.Trial)
	}
}

// begin starts what leads to the end of a sampled trial.
func (r *Runner) begin(ctx context.Context, p *event.Sampled) error {
	switch {
	case p.Problem != "":
		o := &outcome{derived: true, done: event.Done{Trial: p.Trial}}
		r.judge.fail(&o.done, p.Problem)
		o.done.Output = p.Output
		r.finish(o)
		return nil
	case r.config.Duplicates == Reuse:
		return r.pursue(ctx, p.NetworkID)
	case r.status(p.Trial) == "":
		return r.train(ctx, p.Trial)
	}
	return nil
}

// train hands a trial to the workers, unless it was trained before the study
// was resumed.
func (r *Runner) train(ctx context.Context, id int) error {
	p := r.samples[id]
	if done, ok := r.early[id]; ok && done.NetworkID == p.NetworkID {
		delete(r.early, id)
		return r.accept(ctx, &outcome{done: done, saved: true, staged: true})
	}
	network, err := r.network(ctx, p)
	if err != nil {
		return err
	}
	r.training[id] = true
	r.pool.add(trial(p, network))
	return nil
}

func trial(p *event.Sampled, network *spec.Network) Trial {
	return Trial{ID: p.Trial, Network: network, Seed: p.Seed, Params: p.Params, MACs: p.MACs}
}

// network is that of a sampled trial. The event of a duplicate does not repeat
// it, so after a resume it is built again.
func (r *Runner) network(ctx context.Context, p *event.Sampled) (*spec.Network, error) {
	if p.Network != nil {
		return p.Network, nil
	}
	space, err := r.space(ctx, p.Depth)
	if err != nil {
		return nil, err
	}
	network, err := space.Build(ctx, p.Answers, r.deps.Task)
	if err != nil {
		return nil, fmt.Errorf("search: build the network of trial %d again: %w", p.Trial, err)
	}
	if id := network.ID(); id != p.NetworkID {
		return nil, fmt.Errorf("%w: the network of trial %d was %s, now the search space builds %s", ErrReplay, p.Trial, p.NetworkID, id)
	}
	p.Network = network
	return network, nil
}

// space binds the search space to a depth, once.
func (r *Runner) space(ctx context.Context, depth int) (Space, error) {
	if s := r.stages[depth]; s != nil {
		return s, nil
	}
	params, err := r.config.SpaceParams(r.firstTrial(depth))
	if err != nil {
		return nil, err
	}
	s, err := r.deps.Space(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("search: open the search space with %s: %w", orDefaults(params), err)
	}
	for _, other := range r.stages {
		if !sameKinds(s.Info().Kinds, other.Info().Kinds) {
			return nil, fmt.Errorf("search: the search space asks other kinds of decisions with %s; one policy cannot answer both, so do not schedule %s", params, r.config.Depth.Param)
		}
		break // all of them are the same
	}
	r.stages[depth] = s
	return s, nil
}

// firstTrial is a trial with this scheduled depth.
func (r *Runner) firstTrial(depth int) int {
	d := r.config.Depth
	if d.Param == "" || d.Step == 0 {
		return 1
	}
	return 1 + (depth-d.Start+d.Step-1)/d.Step*d.Every
}

func orDefaults(params json.RawMessage) string {
	if len(params) == 0 {
		return "its default parameters"
	}
	return string(params)
}

func sameKinds(a, b []spec.Kind) bool {
	return slices.EqualFunc(a, b, func(x, y spec.Kind) bool {
		return x.ID == y.ID && x.Type == y.Type && slices.Equal(x.Options, y.Options)
	})
}

// episode is the strategy's view of a sampled trial.
func episode(p *event.Sampled) strategy.Episode {
	steps := make([]spec.Step, len(p.Decisions))
	for i := range p.Decisions {
		steps[i].Decision = &p.Decisions[i]
	}
	return strategy.Episode{
		ID: p.Trial, Version: p.Version, Steps: steps, Answers: p.Answers,
		LogProb: p.LogProb, StepLogProbs: p.StepLogProbs, StepEntropies: p.StepEntropies,
	}
}
