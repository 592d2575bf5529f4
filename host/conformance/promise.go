package conformance

import (
	"context"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// promises checks that what was remembered on a walk is what the guest says when
// it sees the whole prefix: at the end and at one other place, from walk to walk
// another one, and on some walks everywhere. It reports whether that is so.
func (p *player) promises(ctx context.Context, w *walk) bool {
	end := len(w.answers)
	places := []int{end}
	if other := w.n % (end + 1); other < end {
		places = append(places, other)
	}
	if p.target.full && p.samples(w.n, 40) {
		places = places[:0]
		for at := range end + 1 {
			places = append(places, at)
		}
	}
	for _, at := range places {
		if w.guessed[at] && !p.agrees(ctx, w, at) {
			p.disagrees(ctx, w, at)
			return false
		}
	}
	p.another(ctx, w)
	return true
}

// another checks S13: that another answer at one place of a walk leads to the
// same step, if the step there says any.
func (p *player) another(ctx context.Context, w *walk) {
	if !p.wants("S13") || !p.samples(w.n, 2) || len(w.answers) == 0 {
		return
	}
	at := w.n / 2 % len(w.answers)
	from := w.steps[at].step
	if !from.Any {
		return
	}
	rng := p.rng(p.target, w.n, "any")
	other := w.answers[at]
	for range 8 {
		if other = p.pick(p.extremeWalks(), 0, rng, 0.5, from.Decision); encoded(&other) != encoded(&w.answers[at]) {
			break
		}
	}
	p.tested("S13")
	a, ra := p.next(ctx, w.answers[:at+1])
	b, rb := p.next(ctx, replaced(w.answers[:at], other))
	if a != nil && b != nil && a.text != b.text {
		p.anyBroken([]int{w.n}, from.Decision, ra, rb)
	}
}

// agrees tells whether the guest gives the remembered step after at answers.
func (p *player) agrees(ctx context.Context, w *walk, at int) bool {
	p.tested("S12")
	got, _ := p.next(ctx, w.answers[:at])
	return got != nil && got.text == w.steps[at].text || p.over(ctx)
}

// disagrees finds the first step of a walk that the guest contradicts, at most
// so many answers from its beginning, and which promise that breaks.
func (p *player) disagrees(ctx context.Context, w *walk, most int) {
	for at := 1; at <= most; at++ {
		if !w.guessed[at] {
			continue
		}
		got, r := p.next(ctx, w.answers[:at])
		if got != nil && got.text == w.steps[at].text {
			continue
		}
		if got == nil { // all steps before it are the guest's own
			p.stuck(w, w.answers[:at], r)
			return
		}
		before, then := w.steps[at-1].step, w.steps[at]
		if before.Any {
			// The same prefix with the last answer of the other one: if that
			// is followed by the other's step, the answer matters after all.
			other := then.prefix[len(then.prefix)-1]
			if p.info.CheckAnswer(*before.Decision, other) == nil {
				if same, rs := p.next(ctx, replaced(w.answers[:at-1], other)); same != nil && same.text == then.text {
					p.anyBroken(walksOf(then, w), w.steps[at-1].step.Decision, r, rs)
					return
				}
			}
		}
		p.tested("S12")
		p.findIn("S12", p.target, walksOf(then, w), both(then.reply, r), "prefixes of %d and %d answers reach the state %s, but the next answer leads to different steps",
			len(then.prefix)-1, at-1, wire.Quote(before.State))
		return
	}
}

// walksOf are the walks that show a contradiction: the one that led to a step
// first, and another.
func walksOf(then *arrival, w *walk) []int {
	if then.walk == w.n {
		return []int{w.n}
	}
	return []int{then.walk, w.n}
}

// anyBroken reports that two answers to a step with any lead to different ones.
func (p *player) anyBroken(walks []int, q *spec.Decision, a, b reply) {
	p.findIn("S13", p.target, walks, both(a, b), "decision %s says any, but two answers to it lead to different steps", wire.Quote(q.Name))
}
