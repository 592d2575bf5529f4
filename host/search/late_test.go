package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// TestExtend gives a study more trials at each of its events in turn, its last
// included: all trials and updates are those of the study that had the larger
// budget from the beginning.
func TestExtend(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Config)
	}{
		{"default", func(*Config) {}},
		{"long lag", func(c *Config) { c.Lag = 25 }},
		{"no lag", func(c *Config) { c.Lag = 0 }},
		{"random", func(c *Config) { c.Strategy = StrategyConfig{Name: "random"} }},
		{"deeper", func(c *Config) { c.Depth = Depth{Param: "layers", Start: 1, Step: 1, Every: 5, Max: 3} }},
		{"retrain", func(c *Config) { c.Duplicates = Retrain }},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := toyConfig()
			c.set(&config)
			config.Trials = 31
			want := &Memory{}
			run(t, config, toyDeps(want, 1, newOracle(1)))
			config.Trials = 14
			short := &Memory{}
			run(t, config, toyDeps(short, 1, newOracle(1)))
			for n := 1; n < len(short.Lines); n += 3 {
				log, a := &Memory{}, newAsker()
				d := a.to(toyDeps(log, 1+n%3, newOracle(uint64(n))), func(e event.Event) {
					if e.Seq == int64(n) {
						a.ask(event.Controlled{Action: event.Extend, Trials: 10})
						a.ask(event.Controlled{Action: event.Extend, Trials: 7})
					}
				})
				s := run(t, config, d)
				if s.Budget != 31 || s.Counts.Ended() != 31 {
					if len(a.requests) > 0 {
						continue // the event came with the last ones
					}
					t.Fatalf("extended at event %d: %d of %d trials", n, s.Counts.Ended(), s.Budget)
				}
				sameTold(t, fmt.Sprintf("extended at event %d", n), log, want)
			}
			extendEnded(t, config, short, want)
		})
	}
}

// extendEnded gives the study that has ended in short as many trials as the one
// in want has, in two sessions.
func extendEnded(t *testing.T, config Config, short, want *Memory) {
	t.Helper()
	for i, more := range []int{3, 14} {
		a := newAsker()
		a.ask(event.Controlled{Action: event.Extend, Trials: more})
		d := toyDeps(short, 1+i, newOracle(9))
		d.Requests = a.requests
		s := run(t, config, d)
		if len(s.Controls) != 1+i || s.Ended == nil {
			t.Fatalf("controls are %+v, end %v", s.Controls, s.Ended)
		}
	}
	sameTold(t, "extended after its end", short, want)
}

// TestExtendAsync: without turns, trials are sampled from the newest policy,
// also those of a larger budget.
func TestExtendAsync(t *testing.T) {
	config := toyConfig()
	config.Mode = Async
	log, a := &Memory{}, newAsker()
	d := toyDeps(log, 3, newOracle(1))
	d.Shaper = lastEpoch{timely: true}
	run(t, config, d)
	a.ask(event.Controlled{Action: event.Extend, Trials: 10})
	d.Requests = a.requests
	s := run(t, config, d)
	if s.Counts.Ended() != 40 || s.Trial(31).Version != 7 {
		t.Errorf("%d trials, the first more is from version %d", s.Counts.Ended(), s.Trial(31).Version)
	}
}

// TestExtendTooDeep: a budget at whose end the space would have to be deeper than
// it can be is refused, before any trial needs it.
func TestExtendTooDeep(t *testing.T) {
	config := toyConfig()
	config.Trials = 12
	config.Depth = Depth{Param: "layers", Start: 1, Step: 1, Every: 6, Max: 9}
	log, a := &Memory{}, newAsker()
	d := toyDeps(log, 2, newOracle(1))
	open := d.Space
	d.Space = func(ctx context.Context, params json.RawMessage) (Space, error) {
		s, err := open(ctx, params)
		if err == nil && s.(*toy).layers > 3 {
			return nil, errors.New("at most 3 layers")
		}
		return s, err
	}
	d.Requests = a.requests
	a.ask(event.Controlled{Action: event.Extend, Trials: 7})
	a.ask(event.Controlled{Action: event.Extend, Trials: 6})
	s := run(t, config, d)
	if s.Counts.Ended() != 18 || len(a.refusals) != 2 || a.refusals[0] == nil || !strings.Contains(a.refusals[0].Error(), "at most 3 layers") || a.refusals[1] != nil {
		t.Errorf("%d trials, refusals %v", s.Counts.Ended(), a.refusals)
	}
}

// TestExtendForeignSnapshot: trials are sampled late from no snapshot that is not
// of the study's own history.
func TestExtendForeignSnapshot(t *testing.T) {
	config := toyConfig()
	log, other, a := &Memory{}, &Memory{}, newAsker()
	run(t, config, toyDeps(log, 2, newOracle(1)))
	config.Seed, config.Trials = 99, 23
	run(t, config, toyDeps(other, 2, newOracle(1)))
	turn := newSchedule(4, config.Lag).turn(31)
	foreign, kept := other.Policies[turn]
	if !kept {
		t.Fatalf("the other study has no snapshot of version %d", turn)
	}
	log.Policies[turn] = foreign
	a.ask(event.Controlled{Action: event.Extend, Trials: 10})
	d := toyDeps(log, 2, newOracle(1))
	d.Requests = a.requests
	if _, err := try(t, toyConfig(), d); !errors.Is(err, ErrReplay) || !strings.Contains(err.Error(), fmt.Sprintf("snapshot of policy version %d", turn)) {
		t.Errorf("error %v, want an ErrReplay", err)
	}
	delete(log.Policies, turn)
	if s := run(t, toyConfig(), d); s.Counts.Ended() != 40 {
		t.Errorf("%d trials without the snapshot, want 40", s.Counts.Ended())
	}
}
