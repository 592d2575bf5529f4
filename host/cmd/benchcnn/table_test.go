package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
)

func example() *bench.Outcome[*row] {
	good := &row{
		Row: bench.Row{
			Network: "found", Params: 4201630, Batch: 64, Threads: 1, Rate: 7.25,
			Ratio: 1.25, GFLOPS: 187.05, PeerGFLOPS: 149.64, Peak: 0.797, Checks: []bench.Check{{What: "few", Error: 1.26e-5, Tolerance: 1e-3, Where: "a"}},
		},
		MFLOP: 8600, Ours: speed{7.25, bench.Times{Step: 8.8, Steps: 1}}, NCHW: speed{Images: 5.5}, ChannelsLast: speed{Images: 5.8},
	}
	bad := &row{
		Row: bench.Row{
			Network: "v1-02", Params: 30000, Batch: 128, Threads: 2, Drawn: true, Rate: 1234.4,
			Ratio: 1.2344, GFLOPS: 185.5, PeerGFLOPS: 150.3, Peak: 0.4,
			Disturbance: bench.Disturbance{Wall: 5, Others: 1}, Checks: []bench.Check{{What: "few", Error: 1e-6, Tolerance: 1e-3, Where: "a"}, {What: "whole", Error: math.MaxFloat64, Tolerance: 2e-2, Where: "b.weight"}},
		},
		MFLOP: 50.1, Ours: speed{1234.4, bench.Times{Step: 0.1, Steps: 9}}, NCHW: speed{Images: 1000}, ChannelsLast: speed{Images: 900},
	}
	return &bench.Outcome[*row]{
		Schema: "s", CPU: "CPU", Cores: 2, Kernels: "avx512", Go: "go1", Seed: 1, Peak: 234.1,
		Torch: []bench.Facts{{
			Torch: "1.13", Config: "PyTorch built with:\n  - GCC\n  - CPU capability usage: AVX2\n  - Intel(R) MKL-DNN v2\n",
			Parallel:    "ATen/Parallel:\n\tat::get_num_threads() : 1\nIntel(R) MKL-DNN v2\nATen parallel backend: OpenMP\n",
			Environment: map[string]string{"OMP_NUM_THREADS": "1", "ATEN": "x"},
		}},
		Rows: []*row{good, bad}, Means: []bench.Mean{{Threads: 2, Networks: 1, Disturbed: 1, Ratio: 1.2344}, {Threads: 4, Networks: 1, Ratio: 3}},
		Disturbance: bench.Disturbance{Wall: 10, Idle: 1, Others: 2},
	}
}

const wantText = `CPU, 2 cores, kernels avx512, go1, seed 1
PyTorch 1.13: CPU capability usage: AVX2, Intel(R) MKL-DNN v2, ATen parallel backend: OpenMP
  with ATEN=x OMP_NUM_THREADS=1
peak of one thread: 234 GFLOP/s

Images per second in training. MFLOP is of one forward pass of an image, GFLOP/s counts three a step: those of
plain convolution, of which a fast algorithm (Winograd's) needs fewer.

network  params  MFLOP  batch  threads  ours  NCHW  channels_last  ratio  our GFLOP/s  of peak  their GFLOP/s  worst error
found     4.20M   8600     64        1  7.25  5.50           5.80   1.25          187     80 %            150        1e-05
v1-02     0.03M   50.1    128        2  1234  1000            900  1.23?          186     40 %            150  1e-06 WRONG

geometric mean of the ratio over 1 random children, threads 2: 1.23, 1 of them measured while others were at work
geometric mean of the ratio over 1 random children, threads 4: 3.00
WRONG: v1-02, batch 128, threads 2: whole: b.weight: error 1.8e+308, tolerance 2e-02
note: the side that was not timed used 10 % of a core
note: during 1 of 2 rows other processes used more than 10 % of a core, 20 % on average:
ratios with a question mark say little, above all those of several threads
`

func TestText(t *testing.T) {
	var out strings.Builder
	example().Write(&out, note, columns, false)
	if out.String() != wantText {
		t.Errorf("got\n%s\nwant\n%s", out.String(), wantText)
	}
}

func TestMarkdown(t *testing.T) {
	var out strings.Builder
	o := example()
	o.Torch, o.Peak, o.Rows = nil, 0, o.Rows[:1]
	o.Write(&out, note, columns, true)
	const want = `| network | params | MFLOP | batch | threads | ours | our GFLOP/s |
|--|--:|--:|--:|--:|--:|--:|
| found | 4.20M | 8600 | 64 | 1 | 7.25 | 187 |
`
	if !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s\nwant in it\n%s", out.String(), want)
	}
}

// TestOnlyChecks: where nothing was timed, no column pretends so.
func TestOnlyChecks(t *testing.T) {
	var out strings.Builder
	o := example()
	for _, r := range o.Rows {
		r.Ours, r.NCHW, r.ChannelsLast, r.Ratio, r.Rate = speed{}, speed{}, speed{}, 0, 0
	}
	o.Write(&out, note, columns, true)
	if want := "| network | params | MFLOP | batch | threads | worst error |"; !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s\nwant in it\n%s", out.String(), want)
	}
	if got := o.Rows[1].Summary(); got != "error 1e-06 WRONG" {
		t.Errorf("summary %q", got)
	}
}

// TestJSON: even a result that cannot be compared can be written, and what was
// measured is there under its name.
func TestJSON(t *testing.T) {
	text, err := json.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schema":"s"`, `"images_per_second":7.25`, `"peak_fraction":0.797`, `"where":"b.weight"`, `"others_seconds":2`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestSummary(t *testing.T) {
	if got := example().Rows[0].Summary(); got != "7.25 images/s, 187 GFLOP/s; PyTorch 5.50 and 5.80, ratio 1.25; error 1e-05" {
		t.Errorf("%q", got)
	}
}
