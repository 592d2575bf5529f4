package search

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// tiny is two classes of 2 x 2 images, told apart by the upper left pixel.
func tiny(n int) *data.Images {
	m := &data.Images{N: n, H: 2, W: 2, C: 1, Pixels: make([]uint8, 4*n), Labels: make([]int32, n)}
	for i := range n {
		m.Labels[i] = int32(i % 2)
		m.Pixels[4*i] = uint8(200 * (i % 2))
		m.Pixels[4*i+1] = uint8(i)
	}
	return m
}

func tinyTrainer() *Trainer {
	r := child.Default()
	r.Epochs, r.Batch = 2, 8
	r.Augment = child.Augment{Whiten: "standardize"}
	return &Trainer{Examples: Images{tiny(32), tiny(8)}, Recipe: r}
}

// TestTrainer runs a study with real children, with one worker and with three.
func TestTrainer(t *testing.T) {
	config := toyConfig()
	config.Trials = 12
	want, got := &Memory{}, &Memory{}
	s := run(t, config, toyDeps(want, 1, tinyTrainer()))
	if s.Counts.OK < 6 || s.Best().Params == 0 || s.Best().MACs == 0 {
		t.Fatalf("%+v, best %+v, failures %v", s.Counts, s.Best(), s.Failures())
	}
	if m := s.Best().Metrics; m.Params != s.Best().Params || m.MACs != s.Best().MACs {
		t.Errorf("the shaper saw %d parameters and %d MACs, the network has %d and %d", m.Params, m.MACs, s.Best().Params, s.Best().MACs)
	}
	if len(want.Weights[want.BestTrial]) < 100 {
		t.Errorf("the best trial has %d bytes of weights", len(want.Weights[want.BestTrial]))
	}
	run(t, config, toyDeps(got, 3, tinyTrainer()))
	sameStory(t, "three workers", got, want)
}

// TestTrainerDividesCores: whoever is alone has all of them, with the same
// result.
func TestTrainerDividesCores(t *testing.T) {
	network, err := (&toy{1, toyKinds}).Build(t.Context(), layer(0, 0), toyDeps(nil, 1, nil).Task)
	if err != nil {
		t.Fatal(err)
	}
	trial := Trial{ID: 1, Network: network, Seed: 1}
	want, _, err := tinyTrainer().Evaluate(t.Context(), trial, func(spec.Epoch) {})
	if err != nil {
		t.Fatal(err)
	}
	trainer := tinyTrainer()
	trainer.Cores, trainer.Threads = 4, 2
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			got, _, err := trainer.Evaluate(t.Context(), trial, func(spec.Epoch) {})
			if err != nil || got.Epochs[1].TrainLoss != want.Epochs[1].TrainLoss || got.Epochs[1].ValidLoss != want.Epochs[1].ValidLoss {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
	all.Wait()
	if n := trainer.underWay.Load(); n != 0 {
		t.Errorf("%d children are under way in the end", n)
	}
}

func TestTrainerErrors(t *testing.T) {
	network, err := (&toy{1, toyKinds}).Build(t.Context(), layer(0, 0), toyDeps(nil, 1, nil).Task)
	if err != nil {
		t.Fatal(err)
	}
	trial := Trial{ID: 1, Network: network, Seed: 1}
	trainer := tinyTrainer()
	trainer.Recipe.MemoryBytes = 1
	m, weights, err := trainer.Evaluate(t.Context(), trial, func(spec.Epoch) {})
	if err != nil || !m.Failed || m.Reason == "" || weights != nil {
		t.Errorf("a child that is too big: %+v, %v, %v", m, weights, err)
	}
	trainer.Recipe.Epochs = 0
	var fatal *FatalError
	if _, _, err := trainer.Evaluate(t.Context(), trial, func(spec.Epoch) {}); !errors.As(err, &fatal) {
		t.Errorf("an invalid recipe: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := tinyTrainer().Evaluate(ctx, trial, func(spec.Epoch) {}); !errors.Is(err, context.Canceled) || errors.As(err, &fatal) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestTrainerText trains a language model on a text that repeats itself, and
// gives the bits that child gives.
func TestTrainerText(t *testing.T) {
	text := func(n int) []int32 {
		tokens := make([]int32, n)
		for i := range tokens {
			tokens[i] = int32(i % 3)
		}
		return tokens
	}
	network := &spec.Network{Task: spec.Task{Type: spec.TaskText, Input: []int{5}, Classes: 3}, Output: "logits", Nodes: []spec.Node{
		{Name: "embedding", Op: spec.OpEmbedding, Inputs: []string{spec.InputName}, Units: 4, Vocabulary: 3},
		{Name: "logits", Op: spec.OpDense, Inputs: []string{"embedding"}, Units: 3, Bias: true},
	}}
	recipe, _ := child.Preset("grammar")
	recipe.Epochs, recipe.Batch, recipe.Text.Steps = 2, 2, 5
	trainer := &Trainer{Examples: Text{text(200), text(50)}, Recipe: recipe, MemoryBytes: 1 << 30}
	got, weights, err := trainer.Evaluate(t.Context(), Trial{ID: 1, Network: network, Seed: 7}, func(spec.Epoch) {})
	if err != nil || got.Failed || weights == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	direct := child.Trainer{Recipe: recipe}
	want, err := direct.TrainText(t.Context(), network, text(200), text(50), 7)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range got.Epochs {
		if w := want.Metrics.Epochs[i]; e.TrainLoss != w.TrainLoss || e.ValidLoss != w.ValidLoss {
			t.Errorf("epoch %d: %+v, want %+v", i+1, e, w)
		}
	}
	recipe.Epochs = 1
	short, _, err := trainer.EvaluateBy(t.Context(), recipe, Trial{ID: 2, Network: network, Seed: 7}, func(spec.Epoch) {}, nil)
	if err != nil || len(short.Epochs) != 1 {
		t.Errorf("by another recipe: %+v, %v", short, err)
	}
}
