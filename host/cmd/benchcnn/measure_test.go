package main

import (
	"context"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

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
	p := mustFake(t, mode)
	b := &bench{config: config{Rounds: rounds, Seconds: 100, Seed: 1, Peak: 2}, dir: p.dir, peer: p, progress: io.Discard}
	return b.measure(context.Background(), small(t), 6, 2)
}

func TestMeasure(t *testing.T) {
	r, err := measured(t, "honest", 2)
	if err != nil {
		t.Fatal(err)
	}
	if r.wrong() || len(r.Checks) != 6 {
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
			if c.failed() {
				failed = append(failed, c.What)
			}
		}
		if !slices.Equal(failed, test.want) || r.wrong() != (test.want != nil) {
			t.Errorf("it %s: failed %q, want %q", test.mode, failed, test.want)
		}
	}
}

// TestCheckAgain: what is wrong with the first images only was rounding.
func TestCheckAgain(t *testing.T) {
	p := mustFake(t, "is wrong at first")
	b := &bench{dir: p.dir, peer: p, progress: io.Discard}
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
	if _, err := b.check(e, own, &r); err != nil || r.wrong() {
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
	if _, err := measured(t, "forgets a step", 1); err == nil || !strings.Contains(err.Error(), "losses of") {
		t.Errorf("a step without a loss: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := &bench{config: config{Rounds: 1, Seed: 1}, progress: io.Discard}
	if _, err := b.measure(ctx, small(t), 6, 1); err == nil {
		t.Error("it went on after the end of its context")
	}
}

// TestRun runs everything without a peer.
func TestRun(t *testing.T) {
	b := &bench{config: config{Rounds: 2, Seconds: 100, Seed: 1, Threads: []int{1, 2}}, dir: t.TempDir(), progress: io.Discard}
	o, err := b.run(context.Background(), []*entry{small(t)})
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

func TestSlot(t *testing.T) {
	for _, test := range []struct {
		seconds float64
		want    int
	}{{0, 20}, {1e-6, 20}, {0.1, 5}, {0.3, 2}, {0.6, 1}, {40, 1}} {
		if got := slot(test.seconds); got != test.want {
			t.Errorf("%v s a pass: %d steps, want %d", test.seconds, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}, {[]float64{8, 1, 3, 2}, 2.5}} {
		if got := median(test.values); got != test.want {
			t.Errorf("%v: %v, want %v", test.values, got, test.want)
		}
	}
}

func TestMean(t *testing.T) {
	rows := []*row{
		{Drawn: true, Threads: 1, Ratio: 2, Disturbance: disturbance{Wall: 1, Others: 0.5}},
		{Drawn: true, Threads: 1, Ratio: 0.5}, {Drawn: true, Threads: 1, Ratio: 8}, {Drawn: true, Threads: 1},
		{Threads: 1, Ratio: 100}, {Drawn: true, Threads: 2, Ratio: 50},
	}
	if m := meanOf(rows, 1); math.Abs(m.Ratio-2) > 1e-12 || m.Networks != 3 || m.Disturbed != 1 {
		t.Errorf("%+v", m)
	}
	if m := meanOf(rows, 3); m != (mean{Threads: 3}) {
		t.Errorf("of nothing: %+v", m)
	}
}
