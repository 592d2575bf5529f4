package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var images = spec.Task{Type: spec.TaskImage, Input: []int{16, 16, 3}, Classes: 10}

func open(t *testing.T, params string) guest.Space {
	t.Helper()
	s, err := module().Space("stack", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWalks plays episodes with random answers, as a search does; every one has
// to end in a valid network.
func TestWalks(t *testing.T) {
	s := open(t, `{"layers": 6}`)
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
			if k.Type == spec.Choice {
				return spec.Pick(r.IntN(len(k.Options)))
			}
			var picked []int
			for _, anchor := range q.Candidates {
				if r.IntN(2) == 1 {
					picked = append(picked, anchor)
				}
			}
			return spec.PickSet(picked...)
		})
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Build(answers, images)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Validate(); err != nil {
			t.Fatalf("%v: %v", answers, err)
		}
	}
}

func TestBuild(t *testing.T) {
	n, err := open(t, `{"layers": 3}`).Build(spec.Answers{
		spec.Pick(0), spec.Pick(1), spec.PickSet(), // 4 filters of 3x3
		spec.Pick(1), spec.Pick(0), spec.PickSet(), // 8 of 1x1
		spec.Pick(2), spec.Pick(2), spec.PickSet(0), // 16 of 5x5, which read layers 2 and 1
	}, images)
	if err != nil {
		t.Fatal(err)
	}
	join, conv := n.Nodes[6], n.Nodes[7]
	if len(n.Nodes) != 12 || join.Op != spec.OpConcat || join.Inputs[0] != "layer2/relu" || join.Inputs[1] != "layer1/relu" ||
		conv.Filters != 16 || conv.Kernel != [2]int{5, 5} {
		t.Errorf("%+v", n.Nodes)
	}
}

func TestWrongAnswers(t *testing.T) {
	s := open(t, `{"layers": 1}`)
	for _, wrong := range []spec.Answers{
		{spec.Pick(3)},
		{spec.Pick(0), spec.PickSet()},
		{spec.Pick(0), spec.Pick(0), spec.PickSet(0)},
		{spec.Pick(0), spec.Pick(0), spec.PickSet(), spec.Pick(0)},
	} {
		if _, err := s.Next(wrong); err == nil {
			t.Errorf("%v is accepted", wrong)
		}
	}
}

func TestReward(t *testing.T) {
	s, _, err := module().Shaper("thrifty", spec.Raw(`{"half_at": 1000}`))
	if err != nil {
		t.Fatal(err)
	}
	epochs := []spec.Epoch{{Epoch: 1, ValidAccuracy: 0.5}, {Epoch: 2, ValidAccuracy: math.NaN()}, {Epoch: 3, ValidAccuracy: 0.25}}
	for want, m := range map[float64]spec.Metrics{
		0.5:  {Epochs: epochs},
		0.25: {Epochs: epochs, Params: 1000},
		0:    {Epochs: epochs, Failed: true},
	} {
		if r, err := s.Reward(m); err != nil || r.Reward != want {
			t.Errorf("%+v: %v, %v, want %v", m, r, err, want)
		}
	}
}
