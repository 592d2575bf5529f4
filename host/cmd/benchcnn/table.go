package main

import (
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/bench"
)

// note says what the table of rows shows.
const note = "Images per second in training. MFLOP is of one forward pass of an image, GFLOP/s counts three a step: those of\n" +
	"plain convolution, of which a fast algorithm (Winograd's) needs fewer."

var columns = slices.Concat(bench.Names[*row](), []bench.Column[*row]{
	{Head: "MFLOP", Shown: bench.Always, Cell: func(r *row) string { return bench.Fixed(r.MFLOP) }},
	{Head: "batch", Shown: bench.Always, Cell: func(r *row) string { return fmt.Sprint(r.Batch) }},
	{Head: "threads", Shown: bench.Always, Cell: func(r *row) string { return fmt.Sprint(r.Threads) }},
	{Head: "ours", Shown: bench.Timed, Cell: func(r *row) string { return r.Ours.String() }},
	{Head: "NCHW", Shown: bench.WithTorch, Cell: func(r *row) string { return r.NCHW.String() }},
	{Head: "channels_last", Shown: bench.WithTorch, Cell: func(r *row) string { return r.ChannelsLast.String() }},
}, bench.Figures[*row]())
