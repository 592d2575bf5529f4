package policy

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// long is a study of the paper's policy without its networks: so many updates by
// 8 episodes of 40 decisions.
func long(b *testing.B, updates int) (event.Started, []event.Event) {
	space, err := cnn.Module().Space("v1", spec.Raw(`{"layers":10}`))
	if err != nil {
		b.Fatal(err)
	}
	kinds := space.Info().Kinds
	policy, err := strategy.New("reinforce", nil, kinds, 1)
	if err != nil {
		b.Fatal(err)
	}
	started := event.Started{Strategy: "reinforce", Rollout: 8, Seed: 1, Kinds: kinds, Config: json.RawMessage(`{}`),
		Kernels: string(kernels.Active()), WeightsHash: policy.Hash()}
	var events []event.Event
	add := func(e event.Event) {
		e.Seq = int64(len(events) + 2)
		events = append(events, e)
	}
	for version := 1; version <= updates; version++ {
		u := event.Updated{Version: version}
		var rollout []strategy.Episode
		for k := range 8 {
			id := 8*(version-1) + k + 1
			e, err := policy.Propose(b.Context(), native{space}, id)
			if err != nil {
				b.Fatal(err)
			}
			p := &event.Sampled{Trial: id, Version: version - 1, Answers: e.Answers, LogProb: e.LogProb}
			for _, s := range e.Steps {
				p.Decisions = append(p.Decisions, *s.Decision)
			}
			rollout = append(rollout, e)
			u.Trials, u.Rewards = append(u.Trials, id), append(u.Rewards, math.Sin(float64(id)))
			add(event.Event{Sampled: p})
			add(event.Event{Done: &event.Done{Trial: id, Status: event.OK}})
		}
		done, err := policy.Update(b.Context(), rollout, u.Rewards)
		if err != nil {
			b.Fatal(err)
		}
		u.WeightsHash = done.WeightsHash
		add(event.Event{Updated: &u})
	}
	return started, events
}

// BenchmarkOpen is a study of so many updates from its events to the newest
// version.
func BenchmarkOpen(b *testing.B) {
	for _, updates := range []int{50, 250} {
		b.Run(fmt.Sprint(updates, " updates"), func(b *testing.B) {
			started, events := long(b, updates)
			for b.Loop() {
				p := open(b, started, events)
				if done, err := p.Advance(b.Context(), updates); !done || err != nil {
					b.Fatal(done, err)
				}
			}
			b.ReportMetric(float64(b.N*updates)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

// BenchmarkMap and BenchmarkExplain are one question each to a player that has
// gone through 250 updates.
func BenchmarkMap(b *testing.B) {
	started, events := long(b, 250)
	p := open(b, started, events)
	if _, err := p.Advance(b.Context(), 250); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Map(b.Context(), 1000, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	started, events := long(b, 250)
	p := open(b, started, events)
	if _, err := p.Advance(b.Context(), 250); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Explain(b.Context(), 1000); err != nil {
			b.Fatal(err)
		}
	}
}

func open(b *testing.B, started event.Started, events []event.Event) *Player {
	p, err := New(started)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range events {
		if err := p.Apply(e); err != nil {
			b.Fatal(err)
		}
	}
	return p
}
