package child

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// newTestSupply is a supply for a program that takes batches of 4 x 4 images.
func newTestSupply(t *testing.T, batch, threads int) *supply {
	t.Helper()
	p, err := Compile(smallNet(4, 4, 1, 3, 2), batch, Options{BatchNorm: testNorm, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	s := newSupply(p)
	t.Cleanup(func() { s.close(); p.Close() })
	return s
}

// TestSupply: with and without a helper, a pass brings every image once, as the
// feeder gives it, though the program uses the input's memory in between and an
// earlier pass was broken off.
func TestSupply(t *testing.T) {
	images := randomImages(21, 4, 4, 1, 3, 5)
	augment := Augment{Whiten: "center", Upsample: 6, Flip: true}
	for _, batch := range []int{1, 4, 7, 20, 21} {
		for threads := 1; threads <= 2; threads++ {
			s := newTestSupply(t, batch, threads)
			for broken := range 3 {
				train, valid := newFeeder(images, augment, true), newFeeder(images, augment, false)
				s.begin(train, rand.New(rand.NewPCG(1, 1)).Perm(21), rand.New(rand.NewPCG(2, 2)))
				for range broken {
					s.take()
				}
				for _, f := range []*feeder{train, valid} {
					var order []int
					if f == train {
						order = rand.New(rand.NewPCG(3, 3)).Perm(21)
					}
					s.begin(f, order, rand.New(rand.NewPCG(4, 4)))
					want, labels := make([]float32, images.N*images.Stride()), make([]int32, images.N)
					if f == train {
						f := newFeeder(images, augment, true) // the supply's has a goroutine at it
						f.batch(want, labels, order, rand.New(rand.NewPCG(4, 4)))
					} else {
						newFeeder(images, augment, false).span(want, labels, 0)
					}
					for seen := 0; seen < images.N; {
						got := s.take()
						if len(got) == 0 || !slices.Equal(got, labels[seen:seen+len(got)]) {
							t.Fatalf("batch %d, %d threads: labels %v after %d images, want those of %v", batch, threads, got, seen, labels)
						}
						input := s.program.Input(len(got))
						if !slices.Equal(input, want[seen*16:(seen+len(got))*16]) {
							t.Fatalf("batch %d, %d threads: wrong images after %d", batch, threads, seen)
						}
						clear(input)
						seen += len(got)
					}
					if rest := s.take(); len(rest) != 0 {
						t.Fatalf("batch %d, %d threads: labels %v after the end", batch, threads, rest)
					}
				}
			}
		}
	}
}

// TestThreadsChangeNothing compares whole trainings.
func TestThreadsChangeNothing(t *testing.T) {
	images, valid := randomImages(21, 6, 6, 2, 3, 5), randomImages(19, 6, 6, 2, 3, 6)
	net, r := everything()
	everyLevel(t, func(t *testing.T) {
		var want string
		for _, threads := range []int{0, 1, 2, 3} {
			trainer := Trainer{Recipe: r, Threads: threads}
			res, err := trainer.Train(t.Context(), net, images, valid, 1)
			if err != nil {
				t.Fatal(err)
			}
			for i := range res.Metrics.Epochs {
				res.Metrics.Epochs[i].Seconds = 0
			}
			got := fmt.Sprint(res.Weights.Hash(), res.Metrics, res.Bytes)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%d threads give %s, none %s", threads, got, want)
			}
		}
	})
}

// TestOneProcessorNeedsNoHelper: as in a browser tab.
func TestOneProcessorNeedsNoHelper(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	images := randomImages(8, 4, 4, 1, 2, 5)
	trainer := Trainer{Recipe: quick(1), Threads: 8, Cores: func() int { return 8 }}
	r, err := trainer.start(smallNet(4, 4, 1, 2, 2), images, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	r.program.SetThreads(8)
	if r.supply.staff(); r.supply.helper != nil || r.program.threads != 1 {
		t.Errorf("%d threads, a helper: %v", r.program.threads, r.supply.helper != nil)
	}
}

// TestCoresComeAndGo: a child whose threads change from epoch to epoch has the
// weights of one that keeps one.
func TestCoresComeAndGo(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	images := randomImages(61, 16, 16, 3, 10, 5)
	net, r := denselyJoined(16, 3, 8, false), quick(6)
	r.Batch = 32
	want := train(t, net, images, images, r, 1)
	before := runtime.NumGoroutine()
	var asked []int
	trainer := Trainer{Recipe: r, Cores: func() int {
		asked = append(asked, []int{3, 0, 9, 1, 2}[len(asked)])
		return asked[len(asked)-1]
	}}
	got, err := trainer.Train(t.Context(), net, images, images, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.Weights.Hash() != want.Weights.Hash() || got.Bytes != want.Bytes || len(asked) != 5 {
		t.Errorf("with threads %v: %d bytes, other weights: %v", asked, got.Bytes, got.Weights.Hash() != want.Weights.Hash())
	}
	for runtime.NumGoroutine() > before {
		runtime.Gosched()
	}
}

// TestHelperPanics: what goes wrong beside the training goes wrong in it.
func TestHelperPanics(t *testing.T) {
	images := randomImages(21, 4, 4, 1, 3, 5)
	for threads := 1; threads <= 2; threads++ {
		s := newTestSupply(t, 4, threads)
		panicked := func() (problem any) {
			defer func() { problem = recover() }()
			s.begin(newFeeder(images, Augment{Whiten: "none"}, true), []int{0, 1, 2, 3, 21}, nil)
			for len(s.take()) > 0 {
			}
			return nil
		}()
		var err runtime.Error
		if e, ok := panicked.(error); !ok || !errors.As(e, &err) {
			t.Errorf("%d threads: panicked with %v, want an index out of range", threads, panicked)
		}
	}
}

// TestHelpersEnd trains many children at once that are cancelled, diverge, fail
// or come to their end: no goroutine stays.
func TestHelpersEnd(t *testing.T) {
	images := randomImages(40, 4, 4, 1, 2, 5)
	net := smallNet(4, 4, 1, 2, 2)
	before := runtime.NumGoroutine()
	done := make(chan error)
	const children = 40
	for i := range children {
		go func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r := quick(2 + i%3)
			r.Optimizer.LR = []float64{0.05, 1e30}[i%2]
			trainer := Trainer{Recipe: r, Threads: 2, OnEpoch: func(e spec.Epoch) {
				if e.Epoch == i%4 {
					cancel()
				}
			}}
			_, err := trainer.Train(ctx, net, images, images, uint64(i))
			done <- err
		}()
	}
	var failure *FailedError
	for range children {
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) && !errors.As(err, &failure) {
			t.Error(err)
		}
	}
	for runtime.NumGoroutine() > before { // they are on their last instructions
		runtime.Gosched()
	}
}
