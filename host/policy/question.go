package policy

import (
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Question is what a decision asks and what the trial answered.
type Question struct {
	Name string        `json:"name"` // e.g. "layer2/filter_height"
	Kind string        `json:"kind"` // ID of its kind, e.g. "filter_height"
	Type spec.KindType `json:"type"` // choice, anchors or pointer
	// Options label the options of a choice, or the candidates of an anchors or
	// pointer decision: those with what stands before the slash in the name of
	// the decision that announced them, e.g. "layer1", or with the whole name
	// where that is not unique.
	Options []string `json:"options"`
	// Chosen are the indices in Options that the trial answered, ascending: one,
	// but any number for an anchors decision.
	Chosen []int `json:"chosen"`
	// Forbidden are the indices in Options that the search space did not allow,
	// ascending.
	Forbidden []int `json:"forbidden,omitempty"`
}

// questions describes an episode's decisions, which are legal.
func questions(info spec.SpaceInfo, steps []spec.Step, answers spec.Answers) []Question {
	anchors := anchorLabels(steps)
	all := make([]Question, len(steps))
	for i, s := range steps {
		d, a := s.Decision, answers[i]
		kind, _ := info.Kind(d.Kind)
		q := Question{Name: d.Name, Kind: d.Kind, Type: kind.Type, Options: kind.Options, Chosen: []int{}}
		if kind.Type != spec.Choice {
			q.Options = make([]string, len(d.Candidates))
			for k, j := range d.Candidates {
				q.Options[k] = anchors[j]
				if a.Set && slices.Contains(a.Anchors, j) || !a.Set && a.Index == j {
					q.Chosen = append(q.Chosen, k)
				}
			}
		} else {
			q.Chosen = append(q.Chosen, a.Index)
		}
		for k, allowed := range d.Mask {
			if !allowed {
				q.Forbidden = append(q.Forbidden, k)
			}
		}
		all[i] = q
	}
	return all
}

// anchorLabels names an episode's anchor points.
func anchorLabels(steps []spec.Step) []string {
	var names, short []string
	seen := map[string]bool{}
	for _, s := range steps {
		if s.Decision.Anchor {
			name, _, _ := strings.Cut(s.Decision.Name, "/")
			seen[name] = true
			names, short = append(names, s.Decision.Name), append(short, name)
		}
	}
	if len(seen) < len(names) || seen[""] {
		return names
	}
	return short
}
