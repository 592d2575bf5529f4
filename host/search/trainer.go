package search

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Trainer is the Evaluator that trains children here.
type Trainer struct {
	Examples Examples
	Recipe   child.Recipe
	// Threads is how many processors may work on each child; results do not
	// depend on it. At least 1; default 1.
	Threads int
	// Cores, if it is not 0, are divided among the children under way, so that
	// the last ones have all of them. Each child takes its part when it begins an
	// epoch; in its first, when the others may be about to begin, Threads.
	Cores int
	// MemoryBytes is what all children under way may hold together, on a
	// machine that has no more. One that would not fit beside the others waits;
	// one that needs more by itself is a failed trial. Default 0: no limit.
	MemoryBytes int64

	underWay atomic.Int32

	once   sync.Once
	memory *allowance
}

// Evaluate trains a child. What child calls a failed trial is one; any other
// error is fatal, since it would meet every trial.
func (t *Trainer) Evaluate(ctx context.Context, trial Trial, onEpoch func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	return t.EvaluateBy(ctx, t.Recipe, trial, onEpoch, nil)
}

// EvaluateBy is Evaluate by another recipe. Children of several recipes divide
// the same processors and memory. onStep may be nil; see child.Trainer.
func (t *Trainer) EvaluateBy(ctx context.Context, recipe child.Recipe, trial Trial, onEpoch func(spec.Epoch), onStep func(done, total int)) (spec.Metrics, io.WriterTo, error) {
	bytes, problem := t.need(recipe, trial.Network)
	if problem != "" {
		return spec.Metrics{Failed: true, Reason: problem}, nil, nil
	}
	if bytes > 0 {
		if err := t.memory.take(ctx, bytes); err != nil {
			return spec.Metrics{}, nil, err
		}
		defer t.memory.give(bytes)
	}
	t.underWay.Add(1)
	defer t.underWay.Add(-1)
	trainer := child.Trainer{Recipe: recipe, Threads: t.Threads, OnEpoch: onEpoch, OnStep: onStep}
	if t.Cores > 0 {
		trainer.Cores = func() int { return t.Cores / int(t.underWay.Load()) }
	}
	result, err := t.Examples.Train(ctx, &trainer, trial.Network, trial.Seed)
	var failed *child.FailedError
	switch {
	case errors.As(err, &failed):
		return result.Metrics, nil, nil
	case err != nil && ctx.Err() != nil:
		return spec.Metrics{}, nil, err
	case err != nil:
		return spec.Metrics{}, nil, &FatalError{Err: err}
	case result.Weights == nil:
		return result.Metrics, nil, nil
	}
	return result.Metrics, result.Weights, nil
}

// TooLarge says why a child does not fit into MemoryBytes even by itself; empty
// if it does.
func (t *Trainer) TooLarge(recipe child.Recipe, network *spec.Network) string {
	_, problem := t.need(recipe, network)
	return problem
}

// need is the memory that a child has to wait for, and why it would wait in
// vain. A child that cannot be trained needs none to find that out.
func (t *Trainer) need(recipe child.Recipe, network *spec.Network) (bytes int64, problem string) {
	if t.MemoryBytes <= 0 {
		return 0, ""
	}
	t.once.Do(func() { t.memory = &allowance{limit: t.MemoryBytes} })
	train, valid := t.Examples.Counts()
	bytes, err := recipe.TrainingBytes(network, train, valid)
	switch {
	case err != nil:
		return 0, ""
	case bytes > t.MemoryBytes:
		return 0, fmt.Sprintf("it needs %.1f MiB, children may hold %.1f MiB together", mebi(bytes), mebi(t.MemoryBytes))
	}
	return bytes, ""
}

func mebi(bytes int64) float64 { return float64(bytes) / (1 << 20) }
