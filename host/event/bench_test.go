package event

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// largeStudy is a study with rollouts of eight as they are: three epochs each,
// accuracies that were counted, losses with all their digits, no duplicates.
func largeStudy(b *testing.B, trials int) *State {
	r := rand.New(rand.NewPCG(1, 2))
	var s State
	now := time.Date(2017, 4, 24, 12, 0, 0, 0, time.UTC)
	add := func(e Event) {
		now = now.Add(time.Duration(r.IntN(30)) * time.Millisecond)
		e.Seq, e.Time = s.Seq+1, now
		if err := s.Apply(e); err != nil {
			b.Fatal(err)
		}
	}
	add(Event{Type: StudyStarted, Started: &Started{Schema: Schema, Trials: trials, Config: []byte("{}"), Rollout: 8}})
	for id := 1; id <= trials; id++ {
		p := &Sampled{Trial: id, Version: len(s.Updates), Seed: r.Uint64() >> 11, LogProb: -20 * r.Float64(),
			NetworkID: fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()), Params: r.Int64N(1e5), MACs: r.Int64N(1e7)}
		for range 24 {
			p.Answers = append(p.Answers, spec.Pick(r.IntN(4)))
		}
		add(Event{Type: TrialSampled, Sampled: p})
		d := &Done{Trial: id, Status: OK, Seconds: time.Duration(r.Int64N(3e9)).Seconds()}
		d.Metrics.Params, d.Metrics.MACs = p.Params, p.MACs
		for e := range 3 {
			d.Metrics.Epochs = append(d.Metrics.Epochs, spec.Epoch{Epoch: e + 1, TrainLoss: 2 * r.Float64(), ValidLoss: 2 * r.Float64(),
				TrainAccuracy: float64(r.IntN(4001)) / 4000, ValidAccuracy: float64(r.IntN(1001)) / 1000, Seconds: time.Duration(r.Int64N(1e9)).Seconds()})
		}
		d.Reward.Reward = d.Metrics.Epochs[2].ValidAccuracy
		d.Reward.Parts = []spec.Part{{Name: "accuracy", Value: d.Reward.Reward}, {Name: "epoch", Value: 3}}
		add(Event{Type: TrialDone, Done: d})
		if id%8 != 0 {
			continue
		}
		u := &Updated{Version: id / 8, BaselineBefore: s.Baseline(), Baseline: r.Float64(), Loss: r.Float64(), GradNorm: r.Float64(),
			Entropy: r.Float64(), WeightsHash: fmt.Sprintf("%064x", r.Uint64())}
		for k := id - 7; k <= id; k++ {
			u.Trials = append(u.Trials, k)
		}
		u.Rewards = s.rewardsOf(u.Trials)
		u.Advantages = u.plainAdvantages()
		add(Event{Type: PolicyUpdated, Updated: u})
	}
	return &s
}

// BenchmarkSnapshot writes and reads a study of 20,000 trials, and goes back to
// its middle.
func BenchmarkSnapshot(b *testing.B) {
	s := largeStudy(b, 20_000)
	snapshot := AppendState(nil, s)
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			AppendState(snapshot[:0:0], s)
		}
		b.ReportMetric(float64(len(snapshot))/float64(len(s.Trials)), "B/trial")
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := DecodeState(snapshot); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("at", func(b *testing.B) {
		for b.Loop() {
			s.At(s.Seq / 2)
		}
	})
}
