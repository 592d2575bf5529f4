package child

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// TestEvaluateWeighsEveryImage: batches that are not full count by their
// images, so the batch size does not matter.
func TestEvaluateWeighsEveryImage(t *testing.T) {
	images := randomImages(21, 4, 4, 1, 2, 5)
	net := smallNet(4, 4, 1, 2, 2)
	w := train(t, net, images, nil, quick(1), 1).Weights
	r := quick(1)
	r.Batch = 1
	loss, accuracy, err := Evaluate(t.Context(), net, w, images, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, r.Batch = range []int{2, 4, 8, 20, 21, 64} {
		l, a, err := Evaluate(t.Context(), net, w, images, r)
		if err != nil || math.Abs(l-loss) > 1e-6 || a != accuracy {
			t.Errorf("batch %d: loss %v, accuracy %v, %v; one by one %v, %v", r.Batch, l, a, err, loss, accuracy)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	images, small := randomImages(4, 4, 4, 1, 2, 5), randomImages(4, 3, 4, 1, 2, 5)
	net := smallNet(4, 4, 1, 2, 2)
	w := train(t, net, images, nil, quick(1), 1).Weights
	narrow := quick(1)
	narrow.MemoryBytes = 100
	for want, f := range map[string]func() error{
		"evaluation images are 3 x 4": func() error { _, _, err := Evaluate(t.Context(), net, w, small, quick(1)); return err },
		"is missing":                  func() error { _, _, err := Evaluate(t.Context(), net, &Weights{}, images, quick(1)); return err },
		"the limit is 0.0 MiB":        func() error { _, _, err := Evaluate(t.Context(), net, w, images, narrow); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestStopsInEvaluation: training stops while it measures, or is being timed.
func TestStopsInEvaluation(t *testing.T) {
	images := randomImages(8, 4, 4, 1, 2, 5)
	for want, stopAt := range map[string]int{"evaluation stopped after 0 predictions": 3, "timing stopped": 7} {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		r := quick(1)
		r.Batch, r.LatencyRuns = 4, 9
		trainer := Trainer{Recipe: r, Now: time.Now}
		stopping := &stopper{Context: ctx, stop: func() {
			if calls++; calls == stopAt {
				cancel()
			}
		}}
		res, err := trainer.Train(stopping, smallNet(4, 4, 1, 2, 2), images, images, 1)
		if res != nil || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), want) {
			t.Errorf("stopped at call %d: %v, %v, want an error with %q", stopAt, res, err, want)
		}
		cancel()
	}
}

// stopper calls stop whenever its end is looked for.
type stopper struct {
	context.Context
	stop func()
}

func (s *stopper) Err() error {
	s.stop()
	return s.Context.Err()
}
