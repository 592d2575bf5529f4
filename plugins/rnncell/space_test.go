package rnncell

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// words is the task of the Penn Treebank.
var words = spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 10_000}

func mustOpen(t testing.TB, params string) guest.Space {
	t.Helper()
	m := Module()
	s, err := m.Space("tree", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustBuild(t testing.TB, params string, answers spec.Answers, task spec.Task) *spec.Network {
	t.Helper()
	n, err := mustOpen(t, params).Build(answers, task)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Validate(); err != nil {
		t.Fatal(err)
	}
	return n
}

// explore counts a space's episodes by its states: a step that promises that
// all answers lead to the same is followed once.
func explore(t *testing.T, s guest.Space) *big.Int {
	t.Helper()
	count := big.NewInt(1)
	for prefix := (spec.Answers{}); ; prefix = append(prefix, spec.Pick(0)) {
		step, err := s.Next(prefix)
		if err != nil {
			t.Fatal(err)
		}
		if step.Done {
			return count
		}
		if !step.Any || step.State != strconv.Itoa(len(prefix)) {
			t.Fatalf("step %+v after %d answers does not promise that every answer leads to the same", step, len(prefix))
		}
		k, _ := s.Info().Kind(step.Decision.Kind)
		count.Mul(count, big.NewInt(int64(len(k.Options))))
	}
}

func TestSpaceSize(t *testing.T) {
	product := func(factors ...int64) *big.Int {
		p := big.NewInt(1)
		for _, f := range factors {
			p.Mul(p, big.NewInt(f))
		}
		return p
	}
	power := func(b, e int64) *big.Int { return new(big.Int).Exp(big.NewInt(b), big.NewInt(e), nil) }
	extended := `"combinations":["add","elem_mult","max"],"activations":["identity","tanh","sigmoid","relu","sin"]`
	for _, test := range []struct {
		params string
		want   *big.Int
	}{
		{``, product(power(8, 15).Int64(), 8, 15*15)}, // about 6.3e16
		{`{"base":2}`, product(8*8*8, 8, 3*3)},
		{`{"base":4}`, product(power(8, 7).Int64(), 8, 7*7)},
		{`{"base":4,"root_index":false}`, product(power(8, 7).Int64(), 8, 6*6)},
		{`{"base":16}`, new(big.Int).Mul(power(8, 32), product(31*31))},
		{`{` + extended + `}`, new(big.Int).Mul(power(15, 16), product(15*15))},
		{`{"base":2,"combinations":["max"],"activations":["sin","tanh"]}`, product(2*2*2, 2, 3*3)},
	} {
		if got := explore(t, mustOpen(t, test.params)); got.Cmp(test.want) != 0 {
			t.Errorf("%s has %v episodes, want %v", test.params, got, test.want)
		}
	}
}

// enumerate visits every episode of a space.
func enumerate(t *testing.T, s guest.Space, visit func(answers spec.Answers)) {
	t.Helper()
	var walk func(prefix spec.Answers)
	walk = func(prefix spec.Answers) {
		step, err := s.Next(prefix)
		if err != nil {
			t.Fatal(err)
		}
		if step.Done {
			visit(prefix)
			return
		}
		k, _ := s.Info().Kind(step.Decision.Kind)
		for i := range k.Options {
			walk(append(prefix[:len(prefix):len(prefix)], spec.Pick(i)))
		}
	}
	walk(nil)
}

// TestEnumeration counts the episodes of small trees one by one, and the cells
// that they are: those that differ by a swap of children are the same. Of base 2
// the swap leaves those as they are that have equal leaves and the root as both
// indices.
func TestEnumeration(t *testing.T) {
	small := `"combinations":["add","elem_mult"],"activations":["tanh","relu"]`
	for _, test := range []struct {
		params          string
		episodes, cells int
	}{
		{`{"base":2}`, 8 * 8 * 8 * 8 * 9, 0},
		{`{"base":2,` + small + `}`, 4 * 4 * 4 * 4 * 9, (4*4*4*4*9 + 4*4*4) / 2},
		{`{"base":2,"root_index":false,` + small + `}`, 4 * 4 * 4 * 4 * 4, 4 * 4 * 4 * 4 * 4 / 2},
		{`{"base":4,"combinations":["add"],"activations":["tanh"]}`, 7 * 7, 0},
		{`{"base":4,"combinations":["add"],"activations":["tanh","relu"]}`, 128 * 2 * 49, 0},
	} {
		s := mustOpen(t, test.params)
		episodes, ids := 0, map[string]bool{}
		enumerate(t, s, func(answers spec.Answers) {
			episodes++
			if test.cells == 0 {
				return
			}
			n, err := s.Build(answers, words)
			if err != nil {
				t.Fatal(err)
			}
			ids[cellIn(t, n).ID()] = true
		})
		if episodes != test.episodes || len(ids) != test.cells || ids[""] {
			t.Errorf("%s has %d episodes and %d cells, want %d and %d", test.params, episodes, len(ids), test.episodes, test.cells)
		}
	}
}

// TestOrder pins the order of the decisions, which is the paper's.
func TestOrder(t *testing.T) {
	for params, want := range map[string]string{
		`{"base":2}`: "leaf0/combination leaf0/activation leaf1/combination leaf1/activation node2/combination node2/activation " +
			"inject/combination inject/activation memory/index inject/index",
		`{"base":4,"root_index":false}`: "leaf0/combination leaf0/activation leaf1/combination leaf1/activation " +
			"leaf2/combination leaf2/activation leaf3/combination leaf3/activation node4/combination node4/activation " +
			"node5/combination node5/activation node6/combination node6/activation inject/combination inject/activation memory/index inject/index",
	} {
		s := mustOpen(t, params)
		var asked []string
		answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
			if _, kind, _ := strings.Cut(q.Name, "/"); kind != q.Kind {
				t.Errorf("%s is of kind %s", q.Name, q.Kind)
			}
			asked = append(asked, q.Name)
			return spec.Pick(len(k.Options) - 1)
		})
		if got := strings.Join(asked, " "); err != nil || got != want || len(answers) != s.Info().MaxSteps {
			t.Errorf("%s asks %s, %v\nwant %s", params, got, err, want)
		}
	}
}

