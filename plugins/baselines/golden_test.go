package baselines

import (
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

var (
	cifar = spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}
	ptb   = spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 10_000}
)

// build opens a space and answers its questions with the first option.
func build(t testing.TB, space, params string, task spec.Task) (*spec.Network, *spec.Plan) {
	t.Helper()
	m := Module()
	s, err := m.Space(space, spec.Raw(params))
	if err != nil {
		t.Fatalf("%s %s: %v", space, params, err)
	}
	answers := make(spec.Answers, s.Info().MaxSteps)
	n, err := s.Build(answers, task)
	if err != nil {
		t.Fatalf("%s %s: %v", space, params, err)
	}
	plan, err := n.Infer()
	if err != nil {
		t.Fatalf("%s %s: %v", space, params, err)
	}
	if len(plan.Nodes) != len(n.Nodes) {
		t.Errorf("%s %s: %d nodes of %d take part", space, params, len(plan.Nodes), len(n.Nodes))
	}
	return n, plan
}

// printed writes a number as a table of networks does: with the digits and the
// unit of like.
func printed(v int64, like string) string {
	unit := like[len(like)-1:]
	scale := map[string]float64{"M": 1e6, "G": 1e9}[unit]
	decimals := 0
	if i := strings.IndexByte(like, '.'); i >= 0 {
		decimals = len(like) - i - 2
	}
	return strconv.FormatFloat(float64(v)/scale, 'f', decimals, 64) + unit
}

// TestGoldenImages holds the networks against the published numbers: parameters,
// and multiply-accumulates for an image of 32 by 32 (the convolutions and the
// dense layer).
func TestGoldenImages(t *testing.T) {
	for _, test := range []struct {
		name, params, macs string
		exact              int64
	}{
		{"nin-192", "0.97M", "222M", 966_986},
		{"allcnn-96", "1.37M", "281M", 1_369_738},
		{"resnet-20", "0.27M", "41M", 269_722}, // He et al. 2016a, table 6
		{"resnet-110", "1.73M", "253M", 1_727_962},
		{"resnet-1202", "19.4M", "2.83G", 19_421_274},
		{"preresnet-164", "1.70M", "245M", 1_703_258},
		{"preresnet-1001", "10.3M", "1.49G", 10_327_706},
		{"wideresnet-16-8", "10.96M", "1.55G", 10_961_370},
		{"wideresnet-28-10", "36.5M", "5.24G", 36_479_194},
		{"densenet-40-12", "1.02M", "265M", 1_019_722},
		{"densenet-100-12", "6.98M", "1.77G", 6_979_642},
		{"densenet-100-24", "27.2M", "6.89G", 27_249_082},
		{"densenet-bc-100-12", "0.8M", "288M", 769_162}, // Huang et al. 2017, table 2
		{"densenet-bc-190-40", "25.6M", "9.30G", 25_624_430},
		{"fractalnet-2-16", "0.8M", "19M", 836_106}, // Larsson et al. 2017, table 4
		{"fractalnet-3-16", "2.1M", "54M", 2_113_594},
		{"fractalnet-4-16", "4.8M", "129M", 4_767_210},
		{"fractalnet-5-16", "10.2M", "284M", 10_173_082},
		{"fractalnet-6-16", "21.1M", "599M", 21_083_466},
		{"fractalnet-3-64", "33.7M", "845M", 33_724_618},
		{"highway-19-48", "2.4M", "470M", 2_390_042},
	} {
		_, plan := build(t, "images", `{"network":["`+test.name+`"]}`, cifar)
		if params, macs := printed(plan.Params, test.params), printed(plan.MACs, test.macs); params != test.params || macs != test.macs || plan.Params != test.exact {
			t.Errorf("%s has %d parameters (%s) and %s MACs; want %d (%s) and %s", test.name, plan.Params, params, macs, test.exact, test.params, test.macs)
		}
	}
}

// TestGoldenText does the same for a vocabulary of 10,000 words.
func TestGoldenText(t *testing.T) {
	for name, want := range map[string]string{
		"lstm-200": "4.65M", "lstm-650": "19.78M", "lstm-1500": "66.0M",
		"variational-650": "19.78M", "variational-1500": "66.0M", "tied-1500": "51.0M", "rhn-10-830": "23.5M",
	} {
		if _, plan := build(t, "text", `{"network":["`+name+`"]}`, ptb); printed(plan.Params, want) != want {
			t.Errorf("%s has %d parameters, want %s", name, plan.Params, want)
		}
	}
}

