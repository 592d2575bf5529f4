package search

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestAllowanceServesInOrder: a large wish is not overtaken by small ones that
// would fit, and whoever stops waiting makes way.
func TestAllowanceServesInOrder(t *testing.T) {
	a := &allowance{limit: 10}
	if err := a.take(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	impatient, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- a.take(impatient, 8) }()
	waitForQueue(a, 1)
	served := make(chan error)
	go func() { served <- a.take(t.Context(), 2) }()
	waitForQueue(a, 2)
	select {
	case <-served:
		t.Error("a small wish was served before a large one that came earlier")
	default:
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the impatient one got %v", err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	a.give(6)
	a.give(2)
	if a.held != 0 || a.garbage != 8 {
		t.Errorf("%d bytes held, %d to be collected", a.held, a.garbage)
	}
	if err := a.take(t.Context(), 3); err != nil || a.garbage != 0 {
		t.Errorf("%v; %d bytes of garbage kept, though there is not room for all", err, a.garbage)
	}
}

func waitForQueue(a *allowance, n int) {
	for length := -1; length != n; {
		a.mu.Lock()
		length = len(a.queue)
		a.mu.Unlock()
	}
}

// TestAllowanceHammer: many goroutines never hold more than there is, and none
// waits for ever, though many are cancelled.
func TestAllowanceHammer(t *testing.T) {
	const limit = 100
	a := &allowance{limit: limit}
	var held atomic.Int64
	var all sync.WaitGroup
	for i := range uint64(8) {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(i, 1))
			for range 40 {
				ctx, cancel := context.WithCancel(context.Background())
				if rng.IntN(4) == 0 {
					go cancel()
				}
				bytes := 1 + rng.Int64N(limit)
				if a.take(ctx, bytes) == nil {
					if now := held.Add(bytes); now > limit {
						t.Errorf("%d bytes are held, the limit is %d", now, limit)
					}
					held.Add(-bytes)
					a.give(bytes)
				}
				cancel()
			}
		})
	}
	all.Wait()
	if a.held != 0 || len(a.queue) != 0 {
		t.Errorf("%d bytes held and %d waiting in the end", a.held, len(a.queue))
	}
}

// TestTrainerSharesMemory: children that do not fit together are trained one
// after the other, with the same results; one that does not fit at all fails.
func TestTrainerSharesMemory(t *testing.T) {
	network, err := (&toy{1, toyKinds}).Build(t.Context(), layer(0, 0), toyDeps(nil, 1, nil).Task)
	if err != nil {
		t.Fatal(err)
	}
	trainer := tinyTrainer()
	train, valid := trainer.Examples.Counts()
	need, err := trainer.Recipe.TrainingBytes(network, train, valid)
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := tinyTrainer().Evaluate(t.Context(), Trial{ID: 1, Network: network, Seed: 1}, func(spec.Epoch) {})
	if err != nil {
		t.Fatal(err)
	}
	trainer.MemoryBytes = 2*need - 1
	var training atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			got, weights, err := trainer.Evaluate(t.Context(), Trial{ID: 1, Network: network, Seed: 1}, func(e spec.Epoch) {
				if n := training.Add(int32(3 - 2*e.Epoch)); n > 1 { // +1 after the first epoch, -1 after the last
					t.Errorf("%d children in memory for one", n)
				}
			})
			if err != nil || weights == nil || got.Epochs[1].ValidLoss != want.Epochs[1].ValidLoss {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
	all.Wait()
	trainer = tinyTrainer()
	trainer.MemoryBytes = need - 1
	m, weights, err := trainer.Evaluate(t.Context(), Trial{ID: 1, Network: network, Seed: 1}, func(spec.Epoch) {})
	if err != nil || !m.Failed || m.Reason == "" || weights != nil {
		t.Errorf("a child that never fits: %+v, %v, %v", m, weights, err)
	}
	t.Log(m.Reason)
}
