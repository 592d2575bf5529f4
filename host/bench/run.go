package bench

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/espalier-nas/espalier/kernels"
)

// Plan is a benchmark.
type Plan[L Line] struct {
	Schema  string // of the outcome
	Script  Script // of the PyTorch side
	Columns []Column[L]
	Note    string // what the table shows
	// Measure measures every network with so many threads. It hands over each
	// row as it is done.
	Measure func(ctx context.Context, b *Bench, threads int, done func(L)) error
}

// Run makes the benchmark as often as c says, and writes the middle of the
// outcomes to out, and what happens meanwhile to progress. That the sides
// disagree is an error.
func Run[L Line](ctx context.Context, c *Config, p Plan[L], out, progress io.Writer) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &Bench{Config: c, Dir: dir, Progress: progress}
	var all []*Outcome[L]
	for i := range c.Runs {
		if c.Runs > 1 {
			fmt.Fprintf(progress, "run %d of %d\n", i+1, c.Runs)
		}
		o, err := Once(ctx, b, p)
		if err != nil {
			return err
		}
		all = append(all, o)
	}
	o := middle(all)
	fmt.Fprintln(progress)
	o.Write(out, p.Note, p.Columns, c.Markdown)
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

// Once makes the benchmark one time.
func Once[L Line](ctx context.Context, b *Bench, p Plan[L]) (*Outcome[L], error) {
	o := newOutcome[L](p.Schema, b.Config)
	for _, threads := range b.Config.Threads {
		if err := series(ctx, b, p, threads, o); err != nil {
			return nil, err
		}
		if m := meanOf(o.Rows, threads); m.Networks > 0 {
			o.Means = append(o.Means, m)
		}
	}
	for _, line := range o.Rows {
		o.Disturbance = o.Disturbance.plus(line.Common().Disturbance)
	}
	return o, nil
}

// series measures with so many threads, and adds to o.
func series[L Line](ctx context.Context, b *Bench, p Plan[L], threads int, o *Outcome[L]) error {
	measure := func() error {
		for _, peer := range b.Peers {
			o.Torch = append(o.Torch, peer.Facts)
		}
		return p.Measure(ctx, b, threads, func(line L) {
			r := line.Common()
			fmt.Fprintf(b.Progress, "%-6s batch %3d threads %d: %s\n", r.Network, r.Batch, threads, line.Summary())
			o.Rows = append(o.Rows, line)
		})
	}
	if !b.Config.Torch {
		return measure()
	}
	return b.WithTorch(ctx, p.Script, threads, measure)
}

// Main is the main function of a benchmark's program. Parse's error was told
// already; with it the exit status is 2, with one of run 1.
func Main[C any](name string, parse func(args []string, help io.Writer) (C, error), run func(context.Context, C) error) {
	c, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if err = kernels.InitError(); err == nil {
		err = run(ctx, c)
	}
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}
