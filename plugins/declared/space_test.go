package declared

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var tasks = map[spec.TaskType]spec.Task{
	spec.TaskImage: {Type: spec.TaskImage, Input: []int{16, 16, 3}, Classes: 10},
	spec.TaskText:  {Type: spec.TaskText, Input: []int{12}, Classes: 50},
}

// open opens a document through the module, as a host does.
func open(text string, task spec.TaskType) (guest.Space, error) {
	params, err := json.Marshal(map[string]string{"document": text})
	if err != nil {
		return nil, err
	}
	return Module().Space(string(task), params)
}

func mustOpen(t testing.TB, text string, task spec.TaskType) guest.Space {
	t.Helper()
	s, err := open(text, task)
	if err != nil {
		t.Fatal(err)
	}
	info := s.Info()
	if err := info.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// pick answers a decision at random.
func pick(rng *rand.Rand) func(q spec.Decision, k spec.Kind) spec.Answer {
	return func(q spec.Decision, k spec.Kind) spec.Answer {
		switch k.Type {
		case spec.AnchorSet:
			var set []int
			for _, c := range q.Candidates {
				if rng.IntN(2) == 0 {
					set = append(set, c)
				}
			}
			return spec.PickSet(set...)
		case spec.Pointer:
			return spec.Pick(q.Candidates[rng.IntN(len(q.Candidates))])
		}
		for {
			if i := rng.IntN(len(k.Options)); q.Mask == nil || q.Mask[i] {
				return spec.Pick(i)
			}
		}
	}
}

func examples(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	list := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list[strings.TrimSuffix(filepath.Base(file), ".json")] = string(text)
	}
	return list
}

// taskOf is the task that a document names.
func taskOf(text string) spec.TaskType {
	var d struct{ Task spec.TaskType }
	_ = json.Unmarshal([]byte(text), &d)
	if d.Task == "" {
		return spec.TaskImage
	}
	return d.Task
}

// TestExamples: random episodes of every example are networks.
func TestExamples(t *testing.T) {
	list := examples(t)
	if list["chain"] != exampleImage || list["words"] != exampleText {
		t.Error("the files differ from the examples that stand for an empty document")
	}
	for name, text := range list {
		task := taskOf(text)
		s := mustOpen(t, text, task)
		rng := rand.New(rand.NewPCG(3, 3))
		for range 200 {
			answers, err := guest.Walk(s, pick(rng))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			n, err := s.Build(answers, tasks[task])
			if err != nil {
				t.Fatalf("%s: %v: %v", name, answers, err)
			}
			if err := n.Validate(); err != nil {
				t.Fatalf("%s: %v: %v", name, answers, err)
			}
		}
	}
}

// promises walks a space twice: asking for every prefix, and remembering steps
// by state as a host does; both have to agree.
func promises(t testing.TB, s guest.Space, walks int, rng *rand.Rand) {
	t.Helper()
	known := map[string]spec.Step{}
	for range walks {
		var answers spec.Answers
		from := ""
		_, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
			step, err := s.Next(answers)
			if err != nil {
				t.Fatal(err)
			}
			check := func(key string) {
				old, ok := known[key]
				if ok && key != "" && text(old) != text(step) {
					t.Fatalf("after %v: %s, but %q promised %s", answers, text(step), key, text(old))
				}
				known[key] = step
			}
			check(from)
			a := pick(rng)(q, k)
			from = ""
			if step.State != "" {
				if from = step.State + " any"; !step.Any {
					from = step.State + " " + strconv.Itoa(a.Index) + " " + strconv.FormatBool(a.Set)
				}
			}
			answers = append(answers, a)
			return a
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func text(s spec.Step) string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// TestSteps: an episode has as many decisions as the description says, whatever
// is repeated before.
func TestSteps(t *testing.T) {
	for decisions, want := range map[string]int{
		`{"repeat":0,"as":"a","do":["k"]},{"repeat":5,"as":"b","do":["k"]}`:                                  5,
		`{"repeat":3,"as":"a","do":["k",{"repeat":0,"as":"b","do":[{"ask":"k","as":"j"}]},"i"]},"k"`:         7,
		`{"repeat":3,"as":"a","do":[{"repeat":2,"as":"b","do":["k"]},"i"]},{"repeat":1,"as":"c","do":["k"]}`: 10,
	} {
		s := mustOpen(t, `{"kinds":{"k":[1,2],"i":[1,2]},"decisions":[`+decisions+`],"network":["flatten"]}`, spec.TaskImage)
		answers, err := guest.Walk(s, func(spec.Decision, spec.Kind) spec.Answer { return spec.Pick(0) })
		if err != nil || len(answers) != want || s.Info().MaxSteps != want {
			t.Errorf("%s: %d answers of %d, want %d; %v", decisions, len(answers), s.Info().MaxSteps, want, err)
		}
	}
}

func TestPromises(t *testing.T) {
	for _, text := range examples(t) {
		promises(t, mustOpen(t, text, taskOf(text)), 100, rand.New(rand.NewPCG(5, 5)))
	}
}
