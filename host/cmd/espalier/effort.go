package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// effort is how much of the machine a study uses. It is no part of what the
// study is: results do not depend on it, but that a child which is larger than
// the memory fails.
type effort struct {
	workers int    // children trained at the same time
	threads int    // of each child
	cores   int    // that children divide, those that others leave idle; 0: they keep to their threads
	memory  memory // that all children may hold together; 0: not limited
}

func (e *effort) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&e.workers, "workers", 0, "children trained at the same time (default: one for each core)")
	flags.IntVar(&e.threads, "threads", 0, "cores that work on one child (default: the cores divided by the workers, and by the children that are left at the end)")
	flags.Var(&e.memory, "memory", "what all children may hold together, e.g. 8GiB; those that do not fit beside others wait (default: three quarters of the machine's memory)")
}

func (e effort) check() error {
	var problems []error
	if e.workers < 0 {
		problems = append(problems, usagef("--workers %d: want 1 or more, or 0 for one for each core", e.workers))
	}
	if e.threads < 0 {
		problems = append(problems, usagef("--threads %d: want 1 or more, or 0 for the cores divided by the workers", e.threads))
	}
	return errors.Join(problems...)
}

// complete chooses what is left open, for a study of that many trials on a
// machine with that many cores and so much memory.
func (e effort) complete(trials, cores int, total int64) effort {
	switch {
	case e.workers == 0 && e.threads > 0:
		e.workers = max(1, cores/e.threads)
	case e.workers == 0:
		e.workers = cores
	}
	e.workers = max(1, min(e.workers, trials))
	if e.threads == 0 {
		e.threads, e.cores = max(1, cores/e.workers), cores
	}
	if e.memory == 0 {
		e.memory = memory(total / 4 * 3) // the rest is for images, plugins and other programs
	}
	return e
}

// onThisMachine completes e for a study of that many trials.
func (e effort) onThisMachine(trials int) effort {
	total, _ := totalMemory()
	return e.complete(trials, runtime.GOMAXPROCS(0), total)
}

// text is e on a screen, such as: 2 workers × 1 thread.
func (e effort) text(unicode bool) string {
	times := "x"
	if unicode {
		times = "×"
	}
	return fmt.Sprintf("%s %s %s", plural(e.workers, "worker"), times, plural(e.threads, "thread"))
}

// memory is a number of bytes as people write it: 8GiB, 512 MiB, 1.5g.
type memory int64

func (m *memory) Type() string { return "SIZE" }

func (m *memory) String() string {
	if *m == 0 {
		return ""
	}
	return fmt.Sprintf("%d", int64(*m))
}

func (m *memory) Set(s string) error {
	number := strings.TrimRight(strings.ToLower(s), "kmgtib ")
	v, err := strconv.ParseFloat(number, 64)
	units := map[string]float64{"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
	unit, known := units[strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(strings.ToLower(s)[len(number):]), "b"), "i")]
	if err != nil || !known || !(v*unit >= 1<<20) || v*unit > math.MaxInt64/2 {
		return errors.New("want a size of 1MiB or more, such as 512MiB or 8GiB")
	}
	*m = memory(v * unit)
	return nil
}