// TestKinds: combinations, activations and indices are one kind each.
func TestKinds(t *testing.T) {
	for params, want := range map[string]string{
		`{"base":2}`: "combination: add elem_mult; activation: identity tanh sigmoid relu; index: leaf0 leaf1 node2; ",
		`{"base":4,"root_index":false,"combinations":["max"],"activations":["sin"]}`: "combination: max; activation: sin; index: leaf0 leaf1 leaf2 leaf3 node4 node5; ",
	} {
		got := ""
		for _, k := range mustOpen(t, params).Info().Kinds {
			got += k.ID + ": " + strings.Join(k.Options, " ") + "; "
		}
		if got != want {
			t.Errorf("%s has the kinds %s\nwant %s", params, got, want)
		}
	}
}

// TestRandomWalks builds networks from random episodes, and the largest ones;
// all have to be valid and small enough for a host.
func TestRandomWalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, params := range []string{
		``, `{"base":2}`, `{"base":4,"tied":true,"state_dropout":0.25,"variational":true}`, `{"base":16,"layers":1,"embedding":64}`,
		`{"combinations":["add","elem_mult","max"],"activations":["identity","tanh","sigmoid","relu","sin"]}`,
		`{"base":64,"layers":8,"root_index":false}`, `{"base":64,"layers":8,"activations":["tanh"]}`,
	} {
		s := mustOpen(t, params)
		if err := s.Info().Validate(); err != nil {
			t.Fatalf("%s: %v", params, err)
		}
		for range 20 {
			answers, err := guest.Walk(s, func(_ spec.Decision, k spec.Kind) spec.Answer { return spec.Pick(rng.IntN(len(k.Options))) })
			if err != nil {
				t.Fatalf("%s: %v", params, err)
			}
			network, err := s.Build(answers, words)
			if err != nil {
				t.Fatalf("%s: %v", params, err)
			}
			if err := network.Validate(); err != nil {
				t.Fatalf("%s: %v", params, err)
			}
			if data, err := network.MarshalJSON(); err != nil || len(data) > 1<<20 {
				t.Fatalf("%s: the network takes %d bytes, %v; a host allows 1 MiB", params, len(data), err)
			}
			cell := cellIn(t, network)
			if plan, err := cell.Infer(3, 5); err != nil || len(plan.Nodes) != len(cell.Nodes) || len(plan.States) != 2 {
				t.Fatalf("%s: parts of the cell take no part: %+v, %v", params, plan, err)
			}
		}
	}
}

