package bench

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

// Config says what is measured, and how long. A benchmark adds what is its own.
type Config struct {
	// Nets selects networks by name. Default: all.
	Nets *regexp.Regexp
	// Threads lists the numbers of threads. Default: 1 and 2, as far as there
	// are processors.
	Threads []int
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
	// whatever else a benchmark says.
	Short bool

	Torch    bool   // whether PyTorch takes part
	Python   string // that has PyTorch
	JSON     string // file for the result; empty: none
	Markdown bool   // write the tables in Markdown
}

// Flags makes a set of the flags that every benchmark has, which put what is
// read into c, and sets the defaults. Names are examples of networks' names.
// What is wrong with a command line is written to help.
func (c *Config) Flags(program, names string, help io.Writer) *flag.FlagSet {
	*c = Config{Nets: regexp.MustCompile(""), Threads: []int{1}, Torch: true}
	if runtime.NumCPU() > 1 {
		c.Threads = append(c.Threads, 2)
	}
	f := flag.NewFlagSet(program, flag.ContinueOnError)
	f.SetOutput(help)
	f.Func("nets", "measure only networks whose name matches the regular `expression`: "+names+", …", func(text string) (err error) {
		c.Nets, err = regexp.Compile(text)
		return err
	})
	f.Func("threads", "`numbers` of threads, separated by commas (default 1,2)", Numbers(&c.Threads))
	f.IntVar(&c.Runs, "runs", 1, "how often everything is measured, from the start; the middle one counts")
	f.IntVar(&c.Rounds, "rounds", 5, "turns of each side, at most; 0 only compares the numbers")
	f.Float64Var(&c.Seconds, "seconds", 3, "time for the rounds of one network, beyond two")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of random networks, weights and batches")
	f.Float64Var(&c.Peak, "peak", 0, "peak of one thread in `GFLOP/s`, to give results as a fraction of it")
	f.BoolVar(&c.Short, "short", false, "fewer and smaller measurements, one round: a hint rather than a figure")
	f.BoolFunc("no-torch", "measure our side only", func(text string) error {
		no, err := strconv.ParseBool(text)
		c.Torch = !no
		return err
	})
	f.StringVar(&c.Python, "python", "python3", "`program` that runs Python with PyTorch")
	f.StringVar(&c.JSON, "json", "", "write the result to this `file`, too")
	f.BoolVar(&c.Markdown, "markdown", false, "write the tables in Markdown")
	return f
}

// Parse reads the command line by f, which Flags has made. Own lists what is
// wrong with the benchmark's own flags, once they are read.
func (c *Config) Parse(f *flag.FlagSet, args []string, own func() []error) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if c.Short {
		c.Rounds = min(c.Rounds, 1)
	}
	err := errors.Join(append(c.problems(f.Args()), own()...)...)
	if err != nil {
		fmt.Fprintln(f.Output(), err)
	}
	return err
}

// problems lists everything that is wrong with c.
func (c *Config) problems(rest []string) (wrong []error) {
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
	check(c.Torch || c.Rounds > 0, "-rounds 0 only compares numbers, which -no-torch leaves out")
	return wrong
}

// Numbers makes the function of a flag that reads positive numbers separated by
// commas.
func Numbers(to *[]int) func(string) error {
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
