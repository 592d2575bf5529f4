package conformance

import (
	"context"
	"hash/fnv"
	"math/rand/v2"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// player plays episodes of one space under one setting of its params.
type player struct {
	*checker
	target target
	info   spec.SpaceInfo
	counts *Played
	tasks  []spec.Task

	whole   int   // episodes that ended as they should
	large   error // why a network was too large; nil: none was
	fitting int   // networks that were not

	root  *arrival            // the first step
	known map[string]*arrival // what follows a state, and an answer if it matters
	used  map[string][]bool   // by kind: which options have been allowed
}

// arrival is a step, and the first prefix that led to it.
type arrival struct {
	step   spec.Step
	text   string // the step's JSON
	prefix spec.Answers
	walk   int
	reply  reply
}

// maxKnown bounds how many transitions are remembered.
const maxKnown = 100_000

func newPlayer(c *checker, t target, info spec.SpaceInfo, played *Played) *player {
	p := &player{checker: c, target: t, info: info, counts: played, tasks: tasks(info.Task), known: map[string]*arrival{}, used: map[string][]bool{}}
	for _, k := range info.Kinds {
		p.used[k.ID] = make([]bool, len(k.Options))
	}
	return p
}

// play makes the extreme walks and then a number of random ones. Each option of
// each kind is picked everywhere once under the default params only.
func (p *player) play(ctx context.Context, random int) {
	extreme := p.extremeWalks()
	p.lastWalk = max(p.lastWalk, extreme+random-1)
	for n := range extreme + random {
		if p.over(ctx) || p.hopeless() {
			return
		}
		if n >= extreme {
			p.progress(1, "space "+p.target.space)
		}
		everyOption := n >= eachOption && n < extreme
		if !p.plays(n) || everyOption && !p.target.full && len(p.o.Only) == 0 {
			continue
		}
		w := p.walk(ctx, n, extreme)
		p.counts.Walks++
		p.counts.Steps += len(w.answers)
		p.counts.Longest = max(p.counts.Longest, len(w.answers))
		if !w.whole || !p.promises(ctx, w) {
			continue
		}
		p.whole++
		p.build(ctx, w)
		if p.samples(n, 25) || n < eachOption && p.target.full {
			p.illegal(ctx, w)
			p.unfinished(ctx, w)
		}
	}
	p.fits()
	if p.target.full && len(p.o.Only) == 0 && p.whole > 0 {
		p.wrongTasks(ctx)
		p.reachable()
	}
}

// Walks by number: those below extremeWalks are not random, or not all.
const (
	allFirst      = iota // first options, empty sets
	allLast              // last options, full sets
	firstFull            // first options, full sets
	lastEmpty            // last options, empty sets
	eachOption           // from here on: the k-th option everywhere, random sets
	maxOptionWalk = 256
)

// extremeWalks is how many walks are not random.
func (p *player) extremeWalks() int {
	most := 0
	for _, k := range p.info.Kinds {
		most = max(most, len(k.Options))
	}
	return eachOption + min(most, maxOptionWalk)
}

// rng is the source of what is random in a walk; use tells purposes apart.
func (c *checker) rng(t target, walk int, use string) *rand.Rand {
	h := fnv.New64a()
	for _, part := range []string{t.space, t.shaper, string(t.params), use} {
		_, _ = h.Write(append([]byte(part), 0))
	}
	return rand.New(rand.NewPCG(c.o.Seed, h.Sum64()^uint64(walk)))
}

// pick answers a decision on walk n.
func (p *player) pick(n, extreme int, rng *rand.Rand, density float64, q *spec.Decision) spec.Answer {
	k, _ := p.info.Kind(q.Kind)
	if k.Type == spec.AnchorSet {
		var set []int
		for _, a := range q.Candidates {
			switch {
			case n == allFirst || n == lastEmpty:
			case n == allLast || n == firstFull || rng.Float64() < density:
				set = append(set, a)
			}
		}
		return spec.PickSet(set...)
	}
	list := q.Candidates
	if k.Type == spec.Choice {
		list = allowed(q, k)
	}
	switch {
	case n == allFirst || n == firstFull:
		return spec.Pick(list[0])
	case n == allLast || n == lastEmpty:
		return spec.Pick(list[len(list)-1])
	case n < extreme && k.Type == spec.Choice:
		return spec.Pick(list[(n-eachOption)%len(list)])
	}
	return spec.Pick(list[rng.IntN(len(list))])
}

// allowed lists the options that a decision's mask allows.
func allowed(q *spec.Decision, k spec.Kind) []int {
	var list []int
	for i := range k.Options {
		if len(q.Mask) == 0 || q.Mask[i] {
			list = append(list, i)
		}
	}
	return list
}

// reachable checks S14.
func (p *player) reachable() {
	for _, k := range p.info.Kinds {
		p.tested("S14")
		met, ok := p.used[k.ID], false
		missing := -1
		for i, m := range met {
			ok = ok || m
			if !m && missing < 0 {
				missing = i
			}
		}
		switch {
		case !ok:
			p.find("S14", p.target, reply{}, "in %d walks the kind %q is never asked", p.counts.Walks, k.ID)
		case missing >= 0:
			p.find("S14", p.target, reply{}, "in %d walks the option %q of the kind %q is never allowed", p.counts.Walks, k.Options[missing], k.ID)
		}
	}
}
