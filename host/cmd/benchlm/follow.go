package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// apart is by how much the perplexities of the two sides may differ after any
// epoch, averaged over the first weights. They begin with the same ones, but at
// a learning rate of 1 the smallest difference grows: after a few hundred steps,
// two ways of PyTorch itself differ by several percent, and settle later.
const apart = 0.02

// course is how a training went: the validation perplexity after each epoch, or
// the sum of several, and the seconds of all epochs.
type course struct {
	perplexity []float64
	seconds    float64
}

func (c *course) add(epoch int, loss, seconds float64) {
	for len(c.perplexity) < epoch {
		c.perplexity = append(c.perplexity, 0)
	}
	c.perplexity[epoch-1] += child.Perplexity(loss)
	c.seconds += seconds
}

// follow trains the small language model of Zaremba et al. (2014) on both sides
// with the same recipe, first weights and windows, and writes both validation
// perplexities epoch by epoch. That they are apart is an error.
func follow(ctx context.Context, b *bench.Bench, c *config, w io.Writer) error {
	corpus, err := data.OpenCorpus(data.Options{Name: "ptb", FS: os.DirFS(c.DataDir), Dir: c.DataDir, Limit: c.Limit})
	if err != nil {
		return err
	}
	return followText(ctx, b, c, corpus, w)
}

func followText(ctx context.Context, b *bench.Bench, c *config, corpus *data.Corpus, w io.Writer) error {
	r := recipe
	r.Epochs = c.Follow
	e, err := assemble("lstm", 200, corpus.Task(r.Text.Steps))
	if err != nil {
		return err
	}
	e.Bound = r.InitRange
	path := filepath.Join(b.Dir, "corpus.safetensors")
	defer os.Remove(path)
	err = bench.Store(path, []child.Tensor{stream("train", corpus.Train), stream("valid", corpus.Valid)})
	if err == nil {
		err = b.Peers[0].Ask(map[string]any{"do": "corpus", "tensors": path}, nil)
	}
	if err != nil {
		return err
	}
	var ours, theirs course
	for k := range c.Seeds {
		seed := c.Seed + uint64(k)
		fmt.Fprintf(b.Progress, "first weights %d of %d\n", k+1, c.Seeds)
		trainer := &child.Trainer{Recipe: r, Threads: c.Threads[0], OnEpoch: func(at spec.Epoch) {
			fmt.Fprintf(b.Progress, "  epoch %d: ours    %.2f\n", at.Epoch, child.Perplexity(at.ValidLoss))
			ours.add(at.Epoch, at.ValidLoss, at.Seconds)
		}}
		if _, err := trainer.TrainText(ctx, e.Network, corpus.Train, corpus.Valid, seed); err != nil {
			return err
		}
		if err := followTorch(ctx, b, e, r, seed, &theirs); err != nil {
			return err
		}
	}
	return writeCourses(w, c, corpus, r, &ours, &theirs)
}

// stream is a text in the form in which weights are stored.
func stream(name string, tokens []int32) child.Tensor {
	t := (&text{streams: 1, tokens: tokens}).tensor()
	return child.Tensor{Name: name, Shape: []int{len(tokens)}, Data: t.Data}
}

// followTorch trains the peer on its text with first weights drawn from the
// seed, as the trainer draws them.
func followTorch(ctx context.Context, b *bench.Bench, e *entry, r child.Recipe, seed uint64, c *course) error {
	o, err := newOurs(e, &text{streams: r.Batch, tokens: make([]int32, r.Batch*(r.Text.Steps+1))}, seed, 1)
	if err != nil {
		return err
	}
	path := filepath.Join(b.Dir, "child.safetensors")
	defer os.Remove(path)
	err = o.store(path)
	o.close()
	if err != nil {
		return err
	}
	p := peer{b.Peers[0]}
	modes, err := p.load(e, r.Batch, path, r.Optimizer.LR, r.ClipNorm)
	if err != nil {
		return err
	}
	for epoch := 1; epoch <= r.Epochs; epoch++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var answer struct{ Train, Valid, Seconds float64 }
		if err := p.Ask(map[string]any{"do": "epoch", "mode": modes[0], "lr": rate(r, epoch)}, &answer); err != nil {
			return err
		}
		fmt.Fprintf(b.Progress, "  epoch %d: PyTorch %.2f\n", epoch, child.Perplexity(answer.Valid))
		c.add(epoch, answer.Valid, answer.Seconds)
	}
	return p.Free()
}

// rate is the learning rate of an epoch.
func rate(r child.Recipe, epoch int) float64 {
	return r.Optimizer.LR * r.Schedule.Rate(epoch-1, r.Epochs, 0, r.Epochs)
}

func writeCourses(w io.Writer, c *config, corpus *data.Corpus, r child.Recipe, ours, theirs *course) error {
	fmt.Fprintf(w, "Validation perplexity of an LSTM of 2 x 200 units on %s, the mean of %d first weights: %d training tokens, %d streams\n"+
		"in windows of %d steps, gradients clipped to a norm of %v. Training took %.0f s on our side and %.0f s with PyTorch.\n\n",
		corpus.Name, c.Seeds, len(corpus.Train), r.Batch, r.Text.Steps, r.ClipNorm, ours.seconds, theirs.seconds)
	table := [][]string{{"epoch", "learning rate", "ours", "PyTorch", "difference"}}
	worst := 0.0
	for i := range theirs.perplexity {
		x, y := ours.perplexity[i]/float64(c.Seeds), theirs.perplexity[i]/float64(c.Seeds)
		difference := x/y - 1
		worst = max(worst, math.Abs(difference))
		table = append(table, []string{
			fmt.Sprint(i + 1), fmt.Sprintf("%.4g", rate(r, i+1)), fmt.Sprintf("%.2f", x), fmt.Sprintf("%.2f", y), fmt.Sprintf("%+.2f %%", 100*difference),
		})
	}
	bench.WriteTable(w, table, c.Markdown)
	if !(worst <= apart) {
		return fmt.Errorf("the perplexities differ by up to %.1f %%, more than %.0f %%", 100*worst, 100*apart)
	}
	return nil
}
