package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/kernels"
)

// plan is what the flags ask for.
type plan struct {
	comparisons []comparison
	shapes      []shape
	threads     []int
	runs        int // of each comparison
	rounds      int // of a run
	burst       time.Duration
}

// plan returns what the flags ask for, as far as the machine can do it.
func (o options) plan(cores int) (plan, error) {
	p := plan{runs: o.runs, rounds: 7, burst: 20 * time.Millisecond}
	if o.short {
		p.rounds, p.burst = 3, 8*time.Millisecond
	}
	if o.runs < 1 {
		return p, fmt.Errorf("-runs is %d, want 1 or more", o.runs)
	}
	match, err := regexp.Compile(o.shapes)
	if err != nil {
		return p, fmt.Errorf("-shapes: %w", err)
	}
	for _, s := range shapes {
		if match.MatchString(s.String()) {
			p.shapes = append(p.shapes, s)
		}
	}
	if len(p.shapes) == 0 {
		return p, fmt.Errorf("-shapes: no product matches %q; the first is %q", o.shapes, shapes[0])
	}
	for word := range strings.SplitSeq(o.threads, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return p, fmt.Errorf("-threads: %q is no number of threads", word)
		}
		if n <= cores {
			p.threads = append(p.threads, n)
		}
	}
	if len(p.threads) == 0 {
		return p, fmt.Errorf("-threads: %s is beyond the %d cores of this machine", o.threads, cores)
	}
	for _, c := range comparisons {
		if (o.level == "" || o.level == string(c.level)) && c.here() {
			p.comparisons = append(p.comparisons, c)
		}
	}
	if len(p.comparisons) == 0 {
		return p, fmt.Errorf("this CPU has the levels %v, of which none that is asked for can be compared", kernels.Levels())
	}
	return p, nil
}
