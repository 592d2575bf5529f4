package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
)

func example() *bench.Outcome[*row] {
	lstm := &row{
		Row: bench.Row{
			Network: "lstm-200", Params: 4_650_000, Batch: 20, Threads: 1, Rate: 12345, Ratio: 1.6, GFLOPS: 195, PeerGFLOPS: 122, Peak: 0.81,
			Checks: []bench.Check{{What: "lstm", Error: 1e-6, Tolerance: 1e-4}},
		},
		MFLOP: 5.28, Softmax: 0.758, Ours: speed{Words: 12345}, Native: speed{Words: 7716}, Eager: speed{Words: 7000}, Script: speed{Words: 6900}, Unshared: 2.1, Ceiling: 1.98,
	}
	drawn := &row{
		Row:   bench.Row{Network: "cell-01", Params: 5_290_000, Batch: 20, Threads: 1, Rate: 11000, Drawn: true, Checks: []bench.Check{{Error: 1, Tolerance: 1e-4, Where: "w"}}},
		MFLOP: 6.56, Softmax: 0.61, Ours: speed{Words: 11000},
	}
	return &bench.Outcome[*row]{CPU: "CPU", Torch: []bench.Facts{{Torch: "1.13"}}, Peak: 241, Rows: []*row{lstm, drawn}}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	example().Write(&out, note, columns, false)
	for _, want := range []string{
		"network   params  MFLOP  logits  threads   ours  nn.LSTM  eager  jit.script  ratio  our GFLOP/s  of peak  their GFLOP/s  worst error  unshared  ceiling\n",
		"lstm-200   4.65M   5.28    76 %        1  12345     7716   7000        6900   1.60          195     81 %            122        1e-06      2.10     1.98\n",
		"WRONG: cell-01, batch 20, threads 1",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if got := example().Rows[0].Summary(); got != "PyTorch 7716, 7000 and 6900, ratio 1.60; error 1e-06" {
		t.Errorf("summary %q", got)
	}
}

func TestJSON(t *testing.T) {
	text, err := json.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"words_per_second":12345`, `"softmax_share":0.758`, `"torch_script":{"words_per_second":6900}`, `"unshared_ratio":2.1`, `"ceiling":1.98`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}
