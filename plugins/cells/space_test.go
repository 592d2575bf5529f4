package cells

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var cifar = spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}

func mustOpen(t testing.TB, params string) guest.Space {
	t.Helper()
	s, err := Module().Space("nasnet", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Info().Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// pick answers a decision at random.
func pick(rng *rand.Rand) func(q spec.Decision, k spec.Kind) spec.Answer {
	return func(q spec.Decision, k spec.Kind) spec.Answer {
		if k.Type == spec.Pointer {
			return spec.Pick(q.Candidates[rng.IntN(len(q.Candidates))])
		}
		return spec.Pick(rng.IntN(len(k.Options)))
	}
}

// episodes enumerates a space, prefix by prefix, without using any promise.
func episodes(t *testing.T, s guest.Space, prefix spec.Answers, each func(spec.Answers)) {
	t.Helper()
	step, err := s.Next(prefix)
	if err != nil {
		t.Fatal(err)
	}
	if step.Done {
		each(prefix)
		return
	}
	options := step.Decision.Candidates
	if k, _ := s.Info().Kind(step.Decision.Kind); k.Type == spec.Choice {
		options = make([]int, len(k.Options))
		for i := range options {
			options[i] = i
		}
	}
	for _, o := range options {
		episodes(t, s, append(prefix[:len(prefix):len(prefix)], spec.Pick(o)), each)
	}
}

// size is the number of episodes by the formula of the package doc.
func size(operations, combinations, blocks, cells int) int64 {
	n := int64(1)
	for b := 1; b <= blocks; b++ {
		n *= int64(operations * operations * combinations * (b + 1) * (b + 1))
	}
	for all := n; cells > 1; cells-- {
		n *= all
	}
	return n
}

func TestSpaceSize(t *testing.T) {
	for _, test := range []struct {
		params             string
		o, c, blocks, cell int
	}{
		{`{"blocks":1,"operations":["identity","conv_3x3"]}`, 2, 1, 1, 2},
		{`{"blocks":2,"operations":["identity","max_pool_3x3"],"reductions":0}`, 2, 1, 2, 1},
		{`{"blocks":1,"operations":["identity","conv_1x1","separable_3x3"],"combinations":["add","concat"],"reductions":0}`, 3, 2, 1, 1},
		{`{"blocks":2,"operations":["conv_1x1"],"combinations":["concat","add"],"reductions":3}`, 1, 2, 2, 2},
	} {
		count := int64(0)
		episodes(t, mustOpen(t, test.params), nil, func(spec.Answers) { count++ })
		if want := size(test.o, test.c, test.blocks, test.cell); count != want {
			t.Errorf("%s: %d episodes, the formula says %d", test.params, count, want)
		}
	}
	// The numbers that the package doc names.
	if got := size(13, 1, 5, 1); got != 71_465_842_174_521_600 {
		t.Errorf("the paper's space has %d normal cells", got)
	}
}

// TestOrder pins the order of the decisions, who is an anchor point (*), and
// what a pointer may pick.
func TestOrder(t *testing.T) {
	for params, want := range map[string]string{
		`{"blocks":2,"operations":["identity"]}`: "normal/block1/left/operation* normal/block1/right/operation* normal/block1/left/input[0 1] normal/block1/right/input*[0 1] " +
			"normal/block2/left/operation normal/block2/right/operation normal/block2/left/input[0 1 2] normal/block2/right/input[0 1 2] " +
			"reduction/block1/left/operation* reduction/block1/right/operation* reduction/block1/left/input[3 4] reduction/block1/right/input*[3 4] " +
			"reduction/block2/left/operation reduction/block2/right/operation reduction/block2/left/input[3 4 5] reduction/block2/right/input[3 4 5]",
		`{"blocks":2,"reductions":0,"operations":["identity"],"combinations":["add","concat"]}`: "normal/block1/left/operation* normal/block1/right/operation* normal/block1/left/input[0 1] normal/block1/right/input[0 1] normal/block1/combination* " +
			"normal/block2/left/operation normal/block2/right/operation normal/block2/left/input[0 1 2] normal/block2/right/input[0 1 2] normal/block2/combination",
	} {
		var asked []string
		_, err := guest.Walk(mustOpen(t, params), func(q spec.Decision, k spec.Kind) spec.Answer {
			text := q.Name
			if q.Anchor {
				text += "*"
			}
			if k.Type == spec.Choice {
				asked = append(asked, text)
				return spec.Pick(0)
			}
			var candidates []string
			for _, c := range q.Candidates {
				candidates = append(candidates, strconv.Itoa(c))
			}
			asked = append(asked, text+"["+strings.Join(candidates, " ")+"]")
			return spec.Pick(q.Candidates[0])
		})
		if got := strings.Join(asked, " "); err != nil || got != want {
			t.Errorf("%s asks %s, %v\nwant %s", params, got, err, want)
		}
	}
}

// TestRandomWalks builds networks from random episodes of small, wide and the
// largest spaces, for large and tiny images; all are valid.
func TestRandomWalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, params := range []string{
		``, `{"combinations":["add","concat"],"output":"all"}`, `{"blocks":5,"repeats":6,"filters":32}`,
		`{"blocks":10,"repeats":2,"reductions":3,"filters":4,"combinations":["concat"]}`,
		`{"blocks":1,"repeats":20,"reductions":3,"filters":1}`, `{"reductions":0,"repeats":1,"blocks":1,"operations":["identity"]}`,
	} {
		s := mustOpen(t, params)
		for i := range 12 {
			answers, err := guest.Walk(s, pick(rng))
			if err != nil || len(answers) != s.Info().MaxSteps {
				t.Fatalf("%s: %d answers, %v", params, len(answers), err)
			}
			task := cifar
			if i%3 == 0 {
				task = spec.Task{Type: spec.TaskImage, Input: []int{1 + i, 3, 1}, Classes: 2}
			}
			n, err := s.Build(answers, task)
			if err != nil {
				t.Fatalf("%s: %v", params, err)
			}
			if err := n.Validate(); err != nil {
				t.Fatalf("%s: %v", params, err)
			}
		}
	}
}

// TestMostNodes: the bound on the nodes holds for the largest answers.
func TestMostNodes(t *testing.T) {
	for _, combine := range []string{"add", "concat"} {
		params := `{"blocks":5,"repeats":4,"operations":["separable_7x7"],"combinations":["` + combine + `"]}`
		s := mustOpen(t, params)
		answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
			if k.Type == spec.Pointer {
				return spec.Pick(q.Candidates[len(q.Candidates)-1])
			}
			return spec.Pick(0)
		})
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Build(answers, cifar)
		if err != nil {
			t.Fatal(err)
		}
		p, err := guest.ParseParams(declaredParams(), spec.Raw(params))
		if err != nil {
			t.Fatal(err)
		}
		opened, err := open(p)
		if err != nil {
			t.Fatal(err)
		}
		if most := opened.(*space).mostNodes(); len(n.Nodes) > most {
			t.Errorf("%s: %d nodes, the bound is %d", combine, len(n.Nodes), most)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := mustOpen(t, `{"blocks":1,"reductions":0}`)
	whole := spec.Answers{spec.Pick(0), spec.Pick(12), spec.Pick(1), spec.Pick(0)}
	with := func(at int, a spec.Answer) spec.Answers {
		changed := append(spec.Answers(nil), whole...)
		changed[at] = a
		return changed
	}
	if _, err := s.Build(whole, cifar); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		answers spec.Answers
		task    spec.Task
		code    string
		at      int
	}{
		{with(0, spec.Pick(13)), cifar, spec.CodeBadPrefix, 0},
		{with(1, spec.PickSet()), cifar, spec.CodeBadPrefix, 1},
		{with(2, spec.Pick(2)), cifar, spec.CodeBadPrefix, 2},
		{with(3, spec.PickSet(0)), cifar, spec.CodeBadPrefix, 3},
		{append(with(0, spec.Pick(0)), spec.Pick(0)), cifar, spec.CodeBadPrefix, 4},
		{whole[:3], cifar, spec.CodeBadPrefix, 3},
		{whole, spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 100}, spec.CodeUnsupported, -1},
	} {
		var f *spec.Fault
		if _, err := s.Build(test.answers, test.task); !errors.As(err, &f) || f.Code != test.code || f.At != test.at {
			t.Errorf("%v: %v, want %s at %d", test.answers, err, test.code, test.at)
		}
	}
	for params, want := range map[string]string{
		`{"operations":[]}`:                    "operations is empty",
		`{"operations":["identity","conv_3"]}`: "from: identity",
		`{"operations":["identity","conv_1x1","identity"],"combinations":["add","add"]}`: "operations names identity twice; combinations names add twice",
		`{"blocks":10,"repeats":20}`:  "and at most 5000 are allowed",
		`{"block":1}`:                 `did you mean "blocks"?`,
		`{"output":"none"}`:           "from: unused all",
		`{"filters":0,"repeats":100}`: `param "filters" is 0`,
	} {
		var f *spec.Fault
		if _, err := Module().Space("nasnet", spec.Raw(params)); !errors.As(err, &f) || f.Code != spec.CodeBadParams || !strings.Contains(f.Msg, want) {
			t.Errorf("%s: %v\nwant %s", params, err, want)
		}
	}
}
