package conformance

import (
	"bytes"
	"context"
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// wrongAnswer is JSON that is no answer to a decision, and why.
type wrongAnswer struct{ json, why string }

// wrongAnswers lists what is no answer to a decision.
func (p *player) wrongAnswers(q *spec.Decision) []wrongAnswer {
	k, _ := p.info.Kind(q.Kind)
	list := []wrongAnswer{
		{`"0"`, "a string"}, {`0.5`, "a fraction"}, {`{}`, "an object"}, {`[[0]]`, "a nested array"}, {`true`, "a boolean"},
	}
	number := func(n int64, why string) { list = append(list, wrongAnswer{strconv.FormatInt(n, 10), why}) }
	set := func(why string, anchors ...int) {
		a := spec.PickSet(anchors...)
		list = append(list, wrongAnswer{encoded(&a), why})
	}
	if k.Type == spec.AnchorSet {
		number(0, "a number in place of an array")
		set("a negative anchor point", -1)
		set("an anchor point that is not offered", without(q.Candidates))
		if n := len(q.Candidates); n > 0 {
			set("an anchor point twice", q.Candidates[0], q.Candidates[0])
			if n > 1 {
				set("descending anchor points", q.Candidates[1], q.Candidates[0])
			}
		}
		return list
	}
	number(-1, "a negative number")
	number(1<<31-1, "a huge number")
	number(1<<32, "a number of 33 bits, zero in the lower 32")
	set("an empty array")
	set("an array", 0)
	if k.Type == spec.Pointer {
		number(int64(without(q.Candidates)), "an anchor point that is not offered")
		return list
	}
	number(int64(len(k.Options)), "one past the last option")
	for i := range q.Mask {
		if !q.Mask[i] {
			number(int64(i), "a masked option")
			break
		}
	}
	return list
}

// without returns the lowest anchor point that is not offered.
func without(candidates []int) int {
	for i, a := range candidates {
		if a != i {
			return i
		}
	}
	return len(candidates)
}

// illegal checks S10 and S11, and B04 for illegal prefixes: at a random place of
// a walk, and after its end.
func (p *player) illegal(ctx context.Context, w *walk) {
	if !p.wants("S10", "S11", "B04", "X05") {
		return
	}
	rng := p.rng(p.target, w.n, "illegal")
	end := len(w.answers)
	if end > 0 {
		at := rng.IntN(end)
		wrong := p.wrongAnswers(w.steps[at].step.Decision)
		for _, a := range wrong {
			p.refuses(ctx, w, spec.OpCodeNext, at, a.why, a.json)
		}
		a := wrong[rng.IntN(len(wrong))]
		p.refuses(ctx, w, spec.OpCodeBuild, at, a.why, a.json)
		// With legal answers after the wrong one, too.
		rest := w.answers[at+1:]
		p.refuses(ctx, w, spec.OpCodeNext, at, a.why+", with answers after it", a.json, rest...)
		p.refuses(ctx, w, spec.OpCodeBuild, at, a.why+", with answers after it", a.json, rest...)
	}
	for _, op := range []int{spec.OpCodeNext, spec.OpCodeBuild} {
		p.refuses(ctx, w, op, end, "an answer after the end", "0")
		p.refuses(ctx, w, op, end, "an answer after the end", "[]", spec.Pick(0), spec.PickSet())
	}
}

// refuses sends the first answers of a walk, a wrong one and others after it,
// and expects an err.
func (p *player) refuses(ctx context.Context, w *walk, op, at int, why, wrong string, rest ...spec.Answer) {
	prefix := bytes.TrimSuffix([]byte(encoded(ref(w.answers[:at]))), []byte("]"))
	if at > 0 {
		prefix = append(prefix, ',')
	}
	prefix = append(prefix, wrong...)
	for _, a := range rest {
		prefix = append(append(prefix, ','), encoded(&a)...)
	}
	raw := spec.Raw(append(prefix, ']'))
	code, members := "S10", []any{"prefix", &raw}
	if op == spec.OpCodeBuild {
		code, members = "B04", append(members, "task", &p.tasks[0])
	}
	r := p.ask(ctx, op, p.target.payload(members...), nothing{})
	p.tested(code)
	switch {
	case r.crashed():
		p.findIn(code, p.target, []int{w.n}, r, "answer %d is %s: %s", at, why, r.outcome())
		return
	case r.ok():
		p.findIn(code, p.target, []int{w.n}, r, "answer %d is %s, and is taken", at, why)
		return
	}
	p.tested("S11")
	switch f := r.fault; {
	case f.Code != spec.CodeBadPrefix:
		p.findIn("S11", p.target, []int{w.n}, r, "answer %d is %s; the err says %s, not %s", at, why, wire.Quote(f.Code), spec.CodeBadPrefix)
	case f.At != at:
		p.findIn("S11", p.target, []int{w.n}, r, "answer %d is %s; the err says at %d", at, why, f.At)
	}
}

func ref(a spec.Answers) *spec.Answers { return &a }
