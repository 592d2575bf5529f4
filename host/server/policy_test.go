package server

import (
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/policy"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// native is a plugin's space without the sandbox.
type native struct{ guest.Space }

func (n native) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return n.Space.Next(prefix)
}

func (n native) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	return n.Space.Build(answers, task)
}

// small likes networks with few parameters and trains none.
type small struct{}

func (small) Evaluate(_ context.Context, t search.Trial, _ func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	return spec.Metrics{Epochs: []spec.Epoch{{Epoch: 1, ValidAccuracy: 1 / (1 + float64(t.Params)/1000)}}}, nil, nil
}

func (small) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	return spec.Reward{Reward: m.Epochs[0].ValidAccuracy}, nil
}

// searched is a run directory of a study with a policy.
func searched(t *testing.T, dir, strategy string, trials int) {
	t.Helper()
	space, err := cnn.Module().Space("v1", spec.Raw(`{"layers":2}`))
	if err != nil {
		t.Fatal(err)
	}
	config := search.Default()
	config.Trials, config.Strategy.Name = trials, strategy
	if strategy == "reinforce" {
		config.Strategy.Params = json.RawMessage(`{"preset":"quick","units":8,"embedding":8,"rollout":4}`)
	}
	task := spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 3}, Classes: 4}
	started, err := config.Begin(event.Started{Kinds: space.Info().Kinds, Task: task})
	if err != nil {
		t.Fatal(err)
	}
	log, err := journal.Create(dir, started, journal.Default())
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	runner, err := search.New(config, search.Deps{
		Space:  func(context.Context, json.RawMessage) (search.Space, error) { return native{space}, nil },
		Shaper: small{}, Evaluator: small{}, Log: log, Started: started, Task: task, Workers: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPolicy: what the API tells of the policy is what package policy makes of
// the events.
func TestPolicy(t *testing.T) {
	runs := t.TempDir()
	searched(t, filepath.Join(runs, "one"), "reinforce", 40)
	searched(t, filepath.Join(runs, "two"), "random", 4)
	s := serve(t, Options{Runs: runs}, patient)
	state, err := journal.ReadState(filepath.Join(runs, "one"))
	if err != nil {
		t.Fatal(err)
	}
	player, err := policy.New(*state.Started)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(s.get("/api/studies/one/events?limit=20000")) {
		e, err := event.ParseLine([]byte(strings.TrimSuffix(line, "\n")))
		if err == nil {
			err = player.Apply(e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for done := false; !done; {
		if done, err = player.Advance(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
	want, err := player.Explain(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := decode[policy.Explanation](t, s.get("/api/studies/one/trials/5/explain")); want.Update == nil || !reflect.DeepEqual(&got, want) {
		t.Errorf("trial 5 is explained as %+v, want %+v", got, *want)
	}
	eventually(t, "all updates are gone through", func() bool {
		p := decode[map[string]int](t, s.get("/api/studies/one/policy/progress"))
		return p["through"] == state.Counts.Updates && p["newest"] == state.Counts.Updates
	})
	best, err := player.Map(t.Context(), state.BestID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := decode[policy.Map](t, s.get("/api/studies/one/policy")); got.Trial != state.BestID || !reflect.DeepEqual(&got, best) {
		t.Errorf("the map of the best trial differs: %+v, want %+v", got, *best)
	}
	if got := decode[policy.Map](t, s.get("/api/studies/one/policy?trial=3&points=2")); got.Trial != 3 {
		t.Errorf("the map of trial 3 is one of %d", got.Trial)
	}
	for path, want := range map[string]int{
		"one/policy?trial=41": 404, "one/policy?trial=-1": 404, "one/policy?trial=x": 400, "one/policy?points=-1": 400, "one/policy?points=1000000": 400,
		"one/trials/41/explain": 404, "two/policy": 404, "two/trials/1/explain": 404, "two/policy/progress": 404, "no/policy": 404,
	} {
		if status, text, _ := s.ask("GET", "/api/studies/"+path, ""); status != want {
			t.Errorf("%s: %d, want %d: %s", path, status, want, text)
		}
	}
	if _, text, _ := s.ask("GET", "/api/studies/two/policy", ""); !strings.Contains(text, "no_policy") {
		t.Errorf("a random search: %s", text)
	}
}
