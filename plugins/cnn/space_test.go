package cnn

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var cifar = spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}

func mustOpen(t testing.TB, name, params string) guest.Space {
	t.Helper()
	m := Module()
	s, err := m.Space(name, spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pick answers a decision at random.
func pick(rng *rand.Rand) func(q spec.Decision, k spec.Kind) spec.Answer {
	return func(q spec.Decision, k spec.Kind) spec.Answer {
		if k.Type == spec.Choice {
			return spec.Pick(rng.IntN(len(k.Options)))
		}
		var set []int
		for _, c := range q.Candidates {
			if rng.IntN(2) == 0 {
				set = append(set, c)
			}
		}
		return spec.PickSet(set...)
	}
}

// count explores the states of a space and counts its episodes: paths that
// meet in a state are counted together.
func count(t *testing.T, s guest.Space) *big.Int {
	t.Helper()
	info := s.Info()
	known := map[string]*big.Int{}
	var visit func(prefix spec.Answers) *big.Int
	visit = func(prefix spec.Answers) *big.Int {
		step, err := s.Next(prefix)
		if err != nil {
			t.Fatal(err)
		}
		if step.Done {
			return big.NewInt(1)
		}
		if n := known[step.State]; n != nil {
			return n
		}
		if !step.Any || step.State == "" {
			t.Fatalf("step %+v does not promise that every answer leads to the same", step)
		}
		k, _ := info.Kind(step.Decision.Kind)
		n, answer := big.NewInt(int64(len(k.Options))), spec.Pick(0)
		if k.Type == spec.AnchorSet {
			n, answer = new(big.Int).Lsh(big.NewInt(1), uint(len(step.Decision.Candidates))), spec.PickSet()
		}
		n.Mul(n, visit(append(prefix[:len(prefix):len(prefix)], answer)))
		known[step.State] = n
		return n
	}
	return visit(nil)
}

func TestSpaceSize(t *testing.T) {
	pow := func(b, e int64) *big.Int { return new(big.Int).Exp(big.NewInt(b), big.NewInt(e), nil) }
	times := func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }
	for _, test := range []struct {
		space, params string
		want          *big.Int
	}{
		{"v1", ``, times(pow(64, 15), pow(2, 105))}, // about 5.0e58
		{"v1", `{"layers":2}`, times(pow(64, 2), pow(2, 1))},
		{"v1", `{"layers":15,"skips":false}`, pow(64, 15)},
		{"v1", `{"layers":3,"filters":[8,16],"filter_heights":[3],"filter_widths":[1,3,5]}`, times(pow(6, 3), pow(2, 3))},
		{"v2", ``, times(pow(64*9, 20), pow(2, 190))},
		{"v3", ``, times(pow(64, 13), pow(2, 78))},
	} {
		if got := count(t, mustOpen(t, test.space, test.params)); got.Cmp(test.want) != 0 {
			t.Errorf("%s %s has %v episodes, want %v", test.space, test.params, got, test.want)
		}
	}
}

// TestOrder pins the order of the decisions, which is the paper's.
func TestOrder(t *testing.T) {
	for _, test := range []struct{ space, params, want string }{
		{"v1", `{"layers":2}`, "layer1/filter_height layer1/filter_width layer1/filters layer1/skip* layer2/filter_height layer2/filter_width layer2/filters layer2/skip*0"},
		{"v2", `{"layers":1}`, "layer1/filter_height layer1/filter_width layer1/stride_height layer1/stride_width layer1/filters layer1/skip*"},
		{"v3", `{"layers":3,"skips":false,"filter_heights":[3]}`, "layer1/filter_height layer1/filter_width layer1/filters layer2/filter_height layer2/filter_width layer2/filters layer3/filter_height layer3/filter_width layer3/filters"},
	} {
		s := mustOpen(t, test.space, test.params)
		var asked []string
		answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
			name := q.Name
			if q.Anchor {
				name += "*"
			}
			for _, c := range q.Candidates {
				name += string(rune('0' + c))
			}
			asked = append(asked, name)
			return spec.Answer{Set: k.Type == spec.AnchorSet}
		})
		if got := strings.Join(asked, " "); err != nil || got != test.want {
			t.Errorf("%s %s asks %s, %v\nwant %s", test.space, test.params, got, err, test.want)
		}
		if len(answers) != s.Info().MaxSteps {
			t.Errorf("%s: %d answers, max_steps is %d", test.space, len(answers), s.Info().MaxSteps)
		}
	}
}

