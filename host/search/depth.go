package search

import (
	"encoding/json"
	"fmt"
)

// Depth lets a parameter of the space, the number of layers, grow during the
// study: trial n has min(Max, Start + Step ⌊(n-1)/Every⌋). Zoph & Le (2017,
// section 4.1) start with 6 layers and add 2 after every 1,600 samples.
type Depth struct {
	// Param is the space's parameter, e.g. "layers"; empty, the default: no
	// schedule, and the rest is ignored.
	Param string `json:"param,omitempty"`
	Start int    `json:"start,omitempty"` // at least 1
	Step  int    `json:"step,omitempty"`  // at least 0
	Every int    `json:"every,omitempty"` // trials; at least 1
	Max   int    `json:"max,omitempty"`   // at least Start
}

func (d Depth) validate() []error {
	if d.Param == "" {
		return nil
	}
	var problems []error
	for _, c := range []struct {
		ok    bool
		field string
		value int
		want  string
	}{
		{d.Start >= 1, "start", d.Start, "at least 1"},
		{d.Step >= 0, "step", d.Step, "0 or more"},
		{d.Every >= 1, "every", d.Every, "at least 1 trial"},
		{d.Max >= d.Start, "max", d.Max, fmt.Sprintf("at least the start, %d", d.Start)},
	} {
		if !c.ok {
			problems = append(problems, fmt.Errorf("study: depth.%s is %d, want %s", c.field, c.value, c.want))
		}
	}
	return problems
}

// At is the scheduled value for a trial; 0 without schedule.
func (d Depth) At(trial int) int {
	if d.Param == "" {
		return 0
	}
	steps := (trial - 1) / d.Every
	if d.Step > 0 && steps > (d.Max-d.Start)/d.Step {
		return d.Max
	}
	return d.Start + d.Step*steps
}

// SpaceParams are the parameters of the search space for a trial: the
// configured ones, and the scheduled depth.
func (c Config) SpaceParams(trial int) (json.RawMessage, error) {
	if c.Depth.Param == "" {
		return c.Space.Params, nil
	}
	params := map[string]json.RawMessage{}
	if len(c.Space.Params) > 0 {
		if err := json.Unmarshal(c.Space.Params, &params); err != nil {
			return nil, fmt.Errorf("study: space.params: %w", err)
		}
	}
	params[c.Depth.Param] = fmt.Append(nil, c.Depth.At(trial))
	b, err := json.Marshal(params) // in the order of the names
	if err != nil {
		return nil, fmt.Errorf("study: space.params: %w", err)
	}
	return b, nil
}
