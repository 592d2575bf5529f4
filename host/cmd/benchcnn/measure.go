package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// row is one line of the result: a network trained at one batch size with one
// number of threads.
type row struct {
	Network string  `json:"network"`
	About   string  `json:"about"`
	ID      string  `json:"id"`
	Drawn   bool    `json:"drawn"` // at random, so that it counts in the mean
	Params  int64   `json:"params"`
	MFLOP   float64 `json:"mflop_per_image"` // of the forward pass
	Batch   int     `json:"batch"`
	Threads int     `json:"threads"`
	Bytes   int64   `json:"bytes"` // that our side holds

	Ours         speed `json:"ours"`
	NCHW         speed `json:"torch_nchw"`
	ChannelsLast speed `json:"torch_channels_last"`

	Ratio      float64 `json:"ratio,omitempty"`       // of images per second, ours to the better layout
	Least      float64 `json:"least_ratio,omitempty"` // of all runs
	Most       float64 `json:"most_ratio,omitempty"`
	GFLOPS     float64 `json:"gflops"` // ours, effective: three forward passes a step
	PeerGFLOPS float64 `json:"torch_gflops,omitempty"`
	Peak       float64 `json:"peak_fraction,omitempty"` // ours, of the threads' peak
	Checks     []check `json:"checks,omitempty"`

	Disturbance disturbance `json:"disturbance"`
}

// wrong reports whether the two sides disagree on the numbers.
func (r *row) wrong() bool {
	return slices.ContainsFunc(r.Checks, func(c check) bool { return c.failed() })
}

// speed is what a side has reached.
type speed struct {
	Images float64 `json:"images_per_second,omitempty"`
	Step   float64 `json:"seconds_per_step,omitempty"` // the median
	Steps  int     `json:"steps,omitempty"`            // timed
}

func speedOf(batch int, seconds []float64) speed {
	if len(seconds) == 0 {
		return speed{}
	}
	m := median(seconds)
	return speed{Images: float64(batch) / m, Step: m, Steps: len(seconds)}
}

// median is the mean of the middle two where there is no middle one.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// bench is a run of the benchmark.
type bench struct {
	config   config
	dir      string // for files
	peer     *peer  // nil without PyTorch
	progress io.Writer
}

// contestant is one side of a row: its steps' seconds and losses so far.
type contestant struct {
	name            string
	train           func(steps int) (seconds, losses []float64, err error)
	peer            bool
	slot            int // steps of a round
	seconds, losses []float64
}

// settle is how long the side that was timed last may take to fall asleep:
// OpenMP's threads wait actively for some milliseconds.
const settle = 30 * time.Millisecond

// measure trains e on both sides. First each makes forward and backward passes
// on the same numbers, which are compared and warm it up; then rounds of a few
// steps of each follow, one side at a time.
func (b *bench) measure(ctx context.Context, e *entry, size, threads int) (*row, error) {
	defer debug.FreeOSMemory()
	batch := newBatch(e, size, b.config.Seed)
	own, err := newOurs(e, batch, b.config.Seed, threads)
	if err != nil {
		return nil, err
	}
	defer own.close()
	r := &row{
		Network: e.Name, About: e.About, ID: e.Network.ID(), Drawn: e.Drawn, Params: e.Plan.Params, MFLOP: e.megaFLOP(),
		Batch: size, Threads: threads, Bytes: own.program.Bytes(),
	}
	sides, err := b.check(e, own, r)
	if err != nil {
		return nil, err
	}
	runtime.GC()
	if err := b.rounds(ctx, sides, &r.Disturbance); err != nil {
		return nil, err
	}
	if b.peer != nil {
		for _, side := range sides[1:] {
			c := check{What: side.name + ", after updates", Tolerance: updateTolerance}
			if c.updates(sides[0].losses, side.losses) {
				r.Checks = append(r.Checks, c)
			}
		}
		if err := b.peer.free(); err != nil {
			return nil, err
		}
	}
	r.finish(sides, b.config.Peak)
	return r, nil
}

