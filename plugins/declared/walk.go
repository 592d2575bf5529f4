package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// taste is what a run answers where it has been given no answer.
type taste int

const (
	none  taste = iota // nothing: it ends there
	first              // the first option, no anchor point or the first
	last               // the last option, all anchor points or the last
)

// pick answers a decision.
func (t taste) pick(q *spec.Decision, k *kind) spec.Answer {
	options := q.Candidates
	if k.Type == spec.Choice {
		options = nil
		for i := range k.Options {
			if q.Mask == nil || q.Mask[i] {
				options = append(options, i)
			}
		}
	}
	switch {
	case k.Type == spec.AnchorSet && t == first:
		return spec.PickSet()
	case k.Type == spec.AnchorSet:
		return spec.PickSet(options...)
	case t == first:
		return spec.Pick(options[0])
	}
	return spec.Pick(options[len(options)-1])
}

// walk is one run through the decisions of an episode.
type walk struct {
	scope
	answers spec.Answers
	taste   taste
	used    int // answers so far
	anchors int // anchor points so far
	marks   map[string][]int
	step    spec.Step
	err     error
}

// walk runs as far as the answers and the taste lead.
func (s *space) walk(answers spec.Answers, taste taste) *walk {
	w := &walk{answers: answers, taste: taste, marks: map[string][]int{}}
	w.scope = scope{space: s, values: map[string]*binding{}}
	if !w.decisions(s.root.get("decisions").list()) {
		return w
	}
	w.step.Done = true
	if w.used < len(answers) {
		w.err = guest.BadPrefix(w.used, "the episode ends after "+strconv.Itoa(w.used)+" answers")
	}
	return w
}

// decisions runs a list; false says that the run ends here.
func (w *walk) decisions(list []value) bool {
	for i := range list {
		v := &list[i]
		do := v.get("do")
		switch {
		case do == nil:
			if !w.ask(v) {
				return false
			}
		case w.holds(v):
			outside := w.scope
			name := v.word("as", "")
			count := int(w.eval(v.get("repeat"), 0))
			w.values[w.path+name+"#"] = &binding{number: float64(count)}
			for turn := range count {
				w.scope = outside.enter(name, turn)
				if !w.decisions(do.items) {
					return false
				}
			}
			w.scope = outside
		}
	}
	return true
}

// ask takes the answer to a decision, or else asks it; false says that the run
// ends here.
func (w *walk) ask(v *value) bool {
	name := v.word("as", v.shorthand("ask"))
	k := w.space.declared[w.names+name].kind
	b := &binding{}
	otherwise := v.get("else")
	if !w.holds(v) {
		if otherwise != nil {
			w.values[w.path+name] = k.bind(k.option(&otherwise.each()[0]))
		}
		return true
	}
	q := &spec.Decision{Kind: k.ID, Name: w.path + name, Anchor: v.announces}
	earlier := w.marks[w.loop]
	if k.Type == spec.Choice {
		if only := v.get("only"); only != nil {
			q.Mask = make([]bool, len(k.Options))
			options := only.each()
			for i := range options {
				q.Mask[k.option(&options[i])] = true
			}
		}
	} else {
		earlier = earlier[:w.turn-1] // the announcing decision may have come before
		q.Candidates = earlier
		if k.Type == spec.Pointer && len(earlier) == 0 {
			w.values[w.path+name] = b
			return true
		}
	}
	if w.used == len(w.answers) && w.taste != none {
		w.answers = append(w.answers, w.taste.pick(q, k))
	}
	if w.used == len(w.answers) {
		w.step = spec.Step{Decision: q, State: w.state(v), Any: !w.space.declared[w.names+name].relevant}
		return false
	}
	a := w.answers[w.used]
	if err := w.space.info.CheckAnswer(*q, a); err != nil {
		w.err = guest.BadPrefix(w.used, err.Error())
		return false
	}
	switch k.Type {
	case spec.Choice:
		b = k.bind(a.Index)
	case spec.Pointer:
		a.Anchors = []int{a.Index}
		fallthrough
	default:
		for i, anchor := range earlier {
			for _, c := range a.Anchors {
				if c == anchor {
					b.chosen = append(b.chosen, i)
				}
			}
		}
	}
	w.values[w.path+name] = b
	w.used++
	if q.Anchor {
		w.marks[w.loop] = append(w.marks[w.loop], w.anchors)
		w.anchors++
	}
	return true
}

// state is what the rest of the episode's questions depend on: where in the
// document and in its repeats the run stands, how many anchor points there are,
// and the answers in scope that conditions and counts refer to. If that does not
// fit, it promises nothing.
func (w *walk) state(v *value) string {
	state := strconv.Itoa(v.at) + "." + w.turns + strconv.Itoa(w.anchors)
	for _, name := range w.space.relevant {
		state += "."
		if b := lookUp(w.values, w.path, name); b != nil {
			state += strconv.Itoa(b.index)
		}
	}
	if len(state) > spec.MaxState {
		return ""
	}
	return state
}
