package main

import (
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/bench"
)

// note says what the table of rows shows.
const note = "Words per second in training, 20 streams in windows of 35 steps. MFLOP is of one forward pass of a word, of which\n" +
	"the logits take the share beside it; GFLOP/s counts three a step. The ceiling is the ratio if our side did all of them\n" +
	"at the peak, and nothing else. With several threads, PyTorch is faster if its products share them; unshared is\n" +
	"the ratio where they take one."

var columns = slices.Concat(bench.Names[*row](), []bench.Column[*row]{
	{Head: "MFLOP", Shown: bench.Always, Cell: func(r *row) string { return bench.Fixed(r.MFLOP) }},
	{Head: "logits", Shown: bench.Always, Cell: func(r *row) string { return fmt.Sprintf("%.0f %%", 100*r.Softmax) }},
	{Head: "threads", Shown: bench.Always, Cell: func(r *row) string { return fmt.Sprint(r.Threads) }},
	{Head: "ours", Shown: bench.Timed, Cell: func(r *row) string { return r.Ours.String() }},
	{Head: "nn.LSTM", Shown: bench.WithTorch, Cell: func(r *row) string { return r.Native.String() }},
	{Head: "eager", Shown: bench.WithTorch, Cell: func(r *row) string { return r.Eager.String() }},
	{Head: "jit.script", Shown: bench.WithTorch, Cell: func(r *row) string { return r.Script.String() }},
}, bench.Figures[*row](), []bench.Column[*row]{
	{Head: "unshared", Shown: bench.WithTorch, Cell: func(r *row) string { return ratio(r.Unshared) }},
	{Head: "ceiling", Shown: bench.WithPeak, Cell: func(r *row) string { return ratio(r.Ceiling) }},
})

func ratio(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}
