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
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/sandbox"
)

func main() {
	c, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "benchcnn:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config) error {
	if err := kernels.InitError(); err != nil {
		return err
	}
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
	dir, err := os.MkdirTemp("", "benchcnn-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{config: c, dir: dir, progress: os.Stderr}
	o, err := b.runs(ctx, list)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	o.write(os.Stdout, c.Markdown)
	if c.JSON != "" {
		text, err := json.MarshalIndent(o, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, append(text, '\n'), 0o666); err != nil {
			return err
		}
	}
	if wrong := o.wrong(); len(wrong) > 0 {
		return fmt.Errorf("%d of %d rows are WRONG: the two sides disagree", len(wrong), len(o.Rows))
	}
	return nil
}

// load builds the networks with the bundled plugin.
func load(ctx context.Context, c config) ([]*entry, error) {
	wasm, err := bundled.Open("cnn")
	if err != nil {
		return nil, err
	}
	box, err := sandbox.New(ctx, sandbox.Default())
	if err != nil {
		return nil, err
	}
	defer box.Close(ctx)
	module, err := box.Load(ctx, "cnn", wasm)
	if err != nil {
		return nil, err
	}
	return networks(ctx, func(ctx context.Context, name, params string) (space, error) {
		s, err := module.Space(ctx, name, json.RawMessage(params))
		if err != nil {
			return nil, err
		}
		return s, nil
	}, c.Seed)
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

// run measures every network at every batch size with every number of threads.
func (b *bench) run(ctx context.Context, list []*entry) (*outcome, error) {
	o := &outcome{
		Schema: "espalier.bench.cnn/1", CPU: processorName(proc("cpuinfo")), Cores: runtime.NumCPU(), Kernels: string(kernels.Active()),
		Go: runtime.Version(), Seed: b.config.Seed, Peak: b.config.Peak,
	}
	for _, threads := range b.config.Threads {
		if err := b.series(ctx, list, threads, o); err != nil {
			return nil, err
		}
		if m := meanOf(o.Rows, threads); m.Networks > 0 {
			o.Means = append(o.Means, m)
		}
	}
	for _, r := range o.Rows {
		o.Disturbance = o.Disturbance.plus(r.Disturbance)
	}
	return o, nil
}

// series measures every network with so many threads, and adds to o.
func (b *bench) series(ctx context.Context, list []*entry, threads int, o *outcome) (err error) {
	if b.config.Torch {
		env := tuning(os.Environ(), kernels.Levels(), kernels.Active(), threads)
		if b.peer, err = startTorch(ctx, b.config.Python, b.dir, env, threads); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.peer.close()) }()
		o.Torch = append(o.Torch, b.peer.facts)
	}
	for _, e := range list {
		for _, size := range e.Batches {
			r, err := b.measure(ctx, e, size, threads)
			if err != nil {
				return fmt.Errorf("network %s, batch %d, threads %d: %w", e.Name, size, threads, err)
			}
			fmt.Fprintf(b.progress, "%-6s batch %3d threads %d: %s\n", e.Name, size, threads, r.summary())
			o.Rows = append(o.Rows, r)
		}
	}
	return nil
}
