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

// small is a network that trains in an instant, with a stride, a pool and maps
// of two sizes.
func small(t *testing.T) *entry {
	t.Helper()
	n := &spec.Network{Task: spec.Task{Type: spec.TaskImage, Input: []int{8, 7, 2}, Classes: 3}, Output: "dense", Nodes: []spec.Node{
		{Name: "a", Op: spec.OpConv2D, Inputs: []string{"input"}, Filters: 4, Kernel: [2]int{3, 3}},
		{Name: "a/norm", Op: spec.OpBatchNorm, Inputs: []string{"a"}},
		{Name: "a/relu", Op: spec.OpActivation, Inputs: []string{"a/norm"}, Func: spec.FuncReLU},
		{Name: "b", Op: spec.OpConv2D, Inputs: []string{"a/relu"}, Filters: 5, Kernel: [2]int{3, 1}, Stride: [2]int{2, 3}},
		{Name: "pool", Op: spec.OpMaxPool, Inputs: []string{"a/relu"}, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}},
		{Name: "join", Op: spec.OpConcat, Inputs: []string{"b", "pool"}},
		{Name: "mean", Op: spec.OpGlobalAvgPool, Inputs: []string{"join"}},
		{Name: "dense", Op: spec.OpDense, Inputs: []string{"mean"}, Units: 3, Bias: true},
	}}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	return &entry{Name: "small", Network: n, Plan: plan, Batches: []int{6}, Drawn: true}
}

// measured measures the small network beside a fake peer.
func measured(t *testing.T, mode string, rounds int) (*row, error) {
	t.Helper()
	b := &bench.Bench{Config: &bench.Config{Rounds: rounds, Seconds: 100, Seed: 1, Peak: 2}, Dir: t.TempDir(), Peers: []*bench.Peer{fake.Must(t, mode)}, Progress: io.Discard}
	return measure(context.Background(), b, small(t), 6, 2)
}

func TestMeasure(t *testing.T) {
	r, err := measured(t, "honest", 2)
	if err != nil {
		t.Fatal(err)
	}
	if r.Wrong() || len(r.Checks) != 6 {
		t.Errorf("checks %+v", r.Checks)
	}
	for _, c := range r.Checks {
		if c.Error != 0 { // the fake is the same engine
			t.Errorf("%s: %s differs by %v", c.What, c.Where, c.Error)
		}
	}
	for name, s := range map[string]speed{"ours": r.Ours, nchw: r.NCHW, channelsLast: r.ChannelsLast} {
		if s.Steps < 2 || math.Abs(s.Images*s.Step-6) > 1e-9 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if want := r.Ours.Images / max(r.NCHW.Images, r.ChannelsLast.Images); r.Ratio != want {
		t.Errorf("ratio %v, want %v", r.Ratio, want)
	}
	if want := r.Ours.Images * 6 * float64(small(t).Plan.MACs) / 1e9; math.Abs(r.GFLOPS/want-1) > 1e-9 || math.Abs(r.Peak-r.GFLOPS/4) > 1e-9 {
		t.Errorf("%v GFLOP/s, %v of the peak; want %v and a quarter of it", r.GFLOPS, r.Peak, want)
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
		{"is wrong", []string{"nchw, 2 images", "nchw, whole batch"}},
		{"is wrong in channels_last", []string{"channels_last, whole batch, forward"}},
		{"trains slower", []string{"nchw, after updates", "channels_last, after updates"}},
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

// TestCheckAgain: what is wrong with the first images only was rounding.
func TestCheckAgain(t *testing.T) {
	b := &bench.Bench{Dir: t.TempDir(), Peers: []*bench.Peer{fake.Must(t, "is wrong at first")}, Progress: io.Discard}
	e := small(t)
	const size = 40000 // few takes 4681 of them: ReLU sees 224 numbers an image
	if n := few(e, size); n != 4681 {
		t.Fatalf("%d images", n)
	}
	own, err := newOurs(e, newBatch(e, size, 1), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer own.close()
	var r row
	if _, err := check(b, e, own, &r); err != nil || r.Wrong() {
		t.Errorf("%+v, %v", r.Checks, err)
	}
}

// TestMeasureOnlyChecks: without rounds there is nothing but the checks.
func TestMeasureOnlyChecks(t *testing.T) {
	r, err := measured(t, "honest", 0)
	if err != nil || len(r.Checks) != 4 || r.Ours.Steps != 0 || r.Ratio != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestMeasureErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := &bench.Bench{Config: &bench.Config{Rounds: 1, Seed: 1}, Progress: io.Discard}
	if _, err := measure(ctx, b, small(t), 6, 1); err == nil {
		t.Error("it went on after the end of its context")
	}
}

// TestRun runs everything without a peer.
func TestRun(t *testing.T) {
	b := &bench.Bench{Config: &bench.Config{Rounds: 2, Seconds: 100, Seed: 1, Threads: []int{1, 2}}, Dir: t.TempDir(), Progress: io.Discard}
	o, err := bench.Once(context.Background(), b, plan([]*entry{small(t)}))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Rows) != 2 || o.Rows[1].Threads != 2 || o.Torch != nil || o.Means != nil || o.Rows[0].Checks != nil {
		t.Errorf("%+v", o)
	}
	if s := o.Rows[0].Ours; s.Steps < 2 || o.Disturbance.Wall <= o.Rows[0].Disturbance.Wall {
		t.Errorf("two rounds: %+v, %+v", s, o.Disturbance)
	}
}
