package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// target is an offer under the i-th of its settings.
func (c *checker) target(t target, i int, params spec.Raw) target {
	t.params, t.full, t.standard = params, i == 0, i == 0 && len(c.o.Params) == 0
	c.now = t
	return t
}

// refusedParams handles the answer to describe that is no description: under the
// default params it breaks a rule, and under others it may be a refusal.
func (c *checker) refusedParams(description, params string, t target, r reply, played *Played) {
	switch {
	case t.standard:
		c.find(description, t, r, "describe gives no description: %s", r.outcome())
	case r.crashed() || r.fault.Code != spec.CodeBadParams:
		c.tested(params)
		c.find(params, t, r, "the params are neither accepted nor refused by %s: %s", spec.CodeBadParams, r.outcome())
	case t.full && c.fatal == nil:
		c.fatal = fmt.Errorf("%s%s: %w: %s", t.space, t.shaper, ErrParams, shown([]byte(r.fault.Msg)))
	default:
		c.tested(params)
		played.Refused++
	}
}

// refusesParams checks S03 or R03: wrong params are refused by describe, and by
// the operation that uses the offer.
func (c *checker) refusesParams(ctx context.Context, code string, o spec.Offer, t target, op int, members ...any) {
	if !c.wants(code) {
		return
	}
	for i, params := range c.wrongParams(o) {
		if c.hopeless() {
			return
		}
		wrong := t
		wrong.params = params
		payload := wrong.payload(members...)
		ops := []int{spec.OpCodeDescribe, op}
		if i >= 5 {
			ops = ops[:1]
		}
		for _, op := range ops {
			c.tested(code)
			switch r := c.ask(ctx, op, payload, nothing{}); {
			case r.crashed():
				c.find(code, t, r, "wrong params: %s", r.outcome())
			case r.ok():
				c.find(code, t, r, "wrong params are accepted")
			case r.fault.Code != spec.CodeBadParams:
				c.find(code, t, r, "wrong params are refused by %s, not by %s", wire.Quote(r.fault.Code), spec.CodeBadParams)
			}
		}
	}
}

// understood checks S02 or R02: the params that a description returns are those
// given, with the defaults of the others.
func (c *checker) understood(code string, o spec.Offer, t target, r reply, returned spec.Raw) {
	c.tested(code)
	var given, got map[string]spec.Raw
	_ = json.Unmarshal(t.params, &given)
	if err := json.Unmarshal(returned, &got); err != nil {
		c.find(code, t, r, "the description's params are no object")
		return
	}
	for _, p := range o.Params {
		want, whence := p.Default, "by default"
		if v, ok := given[p.Name]; ok {
			want, whence = v, "as given"
		}
		if v, ok := got[p.Name]; !ok {
			c.find(code, t, r, "the description's params lack %s", wire.Quote(p.Name))
		} else if !equalJSON(v, want) {
			c.find(code, t, r, "the description says that %s is %s; %s it is %s", wire.Quote(p.Name), shown(v), whence, shown(want))
		}
	}
}

// defaults checks S02 or R02: a call without params, and one with all defaults
// spelled out, are answered as the one with an empty object.
func (c *checker) defaults(ctx context.Context, code string, o spec.Offer, t target, op int, members ...any) {
	if !c.wants(code) || !t.standard {
		return
	}
	var all []member
	for _, p := range o.Params {
		all = append(all, member{p.Name, p.Default})
	}
	want := c.ask(ctx, op, t.payload(members...), nothing{})
	for _, params := range []spec.Raw{nil, object(all)} {
		c.tested(code)
		same := t
		same.params = params
		r := c.ask(ctx, op, same.payload(members...), nothing{})
		switch {
		case r.crashed() && !want.crashed():
			c.find(code, t, r, "with the defaults spelled out, or no params at all: %s", r.outcome())
		case string(r.got) != string(want.got):
			c.find(code, t, r, "with the defaults spelled out, or no params at all, the answer is another than with {}: %s", differing(string(r.got), string(want.got)))
		}
	}
}

// equalJSON compares values, not texts.
func equalJSON(a, b spec.Raw) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
