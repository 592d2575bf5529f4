package baselines

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// kind is the one decision of a space, and its name: which network.
const kind = "network"

// space asks which of several networks it shall be.
type space struct {
	info     spec.SpaceInfo
	networks []named
	extras   extras
}

func (s *space) Info() spec.SpaceInfo { return s.info }

// check refuses what is no beginning of an episode.
func (s *space) check(prefix spec.Answers) error {
	if len(prefix) > 1 {
		return guest.BadPrefix(1, "the episode is over after one answer")
	}
	if len(prefix) == 1 && (prefix[0].Set || prefix[0].Index < 0 || prefix[0].Index >= len(s.networks)) {
		return guest.BadPrefix(0, "the answer is one of "+number(len(s.networks))+" options, from 0")
	}
	return nil
}

func (s *space) Next(prefix spec.Answers) (spec.Step, error) {
	if err := s.check(prefix); err != nil {
		return spec.Step{}, err
	}
	if len(prefix) == 1 {
		return spec.Step{Done: true}, nil
	}
	return spec.Step{Decision: &spec.Decision{Kind: kind, Name: kind}, State: "first", Any: true}, nil
}

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if err := s.check(answers); err != nil {
		return nil, err
	}
	if len(answers) == 0 {
		return nil, guest.BadPrefix(0, "the episode is not over; it has one answer")
	}
	b := &builder{network: &spec.Network{Task: task}}
	n := &s.networks[answers[0].Index]
	n.family.build(b, n.sizes, &s.extras)
	return b.network, nil
}
