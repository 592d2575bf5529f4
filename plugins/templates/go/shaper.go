package main

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// thrifty is the shaper under given params.
type thrifty struct{ halfAt float64 }

func openThrifty(p guest.Params) (guest.Shaper, error) {
	return thrifty{float64(p.Int("half_at"))}, nil
}

// Reward is accuracy * halfAt / (halfAt + params), where accuracy is the best
// that was measured on validation images. It is 0 for a trial that failed. A
// reward must be finite; the parts explain it to people.
func (s thrifty) Reward(m spec.Metrics) (spec.Reward, error) {
	accuracy := 0.0
	for _, e := range m.Epochs {
		if e.ValidAccuracy > accuracy { // never true for NaN, which stands for "not measured"
			accuracy = e.ValidAccuracy
		}
	}
	if m.Failed {
		accuracy = 0
	}
	thrift := s.halfAt / (s.halfAt + float64(m.Params))
	return spec.Reward{Reward: accuracy * thrift, Parts: []spec.Part{
		{Name: "accuracy", Value: accuracy},
		{Name: "thrift", Value: thrift},
	}}, nil
}
