package conformance

import (
	"time"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// worst is the most that calls of an operation used, and by which.
type worst struct {
	time         time.Duration
	fuel, memory int64
	costly       costly
	largest      costly
	stopped      *sandbox.Error // why a call ran out of fuel, or time
	stoppedAt    costly
}

// costly is a call that used much.
type costly struct {
	about target
	sent  []byte
}

// budgeted are the operations with their limits and their rules.
var budgeted = []struct {
	op    int
	name  string
	code  string
	limit func(f sandbox.Fuel) int64
}{
	{spec.OpCodeNext, "next", "P01", func(f sandbox.Fuel) int64 { return f.Next }},
	{spec.OpCodeBuild, "build", "P02", func(f sandbox.Fuel) int64 { return f.Build }},
	{spec.OpCodeReward, "reward", "P03", func(f sandbox.Fuel) int64 { return f.Reward }},
	{spec.OpCodeDescribe, "describe", "P04", func(f sandbox.Fuel) int64 { return f.Describe }},
}

// measure notes what a call used, and that it was stopped, if it was.
func (c *checker) measure(op int, payload []byte, used sandbox.Usage, e *sandbox.Error) {
	if c.mute {
		return
	}
	w := c.worst[op]
	call := costly{c.now, payload}
	w.time = max(w.time, used.Time)
	if used.Fuel > w.fuel {
		w.fuel, w.costly = used.Fuel, call
	}
	if used.MemoryBytes > w.memory {
		w.memory, w.largest = used.MemoryBytes, call
	}
	if e != nil && overran(e) {
		c.stops++
		if w.stopped == nil {
			w.stopped, w.stoppedAt = e, call
		}
	}
	c.worst[op] = w
}

// budgets checks P01 to P05.
func (c *checker) budgets() {
	limits := c.o.Sandbox.Limits
	for _, b := range budgeted {
		w, ok := c.worst[b.op]
		if !ok {
			continue
		}
		limit := b.limit(limits.Fuel)
		c.verdict.Worst = append(c.verdict.Worst, Highest{Op: b.name, Fuel: w.fuel, FuelLimit: limit, Seconds: w.time.Seconds(), MemoryBytes: w.memory})
		c.tested(b.code, "P05")
		switch {
		case w.stopped != nil:
			f := Finding{Code: b.code, Problem: b.name + " is stopped: " + w.stopped.Msg}
			if raise := w.stopped.Raise; raise != "" {
				f.Fix = rule(b.code).Fix + "; or let it use more: --plugin-limits " + raise
			}
			c.record(f, w.stoppedAt.about, reply{sent: w.stoppedAt.sent, output: w.stopped.Stderr})
		case w.fuel > limit/2:
			c.advise(b.code, w.costly.about, reply{sent: w.costly.sent}, "%s spends %d of the %d units of fuel that it may", b.name, w.fuel, limit)
		}
		if w.memory > limits.MemoryBytes/2 {
			c.advise("P05", w.largest.about, reply{sent: w.largest.sent}, "after %s the memory has %.1f of the %d MiB that it may", b.name, float64(w.memory)/(1<<20), limits.MemoryBytes>>20)
		}
	}
}
