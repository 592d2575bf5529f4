package strategy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/espalier-nas/espalier/host/controller"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// RandomConfig configures "random".
type RandomConfig struct {
	// AnchorProbability is that of each candidate of an anchors decision: above
	// 0, below 1, default 0.5.
	AnchorProbability float64 `json:"anchor_probability"`
}

// DefaultRandom is uniform over all episodes of equal decisions.
func DefaultRandom() RandomConfig { return RandomConfig{AnchorProbability: 0.5} }

// Validate reports a field that is out of range.
func (c RandomConfig) Validate() error {
	if !(c.AnchorProbability > 0 && c.AnchorProbability < 1) {
		return fmt.Errorf("strategy random: anchor_probability is %v; it must be above 0 and below 1", c.AnchorProbability)
	}
	return nil
}

// random draws uniformly from the allowed options of a choice and from the
// candidates of a pointer, and each candidate of an anchors decision with the
// configured probability. It has no state.
type random struct {
	config RandomConfig
	kinds  map[string]spec.Kind
	seed   uint64
}

func newRandom(raw json.RawMessage, kinds []spec.Kind, seed uint64) (Strategy, error) {
	config := DefaultRandom()
	if err := decode("random", raw, &config); err != nil {
		return nil, err
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	byID := make(map[string]spec.Kind)
	for _, k := range kinds {
		byID[k.ID] = k
	}
	return &random{config: config, kinds: byID, seed: seed}, nil
}

func (r *random) Name() string { return "random" }

func (r *random) Version() int { return 0 }

func (r *random) Rollout() int { return 0 }

func (r *random) Propose(ctx context.Context, space Space, id int) (Episode, error) {
	rng := numbers(r.seed, id)
	e, err := controller.Walk(ctx, space, func(_ int, d *spec.Decision) (controller.Reply, error) {
		return r.draw(d, rng)
	})
	if err != nil {
		return Episode{}, fmt.Errorf("strategy random: episode %d: %w", id, err)
	}
	e.ID = id
	return e, nil
}

// draw answers one decision, which the walk has checked.
func (r *random) draw(d *spec.Decision, rng *rand.Rand) (controller.Reply, error) {
	k, known := r.kinds[d.Kind]
	if !known {
		return controller.Reply{}, fmt.Errorf("the strategy was made without the kind %q", d.Kind)
	}
	switch k.Type {
	case spec.AnchorSet:
		p := r.config.AnchorProbability
		in, out := kernels.Log(p), kernels.Log(1-p)
		var reply controller.Reply
		var chosen []int
		for _, j := range d.Candidates {
			if rng.Float64() < p {
				chosen = append(chosen, j)
				reply.LogProb += in
			} else {
				reply.LogProb += out
			}
			reply.Entropy -= float64(p*in) + float64((1-p)*out)
		}
		reply.Answer = spec.PickSet(chosen...)
		return reply, nil
	case spec.Pointer:
		return uniform(d.Candidates, rng), nil
	}
	var allowed []int
	for i := range k.Options {
		if len(d.Mask) == 0 || d.Mask[i] {
			allowed = append(allowed, i)
		}
	}
	return uniform(allowed, rng), nil
}

func uniform(from []int, rng *rand.Rand) controller.Reply {
	h := kernels.Log(float64(len(from)))
	return controller.Reply{Answer: spec.Pick(from[rng.IntN(len(from))]), LogProb: -h, Entropy: h}
}

func (r *random) Update(context.Context, []Episode, []float64) (Update, error) {
	return Update{}, errors.New("strategy random: it does not learn; its rollout is 0")
}

func (r *random) Snapshot() []byte { return head("random") }

func (r *random) Restore(snapshot []byte) error {
	rest, err := checkSnapshot("random", snapshot)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("strategy random: the snapshot has %d bytes too many", len(rest))
	}
	return err
}

func (r *random) Hash() string {
	sum := sha256.Sum256(r.Snapshot())
	return hex.EncodeToString(sum[:])
}