func TestBadPrefixes(t *testing.T) {
	s := mustOpen(t, `{"base":2,"root_index":false}`)
	whole := picks(1, 3, 0, 0, 1, 2, 0, 1, 1, 0)
	if _, err := s.Next(whole); err != nil {
		t.Fatal(err)
	}
	with := func(at int, a spec.Answer) spec.Answers {
		changed := append(spec.Answers(nil), whole...)
		changed[at] = a
		return changed
	}
	for name, test := range map[string]struct {
		prefix spec.Answers
		at     int
	}{
		"combination too large": {with(0, spec.Pick(2)), 0},
		"activation negative":   {with(1, spec.Pick(-1)), 1},
		"set for a choice":      {with(2, spec.PickSet(0)), 2},
		"index of the root":     {with(8, spec.Pick(2)), 8},
		"after the end":         {append(with(0, spec.Pick(0)), spec.Pick(0)), 10},
	} {
		_, nextErr := s.Next(test.prefix)
		_, buildErr := s.Build(test.prefix, words)
		for _, err := range []error{nextErr, buildErr} {
			var f *spec.Fault
			if !errors.As(err, &f) || f.Code != spec.CodeBadPrefix || f.At != test.at {
				t.Errorf("%s: %v, want bad_prefix at %d", name, err, test.at)
			}
		}
	}
	var f *spec.Fault
	if _, err := s.Build(whole[:9], words); !errors.As(err, &f) || f.Code != spec.CodeBadPrefix || f.At != 9 {
		t.Errorf("build of an unfinished episode: %v", err)
	}
	image := spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}
	if _, err := s.Build(whole, image); !errors.As(err, &f) || f.Code != spec.CodeUnsupported || !strings.Contains(f.Msg, "type text") {
		t.Errorf("build for images: %v", err)
	}
}

func TestBadParams(t *testing.T) {
	m := Module()
	for params, want := range map[string]string{
		`{"base":6}`:                          "base is 6, which is not a power of two",
		`{"base":128}`:                        "at most 64",
		`{"base":1}`:                          "at least 2",
		`{"combinations":[]}`:                 "combinations is empty",
		`{"activations":["tanh","tanh"]}`:     "activations name tanh twice",
		`{"activations":["gelu"]}`:            "from: identity tanh sigmoid relu sin",
		`{"base":3,"combinations":[]}`:        "power of two; combinations is empty",
		`{"tied":true,"embedding":128}`:       "set embedding to 0",
		`{"state_dropout":1}`:                 "at most 0.99",
		`{"drop":0.5}`:                        "unknown param",
		`{"layers":9}`:                        "at most 8",
		`{"embeding":128}`:                    `did you mean "embedding"?`,
		`{"units":0,"params":0}`:              "at least 1",
		`{"combinations":["add","subtract"]}`: "from: add elem_mult max",
	} {
		if _, err := m.Space("tree", spec.Raw(params)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", params, err, want)
		}
	}
	if _, err := m.Space("tree", spec.Raw(`{"tied":true,"embedding":128,"units":128}`)); err != nil {
		t.Errorf("a tied embedding as wide as the layers: %v", err)
	}
}
