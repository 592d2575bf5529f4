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
	return evaluate(ctx, p, newImagePass(newSupply(p), images, r.Augment, false, 0))
}

// EvaluateText is the mean cross-entropy in nats per token and the accuracy of
// a trained language model on a text, which is read in r.Batch streams: each
// begins with states of 0, and (len(text)-1) mod r.Batch tokens at the end are
// left out. With one stream every token but the first is predicted once, with
// all that is before it.
func EvaluateText(ctx context.Context, net *spec.Network, w *Weights, text []int32, r Recipe) (loss, accuracy float64, err error) {
	if _, err := checkText("evaluation", net, text, r); err != nil {
		return 0, 0, err
	}
	p, err := load(net, w, r.steps(len(text)), r)
	if err != nil {
		return 0, 0, err
	}
	return evaluate(ctx, p, newWindows(p, text))
}

// load compiles net for inference with the weights w.
func load(net *spec.Network, w *Weights, batch int, r Recipe) (*Program, error) {
	p, err := Compile(net, batch, Options{Inference: true, BatchNorm: r.BatchNorm, MemoryBytes: r.MemoryBytes, Streams: r.Batch})
	if err != nil {
		return nil, err
	}
	return p, p.Load(w)
}

// evaluate measures p on a pass.
func evaluate(ctx context.Context, p *Program, b batches) (loss, accuracy float64, err error) {
	seen, right := 0, 0
	b.begin(0)
	for labels := b.take(); len(labels) > 0; labels = b.take() {
		if ctx.Err() != nil {
			return 0, 0, fmt.Errorf("child: evaluation stopped after %d predictions: %w", seen, context.Cause(ctx))
		}
		p.Forward(p.examples(labels), false)
		sum, correct := p.Loss(labels)
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
	f := newFeeder(&data.Images{N: 1, H: images.H, W: images.W, C: images.C, Pixels: images.Pixels, Labels: images.Labels}, t.Recipe.Augment, false)
	var label [1]int32
	return t.time(ctx, func() { f.span(p.Input(1), label[:], 0) }, func() { p.Forward(1, false) })
}

// textLatency is the same of one window of one stream, the loss included, since
// most logits are made with it.
func (t *Trainer) textLatency(ctx context.Context, net *spec.Network, w *Weights, text []int32) (float64, error) {
	r := t.Recipe
	r.Batch = 1
	p, err := load(net, w, r.steps(len(text)), r)
	if err != nil {
		return 0, err
	}
	b := newWindows(p, text)
	var labels []int32
	return t.time(ctx, func() { b.begin(0); labels = b.take() }, func() { p.Forward(len(labels), false); p.Loss(labels) })
}

// time is the median time in seconds that f takes after prepare, but for the
// first time.
func (t *Trainer) time(ctx context.Context, prepare, f func()) (float64, error) {
	now := t.Now
	if now == nil {
		now = time.Now
	}
	var seconds []float64
	for i := range t.Recipe.LatencyRuns + 1 {
		if ctx.Err() != nil {
			return 0, fmt.Errorf("child: timing stopped: %w", context.Cause(ctx))
		}
		prepare()
		begin := now()
		f()
		if i > 0 {
			seconds = append(seconds, now().Sub(begin).Seconds())
		}
	}
	sort.Float64s(seconds)
	return seconds[len(seconds)/2], nil
}
