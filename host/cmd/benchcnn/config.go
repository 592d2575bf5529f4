package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// config says what is measured, and how long.
type config struct {
	// Nets selects networks by name. Default: all.
	Nets *regexp.Regexp
	// Threads lists the numbers of threads. Default: 1 and 2, as far as there
	// are processors.
	Threads []int
	// Batch lists the batch sizes. Default: 64, for the found network 128, too.
	Batch []int
	// Runs is how often everything is measured from the start; of each row the
	// middle run counts. Default 1.
	Runs int
	// Rounds is how often each side has its turn with a network, at most.
	// Default 5; 0 only compares the numbers.
	Rounds int
	// Seconds is the time for the rounds of one network, after which no third or
	// later round begins. Default 3.
	Seconds float64
	// Seed of the random networks, weights and batches. Default 1.
	Seed uint64
	// Peak is the peak of one thread in GFLOP/s, which results are given as a
	// fraction of. Default 0: unknown.
	Peak float64
	// Short leaves out most of the random networks and all rounds but one, and
	// halves the batch.
	Short bool

	// Trials is the budget of a whole search, which is measured instead of
	// single children. Default 0: none.
	Trials   int
	Espalier string // the built program that searches

	Torch    bool   // whether PyTorch takes part
	Python   string // that has PyTorch
	JSON     string // file for the result; empty: none
	Markdown bool   // write the tables in Markdown
}

// parse reads the command line. What is wrong with it is written to help.
func parse(args []string, help io.Writer) (config, error) {
	c := config{Nets: regexp.MustCompile(""), Threads: []int{1}}
	if runtime.NumCPU() > 1 {
		c.Threads = append(c.Threads, 2)
	}
	f := flag.NewFlagSet("benchcnn", flag.ContinueOnError)
	f.SetOutput(help)
	f.Func("nets", "measure only networks whose name matches the regular `expression`: found, tiny, v1-01, …", func(text string) (err error) {
		c.Nets, err = regexp.Compile(text)
		return err
	})
	f.Func("threads", "`numbers` of threads, separated by commas (default 1,2)", list(&c.Threads))
	f.Func("batch", "batch `sizes`, separated by commas (default 64; for the found network 64,128)", list(&c.Batch))
	f.IntVar(&c.Runs, "runs", 1, "how often everything is measured, from the start; the middle one counts")
	f.IntVar(&c.Rounds, "rounds", 5, "turns of each side, at most; 0 only compares the numbers")
	f.Float64Var(&c.Seconds, "seconds", 3, "time for the rounds of one network, beyond two")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of random networks, weights and batches")
	f.Float64Var(&c.Peak, "peak", 0, "peak of one thread in `GFLOP/s`, to give results as a fraction of it")
	f.BoolVar(&c.Short, "short", false, "fewer networks, smaller batches, one round: a hint rather than a figure")
	f.IntVar(&c.Trials, "trials", 0, "measure a whole search of so many trials instead")
	f.StringVar(&c.Espalier, "espalier", "bin/espalier", "`program` that searches")
	noTorch := f.Bool("no-torch", false, "measure our side only")
	f.StringVar(&c.Python, "python", "python3", "`program` that runs Python with PyTorch")
	f.StringVar(&c.JSON, "json", "", "write the result to this `file`, too")
	f.BoolVar(&c.Markdown, "markdown", false, "write the tables in Markdown")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	c.Torch = !*noTorch
	if c.Short {
		c.Rounds = min(c.Rounds, 1)
	}
	if c.Short && c.Batch == nil {
		c.Batch = []int{32}
	}
	err := c.validate(f.Args())
	if err != nil {
		fmt.Fprintln(help, err)
	}
	return c, err
}

// validate reports everything that is wrong with c.
func (c *config) validate(rest []string) error {
	var wrong []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	check(len(rest) == 0, "unexpected arguments %q", rest)
	check(c.Runs >= 1, "-runs is %d, want 1 or more", c.Runs)
	check(c.Rounds >= 0, "-rounds is %d, want 0 or more", c.Rounds)
	check(c.Seconds >= 0, "-seconds is %v, want 0 or more", c.Seconds)
	check(c.Peak >= 0, "-peak is %v, want 0 (unknown) or more", c.Peak)
	check(c.Trials >= 0, "-trials is %d, want 0 (no search) or more", c.Trials)
	check(c.Torch || c.Rounds > 0, "-rounds 0 only compares numbers, which -no-torch leaves out")
	return errors.Join(wrong...)
}

// list reads positive numbers separated by commas.
func list(to *[]int) func(string) error {
	return func(text string) error {
		*to = nil
		for part := range strings.SplitSeq(text, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil || n < 1 {
				return fmt.Errorf("%q is not a positive number", part)
			}
			*to = append(*to, n)
		}
		return nil
	}
}
