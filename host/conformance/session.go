package conformance

import (
	"context"
	"errors"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// A guest whose memory is watched makes agedCalls calls, or as many as agedFuel
// lasts for, which is some seconds. Its memory is first looked at after a tenth
// of them. What has grown by half since then may be a leak, or garbage that has
// not been collected; the former grows by half again in watchedTimes as many
// calls. What has grown by more than leakBytes is no garbage.
const (
	agedCalls    = 10_000
	agedFuel     = 100_000_000_000
	watchedTimes = 4
	leakBytes    = 16 << 20
)

// remembering checks X06 and X09 on guests whose state is never restored: young
// ones, each in another order, and one that grows old.
func (c *checker) remembering(ctx context.Context) {
	if !c.wants("X06", "X09") {
		return
	}
	for use := range 4 {
		if !c.young(ctx, affordable(c.shuffled(use), 40, agedFuel/8)) {
			return
		}
	}
	c.aged(ctx, affordable(c.light(c.shuffled(4)), agedCalls/10, agedFuel/10))
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

// session starts a guest that remembers, or returns nil.
func (c *checker) session(ctx context.Context) *sandbox.Session {
	s, err := c.module.Session(ctx)
	var e *sandbox.Error
	switch {
	case errors.As(err, &e):
		c.tested("X06")
		c.find("X06", target{}, reply{output: e.Stderr}, "another instance does not start: %s", e.Msg)
		return nil
	case err != nil:
		c.stop(ctx, err)
		return nil
	}
	return s
}

// young has a guest that remembers answer calls, each once. It reports whether
// all went well.
func (c *checker) young(ctx context.Context, list []exchange) bool {
	s := c.session(ctx)
	if s == nil {
		return false
	}
	defer s.Close()
	for n, x := range list {
		if c.over(ctx) {
			return false
		}
		got, _, err := s.Call(ctx, x.op, x.sent)
		if !c.sameAs(ctx, "X06", x, got, err, "call %d of a guest that remembers", n+1) {
			return false
		}
	}
	return true
}

// aged has a guest that remembers answer calls, again and again, and watches its
// memory. The list is affordable ten times.
func (c *checker) aged(ctx context.Context, list []exchange) {
	s := c.session(ctx)
	if s == nil {
		return
	}
	defer s.Close()
	c.tested("X09")
	spent := int64(1)
	for _, x := range list {
		spent += x.fuel
	}
	end := int(min(agedCalls, agedFuel/spent*int64(len(list))))
	since, before := end/10, int64(0) // every call has come by then; the memory after it
	watched := false
	for n := 1; n <= end; n++ {
		if c.over(ctx) {
			return
		}
		x := list[(n-1)%len(list)]
		got, used, err := s.Call(ctx, x.op, x.sent)
		memory := used.MemoryBytes
		grown := n > since && memory > before+before/2
		if grown && (err != nil || memory > 2*before+leakBytes || n == end && watched) {
			c.find("X09", target{}, reply{sent: x.sent, got: got}, "after %d calls the memory has %d KiB, after %d it had %d KiB",
				n, memory>>10, since, before>>10)
			return
		}
		if !c.sameAs(ctx, "X06", x, got, err, "call %d of a guest that remembers", n) {
			return
		}
		switch {
		case n <= since:
			before = memory
		case grown && n == end:
			watched, since, before, end = true, n, memory, n*watchedTimes
		}
	}
}
