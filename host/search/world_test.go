package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// toy is a search space of small dense networks: for each layer a width and an
// activation, and which earlier layers' outputs are added, if there are any of
// the same width.
type toy struct {
	layers int
	kinds  []spec.Kind
}

var toyKinds = []spec.Kind{
	{ID: "width", Type: spec.Choice, Options: []string{"2", "3", "5"}},
	{ID: "act", Type: spec.Choice, Options: []string{"relu", "tanh"}},
}

func (s *toy) Info() spec.SpaceInfo {
	return spec.SpaceInfo{Name: "toy", Version: "1", Task: spec.TaskImage, MaxSteps: 2 * s.layers, Kinds: s.kinds,
		Params: spec.Raw(fmt.Sprintf(`{"layers":%d}`, s.layers))}
}

func (s *toy) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	n := len(prefix)
	if n == 2*s.layers {
		return spec.Step{Done: true}, nil
	}
	kind := s.kinds[n%2].ID
	return spec.Step{Decision: &spec.Decision{Kind: kind, Name: fmt.Sprintf("layer%d/%s", 1+n/2, kind)}}, nil
}

// Build refuses networks whose first layer has the last width and tanh.
func (s *toy) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if answers[0].Index == 2 && answers[1].Index == 1 {
		return nil, errors.New("unsupported: too wide for tanh")
	}
	n := &spec.Network{Task: task, Output: "logits", Nodes: []spec.Node{
		{Name: "flat", Op: spec.OpFlatten, Inputs: []string{spec.InputName}},
	}}
	last := "flat"
	for i := 0; i < len(answers); i += 2 {
		dense, act := fmt.Sprint("dense", i/2), fmt.Sprint("act", i/2)
		n.Nodes = append(n.Nodes,
			spec.Node{Name: dense, Op: spec.OpDense, Inputs: []string{last}, Units: []int{2, 3, 5}[answers[i].Index]},
			spec.Node{Name: act, Op: spec.OpActivation, Inputs: []string{dense}, Func: []spec.Func{spec.FuncReLU, spec.FuncTanh}[answers[i+1].Index]},
		)
		last = act
	}
	n.Nodes = append(n.Nodes, spec.Node{Name: "logits", Op: spec.OpDense, Inputs: []string{last}, Units: task.Classes})
	return n, nil
}

// oracle is an evaluator whose results depend on the network and the seed
// alone. Some children fail, each in its own way. Every evaluation yields the
// processor a random number of times, so that workers overtake each other.
type oracle struct {
	mu     sync.Mutex
	jitter *rand.Rand
	calls  map[int]int // by trial
	// hold, if set, is the number of other evaluations that must have ended,
	// counted by ended, before trial 1 ends; so must release be closed, if set.
	hold    int
	ended   int
	moved   *sync.Cond
	release chan struct{}
	// never makes every child fail; weightless yields no weights.
	never, weightless bool
}

func newOracle(seed uint64) *oracle {
	o := &oracle{jitter: rand.New(rand.NewPCG(seed, 9)), calls: map[int]int{}}
	o.moved = sync.NewCond(&o.mu)
	return o
}

func (o *oracle) Evaluate(ctx context.Context, t Trial, onEpoch func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	o.mu.Lock()
	o.calls[t.ID]++
	spin := o.jitter.IntN(50)
	o.mu.Unlock()
	for range spin {
		runtime.Gosched()
	}
	defer func() {
		o.mu.Lock()
		o.ended++
		o.moved.Broadcast()
		o.mu.Unlock()
	}()
	if t.ID == 1 {
		wake := context.AfterFunc(ctx, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.moved.Broadcast()
		})
		o.mu.Lock()
		for o.ended < o.hold && ctx.Err() == nil {
			o.moved.Wait()
		}
		o.mu.Unlock()
		wake()
		if o.release != nil {
			select {
			case <-o.release:
			case <-ctx.Done():
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return spec.Metrics{}, nil, err
	}
	h := fnv.New64a()
	fmt.Fprint(h, t.Network.ID(), t.Seed)
	rng := rand.New(rand.NewPCG(h.Sum64(), 1))
	var m spec.Metrics
	for epoch := range 3 {
		e := spec.Epoch{Epoch: epoch + 1, TrainLoss: rng.Float64(), ValidAccuracy: rng.Float64(), Seconds: o.seconds()}
		m.Epochs = append(m.Epochs, e)
		onEpoch(e)
	}
	m.LatencySeconds = o.seconds()
	switch n := rng.IntN(12); {
	case o.never:
		return m, nil, errors.New("broken")
	case n == 0:
		panic("out of ideas")
	case n == 1:
		return m, nil, errors.New("no luck")
	case n == 2:
		m.Failed, m.Reason = true, "diverged at epoch 3"
		return m, nil, nil
	case o.weightless:
		return m, nil, nil
	}
	return m, strings.NewReader(fmt.Sprintf("weights of %s from %d", t.Network.ID(), t.Seed)), nil
}

// seconds is a time that differs from run to run.
func (o *oracle) seconds() float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.jitter.Float64()
}

