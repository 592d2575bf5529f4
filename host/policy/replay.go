package policy

import (
	"context"

	"github.com/espalier-nas/espalier/host/strategy"
)

// replay is a strategy that is moved from version to version.
type replay struct {
	strategy  strategy.Strategy
	explainer strategy.Explainer
	at        int // the strategy's version
	fidelity  fidelity
	shelf     shelf
	lent      Snapshots // not looked at yet
}

// newReplay begins with the untrained policy, whose weights had this hash.
func newReplay(fresh strategy.Strategy, explainer strategy.Explainer, hash string) replay {
	r := replay{strategy: fresh, explainer: explainer, fidelity: near}
	if fresh.Hash() == hash {
		r.fidelity = exact
	}
	r.shelf = newShelf(r.snapshot())
	return r
}

// snapshot is one of the strategy as it is.
func (r *replay) snapshot() snapshot {
	return snapshot{version: r.at, state: r.strategy.Snapshot(), fidelity: r.fidelity}
}

// restore moves the strategy to a snapshot.
func (r *replay) restore(s snapshot) error {
	if err := r.strategy.Restore(s.state); err != nil {
		return history("restore version %d: %w", s.version, err)
	}
	r.at, r.fidelity = s.version, s.fidelity
	return nil
}

// borrow puts the lent snapshots on the shelf, once: those that have the weights
// whose hashes, by version, the study recorded.
func (r *replay) borrow(hashes []string) error {
	lent := r.lent
	if lent == nil {
		return nil
	}
	r.lent = nil
	was := r.snapshot()
	for before := len(hashes); ; {
		version, state, ok := lent.Policy(before)
		if !ok || version < 1 || version >= before {
			return r.restore(was)
		}
		before = version
		if r.strategy.Restore(state) == nil && r.strategy.Version() == version && r.strategy.Hash() == hashes[version] {
			r.shelf.put(snapshot{version: version, state: state, fidelity: exact})
		}
	}
}

// reach brings the strategy to a version that the record knows. The caller has
// the turn.
func (p *Player) reach(ctx context.Context, version int) error {
	r := &p.replay
	if r.lent != nil {
		if err := r.borrow(p.hashes()); err != nil {
			return err
		}
	}
	for r.at != version {
		if err := ctx.Err(); err != nil {
			return p.interrupted(err)
		}
		// One update costs about as much as restoring a snapshot.
		if from := r.shelf.below(version); r.at > version || r.at < from.version-1 {
			if through, _ := p.Progress(); r.at == through {
				r.shelf.put(r.snapshot()) // Advance goes on there
			}
			if err := r.restore(*from); err != nil {
				return err
			}
			continue
		}
		if err := p.learn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// learn does the update that follows the strategy's version.
func (p *Player) learn(ctx context.Context) error {
	r := &p.replay
	p.notes.Lock()
	episodes, want := p.record.lesson(r.at + 1)
	newest := len(p.record.updates)
	p.notes.Unlock()
	got, err := r.strategy.Update(ctx, episodes, want.Rewards)
	if err != nil && ctx.Err() != nil {
		return p.interrupted(ctx.Err())
	}
	if err != nil {
		return history("update %d: %w", want.Version, err)
	}
	r.at = want.Version
	if got.WeightsHash == want.WeightsHash {
		r.fidelity = exact
	} else if err := p.testify(); err != nil {
		return err
	}
	switch held := r.shelf.below(r.at); {
	case held.version == r.at && held.fidelity > r.fidelity:
		if err := r.restore(*held); err != nil {
			return err
		}
	case r.shelf.wants(r.at, newest):
		r.shelf.put(r.snapshot())
	}
	p.notes.Lock()
	defer p.notes.Unlock()
	if p.record.through == r.at-1 {
		p.record.through = r.at
	}
	return nil
}

// testify sets the fidelity of a strategy whose weights are not the study's, by
// a trial which this version sampled: does it have the same log-probability? Once
// lost, it stays so.
func (p *Player) testify() error {
	r := &p.replay
	r.fidelity = min(r.fidelity, near)
	p.notes.Lock()
	id := p.record.witness[r.at]
	if id == 0 {
		p.notes.Unlock()
		return nil
	}
	episode, recorded := p.record.episode(id), p.record.trials[id-1].logProb
	p.notes.Unlock()
	views, err := r.explainer.Explain(episode)
	if err != nil {
		return history("trial %d: %w", id, err)
	}
	if !agree(newThought(views).logProb, recorded) {
		r.fidelity = lost
	}
	return nil
}

// hashes lists the hash of the weights of every version.
func (p *Player) hashes() []string {
	p.notes.Lock()
	defer p.notes.Unlock()
	all := []string{p.started.WeightsHash}
	for i := range p.record.updates {
		all = append(all, p.record.updates[i].WeightsHash)
	}
	return all
}
