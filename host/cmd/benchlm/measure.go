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

// Both sides compute in float32, in different orders, so that they differ by
// rounding errors, which the states carry from step to step.
//
// ReLU's gradient is a step, so a rounding error in a number near 0 may turn on
// or off a summand of the gradients behind it. Hence what disagrees is compared
// again after more windows, for a mistake is there every time.
const (
	tolerance       = 1e-4 // of single numbers, relative to the tensor's largest
	updateTolerance = 1e-4 // of the losses after updates
)

// windows are those of the text, checked those after which both sides are first
// compared, attempts how often they are, after one window more each time.
const (
	windows  = 4
	checked  = 3
	attempts = 4
)

// tunings are what is added to the name of a side, by peer: with several threads
// each of PyTorch's ways is tried with products on one of them and on all.
var tunings = [...]string{"", ", shared products"}

// row is one line of the result: a network trained with one number of threads.
type row struct {
	bench.Row
	MFLOP   float64 `json:"mflop_per_word"` // of the forward pass
	Softmax float64 `json:"softmax_share"`  // of it that the logits take
	Ours    speed   `json:"ours"`
	Native  speed   `json:"torch_lstm"`
	Eager   speed   `json:"torch_eager"`
	Script  speed   `json:"torch_script"`
	// Unshared is the ratio to the best of PyTorch's ways whose products take one
	// thread, as those who time it mostly let them; 0: there is one thread.
	Unshared float64 `json:"unshared_ratio,omitempty"`
	// Ceiling is the ratio that our side would reach if it did nothing but the
	// matrix products of the plain method at the threads' peak; 0: unknown.
	Ceiling float64 `json:"ceiling,omitempty"`
}

// speed is what a side has reached.
type speed struct {
	Words  float64 `json:"words_per_second,omitempty"`
	Shared bool    `json:"shared_products,omitempty"` // with the second of tunings
	bench.Times
}

func (s speed) String() string {
	if s.Words == 0 {
		return "-"
	}
	return bench.Fixed(s.Words)
}

// measure trains e on both sides. First each makes forward and backward passes
// on the same numbers, which are compared and warm it up; then rounds of a few
// steps of each follow, one side at a time.
func measure(ctx context.Context, b *bench.Bench, e *entry, threads int) (*row, error) {
	defer debug.FreeOSMemory()
	own, err := newOurs(e, newText(e, windows, b.Config.Seed), b.Config.Seed, threads)
	if err != nil {
		return nil, err
	}
	defer own.close()
	r := &row{MFLOP: e.megaFLOP(), Softmax: e.softmax(), Row: bench.Row{
		Network: e.Name, About: e.About, ID: e.Network.ID(), Drawn: e.Drawn, Params: e.Plan.Params,
		Batch: own.text.streams, Threads: threads, Bytes: own.program.Bytes(),
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
	r.finish(sides, own.steps*own.text.streams, b.Config.Peak)
	return r, nil
}

// check lets every side make its first passes, compares the results, and
// returns the sides, ours first.
func check(b *bench.Bench, e *entry, own *ours, r *row) ([]*bench.Side, error) {
	_, seconds, err := own.check(checked)
	if err != nil {
		return nil, err
	}
	sides := []*bench.Side{{Name: "ours", Slot: bench.Slot(seconds), Train: func(steps int) (seconds, losses []float64, err error) {
		seconds, losses = own.train(steps)
		return seconds, losses, nil
	}}}
	if len(b.Peers) == 0 {
		return sides, nil
	}
	path := filepath.Join(b.Dir, "child.safetensors")
	defer os.Remove(path)
	if err := own.store(path); err != nil {
		return nil, err
	}
	for k, peers := range b.Peers {
		p := peer{peers}
		modes, err := p.load(e, own.text.streams, path, learningRate, recipe.ClipNorm)
		if err != nil {
			return nil, err
		}
		for _, mode := range modes {
			name := mode + tunings[k]
			c, seconds, err := compare(own, p, mode, name)
			if err != nil {
				return nil, err
			}
			r.Checks = append(r.Checks, c)
			sides = append(sides, &bench.Side{
				Name: name, Peer: true, Slot: bench.Slot(seconds),
				Train: func(steps int) ([]float64, []float64, error) { return p.train(mode, steps) },
			})
		}
	}
	_, _, err = own.check(checked)
	return sides, err
}

// compare holds ours against a mode of the peer, and against it again as long as
// they disagree. It returns the seconds of the peer's last pass, and leaves the
// peer as one comparison does, so that all sides begin to train alike.
func compare(own *ours, p peer, mode, name string) (c bench.Check, seconds float64, err error) {
	n := checked
	for ; n < checked+attempts; n++ {
		mine, _, err := own.check(n)
		if err != nil {
			return c, 0, err
		}
		var theirs bench.Results
		if theirs, seconds, err = p.check(mode, n); err != nil {
			return c, 0, err
		}
		c = bench.Check{What: fmt.Sprintf("%s, %d windows", name, n), Tolerance: tolerance}
		if c.Compare(mine, theirs, bench.Single); !c.Failed() {
			break
		}
	}
	if n > checked {
		_, seconds, err = p.check(mode, checked)
	}
	return c, seconds, err
}

// finish computes the row's numbers, of steps of so many words; peak is that of
// one thread in GFLOP/s, or 0. Of each of PyTorch's ways, the better tuning
// counts.
func (r *row) finish(sides []*bench.Side, words int, peak float64) {
	speeds, unshared := map[string]*speed{native: &r.Native, eager: &r.Eager, scripted: &r.Script}, 0.0
	for _, side := range sides {
		t := side.Times()
		mode, shared := strings.CutSuffix(side.Name, tunings[1])
		s, best := speed{t.Rate(words), shared, t}, &r.Ours
		if side.Peer {
			best = speeds[mode]
			if !shared {
				unshared = max(unshared, s.Words)
			}
		}
		if s.Words >= best.Words {
			*best = s
		}
	}
	r.Finish(r.Ours.Words, max(r.Native.Words, r.Eager.Words, r.Script.Words), r.MFLOP, peak)
	if r.Threads > 1 && unshared > 0 {
		r.Unshared = r.Ours.Words / unshared
	}
	if r.PeerGFLOPS > 0 {
		r.Ceiling = peak * float64(r.Threads) / r.PeerGFLOPS
	}
}

// Summary is the row for a person who waits for the others.
func (r *row) Summary() string {
	var parts []string
	if r.Ours.Steps > 0 {
		parts = append(parts, fmt.Sprintf("%s words/s, %s GFLOP/s", r.Ours, bench.Fixed(r.GFLOPS)))
	}
	if r.Ratio > 0 {
		parts = append(parts, fmt.Sprintf("PyTorch %s, %s and %s, ratio %.2f", r.Native, r.Eager, r.Script, r.Ratio))
	}
	if r.Checks != nil {
		parts = append(parts, "error "+r.ErrorText())
	}
	return strings.Join(parts, "; ")
}
