package conformance

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
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

// agedCalls is how many calls a guest is given whose memory is watched, and
// after how many it is first looked at.
const (
	agedCalls  = 10_000
	youngCalls = 1000
)

// remembering checks X06 and X09 on guests whose state is never restored: young
// ones, each in another order, and one that grows old.
func (c *checker) remembering(ctx context.Context) {
	if !c.wants("X06", "X09") {
		return
	}
	for use := range 4 {
		if !c.session(ctx, c.shuffled(use)[:min(len(c.tape.kept), 40)], false) {
			return
		}
	}
	c.session(ctx, c.light(c.shuffled(4)), true)
}

// light leaves out the long half of the calls, so that ten thousand take
// seconds.
func (c *checker) light(list []exchange) []exchange {
	sizes := 0
	for _, x := range list {
		sizes += len(x.sent) + len(x.got)
	}
	var light []exchange
	for _, x := range list {
		if len(x.sent)+len(x.got) <= 2*sizes/len(list) && (x.op == spec.OpCodeNext || x.op == spec.OpCodeReward) {
			light = append(light, x)
		}
	}
	if len(light) == 0 {
		return list
	}
	return light
}

// session has a guest that remembers answer calls, each once, or for as long as
// an aged one does. It reports whether all went well.
func (c *checker) session(ctx context.Context, list []exchange, aged bool) bool {
	s, err := c.module.Session(ctx)
	var e *sandbox.Error
	switch {
	case errors.As(err, &e):
		c.tested("X06")
		c.find("X06", target{}, reply{output: e.Stderr}, "another instance does not start: %s", e.Msg)
		return false
	case err != nil:
		c.stop(ctx, err)
		return false
	}
	defer s.Close()
	calls := len(list)
	if aged {
		calls = agedCalls
		c.tested("X09")
	}
	youth, young := max(youngCalls, len(list)), int64(0) // every call has come once before memory must stay
	for n := range calls {
		if c.over(ctx) {
			return false
		}
		x := list[n%len(list)]
		got, used, err := s.Call(ctx, x.op, x.sent)
		if n < youth {
			young = max(young, used.MemoryBytes)
		}
		if !c.sameAs(ctx, "X06", x, got, err, "call %d of a guest that remembers", n+1) {
			return false
		}
		if n > youth && used.MemoryBytes > young+young/2 {
			c.find("X09", target{}, reply{sent: x.sent, got: got}, "after %d calls the memory has %d KiB, after %d it had %d KiB",
				n+1, used.MemoryBytes>>10, youth, young>>10)
			return false
		}
	}
	return true
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
// seventy times as long.
const interpretedCalls = 48

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
	list := c.shuffled(5)
	for _, x := range list[:min(len(list), interpretedCalls)] {
		if c.over(ctx) {
			return
		}
		got, _, err := m.Call(ctx, x.op, x.sent)
		if !c.sameAs(ctx, "X07", x, got, err, "by the interpreter, the call") {
			return
		}
	}
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
