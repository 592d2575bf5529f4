package sandbox

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/plugins/rewards"
	"github.com/espalier-nas/espalier/plugins/rnncell"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// twin is a plugin twice: compiled into this test, and sandboxed.
type twin struct {
	t       *testing.T
	native  guest.Module
	sandbox *Module
}

// same checks that both answer a request alike, byte for byte.
func (w twin) same(op int, request map[string]any) {
	w.t.Helper()
	payload, err := json.Marshal(request)
	if err != nil {
		w.t.Fatal(err)
	}
	want := w.native.Call(op, payload)
	got, _, err := w.sandbox.Call(background, op, payload)
	if err != nil {
		w.t.Errorf("%d %s: %v", op, payload, report(err))
	} else if !bytes.Equal(got, want) {
		w.t.Errorf("%d %s\n sandboxed %s\n native    %s", op, payload, got, want)
	}
}

// walks compares random episodes of spaces, and broken prefixes, up to the
// networks that they become.
func (w twin) walks(task spec.Task, cases []offer) {
	w.t.Helper()
	w.same(spec.OpCodeDescribe, map[string]any{})
	for n, c := range cases {
		request := map[string]any{"space": c.space, "params": json.RawMessage(c.params)}
		w.same(spec.OpCodeDescribe, request)
		space, err := w.native.Space(c.space, spec.Raw(c.params))
		if err != nil {
			request["prefix"] = spec.Answers{}
			w.same(spec.OpCodeNext, request)
			continue
		}
		for walk := range uint64(3) {
			rng := rand.New(rand.NewPCG(uint64(n), walk))
			answers, err := guest.Walk(space, func(d spec.Decision, k spec.Kind) spec.Answer { return pick(d, k, rng) })
			if err != nil {
				w.t.Fatal(err)
			}
			for i := range len(answers) + 1 {
				request["prefix"] = answers[:i]
				w.same(spec.OpCodeNext, request)
			}
			request["task"] = task
			w.same(spec.OpCodeBuild, request)
			broken := append(spec.Answers{}, answers...)
			broken[rng.IntN(len(broken))] = spec.Pick(rng.IntN(9) - 2)
			request["prefix"] = append(broken, spec.PickSet(0))
			w.same(spec.OpCodeNext, request)
			w.same(spec.OpCodeBuild, request)
		}
	}
}

// offer is a space under params.
type offer struct{ space, params string }

var small = spec.Task{Type: spec.TaskImage, Input: []int{16, 16, 3}, Classes: 10}

// TestNativeTwinCNN holds the sandboxed convolutional spaces against the same
// code compiled natively, over random walks and over broken prefixes.
func TestNativeTwinCNN(t *testing.T) {
	w := twin{t, cnn.Module(), load(t, open(t, compiled()), sandboxtest.Build(t, "plugins/cnn/guest"))}
	w.walks(small, []offer{
		{"v1", `{"layers":4}`}, {"v2", `{"layers":3}`}, {"v3", `{"layers":2}`}, {"v1", `{"skips":false}`},
		{"v1", `{"layers":0}`}, {"v9", `{}`}, {"v1", `{"layres":3}`},
	})
}

// TestNativeTwinRNNCell does so for the space of recurrent cells.
func TestNativeTwinRNNCell(t *testing.T) {
	w := twin{t, rnncell.Module(), load(t, open(t, compiled()), sandboxtest.Build(t, "plugins/rnncell/guest"))}
	w.walks(spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 50}, []offer{
		{"tree", `{"params":100000}`}, {"tree", `{"base":2,"units":16,"state_dropout":0.25}`},
		{"tree", `{"base":4,"params":9999,"tied":true,"root_index":false,"combinations":["max","add"],"activations":["sin"]}`},
		{"tree", `{"params":50}`}, {"tree", `{"base":5}`}, {"tree", `{"tied":true,"embedding":8}`},
	})
	image := map[string]any{"space": "tree", "params": json.RawMessage(`{"base":2,"units":16}`), "task": small}
	image["prefix"] = spec.Answers{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}
	w.same(spec.OpCodeBuild, image)
}

// TestNativeTwinRewards holds the sandboxed shapers against the same code
// compiled natively, over random metrics, some of them of failed children.
func TestNativeTwinRewards(t *testing.T) {
	w := twin{t, rewards.Module(), load(t, open(t, compiled()), sandboxtest.Build(t, "plugins/rewards/guest"))}
	w.same(spec.OpCodeDescribe, map[string]any{})
	for _, offer := range w.native.Manifest().Shapers {
		shaper, err := w.sandbox.Shaper(background, offer.Name, nil)
		if err != nil {
			t.Fatal(report(err))
		}
		native, _, err := w.native.Shaper(offer.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		request := map[string]any{"shaper": offer.Name}
		w.same(spec.OpCodeDescribe, request)
		for n := range uint64(40) {
			metrics := randomMetrics(rand.New(rand.NewPCG(11, n)))
			request["metrics"] = metrics
			w.same(spec.OpCodeReward, request)
			got, err := shaper.Reward(background, metrics)
			want, wantErr := native.Reward(metrics)
			if (err == nil) != (wantErr == nil) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %+v: %+v, %v; native %+v, %v", offer.Name, metrics, got, err, want, wantErr)
			}
		}
		request["params"] = map[string]any{"no such param": 1}
		w.same(spec.OpCodeReward, request)
	}
}

// randomMetrics invents what a trial may have measured.
func randomMetrics(rng *rand.Rand) spec.Metrics {
	m := spec.Metrics{Params: rng.Int64N(1e8), MACs: rng.Int64N(1e10)}
	if rng.IntN(4) == 0 {
		m.LatencySeconds = rng.Float64()
	}
	if rng.IntN(5) == 0 {
		m.Failed, m.Reason = true, "the loss is not a number"
	}
	for n := range rng.IntN(8) {
		m.Epochs = append(m.Epochs, spec.Epoch{Epoch: n + 1, TrainLoss: rng.ExpFloat64(), TrainAccuracy: rng.Float64(),
			ValidLoss: rng.ExpFloat64(), ValidAccuracy: rng.Float64(), Seconds: rng.Float64()})
	}
	return m
}

// TestPoolIsSerial: walks and networks do not depend on how many instances
// serve them, nor on who asks first.
func TestPoolIsSerial(t *testing.T) {
	const walks = 8
	networks := map[int][]string{}
	for _, pool := range []int{1, 4} {
		o := compiled()
		o.Pool = pool
		m := load(t, open(t, o), sandboxtest.Build(t, "plugins/cnn/guest"))
		space, err := m.Space(background, "v1", json.RawMessage(`{"layers":5}`))
		if err != nil {
			t.Fatal(report(err))
		}
		ids := make([]string, walks)
		var wg sync.WaitGroup
		for n := range walks {
			wg.Go(func() {
				_, answers, err := stroll(space, rand.New(rand.NewPCG(7, uint64(n))))
				if err != nil {
					t.Error(report(err))
					return
				}
				network, err := space.Build(background, answers, small)
				if err != nil {
					t.Error(report(err))
					return
				}
				ids[n] = network.ID()
			})
			if pool == 1 {
				wg.Wait()
			}
		}
		wg.Wait()
		networks[pool] = ids
	}
	for n := range walks {
		if networks[1][n] != networks[4][n] || networks[1][n] == "" {
			t.Errorf("walk %d: network %q from a pool of 4, %q from one instance", n, networks[4][n], networks[1][n])
		}
	}
}
