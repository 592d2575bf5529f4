package mlp

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var digits = spec.Task{Type: spec.TaskImage, Input: []int{28, 28, 1}, Classes: 10}

func mustOpen(t *testing.T, params string) guest.Space {
	t.Helper()
	s, err := Module().Space("layers", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Info().Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestKnownNetwork builds the network of two hidden layers that LeCun et al.
// 1998, Gradient-based learning applied to document recognition, section
// III.C.6, call 28x28-300-100-10: 266,610 weights and biases.
func TestKnownNetwork(t *testing.T) {
	s := mustOpen(t, `{"widths":[0,100,300]}`)
	answers := spec.Answers{spec.Pick(2), spec.Pick(0), spec.Pick(1), spec.Pick(0), spec.Pick(1), spec.Pick(1), spec.Pick(1), spec.Pick(2), spec.Pick(1)}
	n, err := s.Build(answers, digits)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	if plan.Params != 266_610 { // 784*300 + 300 + 300*100 + 100 + 100*10 + 10
		t.Errorf("%d parameters", plan.Params)
	}
	for i, want := range []string{"flatten", "layer1", "layer1/act", "layer1/dropout", "layer3", "layer3/act", "layer3/dropout", "logits"} {
		if n.Nodes[i].Name != want {
			t.Errorf("node %d is %s, want %s", i, n.Nodes[i].Name, want)
		}
	}
	if n.Nodes[2].Func != spec.FuncTanh || n.Nodes[3].Rate != 0 || n.Nodes[6].Rate != 0.25 {
		t.Errorf("%+v", n.Nodes)
	}
}

// TestWalks: every step is a legal one that depends on the position alone, and
// every episode is a network.
func TestWalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, params := range []string{``, `{"layers":32,"widths":[4096],"dropouts":[90]}`, `{"layers":1,"widths":[0]}`} {
		s := mustOpen(t, params)
		for range 20 {
			answers, err := guest.Walk(s, func(_ spec.Decision, k spec.Kind) spec.Answer { return spec.Pick(rng.IntN(len(k.Options))) })
			if err != nil || len(answers) != s.Info().MaxSteps {
				t.Fatalf("%s: %d answers, %v", params, len(answers), err)
			}
			n, err := s.Build(answers, digits)
			if err != nil {
				t.Fatalf("%s: %v", params, err)
			}
			if err := n.Validate(); err != nil {
				t.Fatalf("%s: %v", params, err)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	s := mustOpen(t, ``)
	whole := make(spec.Answers, s.Info().MaxSteps)
	for _, test := range []struct {
		answers spec.Answers
		task    spec.Task
		code    string
		at      int
	}{
		{whole[:4], digits, spec.CodeBadPrefix, 4},
		{append(whole[:9:9], spec.Pick(0)), digits, spec.CodeBadPrefix, 9},
		{spec.Answers{spec.Pick(0), spec.Pick(3)}, digits, spec.CodeBadPrefix, 1},
		{spec.Answers{spec.PickSet(0)}, digits, spec.CodeBadPrefix, 0},
		{whole, spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 50}, spec.CodeUnsupported, -1},
	} {
		var f *spec.Fault
		if _, err := s.Build(test.answers, test.task); !errors.As(err, &f) || f.Code != test.code || f.At != test.at {
			t.Errorf("%v: %v, want %s at %d", test.answers, err, test.code, test.at)
		}
	}
	for params, want := range map[string]string{
		`{"widths":[]}`:           `kind "width": the number of options is 0`,
		`{"widths":[8,16,8]}`:     `two options have the label "8"`,
		`{"dropouts":[100]}`:      `at most 90`,
		`{"layers":0}`:            `at least 1`,
		`{"dropout":[0]}`:         `did you mean "dropouts"?`,
		`{"widths":[1,2,3,4097]}`: `at most 4096`,
	} {
		var f *spec.Fault
		if _, err := Module().Space("layers", spec.Raw(params)); !errors.As(err, &f) || f.Code != spec.CodeBadParams || !strings.Contains(f.Msg, want) {
			t.Errorf("%s: %v, want %s", params, err, want)
		}
	}
}
