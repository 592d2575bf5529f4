package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/espalier-nas/espalier/host/bench"
)

// row is one line of the result: a network trained at one batch size with one
// number of threads.
type row struct {
	bench.Row
	MFLOP        float64 `json:"mflop_per_image"` // of the forward pass
	Ours         speed   `json:"ours"`
	NCHW         speed   `json:"torch_nchw"`
	ChannelsLast speed   `json:"torch_channels_last"`
}

// speed is what a side has reached.
type speed struct {
	Images float64 `json:"images_per_second,omitempty"`
	bench.Times
}

func (s speed) String() string { return bench.Fixed(s.Images) }

// measure trains e on both sides. First each makes forward and backward passes
// on the same numbers, which are compared and warm it up; then rounds of a few
// steps of each follow, one side at a time.
func measure(ctx context.Context, b *bench.Bench, e *entry, size, threads int) (*row, error) {
	defer debug.FreeOSMemory()
	batch := newBatch(e, size, b.Config.Seed)
	own, err := newOurs(e, batch, b.Config.Seed, threads)
	if err != nil {
		return nil, err
	}
	defer own.close()
	r := &row{MFLOP: e.megaFLOP(), Row: bench.Row{
		Network: e.Name, About: e.About, ID: e.Network.ID(), Drawn: e.Drawn, Params: e.Plan.Params,
		Batch: size, Threads: threads, Bytes: own.program.Bytes(),
	}}
	sides, err := check(b, e, own, r)
	if err != nil {
		return nil, err
	}
	runtime.GC()
	if err := b.Rounds(ctx, sides, &r.Disturbance); err != nil {
		return nil, err
	}
	r.CheckUpdates(sides, updateTolerance)
	if err := b.Free(); err != nil {
		return nil, err
	}
	r.finish(sides, b.Config.Peak)
	return r, nil
}

// check lets every side make its first passes, compares the results, and
// returns the sides, ours first.
func check(b *bench.Bench, e *entry, own *ours, r *row) ([]*bench.Side, error) {
	var p peer
	if len(b.Peers) > 0 {
		p.Peer = b.Peers[0]
		weights := filepath.Join(b.Dir, "child.safetensors")
		defer os.Remove(weights)
		if err := own.store(e, weights); err != nil {
			return nil, err
		}
		if err := p.load(e, weights); err != nil {
			return nil, err
		}
		if err := checkFew(p, e, own, r); err != nil {
			return nil, err
		}
	}
	mine, seconds, err := own.check(0, own.batch.size, 0)
	if err != nil {
		return nil, err
	}
	sides := []*bench.Side{{Name: "ours", Slot: bench.Slot(seconds), Train: func(steps int) (seconds, losses []float64, err error) {
		seconds, losses = own.train(steps)
		return seconds, losses, nil
	}}}
	if p.Peer == nil {
		return sides, nil
	}
	for _, layout := range layouts {
		theirs, seconds, err := p.check(layout, 0, own.batch.size, 0)
		if err != nil {
			return nil, err
		}
		c := bench.Check{What: layout + ", whole batch, forward", Tolerance: singleTolerance}
		c.Compare(forward(mine), forward(theirs), bench.Single)
		r.Checks = append(r.Checks, c)
		// PyTorch sums up the batch normalisation of the other layout in
		// float32, which leaves its gradients less exact than ours are held to.
		if layout == nchw {
			c := bench.Check{What: layout + ", whole batch", Tolerance: wholeTolerance}
			c.Compare(mine, theirs, bench.OnTheWhole)
			r.Checks = append(r.Checks, c)
		}
		sides = append(sides, &bench.Side{
			Name: layout, Peer: true, Slot: bench.Slot(seconds),
			Train: func(steps int) ([]float64, []float64, error) { return p.train(layout, steps) },
		})
	}
	return sides, nil
}

// checkFew compares every number on a few images, and again on others as long
// as they disagree.
func checkFew(p peer, e *entry, own *ours, r *row) error {
	n := few(e, own.batch.size)
	var c bench.Check
	for from := 0; from/n < attempts && from+n <= own.batch.size; from += n {
		mine, _, err := own.check(from, n, margin)
		if err != nil {
			return err
		}
		theirs, _, err := p.check(nchw, from, n, margin)
		if err != nil {
			return err
		}
		c = bench.Check{What: fmt.Sprintf("%s, %d images", nchw, n), Tolerance: singleTolerance}
		c.Compare(mine, theirs, bench.Single)
		if !c.Failed() {
			break
		}
	}
	r.Checks = append(r.Checks, c)
	return nil
}

// finish computes the row's numbers; peak is that of one thread in GFLOP/s, or
// 0.
func (r *row) finish(sides []*bench.Side, peak float64) {
	for _, side := range sides {
		t := side.Times()
		s := speed{t.Rate(r.Batch), t}
		switch side.Name {
		case nchw:
			r.NCHW = s
		case channelsLast:
			r.ChannelsLast = s
		default:
			r.Ours = s
		}
	}
	r.Finish(r.Ours.Images, max(r.NCHW.Images, r.ChannelsLast.Images), r.MFLOP, peak)
}

// Summary is the row for a person who waits for the others.
func (r *row) Summary() string {
	var parts []string
	if r.Ours.Steps > 0 {
		parts = append(parts, fmt.Sprintf("%s images/s, %s GFLOP/s", r.Ours, bench.Fixed(r.GFLOPS)))
	}
	if r.Ratio > 0 {
		parts = append(parts, fmt.Sprintf("PyTorch %s and %s, ratio %.2f", r.NCHW, r.ChannelsLast, r.Ratio))
	}
	if r.Checks != nil {
		parts = append(parts, "error "+r.ErrorText())
	}
	return strings.Join(parts, "; ")
}
