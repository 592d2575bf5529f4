package main

import (
	"strings"
	"testing"
)

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		o    options
		want string
	}{
		{options{runs: 1, threads: "1", shapes: "("}, "-shapes: error parsing"},
		{options{runs: 1, threads: "1", shapes: "7x7"}, "-shapes: no product matches"},
		{options{runs: 1, threads: "1,x"}, `-threads: "x" is no number`},
		{options{threads: "1"}, "-runs is 0, want 1 or more"},
		{options{runs: 1, threads: "0"}, `-threads: "0" is no number`},
		{options{runs: 1, threads: "3"}, "beyond the 2 cores"},
		{options{runs: 1, threads: "1", level: "generic"}, "of which none"},
	} {
		if _, err := c.o.plan(2); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
	}

	here := 0
	for _, c := range comparisons {
		if c.here() {
			here++
		}
	}
	o := options{runs: 1, threads: "1,2,4", shapes: "^(64|20)x"}
	p, err := o.plan(2)
	if here == 0 {
		if err == nil {
			t.Error("a machine without comparisons has a plan")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(p.comparisons) != here || len(p.threads) != 2 || len(p.shapes) != 5 {
		t.Errorf("the plan has %d of %d comparisons, threads %v, shapes %v", len(p.comparisons), here, p.threads, p.shapes)
	}
	o.short = true
	if s, err := o.plan(2); err != nil || s.rounds >= p.rounds || s.burst >= p.burst {
		t.Errorf("the short plan has %d rounds of %v: %v", s.rounds, s.burst, err)
	}
}
