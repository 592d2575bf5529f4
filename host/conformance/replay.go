package conformance

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/espalier-nas/espalier/wasm/sandbox"
)

// replayUnits is the share of the replays in the progress, in walks.
const replayUnits = 400

// replays makes the kept calls again, elsewhere, and compares: X06 to X09.
func (c *checker) replays(ctx context.Context) {
	if len(c.tape.kept) == 0 || c.over(ctx) {
		return
	}
	c.remembering(ctx)
	c.progress(replayUnits/2, "guests that remember")
	c.interpreted(ctx)
	c.progress(replayUnits/4, "the interpreter")
	c.together(ctx)
	c.progress(replayUnits/4, "several at once")
}

// shuffled is the tape in an order of its own for each use.
func (c *checker) shuffled(use int) []exchange {
	list := append([]exchange(nil), c.tape.kept...)
	c.rng(target{}, use, "order").Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// sameAs compares a repeated call with the first, for a rule.
func (c *checker) sameAs(ctx context.Context, code string, x exchange, got []byte, err error, format string, args ...any) bool {
	c.tested(code)
	var e *sandbox.Error
	switch {
	case err != nil && !errors.As(err, &e):
		c.stop(ctx, err)
		return false
	case e != nil && e.Kind == sandbox.ErrLimit && e.Code == "fuel" && code == "X06":
		return false // it happened to collect its garbage, close to a limit that P01 to P04 warn of
	case e != nil && e.Kind == sandbox.ErrLimit && e.Code == "memory" && code == "X06":
		c.find("X09", target{}, reply{sent: x.sent, failure: e, output: e.Stderr}, format+": %s", append(args, e.Msg)...)
		return false
	case e != nil:
		c.find(code, target{}, reply{sent: x.sent, got: got, failure: e, output: e.Stderr}, format+": %s", append(args, e.Msg)...)
		return false
	case !bytes.Equal(got, x.got):
		a, b := differing(string(got), string(x.got)), differing(string(x.got), string(got))
		c.find(code, target{}, reply{sent: x.sent, got: got}, format+" is answered by %s, else by %s", append(args, a, b)...)
		return false
	}
	return true
}

// interpretedCalls is how many calls the interpreter repeats, which takes up to
// seventy times as long: about half a minute for interpretedFuel units.
const (
	interpretedCalls = 48
	interpretedFuel  = 2_000_000_000
)

// interpreted checks X07.
func (c *checker) interpreted(ctx context.Context) {
	if !c.wants("X07") {
		return
	}
	o := c.o.Sandbox
	o.Interpreter, o.Pool = true, 1
	o.Limits.Time = time.Hour // fuel is its limit, and it is slow
	box, err := sandbox.New(ctx, o)
	if err != nil {
		c.fatal = err
		return
	}
	defer func() { _ = box.Close(context.WithoutCancel(ctx)) }()
	m, err := box.Load(ctx, c.file, c.wasm)
	var e *sandbox.Error
	switch {
	case errors.As(err, &e):
		c.tested("X07")
		c.find("X07", target{}, reply{output: e.Stderr}, "the interpreter does not load it: %s", e.Msg)
		return
	case err != nil:
		c.stop(ctx, err)
		return
	}
	for _, x := range affordable(c.shuffled(5), interpretedCalls, interpretedFuel) {
		if c.over(ctx) {
			return
		}
		got, _, err := m.Call(ctx, x.op, x.sent)
		if !c.sameAs(ctx, "X07", x, got, err, "by the interpreter, the call") {
			return
		}
	}
}

// affordable picks the first calls of a list, of so many at most, that together
// spend no more than some fuel; one at least, the cheapest if need be.
func affordable(list []exchange, calls int, fuel int64) []exchange {
	var picked []exchange
	for _, x := range list {
		if len(picked) < calls && x.fuel <= fuel {
			picked = append(picked, x)
			fuel -= x.fuel
		}
	}
	if len(picked) == 0 {
		picked = append(picked, slices.MinFunc(list, func(a, b exchange) int { return cmp.Compare(a.fuel, b.fuel) }))
	}
	return picked
}

// together checks X08.
func (c *checker) together(ctx context.Context) {
	if !c.wants("X08") {
		return
	}
	list := c.shuffled(6)
	type outcome struct {
		got []byte
		err error
	}
	outcomes := make([]outcome, len(list))
	const goroutines = 4
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := g; i < len(list) && ctx.Err() == nil; i += goroutines {
				outcomes[i].got, _, outcomes[i].err = c.module.Call(ctx, list[i].op, list[i].sent)
			}
		})
	}
	wg.Wait()
	if c.over(ctx) {
		return
	}
	for i, x := range list {
		if !c.sameAs(ctx, "X08", x, outcomes[i].got, outcomes[i].err, "beside others, the call") {
			return
		}
	}
}
