package ui

import (
	"math"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Made is one decision and how it was answered.
type Made struct {
	Number, Name, Answer, Prob, Entropy string
}

// Decisions are those of the trial's episode.
func (c *TrialPage) Decisions() []Made {
	s := c.sampled()
	list := make([]Made, len(s.Decisions))
	names := anchorNames(s.Decisions)
	for i := range s.Decisions {
		d := &s.Decisions[i]
		list[i] = Made{Number: strconv.Itoa(i + 1), Name: d.Name, Answer: c.answer(d, s.Answers[i], names)}
		if i < len(s.StepLogProbs) {
			list[i].Prob = report.Percent(math.Exp(s.StepLogProbs[i]))
		}
		if i < len(s.StepEntropies) {
			list[i].Entropy = report.Number(s.StepEntropies[i])
		}
	}
	return list
}

// anchorNames are the names of the decisions that announced the anchor points.
func anchorNames(decisions []spec.Decision) []string {
	var names []string
	for i := range decisions {
		if decisions[i].Anchor {
			names = append(names, decisions[i].Name)
		}
	}
	return names
}

// answer says an answer in words.
func (c *TrialPage) answer(d *spec.Decision, a spec.Answer, anchors []string) string {
	name := func(i int) string {
		if i >= 0 && i < len(anchors) {
			return anchors[i]
		}
		return strconv.Itoa(i)
	}
	if a.Set {
		parts := make([]string, len(a.Anchors))
		for i, at := range a.Anchors {
			parts[i] = name(at)
		}
		if len(parts) == 0 {
			return "none"
		}
		return strings.Join(parts, ", ")
	}
	if f := c.App.Feed(c.Study); f != nil && f.State != nil && f.State.Started != nil {
		for _, k := range f.State.Started.Kinds {
			if k.ID == d.Kind && a.Index >= 0 && a.Index < len(k.Options) {
				return k.Options[a.Index]
			}
		}
	}
	return name(a.Index)
}
