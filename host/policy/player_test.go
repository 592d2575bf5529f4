package policy

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
)

// advance goes through all updates.
func advance(t testing.TB, p *Player) {
	t.Helper()
	for done := false; !done; {
		var err error
		if done, err = p.Advance(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVersionsAreTheStudys visits all versions, back and forth, and holds each
// against the snapshot that the study saved of it.
func TestVersionsAreTheStudys(t *testing.T) {
	for name := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			s := recorded(t, name)
			p := s.player(t, s.events)
			newest := len(s.policies) - 1
			if through, known := p.Progress(); through != 0 || known != newest || newest < 8 {
				t.Fatalf("gone through %d of %d updates, want 0 of %d, at least 8", through, known, newest)
			}
			rng := rand.New(rand.NewPCG(1, 2))
			for range 3 {
				for _, v := range rng.Perm(newest) {
					if err := p.reach(t.Context(), v+1); err != nil {
						t.Fatal(err)
					}
					if string(p.replay.strategy.Snapshot()) != string(s.policies[v+1]) || p.replay.fidelity != exact {
						t.Fatalf("version %d is not the one that the study had (fidelity %v)", v+1, p.replay.fidelity)
					}
				}
			}
			advance(t, p)
			if through, known := p.Progress(); through != newest || known != newest {
				t.Errorf("gone through %d of %d updates after the last of %d", through, known, newest)
			}
		})
	}
}

// TestPlayerFollowsARunningStudy applies the events one by one and asks between
// them; what it says of a trial in the end is what a late-comer hears.
func TestPlayerFollowsARunningStudy(t *testing.T) {
	s := recorded(t, "asynchronous")
	late := s.player(t, s.events)
	p := s.player(t, nil)
	rng := rand.New(rand.NewPCG(3, 4))
	trials := 0
	for _, e := range s.events {
		if err := p.Apply(e); err != nil {
			t.Fatal(err)
		}
		if e.Sampled != nil {
			trials++
		}
		if trials == 0 {
			continue
		}
		if _, err := p.Explain(t.Context(), 1+rng.IntN(trials)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Map(t.Context(), 1+rng.IntN(trials), 5); err != nil {
			t.Fatal(err)
		}
	}
	for id := 1; id <= trials; id++ {
		got, want := explain(t, p, id), explain(t, late, id)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("trial %d is explained as %+v to who was there, as %+v to a late-comer", id, got, want)
		}
	}
	if m := mapOf(t, p, 1, 0); len(m.Versions) != m.Newest+1 {
		t.Errorf("a map of %d versions shows %v", m.Newest+1, m.Versions)
	}
}

// lender counts what it is asked.
type lender struct {
	Snapshots
	asked int
}

func (l *lender) Policy(before int) (int, []byte, bool) {
	l.asked++
	return l.Snapshots.Policy(before)
}

// last lends the newest snapshot only.
type last struct{ *study }

func (l last) Policy(before int) (int, []byte, bool) {
	newest := len(l.policies) - 1
	return newest, l.policies[newest], before > newest
}

func TestLentSnapshotsSaveUpdates(t *testing.T) {
	s := recorded(t, "anchors")
	want := explain(t, s.player(t, s.events), 40)
	p := s.player(t, s.events)
	l := &lender{Snapshots: last{s}}
	p.UseSnapshots(l)
	_, newest := p.Progress()
	if err := p.reach(t.Context(), newest); err != nil {
		t.Fatal(err)
	}
	if through, _ := p.Progress(); through != 0 || l.asked == 0 || p.replay.fidelity != exact {
		t.Errorf("it went through %d updates and asked for %d snapshots (fidelity %v), want none and some", through, l.asked, p.replay.fidelity)
	}
	if got := explain(t, p, want.Trial); !reflect.DeepEqual(got, want) {
		t.Errorf("with snapshots trial %d is explained as %+v, without as %+v", want.Trial, got, want)
	}
	if m := mapOf(t, p, 40, 1000); len(m.Versions) != newest+1 {
		t.Errorf("of %d versions a map shows %v", newest+1, m.Versions)
	}
	if got := explain(t, p, want.Trial); !reflect.DeepEqual(got, want) {
		t.Errorf("after the updates trial %d is explained as %+v, before as %+v", want.Trial, got, want)
	}
}

// TestSnapshotsOfEqualWeights: an update without any advantage changes the count
// of the updates and nothing else, so the weights alone do not tell the version.
func TestSnapshotsOfEqualWeights(t *testing.T) {
	s := recorded(t, "cells")
	fresh := s.fresh(t)
	r := newReplay(fresh, fresh.(strategy.Explainer), fresh.Hash())
	r.lent = liar(func(before int) (int, []byte, bool) { return 1, s.policies[0], before > 1 })
	if err := r.borrow([]string{fresh.Hash(), fresh.Hash()}); err != nil {
		t.Fatal(err)
	}
	if held := r.shelf.versions(); len(held) != 1 {
		t.Errorf("the shelf holds the versions %v, want 0 only", held)
	}
}

