package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/plugins/rnncell"
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

// maze asks choices with masks and pointers beside choices and anchors: first how
// many rooms, then for each room its size, which the size before it masks, and
// after it a door to an earlier room.
type maze struct{ info spec.SpaceInfo }

func newMaze() maze {
	return maze{spec.SpaceInfo{Name: "maze", Task: spec.TaskImage, MaxSteps: 9, Kinds: []spec.Kind{
		{ID: "rooms", Type: spec.Choice, Options: []string{"2", "3", "4"}},
		{ID: "size", Type: spec.Choice, Options: []string{"small", "middle", "large"}},
		{ID: "door", Type: spec.Pointer},
	}}}
}

func (m maze) Info() spec.SpaceInfo { return m.info }

func (m maze) Next(prefix spec.Answers) (spec.Step, error) {
	n := len(prefix)
	if n == 0 {
		return spec.Step{Decision: &spec.Decision{Kind: "rooms", Name: "rooms"}}, nil
	}
	room := (n - 1) / 2
	if room == prefix[0].Index+2 {
		return spec.Step{Done: true}, nil
	}
	d := &spec.Decision{Kind: "size", Name: fmt.Sprintf("room%d/size", room), Anchor: true}
	switch {
	case n%2 == 0:
		d = &spec.Decision{Kind: "door", Name: fmt.Sprintf("room%d/door", room)}
		for i := range room + 1 {
			d.Candidates = append(d.Candidates, i)
		}
	case room > 0:
		d.Mask = []bool{true, true, true}
		d.Mask[prefix[n-2].Index] = false
	}
	return spec.Step{Decision: d}, nil
}

func (m maze) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	units := 1
	for _, a := range answers {
		units = 5*units%997 + a.Index
	}
	return &spec.Network{Task: task, Output: "logits", Nodes: []spec.Node{
		{Name: "flat", Op: spec.OpFlatten, Inputs: []string{spec.InputName}},
		{Name: "dense", Op: spec.OpDense, Inputs: []string{"flat"}, Units: units + 1},
		{Name: "logits", Op: spec.OpDense, Inputs: []string{"dense"}, Units: task.Classes},
	}}, nil
}

// chance is an evaluator whose results depend on the network alone; one child in
// six fails.
type chance struct{}

func (chance) Evaluate(_ context.Context, t search.Trial, _ func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	h := fnv.New64a()
	io.WriteString(h, t.Network.ID())
	rng := rand.New(rand.NewPCG(h.Sum64(), 1))
	if rng.IntN(6) == 0 {
		return spec.Metrics{}, nil, errors.New("no luck")
	}
	return spec.Metrics{Epochs: []spec.Epoch{{Epoch: 1, ValidAccuracy: rng.Float64()}}}, nil, nil
}

type accuracy struct{}

func (accuracy) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	return spec.Reward{Reward: m.Epochs[0].ValidAccuracy}, nil
}

// world is a study to record.
type world struct {
	space    guest.Space
	task     spec.Task
	strategy string
	params   string
	trials   int
	mode     search.Mode
	lag      int
	seed     uint64
}

func image() spec.Task { return spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 3}, Classes: 4} }

