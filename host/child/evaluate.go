package child

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Evaluate is the mean cross-entropy in nats and the accuracy of a trained
// child on images, with the whitening, the batch size and the limits of r.
func Evaluate(ctx context.Context, net *spec.Network, w *Weights, images *data.Images, r Recipe) (loss, accuracy float64, err error) {
	if _, err := check("evaluation", net, images, r); err != nil {
		return 0, 0, err
	}
	p, err := load(net, w, min(r.Batch, images.N), r)
	if err != nil {
		return 0, 0, err
	}
	return evaluate(ctx, newSupply(p), newFeeder(images, r.Augment, false))
}

// load compiles net for inference with the weights w.
func load(net *spec.Network, w *Weights, batch int, r Recipe) (*Program, error) {
	p, err := Compile(net, batch, Options{Inference: true, BatchNorm: r.BatchNorm, MemoryBytes: r.MemoryBytes})
	if err != nil {
		return nil, err
	}
	return p, p.Load(w)
}

// evaluate measures the program of s on all images of f.
func evaluate(ctx context.Context, s *supply, f *feeder) (loss, accuracy float64, err error) {
	seen, right := 0, 0
	s.begin(f, nil, nil)
	for seen < f.images.N {
		if ctx.Err() != nil {
			return 0, 0, fmt.Errorf("child: evaluation stopped at image %d of %d: %w", seen, f.images.N, context.Cause(ctx))
		}
		labels := s.take()
		s.program.Forward(len(labels), false)
		sum, correct := s.program.Loss(labels)
		loss += sum
		right += correct
		seen += len(labels)
	}
	return loss / float64(seen), float64(right) / float64(seen), nil
}

// latency is the median time in seconds of a forward pass of one image, after
// one that warms the caches.
func (t *Trainer) latency(ctx context.Context, net *spec.Network, w *Weights, images *data.Images) (float64, error) {
	p, err := load(net, w, 1, t.Recipe)
	if err != nil {
		return 0, err
	}
	now := t.Now
	if now == nil {
		now = time.Now
	}
	f := newFeeder(&data.Images{N: 1, H: images.H, W: images.W, C: images.C, Pixels: images.Pixels, Labels: images.Labels}, t.Recipe.Augment, false)
	var label [1]int32
	var seconds []float64
	for i := range t.Recipe.LatencyRuns + 1 {
		if ctx.Err() != nil {
			return 0, fmt.Errorf("child: timing stopped: %w", context.Cause(ctx))
		}
		f.span(p.Input(1), label[:], 0)
		begin := now()
		p.Forward(1, false)
		if i > 0 {
			seconds = append(seconds, now().Sub(begin).Seconds())
		}
	}
	sort.Float64s(seconds)
	return seconds[len(seconds)/2], nil
}
