// Command benchcnn measures how fast CNN children train, and holds speed and
// numbers against PyTorch on the same processor in the same run.
//
// It trains the network that Zoph & Le (2017) found, a tiny chain and twenty
// children drawn at random from the spaces v1, v2 and v3. For each, both sides
// get the same weights and the same batch. First both make passes forward and
// backward, and the loss, the logits, all gradients and the running statistics
// of batch normalisation are compared. Then they take turns at whole training
// steps (forward, backward, update by Nesterov momentum), whose first losses
// are compared, too, and the medians of the times are reported. Loading and
// augmenting images is part of neither.
//
// PyTorch runs in a process of its own, which sleeps while our side is timed;
// how much processor time the resting side and other processes used is
// measured and, if it matters, reported. It trains once in each of its memory
// layouts, and the better counts.
//
// With -trials it measures a whole search instead.
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

func main() { bench.Main("benchcnn", parse, run) }

func run(ctx context.Context, c config) error {
	if c.Trials > 0 {
		return measureTrials(ctx, c.Espalier, c.Trials, os.Stdout)
	}
	list, err := load(ctx, c)
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
		Schema: "espalier.bench.cnn/1", Script: bench.Script{Name: "torch_child.py", Text: script}, Columns: columns, Note: note,
		Measure: func(ctx context.Context, b *bench.Bench, threads int, done func(*row)) error {
			for _, e := range list {
				for _, size := range e.Batches {
					r, err := measure(ctx, b, e, size, threads)
					if err != nil {
						return fmt.Errorf("network %s, batch %d, threads %d: %w", e.Name, size, threads, err)
					}
					done(r)
				}
			}
			return nil
		},
	}
}

// load builds the networks with the bundled plugin.
func load(ctx context.Context, c config) ([]*entry, error) {
	wasm, err := bundled.Open("cnn")
	if err != nil {
		return nil, err
	}
	open, done, err := bench.OpenPlugin(ctx, "cnn", wasm)
	if err != nil {
		return nil, err
	}
	defer done()
	return networks(ctx, open, c.Seed)
}

// pick selects what c asks for.
func (c *config) pick(list []*entry) []*entry {
	var picked []*entry
	for _, e := range list {
		if !c.Nets.MatchString(e.Name) || c.Short && e.Long {
			continue
		}
		if c.Batch != nil {
			e.Batches = c.Batch
		}
		picked = append(picked, e)
	}
	return picked
}
