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
	return evaluate(ctx, p, newFeeder(images, r.Augment, false), make([]int32, p.batch))
}

// load compiles net for inference with the weights w.
func load(net *spec.Network, w *Weights, batch int, r Recipe) (*Program, error) {
	p, err := Compile(net, batch, Options{Inference: true, BatchNorm: r.BatchNorm, MemoryBytes: r.MemoryBytes})
	if err != nil {
		return nil, err
	}
	return p, p.Load(w)
}

// evaluate measures p on all images of f; labels has room for a batch.
func evaluate(ctx context.Context, p *Program, f *feeder, labels []int32) (loss, accuracy float64, err error) {
	n, right := f.images.N, 0
	for from := 0; from < n; from += p.batch {
		if ctx.Err() != nil {
			return 0, 0, fmt.Errorf("child: evaluation stopped at image %d of %d: %w", from, n, context.Cause(ctx))
		}
		count := min(p.batch, n-from)
		f.span(p.Input(count), labels[:count], from)
		p.Forward(count, false)
		sum, correct := p.Loss(labels[:count])
		loss += sum
		right += correct
	}
	return loss / float64(n), float64(right) / float64(n), nil
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
