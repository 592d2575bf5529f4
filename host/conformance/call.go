package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// target is what a call is about: a space or a shaper under params, or nothing.
type target struct {
	space, shaper string
	params        spec.Raw
	standard      bool // the params are the defaults
	full          bool // the defaults, or params that were asked for: looked at most closely
}

// payload writes a request about the target; members come in pairs of a name
// and something that encodes itself.
func (t target) payload(members ...any) []byte {
	var e wire.Encoder
	e.BeginObject()
	if t.space != "" {
		e.Key("space").Text(t.space)
	}
	if t.shaper != "" {
		e.Key("shaper").Text(t.shaper)
	}
	if len(t.params) > 0 {
		e.Key("params").Raw(t.params)
	}
	for i := 0; i < len(members); i += 2 {
		members[i+1].(interface{ Encode(*wire.Encoder) }).Encode(e.Key(members[i].(string)))
	}
	e.EndObject()
	return e.Bytes()
}

// reply is what came of a call: an answer that was read, an err, or a failure.
type reply struct {
	sent, got []byte
	fault     *spec.Fault // the guest refused
	failure   error       // it crashed, exceeded a limit or broke the protocol
	output    string      // the end of what it printed
}

func (r reply) ok() bool { return r.fault == nil && r.failure == nil }

// outcome says what came of a call that should have been answered.
func (r reply) outcome() string {
	switch {
	case r.fault != nil:
		return "it is refused: " + sandbox.Printable([]byte(r.fault.Error()), shownBytes)
	case r.failure != nil:
		var e *sandbox.Error
		if errors.As(r.failure, &e) {
			return e.Msg
		}
		return r.failure.Error()
	}
	return "it is answered"
}

// crashed tells whether the guest did anything but answer.
func (r reply) crashed() bool { return r.failure != nil }

// overran tells whether a call was stopped because it ran out of fuel or time.
func overran(err error) bool {
	var e *sandbox.Error
	return errors.As(err, &e) && errors.Is(e, sandbox.ErrLimit) && (e.Code == "fuel" || e.Code == "time")
}

// both shows two calls that contradict each other as one.
func both(a, b reply) reply {
	half := func(text []byte) string { return sandbox.Printable(text, shownBytes/2) }
	return reply{sent: []byte(half(a.sent) + "\n" + half(b.sent)), got: []byte(half(a.got) + "\n" + half(b.got))}
}

// ask makes a call, reads its answer and keeps both. After the end of ctx every
// call fails, and nothing is found any more.
func (c *checker) ask(ctx context.Context, op int, payload []byte, into sandbox.Decoder) reply {
	r := reply{sent: payload}
	if c.over(ctx) {
		r.failure = c.fatal
		return r
	}
	answer, used, err := c.module.Call(ctx, op, payload)
	c.verdict.Calls++
	r.got = answer
	var e *sandbox.Error
	switch {
	case errors.As(err, &e):
		r.failure, r.output = e, e.Stderr
		c.measure(op, payload, used, e)
		return r
	case err != nil:
		c.stop(ctx, err)
		r.failure = err
		return r
	}
	c.measure(op, payload, used, nil)
	r.failure = sandbox.Unwrap(answer, into)
	if errors.As(r.failure, &r.fault) {
		r.failure = nil
		c.checkFault(r)
	}
	if r.failure == nil {
		c.tape.record(exchange{op, payload, answer, used.Fuel}, r.fault == nil)
	}
	return r
}

// checkFault holds the form of an err against X05.
func (c *checker) checkFault(r reply) {
	c.tested("X05")
	switch r.fault.Code {
	case spec.CodeBadPrefix, spec.CodeBadParams, spec.CodeUnsupported, spec.CodeInternal:
		if r.fault.Msg == "" {
			c.find("X05", c.now, r, "an err has no message")
		}
	default:
		c.find("X05", c.now, r, "an err has the code %s", wire.Quote(r.fault.Code))
	}
}

// nothing decodes any value.
type nothing struct{}

func (nothing) Decode(d *wire.Decoder) { d.Skip() }

// tested counts that rules were put to the test.
func (c *checker) tested(codes ...string) {
	for _, code := range codes {
		if c.wants(code) {
			c.result(code).Tested++
		}
	}
}

func (c *checker) result(code string) *Result {
	r := c.results[code]
	if r == nil {
		r = &Result{Rule: rule(code), Findings: []Finding{}}
		c.results[code] = r
	}
	return r
}

// find records a breach of a rule by a call.
func (c *checker) find(code string, t target, r reply, format string, args ...any) {
	c.record(Finding{Code: code, Problem: fmt.Sprintf(format, args...)}, t, r)
}

// findIn is find for what shows in the walks of the given numbers.
func (c *checker) findIn(code string, t target, walks []int, r reply, format string, args ...any) {
	c.record(Finding{Code: code, Walks: walks, Problem: fmt.Sprintf(format, args...)}, t, r)
}

// advise is find for what is a warning only.
func (c *checker) advise(code string, t target, r reply, format string, args ...any) {
	c.record(Finding{Code: code, Warning: true, Problem: fmt.Sprintf(format, args...)}, t, r)
}

// record counts a breach; the first of each subject is kept and reported.
func (c *checker) record(f Finding, t target, r reply) {
	if c.fatal != nil || !c.wants(f.Code) {
		return
	}
	if t.space+t.shaper == "" && f.Code[0] != 'L' { // of all calls, which were of what was asked for
		t.space, t.shaper, t.params = c.o.Space, c.o.Shaper, c.o.Params
	}
	result := c.result(f.Code)
	result.Broken++
	f.Rule, f.Warning = result.Rule, f.Warning || result.Advice
	for _, known := range result.Findings {
		if known.Space == t.space && known.Shaper == t.shaper && known.Warning == f.Warning {
			return
		}
	}
	f.Space, f.Shaper, f.Seed = t.space, t.shaper, c.o.Seed
	if params := string(t.params); params != "{}" {
		f.Params = params
	}
	f.Problem = sandbox.Printable([]byte(f.Problem), 2*shownBytes) // it may quote the guest
	f.Sent, f.Got, f.Output = shown(r.sent), shown(r.got), r.output
	var e *sandbox.Error
	switch {
	case f.Fix != "":
	case errors.As(r.failure, &e) && e.Hint != "" && e.Hint != sandbox.ReportIt:
		f.Fix = e.Hint // how the call failed says more than which rule that breaks
	default:
		f.Fix = result.Fix
	}
	result.Findings = append(result.Findings, f)
	if c.o.Report != nil {
		c.o.Report(f)
	}
}