// TestAdvanceGoesOnWhereItWas, whatever the player is asked in between.
func TestAdvanceGoesOnWhereItWas(t *testing.T) {
	s := recorded(t, "asynchronous")
	p := s.player(t, s.events)
	p.replay.shelf.most = 4
	if _, err := p.Advance(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	explain(t, p, 1)
	if from := p.replay.shelf.below(7).version; from != 7 {
		t.Errorf("to go on from version 7 it begins at %d", from)
	}
	done, err := p.Advance(t.Context(), 1)
	if through, newest := p.Progress(); err != nil || through != 8 || done != (newest == 8) {
		t.Errorf("one update after the seventh it has gone through %d of %d, done: %v, %v", through, newest, done, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := p.reach(ended, 7); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context reaches a version that is at hand: %v", err)
	}
}

// liar lends snapshots that do not belong to the study.
type liar func(before int) (int, []byte, bool)

func (l liar) Policy(before int) (int, []byte, bool) { return l(before) }

func TestForeignSnapshotsAreRefused(t *testing.T) {
	w := worlds(t)["cells"]
	s := w.record(t)
	w.seed++
	other := w.record(t)
	for name, lie := range map[string]liar{
		"another study's": other.Policy,
		"of another version": func(before int) (int, []byte, bool) {
			return before - 1, s.policies[max(1, before-2)], before > 1
		},
		"garbage":     func(before int) (int, []byte, bool) { return before - 1, []byte("policy"), before > 1 },
		"without end": func(before int) (int, []byte, bool) { return before, s.policies[1], true },
		"negative":    func(before int) (int, []byte, bool) { return -3, s.policies[1], true },
	} {
		p := s.player(t, s.events)
		p.UseSnapshots(lie)
		if err := p.reach(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		if string(p.replay.strategy.Snapshot()) != string(s.policies[3]) {
			t.Errorf("%s: version 3 is not the study's", name)
		}
	}
}

// mute is a strategy that learns and explains nothing.
type mute struct{ strategy.Strategy }

func (mute) Name() string { return "mute" }
func (mute) Rollout() int { return 4 }

func TestNothingToShow(t *testing.T) {
	w := worlds(t)["masks and pointers"]
	w.strategy, w.params = "random", ""
	s := w.record(t)
	_, err := New(s.started())
	if !errors.Is(err, ErrNoPolicy) || !strings.Contains(err.Error(), "random never learns") {
		t.Errorf("a random study: %v", err)
	}
	if _, err := explainerOf(mute{}); !errors.Is(err, ErrNoPolicy) || !strings.Contains(err.Error(), "mute learns, but it cannot say") {
		t.Errorf("a strategy that explains nothing: %v", err)
	}
	other := s.started()
	other.Strategy, other.Rollout = "reinforce", 5
	if _, err := New(other); !errors.Is(err, ErrHistory) {
		t.Errorf("a rollout that the configuration does not have: %v", err)
	}
	unknown := s.started()
	unknown.Strategy = "evolution"
	if _, err := New(unknown); !errors.Is(err, ErrNoPolicy) || !strings.Contains(err.Error(), "evolution") {
		t.Errorf("an unknown strategy: %v", err)
	}
	broken := s.started()
	broken.Config = []byte("{")
	if _, err := New(broken); !errors.Is(err, ErrHistory) {
		t.Errorf("a cut configuration: %v", err)
	}
	if _, err := New(event.Started{}); err == nil {
		t.Error("a study without strategy and configuration has a policy")
	}
}

func TestPlayerStopsWithItsContext(t *testing.T) {
	s := recorded(t, "anchors")
	p := s.player(t, s.events)
	ended, end := context.WithCancel(t.Context())
	end()
	_, newest := p.Progress()
	calls := map[string]func() error{
		"Map":     func() error { _, err := p.Map(ended, 1, 0); return err },
		"Explain": func() error { _, err := p.Explain(ended, 1); return err },
		"Advance": func() error { _, err := p.Advance(ended, newest); return err },
		"reach":   func() error { return p.reach(ended, newest) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) || errors.Is(err, ErrHistory) {
			t.Errorf("%s with an ended context: %v", name, err)
		}
	}
	// Somebody else has the turn.
	if err := p.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	waiting, end := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { _, err := p.Map(waiting, 1, 0); result <- err }()
	end()
	if err := <-result; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "0 of") {
		t.Errorf("a map that waits for its turn: %v", err)
	}
	p.give()
	advance(t, p)
}

// TestPlayerIsSharedByMany is a hammer for the race detector.
func TestPlayerIsSharedByMany(t *testing.T) {
	s := recorded(t, "masks and pointers")
	const before = 60
	p := s.player(t, s.events[:before])
	want := explain(t, s.player(t, s.events), 3)
	var group sync.WaitGroup
	group.Go(func() {
		for _, e := range s.events[before:] {
			if err := p.Apply(e); err != nil {
				t.Error(err)
			}
		}
	})
	group.Go(func() {
		for range 20 {
			if _, err := p.Advance(t.Context(), 1); err != nil {
				t.Error(err)
			}
		}
	})
	for range 3 {
		group.Go(func() {
			for i := range 10 {
				if _, err := p.Map(t.Context(), 1+i, 9); err != nil {
					t.Error(err)
				}
				if x, err := p.Explain(t.Context(), 3); err != nil || !reflect.DeepEqual(x, want) {
					t.Errorf("trial 3 is explained as %+v (%v), want %+v", x, err, want)
				}
			}
		})
	}
	group.Wait()
	advance(t, p)
}
