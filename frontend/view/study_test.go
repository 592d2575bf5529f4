package view

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var noon = time.Date(2017, 4, 24, 12, 0, 0, 0, time.UTC)

// study folds events, numbering them, a second apart.
type study struct {
	t     testing.TB
	state event.State
}

func begin(t testing.TB, seed uint64, trials int) *study {
	t.Helper()
	s := &study{t: t}
	s.apply(event.Event{Type: event.StudyStarted, Started: &event.Started{
		Schema: event.Schema, Seed: seed, Trials: trials, Strategy: "reinforce", Data: event.Data{Name: "shapes"},
		Space: event.Source{Plugin: "cnn", Name: "v2"}, Task: spec.Task{Type: spec.TaskImage},
		Config: fmt.Appendf(nil, `{"seed":%d,"trials":%d,"strategy":{"name":"reinforce","params":{"rollout":8}}}`, seed, trials),
	}})
	return s
}

func (s *study) apply(e event.Event) {
	s.t.Helper()
	e.Seq = s.state.Seq + 1
	e.Time = noon.Add(time.Duration(e.Seq) * time.Second)
	if err := s.state.Apply(e); err != nil {
		s.t.Fatal(err)
	}
}

func (s *study) sample(change func(p *event.Sampled)) int {
	s.t.Helper()
	p := &event.Sampled{Trial: len(s.state.Trials) + 1, Seed: 7, Params: 1000 * int64(len(s.state.Trials)+1), MACs: 1e6}
	if change != nil {
		change(p)
	}
	s.apply(event.Event{Type: event.TrialSampled, Sampled: p})
	return p.Trial
}

// ok ends a trial with an accuracy as its reward, at its second epoch of three.
func (s *study) ok(id int, accuracy float64) {
	s.t.Helper()
	m := spec.Metrics{Params: s.state.Trial(id).Params}
	for e, part := range []float64{0.5, 1, 0.9} {
		m.Epochs = append(m.Epochs, spec.Epoch{Epoch: e + 1, TrainLoss: 1, TrainAccuracy: part * accuracy, ValidLoss: 2, ValidAccuracy: part * accuracy})
	}
	s.apply(event.Event{Type: event.TrialDone, Done: &event.Done{Trial: id, Status: event.OK, Seconds: 3, Metrics: m,
		DuplicateOf: s.state.Trial(id).DuplicateOf, Reward: spec.Reward{Reward: accuracy, Parts: []spec.Part{{Name: "accuracy", Value: accuracy}, {Name: "odd name", Value: 1}}}}})
}

func (s *study) failed(id int, reason string) {
	s.t.Helper()
	s.apply(event.Event{Type: event.TrialDone, Done: &event.Done{Trial: id, Status: event.Failed, Reason: reason, Seconds: 1}})
}

// small is a study of six trials: 1 and 4 are good, 2 failed, 3 is worse, 5
// repeats 1, and 6 runs.
func small(t testing.TB) *event.State {
	t.Helper()
	s := begin(t, 1, 8)
	for i := range 6 {
		s.sample(func(p *event.Sampled) {
			p.Answers = spec.Answers{spec.Pick(i), spec.PickSet(0, i+1)}
			p.NetworkID = fmt.Sprintf("%032x", 10+i)
			if i == 4 {
				p.DuplicateOf = 1
			}
		})
	}
	s.ok(1, 0.75)
	s.failed(2, "diverged at epoch 1: loss is NaN")
	s.ok(3, 0.25)
	s.ok(4, 0.8)
	s.ok(5, 0.75)
	return &s.state
}

// large is a study of many trials, of which a tenth failed.
func large(t testing.TB, trials int) *study {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	s := begin(t, 1, trials)
	for range trials {
		id := s.sample(func(p *event.Sampled) {
			for range 20 {
				p.Answers = append(p.Answers, spec.Pick(r.IntN(4)))
			}
			p.Params, p.NetworkID, p.LogProb = r.Int64N(1e7), fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()), -math.Abs(r.NormFloat64())
		})
		if r.IntN(10) == 0 {
			s.failed(id, fmt.Sprintf("diverged at epoch 1, step %d: loss is NaN", r.IntN(100)))
		} else {
			s.ok(id, float64(r.IntN(1001))/1000)
		}
	}
	return s
}