// TestRandomWalks builds networks from random episodes of every space; all have
// to be valid, and no decision may depend on anything but the position.
func TestRandomWalks(t *testing.T) {
	walks := []struct {
		space, params string
		n             int
	}{
		{"v1", ``, 150}, {"v1", `{"skips":false}`, 50}, {"v1", `{"layers":6,"pools":[1,3,4]}`, 150}, {"v1", `{"layers":1}`, 20},
		{"v2", ``, 150}, {"v2", `{"layers":6,"stride_heights":[1,2,3,7],"pools":[2]}`, 150},
		{"v3", ``, 100}, {"v3", `{"layers":5,"block_output":"all"}`, 130}, {"v3", `{"extra_filters":40,"layers":9,"pools":[1,2,3,26],"pool_size":3}`, 100},
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for _, w := range walks {
		s := mustOpen(t, w.space, w.params)
		if err := s.Info().Validate(); err != nil {
			t.Fatalf("%s %s: %v", w.space, w.params, err)
		}
		for range w.n {
			answers, err := guest.Walk(s, pick(rng))
			if err != nil {
				t.Fatalf("%s %s: %v", w.space, w.params, err)
			}
			network, err := s.Build(answers, cifar)
			if err != nil {
				t.Fatalf("%s %s: %v", w.space, w.params, err)
			}
			if err := network.Validate(); err != nil {
				t.Fatalf("%s %s: %v", w.space, w.params, err)
			}
		}
	}
}

// TestExtremes takes the largest spaces that the params allow.
func TestExtremes(t *testing.T) {
	for _, test := range []struct {
		space, params string
		all           bool
	}{
		{"v1", `{"layers":100,"pools":[1,30,60,99],"filters":[1]}`, true},
		{"v1", `{"layers":100,"pools":[1,30,60,99],"filters":[1]}`, false},
		{"v3", `{"layers":100,"expansion":2,"pools":[1,2,3,4],"filters":[1]}`, true},
		{"v3", `{"layers":25,"expansion":8,"block_output":"all","filters":[1]}`, true},
		{"v2", `{"layers":100,"filters":[1],"stride_heights":[64],"stride_widths":[64]}`, true},
	} {
		s := mustOpen(t, test.space, test.params)
		answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
			if k.Type == spec.Choice {
				return spec.Pick(0)
			}
			if test.all {
				return spec.PickSet(q.Candidates...)
			}
			return spec.PickSet()
		})
		if err != nil {
			t.Fatal(err)
		}
		network, err := s.Build(answers, cifar)
		if err != nil {
			t.Fatal(err)
		}
		if err := network.Validate(); err != nil {
			t.Errorf("%s %s: %v", test.space, test.params, err)
		}
		data, err := network.MarshalJSON()
		if err != nil || len(data) > 1<<20 {
			t.Errorf("%s %s: the network takes %d bytes, %v; a host allows 1 MiB", test.space, test.params, len(data), err)
		}
	}
}

func TestBadPrefixes(t *testing.T) {
	s := mustOpen(t, "v1", `{"layers":2}`)
	whole := spec.Answers{spec.Pick(0), spec.Pick(3), spec.Pick(1), spec.PickSet(), spec.Pick(2), spec.Pick(2), spec.Pick(2), spec.PickSet(0)}
	if _, err := s.Next(whole); err != nil {
		t.Fatal(err)
	}
	with := func(at int, a spec.Answer) spec.Answers {
		changed := append(spec.Answers(nil), whole...)
		changed[at] = a
		return changed
	}
	for _, test := range []struct {
		name   string
		prefix spec.Answers
		at     int
	}{
		{"option too large", with(0, spec.Pick(4)), 0},
		{"option negative", with(1, spec.Pick(-1)), 1},
		{"set for a choice", with(2, spec.PickSet(0)), 2},
		{"anchor of the first layer", with(3, spec.PickSet(0)), 3},
		{"index for a set", with(3, spec.Pick(0)), 3},
		{"own anchor", with(7, spec.PickSet(1)), 7},
		{"anchors twice", with(7, spec.PickSet(0, 0)), 7},
		{"negative anchor", with(7, spec.PickSet(-1)), 7},
		{"after the end", append(with(0, spec.Pick(0)), spec.Pick(0)), 8},
	} {
		_, nextErr := s.Next(test.prefix)
		_, buildErr := s.Build(test.prefix, cifar)
		for _, err := range []error{nextErr, buildErr} {
			var f *spec.Fault
			if !errors.As(err, &f) || f.Code != spec.CodeBadPrefix || f.At != test.at {
				t.Errorf("%s: %v, want bad_prefix at %d", test.name, err, test.at)
			}
		}
	}
	var f *spec.Fault
	if _, err := s.Build(whole[:5], cifar); !errors.As(err, &f) || f.Code != spec.CodeBadPrefix || f.At != 5 {
		t.Errorf("build of an unfinished episode: %v", err)
	}
	if _, err := s.Build(whole, spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 100}); !errors.As(err, &f) || f.Code != spec.CodeUnsupported {
		t.Errorf("build for a text task: %v", err)
	}
}

func TestBadParams(t *testing.T) {
	m := Module()
	for _, test := range []struct{ space, params, want string }{
		{"v1", `{"filters":[]}`, "filters is empty"},
		{"v1", `{"filters":[8,16,8],"filter_widths":[3,3]}`, "filter_widths names 3 twice; filters names 8 twice"},
		{"v1", `{"layers":0}`, `param "layers" is 0; it must be of type int, at least 1, at most 100`},
		{"v1", `{"pools":[3,2]}`, "pools must ascend"},
		{"v1", `{"pools":[1,2,3,4,5]}`, "at most 4"},
		{"v1", `{"stride_heights":[1]}`, `unknown param "stride_heights"`},
		{"v2", `{"stride_height":[1]}`, `did you mean "stride_heights"?`},
		{"v3", `{"layers":100}`, "layers times expansion"},
		{"v3", `{"block_output":"first"}`, "from: last all"},
		{"v4", ``, `there is no space "v4"`},
	} {
		_, err := m.Space(test.space, spec.Raw(test.params))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v\nwant %s", test.space, test.params, err, test.want)
		}
	}
}

// TestKindsDoNotDependOnDepth is what lets a study deepen its networks while
// the controller keeps its weights.
func TestKindsDoNotDependOnDepth(t *testing.T) {
	ids := func(params string) string {
		var list []string
		for _, k := range mustOpen(t, "v2", params).Info().Kinds {
			list = append(list, k.ID+":"+strings.Join(k.Options, ","))
		}
		return strings.Join(list, " ")
	}
	shallow, deep := ids(`{"layers":6}`), ids(`{"layers":20}`)
	if shallow != deep {
		t.Errorf("6 layers: %s\n20 layers: %s", shallow, deep)
	}
}
