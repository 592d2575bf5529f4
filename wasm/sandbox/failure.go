package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// refused wraps a refusal to load.
func (m *Module) refused(r *refusal) *Error {
	return &Error{Kind: ErrRefused, Plugin: m.name, Op: "load", Code: r.code, Msg: shown([]byte(r.msg)), At: -1, Hint: r.hint}
}

// failure explains why a call did not go well. The caller's own cancellation
// is no *Error, but ctx's error.
func (m *Module) failure(ctx context.Context, q request, i *instance, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("plugin %s: %s: %w", m.name, q.name, context.Cause(ctx))
	}
	e := &Error{Plugin: m.name, Op: q.name, At: -1, Sent: shown(q.payload), Stderr: clean(i.world.tail.text()), cause: err}
	var refusal *refusal
	var said *spec.Fault
	var rule *violation
	var fault *fault
	switch {
	case errors.As(err, &refusal):
		e.Kind, e.Code, e.Msg, e.Hint = ErrRefused, refusal.code, refusal.msg, refusal.hint
	case errors.As(err, &said):
		e.Kind, e.Code, e.Msg, e.At = ErrAnswer, shown([]byte(said.Code)), said.Msg, said.At
	case errors.As(err, &rule):
		e.Kind, e.Code, e.Msg = rule.kind, rule.code, rule.msg
		e.Hint = rule.hint
		switch {
		case rule.kind == ErrLimit:
			m.mayRaise(e, "answer with less", rule.code, 0)
		case rule.hint == "":
			e.Hint = ReportIt
		}
	case errors.As(err, &fault):
		m.explain(e, fault, i, q.fuel)
	default:
		e.Kind, e.Code, e.Msg = ErrTrap, "engine", err.Error()
		e.Hint = ReportIt
	}
	e.Msg, e.Trace = shown([]byte(e.Msg)), clean(e.Trace)
	return e
}

// ReportIt is the hint for those who use a plugin where the message says all
// that is known.
const ReportIt = "this is a bug in the plugin: report it with this message to its author, whom espalier plugin check tells more"

// explain fills in what an abnormal end means.
func (m *Module) explain(e *Error, f *fault, i *instance, fuel int64) {
	e.Trace = f.trace
	if asked := i.store.denied; asked > 0 && f.kind != overran && f.kind != starved {
		e.Kind, e.Code = ErrLimit, "memory"
		e.Msg = fmt.Sprintf("it wanted a memory of %s; at most %s are allowed (limit memory)", size(int64(asked)), size(int64(i.store.limit)))
		m.mayRaise(e, "use less memory", "memory", int64(asked))
		return
	}
	switch f.kind {
	case overran:
		e.Kind, e.Code = ErrLimit, "time"
		e.Msg = fmt.Sprintf("it took longer than %v (limit time), with %s of fuel spent", m.options.Limits.Time, count(i.spent()))
		m.mayRaise(e, "use a machine that is less busy", "time", 0)
	case starved:
		e.Kind, e.Code = ErrLimit, "fuel"
		e.Msg = fmt.Sprintf("it spent %s of fuel (instructions, roughly); %s are allowed (limit %s)", count(i.spent()), count(fuel), limitOf(e.Op))
		m.mayRaise(e, "look for an endless loop or recursion; move work that is the same for every call into initialisation", limitOf(e.Op), 0)
	case quit:
		e.Kind, e.Code, e.Msg = ErrTrap, "exit", f.msg
		e.Hint = "a plugin must not exit: answer with an err instead"
	case trapped:
		e.Kind, e.Code, e.Msg = ErrTrap, "trap", "it crashed"+f.where+": "+f.msg
		e.Hint = ReportIt
		if strings.Contains(f.msg, "stack overflow") {
			e.Code, e.Hint = "stack", "look for endless recursion"
		}
	}
}

// mayRaise advises to do something, or to raise a limit to what is needed.
func (m *Module) mayRaise(e *Error, advice, limit string, need int64) {
	e.Raise = m.options.Limits.raised(limit, need)
	e.Hint = advice + orRaise(e.Raise)
}

// count writes a large number for people, in groups of three digits.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// limitOf names the limit of fuel that bounds an operation.
func limitOf(op string) string {
	switch op {
	case "next":
		return "fuel.next"
	case "build":
		return "fuel.build"
	case "reward":
		return "fuel.reward"
	case "load":
		return "fuel.init"
	}
	return "fuel.describe"
}

// breach says that an answer, though readable, breaks a rule.
func (m *Module) breach(q request, answer []byte, rule error) *Error {
	return &Error{Kind: ErrProtocol, Plugin: m.name, Op: q.name, Code: "rule", Msg: shown([]byte(rule.Error())), At: -1,
		Sent: shown(q.payload), Got: shown(answer), Hint: ReportIt, cause: rule}
}

// object checks that params are a JSON object and strips its spaces.
func (m *Module) object(name string, params []byte) ([]byte, error) {
	if len(params) == 0 {
		return []byte("{}"), nil
	}
	d := wire.NewDecoder(params)
	for d.Object(); d.Next(); {
		d.Skip()
	}
	if err := d.Finish(); err != nil {
		return nil, &Error{Kind: ErrAnswer, Plugin: m.name, Op: "describe", Code: "bad_params", At: -1, Sent: shown(params),
			Msg: fmt.Sprintf("the params of %s are not a JSON object: %v", name, err), cause: err}
	}
	var out bytes.Buffer
	_ = json.Compact(&out, params) // valid, as just found
	return out.Bytes(), nil
}
