// Command benchlm measures how fast language models train, and holds speed and
// numbers against PyTorch on the same processor in the same run.
//
// It trains LSTMs of 2 x 200 and 2 x 650 units, the cell that Zoph & Le (2017)
// found in 2 x 200 units, and as large networks of twenty cells drawn at random
// from their space, all on 20 streams of 10,000 words in windows of 35 steps, as
// Zaremba et al. (2014) do: plain gradient descent with clipping. The text is
// random, its words as frequent as Zipf's law has it. For each network, both
// sides get the same weights and the same text. First both make passes forward
// and backward through several windows, and the losses, the gradients of the
// last and the states after it are compared. Then they take turns at whole
// training steps, whose first losses are compared, too, and the medians of the
// times are reported.
//
// PyTorch runs in a process of its own, which sleeps while our side is timed;
// how much processor time the resting side and other processes used is measured
// and, if it matters, reported. It trains each network in several ways, with
// nn.LSTM where that suffices and with generated code that is run eagerly and by
// torch.jit.script, on several threads each with matrix products on one of them
// and on all, and the best counts.
//
// With -cell it measures the elementwise part of one step of the found cell
// instead, with -follow how the perplexity of both sides falls on a real text,
// and with -golden it stores what PyTorch computes for tiny networks.
//
// The exit status is 1 if anything failed or the numbers disagree, 2 if the
// command line is wrong.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/plugins/bundled"
)

func main() { bench.Main("benchlm", parse, run) }

func run(ctx context.Context, c config) error {
	switch {
	case c.Golden != "":
		return withPeer(ctx, &c, 1, func(b *bench.Bench) error { return storeGoldens(b, c.Golden) })
	case c.Cell:
		return withPeer(ctx, &c, 1, func(b *bench.Bench) error { return measureCell(ctx, b, os.Stdout) })
	case c.Follow > 0:
		return withPeer(ctx, &c, c.Threads[0], func(b *bench.Bench) error { return follow(ctx, b, &c, os.Stdout) })
	}
	list, err := load(ctx, c.Seed)
	if err != nil {
		return err
	}
	if list = c.pick(list); len(list) == 0 {
		return fmt.Errorf("no network's name matches -nets %s", c.Nets)
	}
	return bench.Run(ctx, &c.Config, plan(list), os.Stdout, os.Stderr)
}

// plan is the benchmark of the networks of the list.
func plan(list []*entry) bench.Plan[*row] {
	return bench.Plan[*row]{
		Schema: "espalier.bench.lm/1", Script: script, Columns: columns, Note: note,
		Measure: func(ctx context.Context, b *bench.Bench, threads int, done func(*row)) error {
			for _, e := range list {
				r, err := measure(ctx, b, e, threads)
				if err != nil {
					return fmt.Errorf("network %s, threads %d: %w", e.Name, threads, err)
				}
				done(r)
			}
			return nil
		},
	}
}

// withPeer does what needs PyTorch, with so many threads of it.
func withPeer(ctx context.Context, c *config, threads int, do func(*bench.Bench) error) error {
	dir, err := os.MkdirTemp("", "benchlm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench.Bench{Config: &c.Config, Dir: dir, Progress: os.Stderr}
	return b.WithTorch(ctx, script, threads, func() error { return do(b) })
}

// load builds the networks with the bundled plugin.
func load(ctx context.Context, seed uint64) ([]*entry, error) {
	wasm, err := bundled.Open("rnncell")
	if err != nil {
		return nil, err
	}
	open, done, err := bench.OpenPlugin(ctx, "rnncell", wasm)
	if err != nil {
		return nil, err
	}
	defer done()
	return networks(ctx, open, seed)
}

// pick selects what c asks for.
func (c *config) pick(list []*entry) []*entry {
	var picked []*entry
	for _, e := range list {
		if c.Nets.MatchString(e.Name) && !(c.Short && e.Long) {
			picked = append(picked, e)
		}
	}
	return picked
}
