package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Space is a search space under given parameters. Its methods are pure, and
// may be called concurrently.
type Space interface {
	strategy.Space
	// Build decodes the answers of a whole episode.
	Build(ctx context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error)
}

// Shaper turns what was measured of a trial into its reward. It is pure, and
// may be called concurrently.
type Shaper interface {
	Reward(ctx context.Context, m spec.Metrics) (spec.Reward, error)
}

// Evaluator trains trials. It may be called by as many goroutines as the study
// has workers.
type Evaluator interface {
	// Evaluate trains t.Network from t.Seed and returns what it measured, and
	// the trained weights if it has any. It calls onEpoch after every epoch,
	// and returns soon after ctx has ended. An error fails the trial, or the
	// study if it is a *FatalError. Equal trials give equal results, times
	// aside.
	Evaluate(ctx context.Context, t Trial, onEpoch func(spec.Epoch)) (spec.Metrics, io.WriterTo, error)
}

// Trial is what an Evaluator trains.
type Trial struct {
	ID      int
	Network *spec.Network
	Seed    uint64
	// Params and MACs are those of the network, as Network.Infer counts them.
	// They replace what the evaluator says, so that all evaluators agree.
	Params, MACs int64
}

// FatalError is returned by an Evaluator when the study cannot go on: its data
// or its configuration is wrong, not this trial.
type FatalError struct{ Err error }

func (e *FatalError) Error() string { return e.Err.Error() }
func (e *FatalError) Unwrap() error { return e.Err }

// Deps are what a study runs on.
type Deps struct {
	// Space binds the study's search space to parameters, once for each value
	// of the scheduled depth.
	Space     func(ctx context.Context, params json.RawMessage) (Space, error)
	Shaper    Shaper
	Evaluator Evaluator
	Log       Log
	// Started describes the study; see Config.Begin.
	Started event.Started
	// Task is what the networks have to solve.
	Task spec.Task
	// Strategy replaces the one that the configuration names, if it is not nil.
	Strategy strategy.Strategy
	// Workers is the number of trials that are trained at the same time. At
	// least 1; default: one for each processor.
	Workers int
	// SnapshotEvery is the number of updates between two snapshots of the
	// policy, which make resuming quicker. At least 1; default 10.
	SnapshotEvery int
	// Requests are what is asked of the study while it runs, nil if nobody can.
	// Those that wait when Run is called are taken first; then an extension lets
	// a study that has ended go on.
	Requests <-chan Request
	// Clock tells the time of events. Default time.Now. It is called by
	// several goroutines.
	Clock func() time.Time
	// Observe, if set, sees every event: first those that a resumed log already
	// holds, then each new one once it is durable, and live epochs in between.
	// Calls never overlap; while one lasts, the study waits.
	Observe func(event.Event)
}

// fill sets defaults and reports what is missing.
func (d *Deps) fill() error {
	var problems []error
	for _, need := range []struct {
		ok   bool
		what string
	}{
		{d.Space != nil, "Space"}, {d.Shaper != nil, "Shaper"}, {d.Evaluator != nil, "Evaluator"}, {d.Log != nil, "Log"},
	} {
		if !need.ok {
			problems = append(problems, fmt.Errorf("search: Deps.%s is nil", need.what))
		}
	}
	if d.Workers < 0 || d.SnapshotEvery < 0 {
		problems = append(problems, fmt.Errorf("search: %d workers, a snapshot every %d updates: want at least 1", d.Workers, d.SnapshotEvery))
	}
	if d.Workers == 0 {
		d.Workers = runtime.GOMAXPROCS(0)
	}
	if d.SnapshotEvery == 0 {
		d.SnapshotEvery = 10
	}
	if d.Clock == nil {
		d.Clock = time.Now
	}
	if d.Observe == nil {
		d.Observe = func(event.Event) {}
	}
	return errors.Join(problems...)
}
