package sandbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// request is what the host asks of a guest.
type request struct {
	op      int
	name    string // of op
	payload []byte
	answer  int   // largest answer in bytes
	fuel    int64 // that the call may spend
	free    bool  // give the payload's memory back, since the state will not be restored
}

func (m *Module) request(op int, name string, fuel int64, fill func(e *wire.Encoder)) request {
	var e wire.Encoder
	e.BeginObject()
	if fill != nil {
		fill(&e)
	}
	e.EndObject()
	return request{op: op, name: name, payload: e.Bytes(), answer: m.options.Limits.AnswerBytes, fuel: fuel}
}

func (m *Module) describe(fill func(e *wire.Encoder)) request {
	return m.request(spec.OpCodeDescribe, "describe", m.options.Limits.Fuel.Describe, fill)
}

// Decoder is what an answer is read into.
type Decoder interface{ Decode(*wire.Decoder) }

// ask sends a request to an instance at rest, decodes what is in the "ok" of
// its answer, and returns the answer as it came. It waits until an instance
// may be used.
func (m *Module) ask(ctx context.Context, q request, into Decoder) ([]byte, error) {
	return m.exchange(ctx, q, new(Usage), into)
}

// exchange is ask with what the call used; it decodes nothing if into is nil.
func (m *Module) exchange(ctx context.Context, q request, u *Usage, into Decoder) (answer []byte, err error) {
	if err := m.bounded(q); err != nil {
		return nil, err
	}
	if err := m.pool.acquire(ctx); err != nil {
		return nil, m.unheard(q, err)
	}
	defer m.pool.release()
	i, err := m.ready(ctx, q.name)
	if err != nil {
		return nil, err
	}
	if answer, err = i.measured(ctx, m.options, q, u); err == nil && into != nil {
		err = Unwrap(answer, into)
	}
	if err == nil {
		m.pool.keep(m, i)
		return answer, nil
	}
	var said *spec.Fault
	sound := errors.As(err, &said)
	if err = m.failure(ctx, q, i, err); sound {
		m.pool.keep(m, i)
	} else {
		i.close()
	}
	var e *Error
	if errors.As(err, &e) {
		e.Got = shown(answer)
	}
	return answer, err
}

// bounded refuses a request that is too large to send.
func (m *Module) bounded(q request) error {
	most := m.options.Limits.InputBytes
	if len(q.payload) <= most {
		return nil
	}
	return &Error{Kind: ErrLimit, Plugin: m.name, Op: q.name, Code: "input", At: -1, Sent: shown(q.payload),
		Msg:  fmt.Sprintf("the request has %s; at most %s are allowed (limit input)", size(int64(len(q.payload))), size(int64(most))),
		Hint: "use smaller params" + orRaise(m.options.Limits.raised("input", int64(len(q.payload))))}
}

// unheard says why a request was not sent.
func (m *Module) unheard(q request, err error) error {
	return fmt.Errorf("plugin %s: %s: %w", m.name, q.name, err)
}

// ready returns an instance in the state from which every call starts.
func (m *Module) ready(ctx context.Context, op string) (*instance, error) {
	if m.rest == nil {
		i, _, err := m.bringUp(ctx, false)
		return i, err
	}
	if i := m.pool.take(); i != nil {
		if !i.used || i.restore(m.rest) {
			return i, nil
		}
		i.close()
	}
	return m.clone(ctx, op)
}

// Unwrap reads what is in the "ok" of an answer. Its error is the *spec.Fault in
// the "err" of the answer, or else says why this is no answer.
func Unwrap(answer []byte, into Decoder) error {
	d := wire.NewDecoder(answer)
	var said *spec.Fault
	ok := false
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "ok":
			ok = true
			into.Decode(d)
		case "err":
			said = new(spec.Fault)
			said.Decode(d)
		}
	}
	if err := d.Finish(); err != nil {
		if len(answer) == 0 {
			return broken("json", "the answer is empty: esp_call answered a size of 0")
		}
		return broken("json", "the answer cannot be read: %v", err)
	}
	switch {
	case ok && said != nil:
		return broken("envelope", "the answer holds both ok and err")
	case said != nil:
		return said
	case !ok:
		return broken("envelope", "the answer holds neither ok nor err")
	}
	return nil
}