// worlds are studies of every type of decision, with every option of the policy.
func worlds(t testing.TB) map[string]world {
	t.Helper()
	open := func(m guest.Module, name, params string) guest.Space {
		s, err := m.Space(name, spec.Raw(params))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return map[string]world{
		"masks and pointers": {space: newMaze(), task: image(), trials: 90, lag: -1,
			params: `{"layers":1,"units":6,"embedding":6,"rollout":4,"learning_rate":0.05,"temperature":1.4,"logit_clip":2.5,"entropy_weight":0.02,"clip_norm":0.05}`},
		"anchors": {space: open(cnn.Module(), "v1", `{"layers":4}`), task: image(), trials: 70, lag: -1,
			params: `{"preset":"quick","units":8,"embedding":8}`},
		"asynchronous": {space: open(cnn.Module(), "v1", `{"layers":3}`), task: image(), trials: 50, mode: search.Async,
			params: `{"preset":"quick","units":8,"embedding":8,"rollout":3}`},
		"cells": {space: open(rnncell.Module(), "tree", `{"base":4}`), trials: 45, lag: 20,
			task:   spec.Task{Type: spec.TaskText, Input: []int{10}, Classes: 50},
			params: `{"units":8,"embedding":8,"learning_rate":0.02,"rollout":5}`},
	}
}

// study is a recorded study.
type study struct {
	events []event.Event
	saved  map[int][]byte // the snapshots that it took of its policy
	// policies are snapshots of all versions: policies[v] has seen v updates.
	policies [][]byte
}

func (s *study) started() event.Started { return *s.events[0].Started }

// Policy lends the snapshots.
func (s *study) Policy(before int) (int, []byte, bool) {
	if before < 0 {
		before = len(s.policies)
	}
	if before < 1 || before > len(s.policies) {
		return 0, nil, false
	}
	return before - 1, s.policies[before-1], true
}

// saving keeps every snapshot of the policy.
type saving struct {
	search.Memory
	policies map[int][]byte
}

func (s *saving) SavePolicy(version int, policy []byte) error {
	s.policies[version] = policy
	return s.Memory.SavePolicy(version, policy)
}

// recorded is the study of a world, run once for all tests.
func recorded(t testing.TB, name string) *study {
	t.Helper()
	recordings.Lock()
	defer recordings.Unlock()
	if recordings.studies[name] == nil {
		recordings.studies[name] = worlds(t)[name].record(t)
	}
	return recordings.studies[name]
}

var recordings = struct {
	sync.Mutex
	studies map[string]*study
}{studies: map[string]*study{}}

// record runs a study.
func (w world) record(t testing.TB) *study {
	t.Helper()
	config := search.Default()
	config.FailedReward = -0.1
	config.Trials, config.Lag, config.Seed = w.trials, w.lag, 7+w.seed
	if w.strategy != "" {
		config.Strategy.Name = w.strategy
	}
	config.Strategy.Params = json.RawMessage(w.params)
	if w.mode != "" {
		config.Mode = w.mode
	}
	log := &saving{policies: map[int][]byte{}}
	runner, err := search.New(config, search.Deps{
		Space:     func(context.Context, json.RawMessage) (search.Space, error) { return native{w.space}, nil },
		Shaper:    accuracy{},
		Evaluator: chance{},
		Log:       log,
		Started:   event.Started{Program: "test", Kernels: string(kernels.Active())},
		Task:      w.task, Workers: 2, SnapshotEvery: 1, Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &study{saved: log.policies}
	for e, err := range log.Events() {
		if err != nil {
			t.Fatal(err)
		}
		s.events = append(s.events, e)
	}
	s.learnAgain(t)
	return s
}

// fresh is the study's untrained policy.
func (s *study) fresh(t testing.TB) strategy.Strategy {
	t.Helper()
	var config struct {
		Strategy struct{ Params json.RawMessage }
	}
	if err := json.Unmarshal(s.started().Config, &config); err != nil {
		t.Fatal(err)
	}
	policy, err := strategy.New("reinforce", config.Strategy.Params, s.started().Kinds, s.started().Seed)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// learnAgain goes through the events in the plainest way, for the policies. Where
// the study has saved one, it is the same.
func (s *study) learnAgain(t testing.TB) {
	t.Helper()
	policy := s.fresh(t)
	s.policies = [][]byte{policy.Snapshot()}
	episodes := map[int]strategy.Episode{}
	for _, e := range s.events {
		if p := e.Sampled; p != nil {
			episode := strategy.Episode{ID: p.Trial, Answers: p.Answers}
			for i := range p.Decisions {
				episode.Steps = append(episode.Steps, spec.Step{Decision: &p.Decisions[i]})
			}
			episodes[p.Trial] = episode
		}
		if e.Updated == nil {
			continue
		}
		var rollout []strategy.Episode
		for _, id := range e.Updated.Trials {
			rollout = append(rollout, episodes[id])
		}
		if _, err := policy.Update(t.Context(), rollout, e.Updated.Rewards); err != nil {
			t.Fatal(err)
		}
		s.policies = append(s.policies, policy.Snapshot())
	}
	for v, saved := range s.saved {
		if string(saved) != string(s.policies[v]) {
			t.Fatalf("version %d is not the one that the study saved", v)
		}
	}
}

// player applies a study's events.
func (s *study) player(t testing.TB, events []event.Event) *Player {
	t.Helper()
	p, err := New(s.started())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := p.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return p
}