// check lets every side make its first passes, compares the results, and
// returns the sides, ours first.
func (b *bench) check(e *entry, own *ours, r *row) ([]*contestant, error) {
	if b.peer != nil {
		weights := filepath.Join(b.dir, "child.safetensors")
		defer os.Remove(weights)
		if err := own.store(e, weights); err != nil {
			return nil, err
		}
		if err := b.peer.load(e, weights); err != nil {
			return nil, err
		}
		if err := b.checkFew(e, own, r); err != nil {
			return nil, err
		}
	}
	mine, seconds, err := own.check(0, own.batch.size, 0)
	if err != nil {
		return nil, err
	}
	sides := []*contestant{{name: "ours", slot: slot(seconds), train: func(steps int) (seconds, losses []float64, err error) {
		seconds, losses = own.train(steps)
		return seconds, losses, nil
	}}}
	if b.peer == nil {
		return sides, nil
	}
	for _, layout := range layouts {
		theirs, seconds, err := b.peer.check(layout, 0, own.batch.size, 0)
		if err != nil {
			return nil, err
		}
		c := check{What: layout + ", whole batch, forward", Tolerance: singleTolerance}
		c.compare(mine.forward(), theirs.forward(), single)
		r.Checks = append(r.Checks, c)
		// PyTorch sums up the batch normalisation of the other layout in
		// float32, which leaves its gradients less exact than ours are held to.
		if layout == nchw {
			c := check{What: layout + ", whole batch", Tolerance: wholeTolerance}
			c.compare(mine, theirs, onTheWhole)
			r.Checks = append(r.Checks, c)
		}
		sides = append(sides, &contestant{
			name: layout, peer: true, slot: slot(seconds),
			train: func(steps int) ([]float64, []float64, error) { return b.peer.train(layout, steps) },
		})
	}
	return sides, nil
}

// checkFew compares every number on a few images, and again on others as long
// as they disagree.
func (b *bench) checkFew(e *entry, own *ours, r *row) error {
	n := few(e, own.batch.size)
	var c check
	for from := 0; from/n < attempts && from+n <= own.batch.size; from += n {
		mine, _, err := own.check(from, n, margin)
		if err != nil {
			return err
		}
		theirs, _, err := b.peer.check(nchw, from, n, margin)
		if err != nil {
			return err
		}
		c = check{What: fmt.Sprintf("%s, %d images", nchw, n), Tolerance: singleTolerance}
		c.compare(mine, theirs, single)
		if !c.failed() {
			break
		}
	}
	r.Checks = append(r.Checks, c)
	return nil
}

// slot is how many steps of a round make it long enough for the clock and for
// caches to warm up, if the first pass took so many seconds.
func slot(seconds float64) int {
	const enough, most = 0.5, 20
	return int(min(max(math.Ceil(enough/seconds), 1), most))
}

// rounds lets the sides train in turns, until there are enough rounds or, after
// the second, the time for the row is over, and adds to d.
func (b *bench) rounds(ctx context.Context, sides []*contestant, d *disturbance) error {
	start := time.Now()
	for n := range b.config.Rounds {
		if n >= 2 && time.Since(start).Seconds() > b.config.Seconds {
			break
		}
		for _, side := range sides {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := b.turn(side, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn is one side's part of a round.
func (b *bench) turn(side *contestant, d *disturbance) error {
	pid := 0
	if b.peer != nil {
		pid = b.peer.pid()
		time.Sleep(settle)
	}
	before, begin := now(pid), time.Now()
	seconds, losses, err := side.train(side.slot)
	if err != nil {
		return err
	}
	d.add(time.Since(begin).Seconds(), before, now(pid), side.peer)
	side.seconds = append(side.seconds, seconds...)
	side.losses = append(side.losses, losses...)
	return nil
}

// finish computes the row's numbers; peak is that of one thread in GFLOP/s, or
// 0.
func (r *row) finish(sides []*contestant, peak float64) {
	for _, side := range sides {
		s := speedOf(r.Batch, side.seconds)
		switch side.name {
		case nchw:
			r.NCHW = s
		case channelsLast:
			r.ChannelsLast = s
		default:
			r.Ours = s
		}
	}
	// A step is a forward pass and two of its size backward.
	perImage := 3 * r.MFLOP / 1e3
	r.GFLOPS = r.Ours.Images * perImage
	if peak > 0 {
		r.Peak = r.GFLOPS / (peak * float64(r.Threads))
	}
	if best := max(r.NCHW.Images, r.ChannelsLast.Images); best > 0 {
		r.Ratio = r.Ours.Images / best
		r.PeerGFLOPS = best * perImage
	}
}

// meanOf is the geometric mean of the drawn networks' ratios with so many
// threads; of none if there are none.
func meanOf(rows []*row, threads int) mean {
	m := mean{Threads: threads}
	sum := 0.0
	for _, r := range rows {
		if !r.Drawn || r.Threads != threads || r.Ratio == 0 {
			continue
		}
		m.Networks++
		sum += math.Log(r.Ratio)
		if r.disturbed() {
			m.Disturbed++
		}
	}
	if m.Networks > 0 {
		m.Ratio = math.Exp(sum / float64(m.Networks))
	}
	return m
}

// summary is the row for a person who waits for the others.
func (r *row) summary() string {
	var parts []string
	if r.Ours.Steps > 0 {
		parts = append(parts, fmt.Sprintf("%s images/s, %s GFLOP/s", r.Ours, fixed(r.GFLOPS)))
	}
	if r.Ratio > 0 {
		parts = append(parts, fmt.Sprintf("PyTorch %s and %s, ratio %.2f", r.NCHW, r.ChannelsLast, r.Ratio))
	}
	if r.Checks != nil {
		parts = append(parts, "error "+r.error())
	}
	return strings.Join(parts, "; ")
}
