package search

import (
	"context"
	"errors"
	"io"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Trainer is the Evaluator that trains children here, each on one core.
type Trainer struct {
	Train, Valid *data.Images
	Recipe       child.Recipe
}

// Evaluate trains a child. What child calls a failed trial is one; any other
// error is fatal, since it would meet every trial.
func (t *Trainer) Evaluate(ctx context.Context, trial Trial, onEpoch func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	result, err := child.Train(ctx, trial.Network, t.Train, t.Valid, t.Recipe, trial.Seed, onEpoch)
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
