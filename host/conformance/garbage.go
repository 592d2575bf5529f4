package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// garbage checks X01 to X04 with variations of calls that went well.
func (c *checker) garbage(ctx context.Context) {
	c.mute = true // no search sends any of this
	defer func() { c.mute = false }()
	for _, op := range []int{spec.OpCodeDescribe, spec.OpCodeNext, spec.OpCodeBuild, spec.OpCodeReward} {
		if x, ok := c.tape.first(op); ok && !c.over(ctx) {
			c.malformed(ctx, x)
			c.indifferent(ctx, x)
			c.large(ctx, x)
		}
	}
	c.unknown(ctx)
}

// broken are payloads that are no JSON objects, whatever the operation.
var broken = []string{
	"{", "}", "[", `"`, `{"`, `{"space`, `{"space"`, `{"space":`, `{"space":"`, `{"params":{`, `{"prefix":[`, `{"prefix":[0`, `{"prefix":[0,`,
	"[]", "7", "-", "true", `"text"`, "nul", "x", " ", "\x00", "\xff\xfe", "{}{}", `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{"a":01}`, `{"a":1e}`,
	`{"a":"\u12"}`, `{"a":"\x"}`, "{\"a\":\"\n\"}", `{"space":7}`, `{"shaper":[]}`, `{"space":{"name":"a"}}`,
}

// malformed checks X01: payloads that no parser may take, and mutations of one
// that it takes, which may by chance still be good.
func (c *checker) malformed(ctx context.Context, x exchange) {
	if !c.wants("X01") {
		return
	}
	payloads := append([]string(nil), broken...)
	for n := 1; n < len(x.sent); n += max(1, len(x.sent)/24) {
		payloads = append(payloads, string(x.sent[:n]))
	}
	if x.op != spec.OpCodeDescribe {
		payloads = append(payloads, "{}")
	}
	stops := 0 // each takes seconds, and one is enough to break the rule
	send := func(payload []byte, what string) reply {
		c.tested("X01")
		r := c.ask(ctx, x.op, payload, nothing{})
		if r.crashed() {
			c.find("X01", target{}, r, "a %s payload: %s", what, r.outcome())
		}
		if overran(r.failure) {
			stops++
		}
		return r
	}
	for _, payload := range payloads {
		if stops >= maxStops {
			return
		}
		switch r := send([]byte(payload), "malformed"); {
		case r.ok() && payload == "{}":
			c.find("X01", target{}, r, "operation %d is served without a word of what is asked", x.op)
		case r.ok():
			c.advise("X01", target{}, r, "a malformed payload is taken for good")
		}
	}
	rng := c.rng(target{}, x.op, "mutations")
	for range 60 {
		if stops >= maxStops {
			return
		}
		b := mutated(rng, x.sent)
		if r := send(b, "mutated"); r.ok() && !json.Valid(b) {
			c.advise("X01", target{}, r, "a malformed payload is taken for good")
		}
	}
}

// mutated changes a payload in one to three places.
func mutated(rng *rand.Rand, payload []byte) []byte {
	b := bytes.Clone(payload)
	for range 1 + rng.IntN(3) {
		switch at := rng.IntN(len(b)); rng.IntN(4) {
		case 0:
			b[at] = byte(rng.Uint32())
		case 1:
			b[at] = `{}[]",:0-9eE.\tfnu`[rng.IntN(18)]
		case 2:
			b = append(b[:at], b[min(len(b), at+1+rng.IntN(8)):]...)
		case 3:
			b = append(b[:at:at], append([]byte(strings.Repeat(string(b[at:min(len(b), at+5)]), 1+rng.IntN(9))), b[at:]...)...)
		}
		if len(b) == 0 {
			b = []byte("{")
		}
	}
	return b
}

// indifferent checks X02: what means the same is answered the same. A guest may
// hand back a piece of the payload, such as the task, as it came.
func (c *checker) indifferent(ctx context.Context, x exchange) {
	if !c.wants("X02") {
		return
	}
	var members []member
	d := wire.NewDecoder(x.sent)
	for d.Object(); d.Next(); {
		name := d.Key()
		members = append(members, member{name, d.Raw()})
	}
	last := len(members)
	nulls := slices.Clone(members)
	for _, name := range []string{"space", "shaper", "params"} {
		i := slices.IndexFunc(nulls, func(m member) bool { return m.name == name })
		if i < 0 {
			nulls = append(nulls, member{name, nil})
		} else if string(nulls[i].value) == "{}" {
			nulls[i].value = nil
		}
	}
	reversed := make([]member, last)
	for i, m := range members {
		reversed[last-1-i] = m
	}
	var spaced, indented bytes.Buffer
	_ = json.Indent(&indented, x.sent, "\n\t ", "\r\n")
	_ = json.Indent(&spaced, x.sent, " ", " ")
	spaced.WriteString(" \n")
	for _, v := range []garbage{
		{"a member that it does not know", object(append([]member{{"x_unknown", spec.Raw(`{"a":[1,{"b":null}],"c":"}\"]"}`)}}, members...))},
		{"an unknown member with escapes", object(append([]member{{"x_unknown", spec.Raw(`"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00é😀"`)}}, members...))},
		{"an unknown member whose value is null", object(append(members[:last:last], member{"x_unknown", nil}))},
		{"null in the place of absent members", object(nulls)},
		{"the members in reverse order", object(reversed)},
		{"white space between the tokens", spaced.Bytes()},
		{"an indented payload", indented.Bytes()},
	} {
		c.tested("X02")
		if r := c.ask(ctx, x.op, v.sent, nothing{}); !r.ok() {
			c.find("X02", target{}, r, "%s: %s", v.what, r.outcome())
		} else if !equalJSON(r.got, x.got) {
			c.find("X02", target{}, r, "%s changes the answer, which is else %s", v.what, differing(string(x.got), string(r.got)))
		}
	}
}

