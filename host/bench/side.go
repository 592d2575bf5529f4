package bench

import (
	"context"
	"io"
	"math"
	"slices"
	"time"
)

// Bench is a run of a benchmark.
type Bench struct {
	Config   *Config
	Dir      string  // for files
	Peers    []*Peer // PyTorch, in one tuning or several; none without it
	Progress io.Writer
}

// Side is one side of a row: its steps' seconds and losses so far.
type Side struct {
	Name            string
	Train           func(steps int) (seconds, losses []float64, err error)
	Peer            bool // it is PyTorch
	Slot            int  // steps of a round
	Seconds, Losses []float64
}

// Times are those of a side's steps.
type Times struct {
	Step  float64 `json:"seconds_per_step,omitempty"` // the median
	Steps int     `json:"steps,omitempty"`            // timed
}

// Times sums up the rounds so far.
func (s *Side) Times() Times {
	if len(s.Seconds) == 0 {
		return Times{}
	}
	return Times{median(s.Seconds), len(s.Seconds)}
}

// Rate is how many examples a second steps of so many make; 0 if none was timed.
func (t Times) Rate(examples int) float64 {
	if t.Steps == 0 {
		return 0
	}
	return float64(examples) / t.Step
}

// median is the mean of the middle two where there is no middle one.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// Slot is how many steps of a round make it long enough for the clock and for
// caches to warm up, if one takes about so many seconds.
func Slot(seconds float64) int {
	const enough, most = 0.5, 20
	return int(min(max(math.Ceil(enough/seconds), 1), most))
}

// settle is how long the side that was timed last may take to fall asleep:
// OpenMP's threads wait actively for some milliseconds.
const settle = 30 * time.Millisecond

// Rounds lets the sides train in turns, until there are enough rounds or, after
// the second, the time for the row is over, and adds to d.
func (b *Bench) Rounds(ctx context.Context, sides []*Side, d *Disturbance) error {
	start := time.Now()
	for n := range b.Config.Rounds {
		if n >= 2 && time.Since(start).Seconds() > b.Config.Seconds {
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
func (b *Bench) turn(side *Side, d *Disturbance) error {
	var peers []int
	for _, p := range b.Peers {
		peers = append(peers, p.PID())
	}
	if peers != nil {
		time.Sleep(settle)
	}
	before, begin := now(peers), time.Now()
	seconds, losses, err := side.Train(side.Slot)
	if err != nil {
		return err
	}
	d.add(time.Since(begin).Seconds(), before, now(peers), side.Peer)
	side.Seconds = append(side.Seconds, seconds...)
	side.Losses = append(side.Losses, losses...)
	return nil
}

// CheckUpdates compares what the losses of all sides say of their updates, the
// first side's with those of each other, and adds to the checks of r.
func (r *Row) CheckUpdates(sides []*Side, tolerance float64) {
	for _, side := range sides[1:] {
		c := Check{What: side.Name + ", after updates", Tolerance: tolerance}
		if c.updates(sides[0].Losses, side.Losses) {
			r.Checks = append(r.Checks, c)
		}
	}
}

// Free lets the peers give back the memory of a network.
func (b *Bench) Free() error {
	for _, p := range b.Peers {
		if err := p.Free(); err != nil {
			return err
		}
	}
	return nil
}
