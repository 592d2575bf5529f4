package main

import (
	"context"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// small is a network that trains in an instant.
func small(t *testing.T) *entry {
	t.Helper()
	e, err := assemble("lstm", 4, spec.Task{Type: spec.TaskText, Input: []int{3}, Classes: 30})
	if err != nil {
		t.Fatal(err)
	}
	e.Name, e.Bound, e.Drawn = "small", 0.5, true
	return e
}

// measured measures the small network beside a fake peer.
func measured(t *testing.T, mode string, rounds int) (*row, error) {
	t.Helper()
	return measuredBy(t, mode, rounds, 1)
}

// measuredBy does so with several threads.
func measuredBy(t *testing.T, mode string, rounds, threads int) (*row, error) {
	t.Helper()
	b := &bench.Bench{Config: &bench.Config{Rounds: rounds, Seconds: 100, Seed: 1, Peak: 2}, Dir: t.TempDir(), Peers: []*bench.Peer{fake.Must(t, mode)}, Progress: io.Discard}
	return measure(context.Background(), b, small(t), threads)
}

func TestMeasure(t *testing.T) {
	r, err := measured(t, "honest", 2)
	if err != nil {
		t.Fatal(err)
	}
	if r.Wrong() || len(r.Checks) != 4 {
		t.Errorf("checks %+v", r.Checks)
	}
	for _, c := range r.Checks {
		if c.Error != 0 { // the fake is the same engine
			t.Errorf("%s: %s differs by %v", c.What, c.Where, c.Error)
		}
	}
	const words = 3 * streams
	if s := r.Ours; s.Steps < 2 || math.Abs(s.Words*s.Step-words) > 1e-9 {
		t.Errorf("ours: %+v", s)
	}
	if r.Native.Steps != 0 || math.Abs(r.Eager.Words-1000*words) > 1e-6 || math.Abs(r.Script.Words-1000*words) > 1e-6 {
		t.Errorf("theirs: %+v, %+v, %+v", r.Native, r.Eager, r.Script)
	}
	if want := r.Ours.Words / r.Eager.Words; math.Abs(r.Ratio-want) > 1e-12 {
		t.Errorf("ratio %v, want %v", r.Ratio, want)
	}
	if r.Unshared != 0 {
		t.Errorf("one thread, and a ratio %v to what shares nothing", r.Unshared)
	}
	// Of a word: 6 of each of 4*2*4 weights in two layers, and of 4 * 30.
	perWord := 6.0 * (2*4*(4+4)*4 + 4*30) / 1e9
	if math.Abs(r.GFLOPS-r.Ours.Words*perWord) > 1e-9 || math.Abs(r.Ceiling-2/(1000*words*perWord)) > 1e-6 {
		t.Errorf("%v GFLOP/s, ceiling %v", r.GFLOPS, r.Ceiling)
	}
}

// TestUnshared: beside several threads, PyTorch's products take one or all.
func TestUnshared(t *testing.T) {
	r, err := measuredBy(t, "honest", 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := r.Ours.Words / max(r.Eager.Words, r.Script.Words); r.Unshared != want {
		t.Errorf("ratio %v to products on one thread, want %v", r.Unshared, want)
	}
}

// TestMeasureWrong: a peer with other numbers is found out, and by the check
// that is there for it.
func TestMeasureWrong(t *testing.T) {
	for _, test := range []struct {
		mode string
		want []string
	}{
		{"honest", nil},
		{"has wrong gradients", []string{"eager, 6 windows", "script, 6 windows"}},
		{"has wrong states", []string{"script, 6 windows"}},
		{"is wrong at first", nil},
		{"steps further", []string{"eager, after updates", "script, after updates"}},
	} {
		r, err := measured(t, test.mode, 2)
		if err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, c := range r.Checks {
			if c.Failed() {
				failed = append(failed, c.What)
			}
		}
		if !slices.Equal(failed, test.want) || r.Wrong() != (test.want != nil) {
			t.Errorf("it %s: failed %q, want %q", test.mode, failed, test.want)
		}
	}
}

// TestRun runs everything without a peer.
func TestRun(t *testing.T) {
	b := &bench.Bench{Config: &bench.Config{Rounds: 2, Seconds: 100, Seed: 1, Threads: []int{1, 2}}, Dir: t.TempDir(), Progress: io.Discard}
	o, err := bench.Once(context.Background(), b, plan([]*entry{small(t)}))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Rows) != 2 || o.Rows[1].Threads != 2 || o.Torch != nil || o.Means != nil || o.Rows[0].Checks != nil || o.Rows[0].Ours.Steps < 2 {
		t.Errorf("%+v", o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := measure(ctx, b, small(t), 1); err == nil {
		t.Error("it went on after the end of its context")
	}
}

// TestMeasureTunings: with two peers every way is compared and tried with both.
func TestMeasureTunings(t *testing.T) {
	b := &bench.Bench{
		Config: &bench.Config{Rounds: 2, Seconds: 100, Seed: 1}, Dir: t.TempDir(), Progress: io.Discard,
		Peers: []*bench.Peer{fake.Must(t, "honest"), fake.Must(t, "trains slowly")},
	}
	r, err := measure(context.Background(), b, small(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, c := range r.Checks {
		what = append(what, c.What)
	}
	if len(what) != 8 || what[0] != "eager, 3 windows" || what[3] != "script, shared products, 3 windows" || r.Wrong() {
		t.Errorf("checks %q", what)
	}
	if words := r.Eager.Words; math.Abs(words-1000*3*streams) > 1e-6 || r.Script.Words != words {
		t.Errorf("%v and %v words a second: the faster tuning counts", words, r.Script.Words)
	}
}
