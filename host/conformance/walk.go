package conformance

import (
	"context"
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// walk is one episode.
type walk struct {
	n       int
	answers spec.Answers
	steps   []*arrival // the step after each number of answers
	guessed []bool     // whether that was remembered of another prefix
	whole   bool       // it ended as it should
}

// walk plays episode n as far as the rules are kept.
func (p *player) walk(ctx context.Context, n, extreme int) *walk {
	w := &walk{n: n}
	rng := p.rng(p.target, n, "walk")
	density := 0.1 + 0.8*rng.Float64()
	names := map[string]int{}
	anchors := 0
	at, guessed := p.root, false
	if at == nil {
		if at = p.consult(ctx, w, nil); at == nil {
			return w
		}
		p.root = at
	}
	for {
		w.steps, w.guessed = append(w.steps, at), append(w.guessed, guessed)
		if !p.legalStep(w, at, anchors) {
			return w
		}
		if at.step.Done {
			w.whole = true
			return w
		}
		q := at.step.Decision
		p.meet(q)
		p.tested("S06")
		if first, ok := names[q.Name]; ok {
			p.findIn("S06", p.target, []int{n}, at.reply, "decisions %d and %d are both called %s", first, len(w.answers), wire.Quote(q.Name))
		} else {
			names[q.Name] = len(w.answers)
		}
		if q.Anchor {
			anchors++
		}
		w.answers = append(w.answers, p.pick(n, extreme, rng, density, q))
		if at, guessed = p.follow(ctx, w, at); at == nil {
			return w
		}
	}
}

// meet notes which options are allowed.
func (p *player) meet(q *spec.Decision) {
	used := p.used[q.Kind]
	if len(used) == 0 {
		p.used[q.Kind] = []bool{true} // a kind without options that has been asked
	}
	for i := range used {
		used[i] = used[i] || len(q.Mask) == 0 || q.Mask[i]
	}
}

// legalStep checks a step that comes after the walk's answers.
func (p *player) legalStep(w *walk, at *arrival, anchors int) bool {
	p.tested("S05", "S07", "S08", "S09")
	code, problem := "", ""
	q := at.step.Decision
	if q != nil {
		last := -1
		for _, a := range q.Candidates {
			what := ""
			switch {
			case a < 0 || a >= anchors:
				what = fmt.Sprintf("but %d were announced before it", anchors)
			case a <= last:
				what = "which do not ascend"
			}
			if last = a; what != "" && code == "" {
				code, problem = "S07", fmt.Sprintf("decision %s offers the anchor points %v, %s", wire.Quote(q.Name), q.Candidates, what)
			}
		}
		if k, ok := p.info.Kind(q.Kind); ok && k.Type == spec.Choice && len(q.Mask) > 0 && len(q.Mask) != len(k.Options) {
			code = "S09"
			problem = fmt.Sprintf("decision %s has a mask of %d entries; its kind has %d options", wire.Quote(q.Name), len(q.Mask), len(k.Options))
		}
	}
	if err := p.info.Check(at.step, anchors); err != nil && code == "" {
		code, problem = "S05", err.Error()
	}
	if code == "" && q != nil && len(w.answers) >= p.info.MaxSteps {
		code, problem = "S08", fmt.Sprintf("after %d answers it asks for %s; max_steps is %d", len(w.answers), wire.Quote(q.Name), p.info.MaxSteps)
	}
	if code != "" {
		p.findIn(code, p.target, []int{w.n}, at.reply, "%s", problem)
	}
	return code == ""
}

// follow returns the step after the walk's answers, the last of which replies to
// the step from, and whether that is remembered of another prefix.
func (p *player) follow(ctx context.Context, w *walk, from *arrival) (*arrival, bool) {
	if from.step.State == "" {
		return p.consult(ctx, w, w.answers), false
	}
	key := from.step.State
	if !from.step.Any {
		key += "\x00" + encoded(&w.answers[len(w.answers)-1])
	}
	if at := p.known[key]; at != nil {
		return at, true
	}
	at := p.consult(ctx, w, w.answers)
	if at != nil && len(p.known) < maxKnown {
		p.known[key] = at
	}
	return at, false
}

// consult asks the guest for the step after a prefix of legal answers, and finds
// fault with anything but a step. It returns nil then.
func (p *player) consult(ctx context.Context, w *walk, prefix spec.Answers) *arrival {
	at, r := p.next(ctx, prefix)
	p.tested("S04")
	if at == nil {
		p.stuck(w, prefix, r)
		return nil
	}
	at.walk = w.n
	return at
}

// stuck finds fault with what came of a prefix of legal answers.
func (p *player) stuck(w *walk, prefix spec.Answers, r reply) {
	code := "S04"
	problem := fmt.Sprintf("after %d legal answers: %s", len(prefix), r.outcome())
	if f := r.fault; f != nil && f.Code == spec.CodeBadPrefix && f.At >= 0 && f.At < len(w.steps) && f.At < len(prefix) {
		q := w.steps[f.At].step.Decision
		if k, _ := p.info.Kind(q.Kind); k.Type == spec.Choice {
			code = "S09"
			problem = fmt.Sprintf("decision %s is asked with all options of its kind, %d, but refuses option %d: %s", wire.Quote(q.Name), len(k.Options), prefix[f.At].Index, f.Msg)
		}
	}
	p.findIn(code, p.target, []int{w.n}, r, "%s", problem)
}

// next asks for the step after a prefix.
func (p *player) next(ctx context.Context, prefix spec.Answers) (*arrival, reply) {
	var step spec.Step
	r := p.ask(ctx, spec.OpCodeNext, p.target.payload("prefix", &prefix), &step)
	if !r.ok() {
		return nil, r
	}
	return &arrival{step: step, text: encoded(&step), prefix: append(spec.Answers(nil), prefix...), reply: r}, r
}

// replaced is a copy of the first answers with one more.
func replaced(prefix spec.Answers, last spec.Answer) spec.Answers {
	return append(append(make(spec.Answers, 0, len(prefix)+1), prefix...), last)
}
