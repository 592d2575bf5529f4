package guest

import (
	"errors"
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// CheckPrefix checks answers against the decisions that they reply to; decision
// returns the i-th. It serves spaces whose episodes have info.MaxSteps decisions
// that depend on their position only. Its error is a BadPrefix.
func CheckPrefix(info spec.SpaceInfo, prefix spec.Answers, decision func(i int) spec.Decision) error {
	for i := range prefix {
		if i == info.MaxSteps {
			return BadPrefix(i, "the episode ends after "+strconv.Itoa(i)+" answers")
		}
		if err := info.CheckAnswer(decision(i), prefix[i]); err != nil {
			return BadPrefix(i, err.Error())
		}
	}
	return nil
}

// Walk plays one episode of a space, as a host does: pick answers each
// decision. It reports a step or an answer that breaks the rules of package
// spec, and an episode that is longer than the space's MaxSteps.
func Walk(s Space, pick func(q spec.Decision, k spec.Kind) spec.Answer) (spec.Answers, error) {
	info := s.Info()
	var answers spec.Answers
	names := map[string]bool{}
	for anchors := 0; ; {
		step, err := s.Next(answers)
		if err != nil {
			return answers, err
		}
		if err := info.Check(step, anchors); err != nil {
			return answers, err
		}
		if step.Done {
			return answers, nil
		}
		if len(answers) == info.MaxSteps {
			return answers, errors.New("walk: the episode goes on after max_steps = " + strconv.Itoa(info.MaxSteps) + " answers")
		}
		if names[step.Decision.Name] {
			return answers, errors.New("walk: two decisions of the episode have the name " + wire.Quote(step.Decision.Name))
		}
		names[step.Decision.Name] = true
		k, _ := info.Kind(step.Decision.Kind)
		a := pick(*step.Decision, k)
		if err := info.CheckAnswer(*step.Decision, a); err != nil {
			return answers, err
		}
		answers = append(answers, a)
		if step.Decision.Anchor {
			anchors++
		}
	}
}
