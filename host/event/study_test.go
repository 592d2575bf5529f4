package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/plugins/rewards"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

type space struct{ guest.Space }

func (s space) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return s.Space.Next(prefix)
}

func (s space) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	return s.Space.Build(answers, task)
}

type shaper struct{ guest.Shaper }

func (s shaper) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	return s.Shaper.Reward(m)
}

// scores measures a network without training it: numbers drawn from its seed.
// Some children diverge.
type scores struct{}

func (scores) Evaluate(_ context.Context, t search.Trial, onEpoch func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	r := rand.New(rand.NewPCG(t.Seed, 1))
	m := spec.Metrics{Params: t.Params, MACs: t.MACs}
	if r.IntN(6) == 0 {
		return m, nil, errors.New("diverged at epoch 1, step 3: loss is NaN")
	}
	for e := range 3 {
		epoch := spec.Epoch{Epoch: e + 1, TrainLoss: r.ExpFloat64(), TrainAccuracy: float64(r.IntN(801)) / 800,
			ValidLoss: math.NaN(), ValidAccuracy: float64(r.IntN(201)) / 200, Seconds: float64(r.IntN(1e9)) / 1e9}
		onEpoch(epoch)
		m.Epochs = append(m.Epochs, epoch)
	}
	return m, nil, nil
}

// lines runs a whole study of a bundled search space and returns its journal.
func lines(t *testing.T, mode, strategy string) [][]byte {
	t.Helper()
	log := new(search.Memory)
	c := search.Default()
	c.Trials, c.Mode = 40, search.Mode(mode)
	c.Strategy.Name = strategy
	c.Strategy.Params = nil
	if strategy == "reinforce" {
		c.Strategy.Params = json.RawMessage(`{"preset": "quick", "rollout": 5}`)
	}
	task := spec.Task{Type: spec.TaskImage, Input: []int{12, 12, 1}, Classes: 5}
	params := json.RawMessage(`{"layers":2,"filter_heights":[1,3],"filter_widths":[1],"filters":[4,6],"stride_heights":[1],"stride_widths":[1,2]}`)
	c.Space = search.Plugin{Plugin: "cnn", Name: "v2", Params: params}
	accuracy, _, err := rewards.Module().Shaper("accuracy", nil)
	if err != nil {
		t.Fatal(err)
	}
	runner, err := search.New(c, search.Deps{
		Space: func(_ context.Context, params json.RawMessage) (search.Space, error) {
			s, err := cnn.Module().Space("v2", spec.Raw(params))
			return space{s}, err
		},
		Shaper: shaper{accuracy}, Evaluator: scores{}, Log: log, Task: task, Workers: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return log.Lines
}

// TestRealStudies: for every prefix of the journals of whole studies, the
// snapshot is that of the fold, so is the state gone back to from the end, and
// slim events fold alike.
func TestRealStudies(t *testing.T) {
	for _, c := range []struct{ mode, strategy string }{{"deterministic", "reinforce"}, {"async", "reinforce"}, {"deterministic", "random"}} {
		journal := lines(t, c.mode, c.strategy)
		var whole, slim event.State
		prefixes := []event.State{whole}
		for _, line := range journal {
			e, err := event.ParseLine(line)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(whole.Apply(e), slim.Apply(event.Slim(e))); err != nil {
				t.Fatal(err)
			}
			decoded, err := event.DecodeState(event.AppendState(nil, &whole))
			if err != nil {
				t.Fatal(err)
			}
			want := view(&whole)
			if !reflect.DeepEqual(view(decoded), want) || !reflect.DeepEqual(view(&slim), want) {
				t.Fatalf("%s %s, event %d: the snapshot or the fold of slim events is another state", c.mode, c.strategy, e.Seq)
			}
			prefixes = append(prefixes, *decoded)
		}
		if whole.Counts.Duplicates == 0 || whole.Counts.Failed == 0 || whole.Ended == nil {
			t.Errorf("%s %s: a study of counts %+v shows too little", c.mode, c.strategy, whole.Counts)
		}
		for n := range prefixes {
			if !reflect.DeepEqual(view(whole.At(int64(n))), view(&prefixes[n])) {
				t.Fatalf("%s %s: At(%d) is not the fold of %d events", c.mode, c.strategy, n, n)
			}
		}
	}
}

// view is a state as a value in which no number is NaN, so that it can be
// compared: losses that were not measured are -1.
func view(s *event.State) event.State {
	v := *s
	v.Trials = append([]event.Trial(nil), s.Trials...)
	for i := range v.Trials {
		epochs := &v.Trials[i].Metrics.Epochs
		*epochs = append([]spec.Epoch(nil), *epochs...)
		for j := range *epochs {
			if e := &(*epochs)[j]; math.IsNaN(e.ValidLoss) {
				e.ValidLoss = -1
			}
		}
	}
	return v
}