// TestDepth counts the layers with weights on the way that a network's name
// speaks of: its convolutions but those of shortcuts and gates, and the dense
// layer, where nothing else is said.
func TestDepth(t *testing.T) {
	for name, want := range map[string]int{
		"resnet-110": 110, "preresnet-164": 164, "wideresnet-28-10": 28, "densenet-40-12": 40, "densenet-bc-100-12": 100, "highway-19-48": 19,
	} {
		n, _ := build(t, "images", `{"network":["`+name+`"]}`, cifar)
		depth := 0
		for _, node := range n.Nodes {
			counts := node.Op == spec.OpConv2D && !strings.HasSuffix(node.Name, "/shortcut") && !strings.HasSuffix(node.Name, "/gate")
			if counts || node.Op == spec.OpDense {
				depth++
			}
		}
		if strings.HasPrefix(name, "wide") {
			depth += 3 - 1 // its name counts the shortcuts, and not the dense layer
		}
		if depth != want {
			t.Errorf("%s has %d layers", name, depth)
		}
	}
}

// TestSmallImages: every family builds networks for images that are small, odd
// or of one channel.
func TestSmallImages(t *testing.T) {
	for _, input := range [][]int{{1, 1, 1}, {7, 5, 2}, {16, 16, 1}, {28, 28, 1}, {64, 48, 3}} {
		for _, name := range smallImages {
			n, plan := build(t, "images", `{"network":["`+name+`"]}`, spec.Task{Type: spec.TaskImage, Input: input, Classes: 3})
			if plan.Params > 250_000 || n.Validate() != nil {
				t.Errorf("%s at %v has %d parameters", name, input, plan.Params)
			}
		}
	}
}

// TestRefusals: what is wrong is named, with what to do.
func TestRefusals(t *testing.T) {
	m := Module()
	for _, test := range []struct{ space, params, want string }{
		{"images", `{"network":["resnet-2000"]}`, "resnet-2000 has to be resnet-DEPTH, 6n+2 up to 1202"},
		{"images", `{"network":["resnet-20","resnet-21"]}`, `resnet-21 has to be resnet-DEPTH, 6n+2 up to 1202`},
		{"images", `{"network":["resnt-20"]}`, `no network is called "resnt-20"`},
		{"images", `{"network":["nin-100"]}`, "nin-100 has to be nin-WIDTH, 6n up to 1536"},
		{"images", `{"network":["resnet-20","resnet-20"]}`, "resnet-20 is named twice"},
		{"images", `{"network":["densenet-bc-190"]}`, `no network is called "densenet-bc-190"`},
		{"images", `{"network":["densenet-40-200"]}`, "densenet-40-200 has to be densenet-DEPTH-GROWTH, 3n+4 up to 250, up to 128"},
		{"images", `{"network":["densenet-40-x"]}`, `no network is called "densenet-40-x"`},
		{"images", `{"network":["densenet-40-99999999999999999999999"]}`, "has to be densenet-DEPTH-GROWTH"},
		{"images", `{"network":["resnet--20"]}`, `no network is called`},
		{"images", `{"network":["resnet-20-"]}`, `no network is called`},
		{"images", `{"network":["-"]}`, `no network is called`},
		{"images", `{"network":[""]}`, `no network is called`},
		{"images", `{"network":["20"]}`, `no network is called`},
		{"images", `{"network":["densenet-bc--20"]}`, `no network is called`},
		{"images", `{"network":["resnet"]}`, `no network is called`},
		{"images", `{"network":[]}`, "network is empty"},
		{"images", `{"drop_path":1}`, "at most 0.99"},
		{"images", `{"networks":["resnet-20"]}`, `"network"`},
		{"text", `{"network":["resnet-20"]}`, `no network is called "resnet-20"`},
	} {
		if _, err := m.Space(test.space, spec.Raw(test.params)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %s", test.space, test.params, err, test.want)
		}
	}
	s, err := m.Space("images", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Build(spec.Answers{spec.Pick(0)}, ptb); err == nil || !strings.Contains(err.Error(), "for tasks of type image") {
		t.Errorf("a text: %v", err)
	}
	if _, err := s.Build(nil, cifar); err == nil || !strings.Contains(err.Error(), "not over") {
		t.Errorf("no answers: %v", err)
	}
	if _, err := s.Build(spec.Answers{spec.Pick(99)}, cifar); err == nil {
		t.Error("an option that is none is taken")
	}
}

// TestEpisodes walks all spaces through their questions.
func TestEpisodes(t *testing.T) {
	m := Module()
	for _, offer := range m.Spaces {
		s, err := m.Space(offer.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked := s.Info().Kinds
		var prefix spec.Answers
		for i := range asked {
			step, err := s.Next(prefix)
			if err != nil || step.Done || step.Decision.Kind != asked[i].ID {
				t.Fatalf("%s: step %d is %+v, %v", offer.Name, i, step, err)
			}
			prefix = append(prefix, spec.Pick(len(asked[i].Options)-1))
		}
		if step, err := s.Next(prefix); err != nil || !step.Done {
			t.Errorf("%s: %+v, %v after the last answer", offer.Name, step, err)
		}
		if _, err := s.Next(append(prefix, spec.Pick(0))); err == nil {
			t.Errorf("%s: one answer too many is taken", offer.Name)
		}
	}
}
