// Package strategy is the two verbs of a search: Propose an architecture, and
// Update on what a rollout of them earned. Reinforce is Zoph & Le's controller;
// Random is the control that every search must beat at equal budget.
//
// Proposing changes no state, and its random numbers depend on the seed and the
// episode's id alone, so the order in which episodes are proposed, and by how
// many goroutines, does not matter.
package strategy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/espalier-nas/espalier/host/controller"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Space is a search space; all the spaces of a study have the same kinds.
type Space = controller.Space

// Episode is one walk through a space.
type Episode = controller.Episode

// Update says what one update did.
type Update = controller.Update

// StepError says at which step of which space an episode went wrong.
type StepError = controller.StepError

// StepView is what a policy thinks of one decision of an episode.
type StepView = controller.StepView

// UpdateView is an update as one episode of its rollout sees it, and
// StepGradient how it pulls at the logits of one decision.
type (
	UpdateView   = controller.UpdateView
	StepGradient = controller.StepGradient
)

// Replay walks space along an episode's answers and returns the steps.
func Replay(ctx context.Context, space Space, answers spec.Answers) ([]spec.Step, error) {
	return controller.Replay(ctx, space, answers)
}

// Strategy proposes episodes and learns from their rewards. All methods may be
// called concurrently; a Propose beside an Update sees the state before or after
// it, which the episode's Version tells.
type Strategy interface {
	// Name is the name it is registered under.
	Name() string
	// Version is the number of updates so far.
	Version() int
	// Propose samples the episode with the given id from space and changes no
	// state: the same state, space and id give the same episode. Errors of the
	// space, and illegal steps, are *StepError.
	Propose(ctx context.Context, space Space, id int) (Episode, error)
	// Update learns from one rollout of exactly Rollout episodes and their
	// rewards. After an error nothing has changed.
	Update(ctx context.Context, episodes []Episode, rewards []float64) (Update, error)
	// Rollout is the number m of episodes of one Update; 0 for a strategy that
	// does not learn, whose Update is never to be called.
	Rollout() int
	// Snapshot is all state, from which Restore continues bit for bit.
	Snapshot() []byte
	// Restore takes over a snapshot of the same strategy, config and kinds, or
	// returns an error and changes nothing.
	Restore(snapshot []byte) error
	// Hash identifies what the strategy has learned: SHA-256, in hex.
	Hash() string
}

// Explainer is a Strategy that can tell what its present state thinks, and how
// an update would change that. Neither method changes any state.
type Explainer interface {
	// Explain returns what the policy thinks of each step of an episode.
	Explain(e Episode) ([]StepView, error)
	// ExplainUpdate returns how Update with the same rollout would pull at
	// episodes[of].
	ExplainUpdate(episodes []Episode, rewards []float64, of int) (UpdateView, error)
}

// registry lists the strategies in the order in which Names does.
var registry = []struct {
	name string
	make func(config json.RawMessage, kinds []spec.Kind, seed uint64) (Strategy, error)
}{
	{"reinforce", newReinforce},
	{"random", newRandom},
}

// Names lists the known strategies.
func Names() []string {
	var names []string
	for _, r := range registry {
		names = append(names, r.name)
	}
	return names
}

// New makes the named strategy for spaces with the given kinds. config is a JSON
// object of ReinforceConfig's or RandomConfig's fields; empty means all defaults.
func New(name string, config json.RawMessage, kinds []spec.Kind, seed uint64) (Strategy, error) {
	for _, r := range registry {
		if r.name == name {
			return r.make(config, kinds, seed)
		}
	}
	return nil, fmt.Errorf("strategy: there is no strategy %q; known are %s%s", name, list(Names()), spec.Suggest(name, Names()))
}

// numbers are the random numbers of one episode.
func numbers(seed uint64, id int) *rand.Rand {
	const stream = 0x70726f70 // other than the stream of the initial weights
	return rand.New(rand.NewPCG(mix(seed^mix(stream)), mix(uint64(id))))
}

// mix is the finaliser of SplitMix64 (Steele, Lea & Flood 2014). It spreads
// neighbouring seeds and ids over all 64 bits.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// checkSnapshot cuts the strategy's own line off a snapshot.
func checkSnapshot(name string, snapshot []byte) ([]byte, error) {
	head := head(name)
	if !bytes.HasPrefix(snapshot, head) {
		return nil, fmt.Errorf("strategy %s: the snapshot does not begin with %q, so another strategy or version made it", name, head)
	}
	return snapshot[len(head):], nil
}

func head(name string) []byte { return []byte("espalier strategy 1 " + name + "\n") }