// trained counts the trials that were trained.
func (o *oracle) trained() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.calls)
}

// lastEpoch is a shaper: the accuracy of the last epoch. It fails for some,
// and if it sees a time.
type lastEpoch struct{ timely bool }

func (s lastEpoch) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	v := m.Epochs[len(m.Epochs)-1].ValidAccuracy
	if !s.timely && (m.LatencySeconds != 0 || m.Epochs[0].Seconds != 0) {
		return spec.Reward{}, errors.New("a deterministic reward has seen the clock")
	}
	if v < 0.05 {
		return spec.Reward{}, errors.New("too low to be true")
	}
	return spec.Reward{Reward: v, Parts: []spec.Part{{Name: "accuracy", Value: v}}}, nil
}

// toyConfig is a study of the toy space with a small policy.
func toyConfig() Config {
	c := Default()
	c.Trials = 30
	c.Strategy.Params = json.RawMessage(`{"layers":1,"units":4,"embedding":4,"rollout":4,"learning_rate":0.05}`)
	c.FailedReward = -0.25
	return c
}

// toyDeps runs a study on a log.
func toyDeps(log Log, workers int, evaluator Evaluator) Deps {
	return Deps{
		Space: func(_ context.Context, params json.RawMessage) (Space, error) {
			p := struct{ Layers int }{2}
			if len(params) > 0 {
				if err := json.Unmarshal(params, &p); err != nil {
					return nil, err
				}
			}
			return &toy{p.Layers, toyKinds}, nil
		},
		Shaper:        lastEpoch{},
		Evaluator:     evaluator,
		Log:           log,
		Started:       event.Started{Program: "test", Kernels: "generic", Space: event.Source{Hash: "aa", Bytes: 7}},
		Task:          spec.Task{Type: spec.TaskImage, Input: []int{2, 2, 1}, Classes: 2},
		Workers:       workers,
		SnapshotEvery: 2,
		Clock:         time.Now,
	}
}

// run runs a study to its end.
func run(t testing.TB, c Config, d Deps) *event.State {
	t.Helper()
	s, err := try(t, c, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// try runs a study.
func try(t testing.TB, c Config, d Deps) (*event.State, error) {
	t.Helper()
	r, err := New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	return r.Run(t.Context())
}

// story is what m holds, without times, as text.
func story(t testing.TB, m *Memory) string {
	t.Helper()
	var b []byte
	for e, err := range m.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if b, err = event.AppendLine(b, event.Timeless(e)); err != nil {
			t.Fatal(err)
		}
	}
	return string(b)
}

// sameStory fails at the first line in which two logs differ, or if what they
// hold of the best trial differs.
func sameStory(t testing.TB, what string, got, want *Memory) {
	t.Helper()
	a, b := strings.Split(story(t, got), "\n"), strings.Split(story(t, want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s: line %d is\n%s\nwant\n%s", what, i+1, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%s: %d lines, want %d", what, len(a), len(b))
	}
	if got.BestTrial != want.BestTrial || string(got.Weights[got.BestTrial]) != string(want.Weights[want.BestTrial]) {
		t.Fatalf("%s: best is trial %d with %q, want %d with %q", what,
			got.BestTrial, got.Weights[got.BestTrial], want.BestTrial, want.Weights[want.BestTrial])
	}
	if len(got.Weights) != len(want.Weights) || len(got.Waiting) != 0 {
		t.Fatalf("%s: %d weights, %d pending results are left, want %d and none", what, len(got.Weights), len(got.Waiting), len(want.Weights))
	}
}
