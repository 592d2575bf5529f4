package bench

import (
	"context"
	"encoding/json"

	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Space is a search space that builds what was answered.
type Space interface {
	strategy.Space
	Build(ctx context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error)
}

// Opener opens a space of a plugin under params, a JSON object.
type Opener func(ctx context.Context, name, params string) (Space, error)

// OpenPlugin loads a plugin into a sandbox of its own, in which it lives until
// close.
func OpenPlugin(ctx context.Context, name string, wasm []byte) (open Opener, close func(), err error) {
	box, err := sandbox.New(ctx, sandbox.Default())
	if err != nil {
		return nil, nil, err
	}
	close = func() { box.Close(ctx) }
	module, err := box.Load(ctx, name, wasm)
	if err != nil {
		close()
		return nil, nil, err
	}
	return func(ctx context.Context, name, params string) (Space, error) {
		s, err := module.Space(ctx, name, json.RawMessage(params))
		if err != nil {
			return nil, err
		}
		return s, nil
	}, close, nil
}

// Draw draws an episode uniformly, as a search by the strategy "random" does for
// the trial of that number.
func Draw(ctx context.Context, s Space, seed uint64, id int) (spec.Answers, error) {
	random, err := strategy.New("random", json.RawMessage(nil), s.Info().Kinds, seed)
	if err != nil {
		return nil, err
	}
	episode, err := random.Propose(ctx, s, id)
	if err != nil {
		return nil, err
	}
	return episode.Answers, nil
}
