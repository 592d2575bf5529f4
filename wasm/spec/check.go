package spec

import (
	"errors"
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Kind returns the kind with the given ID.
func (i SpaceInfo) Kind(id string) (Kind, bool) {
	for _, k := range i.Kinds {
		if k.ID == id {
			return k, true
		}
	}
	return Kind{}, false
}

// Validate reports everything that is wrong with the description, as an
// *Invalid.
func (i SpaceInfo) Validate() error {
	var p problems
	if what := label(i.Name); what != "" {
		p.add("", "the name "+what)
	}
	checkVersion(&p, i.Version)
	if i.Task != TaskImage && i.Task != TaskText {
		p.add("", "unknown task "+wire.Quote(string(i.Task))+"; it is image or text")
	}
	if what := within("max_steps", i.MaxSteps, 1, MaxSteps); what != "" {
		p.add("", what)
	}
	if what := within("the number of kinds", len(i.Kinds), 1, MaxKinds); what != "" {
		p.add("", what)
		return p.err("space")
	}
	ids := map[string]bool{}
	for _, k := range i.Kinds {
		if ids[k.ID] {
			p.add("", "two kinds have the id "+wire.Quote(k.ID))
		}
		ids[k.ID] = true
		if what := k.problem(); what != "" {
			p.add("", "kind "+wire.Quote(k.ID)+": "+what)
		}
	}
	return p.err("space")
}

// checkVersion collects what is wrong with a version, which may be absent.
func checkVersion(p *problems, version string) {
	if what := label(version); what != "" && version != "" {
		p.add("", "the version "+what)
	}
}

// Validate reports everything that is wrong with the description, as an
// *Invalid.
func (i ShaperInfo) Validate() error {
	var p problems
	if what := label(i.Name); what != "" {
		p.add("", "the name "+what)
	}
	checkVersion(&p, i.Version)
	return p.err("shaper")
}

// Validate reports everything that is wrong with the reward, as an *Invalid.
// The value of a part may be anything; it is only shown.
func (r Reward) Validate() error {
	var p problems
	if r.Reward-r.Reward != 0 {
		p.add("", "it is absent or not a finite number")
	}
	for _, part := range r.Parts {
		if what := label(part.Name); what != "" {
			p.add("", "the name of a part "+what)
		}
	}
	return p.err("reward")
}

// problem says what is wrong with the kind, or returns "".
func (k Kind) problem() string {
	if what := label(k.ID); what != "" {
		return "the id " + what
	}
	switch k.Type {
	case AnchorSet, Pointer:
		if len(k.Options) > 0 {
			return "only a choice has options"
		}
		return ""
	case Choice:
	default:
		return "unknown type " + wire.Quote(string(k.Type)) + "; it is choice, anchors or pointer"
	}
	if what := within("the number of options", len(k.Options), 1, MaxOptions); what != "" {
		return what
	}
	labels := map[string]bool{}
	for _, o := range k.Options {
		if what := label(o); what != "" {
			return "the label of an option " + what
		}
		if labels[o] {
			return "two options have the label " + wire.Quote(o)
		}
		labels[o] = true
	}
	return ""
}

// Check reports whether the step is one that the space may give when anchors
// anchor points have been announced before it.
func (i SpaceInfo) Check(step Step, anchors int) error {
	if what := i.stepProblem(step, anchors); what != "" {
		return errors.New("step: " + what)
	}
	return nil
}

func (i SpaceInfo) stepProblem(step Step, anchors int) string {
	if len(step.State) > MaxState {
		return "its state is longer than " + strconv.Itoa(MaxState) + " bytes"
	}
	q := step.Decision
	if step.Done != (q == nil) {
		return "it must have either a decision or done"
	}
	if step.Done {
		return ""
	}
	if what := label(q.Name); what != "" {
		return "the decision's name " + what
	}
	k, ok := i.Kind(q.Kind)
	if !ok {
		return decisionText(q) + "its kind " + wire.Quote(q.Kind) + " is not among the space's kinds"
	}
	if what := k.decisionProblem(q, anchors); what != "" {
		return decisionText(q) + what
	}
	return ""
}

func decisionText(q *Decision) string { return "decision " + wire.Quote(q.Name) + ": " }

// decisionProblem says what is wrong with a decision of the kind, or returns "".
func (k Kind) decisionProblem(q *Decision, anchors int) string {
	if k.Type == Choice {
		if len(q.Candidates) > 0 {
			return "a choice has no anchors"
		}
		allowed := len(q.Mask) == 0
		for _, a := range q.Mask {
			allowed = allowed || a
		}
		switch {
		case len(q.Mask) > 0 && len(q.Mask) != len(k.Options):
			return "its mask has " + strconv.Itoa(len(q.Mask)) + " entries for " + strconv.Itoa(len(k.Options)) + " options"
		case !allowed:
			return "its mask forbids every option"
		}
		return ""
	}
	if len(q.Mask) > 0 {
		return "only a choice has a mask"
	}
	if k.Type == Pointer && len(q.Candidates) == 0 {
		return "a pointer needs at least one anchor point to pick"
	}
	last := -1
	for _, a := range q.Candidates {
		if a <= last || a >= anchors {
			return "its anchors must ascend within the " + strconv.Itoa(anchors) + " anchor points so far; " + strconv.Itoa(a) + " does not"
		}
		last = a
	}
	return ""
}

// CheckAnswer reports whether a is an answer to q, a decision of the space.
func (i SpaceInfo) CheckAnswer(q Decision, a Answer) error {
	if what := i.answerProblem(&q, a); what != "" {
		return errors.New("answer: " + decisionText(&q) + what)
	}
	return nil
}

func (i SpaceInfo) answerProblem(q *Decision, a Answer) string {
	k, ok := i.Kind(q.Kind)
	if !ok {
		return "its kind " + wire.Quote(q.Kind) + " is not among the space's kinds"
	}
	index := strconv.Itoa(a.Index)
	switch k.Type {
	case AnchorSet:
		if !a.Set {
			return "it is answered by an array of anchor points, not by " + index
		}
		last := -1
		for _, anchor := range a.Anchors {
			if anchor <= last || !candidate(q, anchor) {
				return "anchor points must ascend and be among its anchors; " + strconv.Itoa(anchor) + " is not"
			}
			last = anchor
		}
	case Pointer:
		if a.Set {
			return "it is answered by one anchor point, not by an array"
		}
		if !candidate(q, a.Index) {
			return "anchor point " + index + " is not among its anchors"
		}
	default:
		if a.Set {
			return "it is answered by the number of an option, not by an array"
		}
		if a.Index < 0 || a.Index >= len(k.Options) {
			return "option " + index + " does not exist; it has " + strconv.Itoa(len(k.Options)) + " options"
		}
		if len(q.Mask) > a.Index && !q.Mask[a.Index] {
			return "option " + index + " is forbidden here"
		}
	}
	return ""
}

func candidate(q *Decision, anchor int) bool {
	for _, c := range q.Candidates {
		if c == anchor {
			return true
		}
	}
	return false
}
