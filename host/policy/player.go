package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Player brings back the versions that a study's policy had, by letting the
// strategy learn again what the events say it learned. All methods may be called
// concurrently, while the study goes on.
//
// Apply only takes notes. Going through the updates is Advance's work, or that
// of a Map or Explanation that cannot wait for it.
type Player struct {
	started event.Started

	notes  sync.Mutex
	record record

	turn   chan struct{} // holds one token: whoever has it may use replay
	replay replay
}

// Snapshots are policies that a study saved; the policy folder of a run directory
// has some. The player trusts none but those whose weights have the hash that the
// study's events say.
type Snapshots interface {
	// Policy returns the newest snapshot that is older than a version, or the
	// newest of all if before is negative; ok is false if there is none.
	Policy(before int) (version int, snapshot []byte, ok bool)
}

// New returns a player for the study that began with started. If the study's
// strategy has no policy to show, the error is an ErrNoPolicy and says why.
func New(started event.Started) (*Player, error) {
	var config struct {
		Strategy struct {
			Params json.RawMessage `json:"params"`
		} `json:"strategy"`
	}
	if err := json.Unmarshal(started.Config, &config); err != nil {
		return nil, history("the configuration of the study: %w", err)
	}
	fresh, err := strategy.New(started.Strategy, config.Strategy.Params, started.Kinds, started.Seed)
	if err != nil {
		return nil, fmt.Errorf("%w: this program cannot make the study's strategy: %w", ErrNoPolicy, err)
	}
	explainer, err := explainerOf(fresh)
	if err != nil {
		return nil, err
	}
	if fresh.Rollout() != started.Rollout {
		return nil, history("a rollout had %d trials, with the study's configuration it has %d", started.Rollout, fresh.Rollout())
	}
	// Only the kinds of this description matter.
	info := spec.SpaceInfo{Name: "study", Task: spec.TaskImage, MaxSteps: spec.MaxSteps, Kinds: started.Kinds}
	p := &Player{
		started: started,
		record:  record{info: info, rollout: fresh.Rollout(), book: newBook(), witness: map[int]int{}},
		turn:    make(chan struct{}, 1),
		replay:  newReplay(fresh, explainer, started.WeightsHash),
	}
	p.turn <- struct{}{}
	return p, nil
}

// explainerOf says why a strategy has nothing to show, if so.
func explainerOf(s strategy.Strategy) (strategy.Explainer, error) {
	if s.Rollout() == 0 {
		return nil, fmt.Errorf("%w: the strategy %s never learns, so the last trial is sampled like the first", ErrNoPolicy, s.Name())
	}
	explainer, ok := s.(strategy.Explainer)
	if !ok {
		return nil, fmt.Errorf("%w: the strategy %s learns, but it cannot say what it thinks of a decision", ErrNoPolicy, s.Name())
	}
	return explainer, nil
}

// Apply takes note of one event of the study. Whole events in their order are
// needed, but live ones and those of types that it does not know do nothing. On
// an error, an ErrHistory, nothing has changed.
func (p *Player) Apply(e event.Event) error {
	p.notes.Lock()
	defer p.notes.Unlock()
	return p.record.apply(e)
}

// UseSnapshots lets the player begin from snapshots, which makes it quicker. They
// are looked at when something next needs the policy; those of versions beyond
// the events that were applied until then are not used.
func (p *Player) UseSnapshots(s Snapshots) {
	<-p.turn
	p.replay.lent = s
	p.turn <- struct{}{}
}

// Advance goes through the updates that it has not gone through, at most so many
// (at least 1), and reports whether there are none left. Between the calls maps
// and explanations get their turn.
func (p *Player) Advance(ctx context.Context, most int) (done bool, err error) {
	if err := p.take(ctx); err != nil {
		return false, err
	}
	defer p.give()
	for most = max(1, most); ; most-- {
		through, newest := p.Progress()
		if through == newest || most == 0 {
			return through == newest, nil
		}
		if err := p.reach(ctx, through); err != nil {
			return false, err
		}
		if err := p.learn(ctx); err != nil {
			return false, err
		}
	}
}

// Progress returns the number of updates that the player has gone through, one
// after the other from the first, and the number that it knows.
func (p *Player) Progress() (through, newest int) {
	p.notes.Lock()
	defer p.notes.Unlock()
	return p.record.through, len(p.record.updates)
}

// take waits for the right to use replay.
func (p *Player) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return p.interrupted(err)
	}
	select {
	case <-p.turn:
		return nil
	case <-ctx.Done():
		return p.interrupted(ctx.Err())
	}
}

// give ends what take began.
func (p *Player) give() { p.turn <- struct{}{} }

// interrupted says how far the player has come.
func (p *Player) interrupted(err error) error {
	through, newest := p.Progress()
	return fmt.Errorf("policy: gone through %d of %d updates: %w", through, newest, err)
}
