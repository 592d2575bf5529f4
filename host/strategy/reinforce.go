package strategy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/espalier-nas/espalier/host/controller"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// ReinforceConfig configures "reinforce". In JSON it is one flat object.
type ReinforceConfig struct {
	// Preset is the controller.Preset that the other fields depart from:
	// "paper" (default) or "quick".
	Preset string `json:"preset"`
	// Rollout is the number m of episodes of one update: 1 to 10000, default 8.
	Rollout int `json:"rollout"`
	controller.Config
}

// DefaultReinforce is the paper's controller with m = 8.
func DefaultReinforce() ReinforceConfig {
	return ReinforceConfig{Preset: "paper", Rollout: 8, Config: controller.Default()}
}

// Validate reports every field that is out of range.
func (c ReinforceConfig) Validate() error {
	var errs []error
	if _, ok := controller.Preset(c.Preset); !ok {
		errs = append(errs, fmt.Errorf("strategy reinforce: there is no preset %q; known are %s", c.Preset, list(controller.Presets())))
	}
	if c.Rollout < 1 || c.Rollout > 10000 {
		errs = append(errs, fmt.Errorf("strategy reinforce: rollout is %d; it must be from 1 to 10000", c.Rollout))
	}
	return errors.Join(append(errs, c.Config.Validate())...)
}

// reinforce lets many Proposes read the controller, or one Update change it.
type reinforce struct {
	mu      sync.RWMutex
	policy  *controller.Controller
	rollout int
	seed    uint64
}

func newReinforce(raw json.RawMessage, kinds []spec.Kind, seed uint64) (Strategy, error) {
	config := DefaultReinforce()
	if err := decode("reinforce", raw, &config); err != nil {
		return nil, err
	}
	if base, ok := controller.Preset(config.Preset); ok {
		// Once more, now upon the preset that the config names.
		config.Config = base
		if err := decode("reinforce", raw, &config); err != nil {
			return nil, err
		}
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	policy, err := controller.New(config.Config, kinds, seed)
	if err != nil {
		return nil, err
	}
	return &reinforce{policy: policy, rollout: config.Rollout, seed: seed}, nil
}

func (r *reinforce) Name() string { return "reinforce" }

func (r *reinforce) Rollout() int { return r.rollout }

func (r *reinforce) Version() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.policy.Version()
}

func (r *reinforce) Propose(ctx context.Context, space Space, id int) (Episode, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, err := r.policy.Sample(ctx, space, numbers(r.seed, id))
	if err != nil {
		return Episode{}, fmt.Errorf("strategy reinforce: episode %d: %w", id, err)
	}
	e.ID = id
	return e, nil
}

func (r *reinforce) Update(ctx context.Context, episodes []Episode, rewards []float64) (Update, error) {
	if err := ctx.Err(); err != nil {
		return Update{}, err
	}
	if len(episodes) != r.rollout {
		return Update{}, fmt.Errorf("strategy reinforce: update with %d episodes; a rollout has %d", len(episodes), r.rollout)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.policy.Update(episodes, rewards)
}

func (r *reinforce) Explain(e Episode) ([]StepView, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.policy.Explain(e)
}

func (r *reinforce) ExplainUpdate(episodes []Episode, rewards []float64, of int) (UpdateView, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.policy.ExplainUpdate(episodes, rewards, of)
}

func (r *reinforce) Snapshot() []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return bytes.Join([][]byte{head("reinforce"), r.policy.Snapshot()}, nil)
}

func (r *reinforce) Restore(snapshot []byte) error {
	body, err := checkSnapshot("reinforce", snapshot)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.policy.Restore(body)
}

func (r *reinforce) Hash() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.policy.Hash()
}