// large checks X04: payloads as long as a host sends, and nested deeper than any
// that makes sense.
func (c *checker) large(ctx context.Context, x exchange) {
	if !c.wants("X04") {
		return
	}
	most := c.o.Sandbox.Limits.InputBytes
	body := bytes.TrimSuffix(x.sent, []byte("}"))
	if len(body) > 1 {
		body = append(bytes.Clone(body), ',')
	}
	with := func(name string, value []byte) []byte {
		return fmt.Appendf(nil, `%s"%s":%s}`, body, name, value)
	}
	room := max(0, most-len(body)-64)
	fill := func(open, item, end string) []byte {
		n := max(0, room-len(open)-len(end)-1) / len(item)
		return append(append([]byte(open), strings.Repeat(item, n)...), end...)
	}
	depth := min(10_000, room/2)
	payloads := []garbage{
		{"a string of a megabyte", with("x_unknown", fill(`"`, "a", `"`))},
		{fmt.Sprintf("arrays nested %d deep", depth), with("x_unknown", []byte(strings.Repeat("[", depth)+strings.Repeat("]", depth)))},
		{"objects nested 100,000 deep", with("x_unknown", []byte(strings.Repeat(`{"a":`, min(100_000, room/6))))},
		{"a megabyte of brackets", fill("", "[", "")},
		{"a megabyte of quotes", fill("", `"`, "")},
	}
	if x.op == spec.OpCodeNext || x.op == spec.OpCodeReward { // these take a while
		payloads = append(payloads, garbage{"an array of half a million numbers", with("x_unknown", fill("[", "0,", "0]"))},
			garbage{"a megabyte of blanks", append(fill("", " ", ""), x.sent...)},
			garbage{"a prefix of 100,000 answers", fmt.Appendf(nil, `{"prefix":[%s0]}`, strings.Repeat("0,", min(100_000, room/2)))})
	}
	for _, v := range payloads {
		c.tested("X04")
		r := c.ask(ctx, x.op, v.sent, nothing{})
		if r.crashed() && !refusesSize(r.failure) {
			c.find("X04", target{}, r, "%s: %s", v.what, r.outcome())
		}
	}
}

// garbage is a payload that no search sends.
type garbage struct {
	what string
	sent []byte
}

// unknown checks X03.
func (c *checker) unknown(ctx context.Context) {
	if !c.wants("X03") {
		return
	}
	nobody := target{space: "no such space"}
	noShaper := target{shaper: "no such shaper"}
	prefix := &spec.Answers{}
	for _, v := range []struct {
		op   int
		sent []byte
		what string
	}{
		{0, []byte("{}"), "operation 0"}, {5, []byte("{}"), "operation 5"}, {-1, []byte("{}"), "operation -1"}, {1 << 30, []byte("{}"), "operation 2^30"},
		{spec.OpCodeDescribe, nobody.payload(), "the description of an unknown space"},
		{spec.OpCodeDescribe, noShaper.payload(), "the description of an unknown shaper"},
		{spec.OpCodeNext, nobody.payload("prefix", prefix), "an unknown space"},
		{spec.OpCodeBuild, nobody.payload("prefix", prefix, "task", &image32), "a network of an unknown space"},
		{spec.OpCodeReward, noShaper.payload("metrics", &spec.Metrics{}), "an unknown shaper"},
	} {
		c.tested("X03")
		switch r := c.ask(ctx, v.op, v.sent, nothing{}); {
		case r.ok() || r.crashed():
			c.find("X03", target{}, r, "%s: %s", v.what, r.outcome())
		case r.fault.Code != spec.CodeUnsupported:
			c.find("X03", target{}, r, "%s is refused by %s, not by %s", v.what, wire.Quote(r.fault.Code), spec.CodeUnsupported)
		}
	}
}

// refusesSize tells whether a guest ran into a limit, or said that it has no room
// for a payload, as it may.
func refusesSize(err error) bool {
	var e *sandbox.Error
	if !errors.As(err, &e) {
		return false
	}
	return errors.Is(e, sandbox.ErrLimit) && e.Code != "answer" || e.Code == "alloc" && strings.Contains(e.Msg, "answered 0")
}
