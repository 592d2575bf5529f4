package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// native is a plugin's space without the sandbox. It can build no network with
// the widest second layer.
type native struct{ guest.Space }

func (n native) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return n.Space.Next(prefix)
}

func (n native) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	return n.Space.Build(answers, task)
}

// trainer likes networks with few parameters and trains none. Every seventh
// trial diverges.
type trainer struct{}

func (trainer) Evaluate(_ context.Context, t search.Trial, _ func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	if t.ID%7 == 0 {
		return spec.Metrics{}, nil, fmt.Errorf("diverged at epoch %d: %w", t.ID, errors.New("loss is NaN"))
	}
	quality := 1 / (1 + float64(t.Params)/1000)
	var m spec.Metrics
	for i := range 3 {
		m.Epochs = append(m.Epochs, spec.Epoch{Epoch: i + 1, TrainLoss: 1 / float64(i+1), ValidLoss: math.NaN(), TrainAccuracy: quality, ValidAccuracy: quality})
	}
	return m, nil, nil
}

func (trainer) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	r := m.Epochs[len(m.Epochs)-1].ValidAccuracy
	return spec.Reward{Reward: r, Parts: []spec.Part{{Name: "accuracy", Value: r}}}, nil
}

// searched is the journal of a real search: of the space of convolutional
// networks, whose layers choose what they are connected to.
func searched(t *testing.T, strategy string, trials int, seed uint64) []event.Event {
	t.Helper()
	key := fmt.Sprint(strategy, trials, seed)
	if journals[key] == nil {
		journals[key] = searchFor(t, strategy, trials, seed)
	}
	return journals[key]
}

// journals are those of the searches that have been made.
var journals = map[string][]event.Event{}

func searchFor(t *testing.T, strategy string, trials int, seed uint64) []event.Event {
	t.Helper()
	space, err := cnn.Module().Space("v2", spec.Raw(`{"layers":2}`))
	if err != nil {
		t.Fatal(err)
	}
	config := search.Default()
	config.Name, config.Trials, config.Strategy.Name, config.Seed = "s", trials, strategy, seed
	if strategy == "reinforce" {
		config.Strategy.Params = json.RawMessage(`{"preset":"quick","units":8,"embedding":8,"rollout":4}`)
	}
	task := spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 3}, Classes: 4}
	started, err := config.Begin(event.Started{Kinds: space.Info().Kinds, Task: task})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "s")
	log, err := journal.Create(dir, started, journal.Default())
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	runner, err := search.New(config, search.Deps{
		Space:  func(context.Context, json.RawMessage) (search.Space, error) { return native{space}, nil },
		Shaper: trainer{}, Evaluator: trainer{}, Log: log, Started: started, Task: task, Workers: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var events []event.Event
	for line := range strings.Lines(string(content)) {
		e, err := event.ParseLine([]byte(strings.TrimSuffix(line, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// finished is a study that has ended.
func finished(events []event.Event) *served { return &served{events: events, shown: len(events)} }

// script writes a journal by hand, an event a second.
type script []event.Event

func (s script) add(events ...event.Event) script {
	for _, e := range events {
		e.Seq, e.Time = int64(len(s)+1), noon.Add(time.Duration(len(s))*time.Second)
		s = append(s, e)
	}
	return s
}

// begun is a study of texts, whose decisions choose sets of anchors and point at
// one.
func begun(trials int) script {
	return script{}.add(event.Event{Type: event.StudyStarted, Started: &event.Started{
		Schema: event.Schema, Name: "s", Trials: trials, Strategy: "reinforce", Config: json.RawMessage("{}"),
		Task:  spec.Task{Type: spec.TaskText, Classes: 50},
		Kinds: []spec.Kind{{ID: "op", Type: spec.Choice, Options: []string{"tanh", "relu"}}, {ID: "inputs", Type: spec.AnchorSet}, {ID: "join", Type: spec.Pointer}},
	}})
}

func sampled(trial int, change func(s *event.Sampled)) event.Event {
	s := &event.Sampled{
		Trial: trial, Seed: 9, Version: 0, LogProb: -2,
		Decisions: []spec.Decision{
			{Kind: "op", Name: "first", Anchor: true}, {Kind: "op", Name: "second", Anchor: true}, {Kind: "inputs", Name: "third"}, {Kind: "join", Name: "fourth"},
		},
		Answers:       spec.Answers{spec.Pick(0), spec.Pick(1), {Set: true, Anchors: []int{0, 1}}, spec.Pick(1)},
		StepLogProbs:  []float64{-.5, -.5, -.5, -.5},
		StepEntropies: []float64{.6, .6, .6, .6},
	}
	if change != nil {
		change(s)
	}
	return event.Event{Type: event.TrialSampled, Sampled: s}
}

func failed(trial int, reason string) event.Event {
	return event.Event{Type: event.TrialDone, Done: &event.Done{Trial: trial, Status: event.Failed, Reason: reason}}
}

// printing makes a trial's end that of a plugin that had printed something.
func printing(e event.Event, output string) event.Event {
	e.Done.Output = output
	return e
}

func done(trial int, reward float64) event.Event {
	return event.Event{Type: event.TrialDone, Done: &event.Done{
		Trial: trial, Status: event.OK, Reward: spec.Reward{Reward: reward},
		Metrics: spec.Metrics{Epochs: []spec.Epoch{{Epoch: 1, TrainLoss: 4, ValidLoss: 3}, {Epoch: 2, TrainLoss: math.Inf(1), ValidLoss: math.NaN()}}},
	}}
}
