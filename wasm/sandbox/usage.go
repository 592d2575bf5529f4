package sandbox

import (
	"context"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Usage is what one call used.
type Usage struct {
	// Time is what the call took, by Options.Clock.
	Time time.Duration
	// Fuel is what it spent, in units of package meter. It depends on nothing
	// but the module and the request.
	Fuel int64
	// MemoryBytes is the size of the instance's linear memory after the call.
	MemoryBytes int64
	// Output is the end of what the guest printed and logged during the call,
	// made fit for a terminal.
	Output string
}

// Call makes one call, whatever the operation and the request are, and returns
// the answer as it came, envelope included: an err in it is no error here. The
// limits are those of the operation; an unknown one has those of describe. It is
// for tools that look at plugins; Space and Shaper are for those that use them.
func (m *Module) Call(ctx context.Context, op int, payload []byte) (answer []byte, u Usage, err error) {
	q := m.raw(op, payload)
	answer, err = m.exchange(ctx, q, &u, nil)
	return answer, u, err
}

// raw is a request of any content.
func (m *Module) raw(op int, payload []byte) request {
	l := m.options.Limits.Fuel
	q := request{op: op, name: "call", payload: payload, answer: m.options.Limits.AnswerBytes, fuel: l.Describe}
	switch op {
	case spec.OpCodeDescribe:
		q.name = "describe"
	case spec.OpCodeNext:
		q.name, q.fuel = "next", l.Next
	case spec.OpCodeBuild:
		q.name, q.fuel = "build", l.Build
	case spec.OpCodeReward:
		q.name, q.fuel = "reward", l.Reward
	}
	return q
}

// Session is one running guest that keeps its state from call to call, as any
// guest does in a host that takes no snapshots. A pure guest answers as it does
// to Module.Call, however old it is. A Session is used by one goroutine.
type Session struct {
	module *Module
	guest  *instance
}

// Session starts a guest: its start function, _initialize, esp_abi and a first
// describe. It counts as one of Options.Pool only while a call runs.
func (m *Module) Session(ctx context.Context) (*Session, error) {
	if err := m.pool.acquire(ctx); err != nil {
		return nil, m.unheard(request{name: "load"}, err)
	}
	defer m.pool.release()
	i, _, err := m.bringUp(ctx, true)
	if err != nil {
		return nil, err
	}
	return &Session{module: m, guest: i}, nil
}

// Call is Module.Call on this guest. It frees the payload by esp_free. After an
// error the guest is in a state that nobody knows: close the session.
func (s *Session) Call(ctx context.Context, op int, payload []byte) (answer []byte, u Usage, err error) {
	m, q := s.module, s.module.raw(op, payload)
	if err := m.bounded(q); err != nil {
		return nil, u, err
	}
	if err := m.pool.acquire(ctx); err != nil {
		return nil, u, m.unheard(q, err)
	}
	defer m.pool.release()
	q.free = true
	answer, err = s.guest.measured(ctx, m.options, q, &u)
	if err != nil {
		err = m.failure(ctx, q, s.guest, err)
	}
	return answer, u, err
}

// Close ends the guest. It is called before the module is closed.
func (s *Session) Close() { s.guest.close() }

// measured is reply within the limits of a call, with what it used.
func (i *instance) measured(ctx context.Context, o Options, q request, u *Usage) ([]byte, error) {
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	ctx, cancel := context.WithTimeout(ctx, o.Limits.Time)
	defer cancel()
	start := clock()
	i.refuel(q.fuel)
	answer, err := i.reply(ctx, q)
	*u = Usage{Time: clock().Sub(start), Fuel: i.spent(), MemoryBytes: int64(len(i.memory())), Output: clean(i.world.tail.text())}
	return answer, err
}
