// This guest offers a small space "s" whose promises about its states are, by
// the param "state", kept or broken. It logs every question that it is asked.
package main

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func main() {}

func init() {
	guest.Register(guest.Module{
		Name: "walker", Version: "1.0.0", Summary: "A space for tests.",
		Spaces: []guest.SpaceOffer{{
			Name: "s", Task: spec.TaskImage, Summary: "Layers of a width and a set of inputs.",
			Params: []spec.Param{
				guest.Int("layers", 4, 1, 10, "layers"),
				guest.String("state", "none", []string{"none", "kept", "false", "merged"}, "what states promise"),
				guest.Int("late", 0, 0, 100, "decisions asked beyond max_steps"),
			},
			Open: func(p guest.Params) (guest.Space, error) {
				return space{layers: p.Int("layers"), state: p.String("state"), late: p.Int("late")}, nil
			},
		}},
	})
}

// space asks for each layer a width and then which earlier layers it reads. A
// layer of width 2 is no anchor point, so others cannot read it.
type space struct {
	layers int
	state  string
	late   int
}

func (s space) Info() spec.SpaceInfo {
	return spec.SpaceInfo{MaxSteps: 2 * s.layers, Kinds: []spec.Kind{
		{ID: "width", Type: spec.Choice, Options: []string{"8", "16", "32"}},
		{ID: "inputs", Type: spec.AnchorSet},
	}}
}

func (s space) Next(prefix spec.Answers) (spec.Step, error) {
	guest.Log(guest.Info, "asked")
	anchors := 0
	for i, a := range prefix {
		if i%2 == 0 && a.Index < 2 {
			anchors++
		}
	}
	n := len(prefix)
	if n >= 2*s.layers+s.late {
		return spec.Step{Done: true}, nil
	}
	layer := strconv.Itoa(n / 2)
	step := spec.Step{Decision: &spec.Decision{Kind: "width", Name: "layer" + layer + "/width"}}
	if n%2 == 1 {
		step = spec.Step{Any: true, Decision: &spec.Decision{Kind: "inputs", Name: "layer" + layer + "/inputs"}}
		if prefix[n-1].Index < 2 {
			step.Decision.Anchor = true
			anchors--
		}
		for i := range anchors {
			step.Decision.Candidates = append(step.Decision.Candidates, i)
		}
	}
	switch s.state {
	case "kept":
		step.State = strconv.Itoa(n) + "." + strconv.Itoa(anchors)
		if step.Decision.Anchor {
			step.State += "+"
		}
	case "false":
		step.State = "the same"
	case "merged": // true of a width, but blind to how many anchor points there are
		step.State = strconv.Itoa(n)
	}
	return step, nil
}

func (s space) Build(spec.Answers, spec.Task) (*spec.Network, error) {
	return nil, guest.Unsupported("this space is for walking only")
}
