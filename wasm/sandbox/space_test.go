package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// walker is the module whose space logs every question.
type walker struct {
	*Module
	asked *atomic.Int64
}

func loadWalker(t testing.TB) walker {
	t.Helper()
	asked := new(atomic.Int64)
	o := compiled()
	o.Log = func(_ string, level Level, line string) {
		if level == Info && line == "asked" {
			asked.Add(1)
		}
	}
	return walker{load(t, open(t, o), sandboxtest.Build(t, "wasm/sandbox/testdata/walker")), asked}
}

func (w walker) open(t testing.TB, params string) *Space {
	t.Helper()
	s, err := w.Space(background, "s", json.RawMessage(params))
	if err != nil {
		t.Fatal(report(err))
	}
	return s
}

// stepper is what a strategy sees of a space.
type stepper interface {
	Info() spec.SpaceInfo
	Next(ctx context.Context, prev spec.Step, prefix spec.Answers) (spec.Step, error)
}

// stroll plays an episode at random and returns its steps and answers.
func stroll(s stepper, rng *rand.Rand) ([]spec.Step, spec.Answers, error) {
	var steps []spec.Step
	var answers spec.Answers
	var prev spec.Step
	for {
		step, err := s.Next(background, prev, answers)
		if err != nil {
			return steps, answers, err
		}
		steps = append(steps, step)
		if step.Done {
			return steps, answers, nil
		}
		kind, _ := s.Info().Kind(step.Decision.Kind)
		answers = append(answers, pick(*step.Decision, kind, rng))
		prev = step
	}
}

func pick(d spec.Decision, kind spec.Kind, rng *rand.Rand) spec.Answer {
	switch kind.Type {
	case spec.Choice:
		for {
			if i := rng.IntN(len(kind.Options)); d.Mask == nil || d.Mask[i] {
				return spec.Pick(i)
			}
		}
	case spec.Pointer:
		return spec.Pick(d.Candidates[rng.IntN(len(d.Candidates))])
	}
	set := []int{}
	for _, c := range d.Candidates {
		if rng.IntN(2) == 0 {
			set = append(set, c)
		}
	}
	return spec.PickSet(set...)
}

// TestStatesSaveQuestions: walks are the same with states as without, and take
// far fewer questions.
func TestStatesSaveQuestions(t *testing.T) {
	w := loadWalker(t)
	const walks = 30
	asked := map[string]int64{}
	var want [][]spec.Step
	for _, state := range []string{"none", "kept"} {
		s := w.open(t, `{"layers":5,"state":"`+state+`"}`)
		before := w.asked.Load()
		for n := range uint64(walks) {
			steps, _, err := stroll(s, rand.New(rand.NewPCG(1, n)))
			if err != nil {
				t.Fatal(report(err))
			}
			for i := range steps {
				steps[i].State = ""
			}
			if state == "none" {
				want = append(want, steps)
			} else if !reflect.DeepEqual(steps, want[n]) {
				t.Errorf("walk %d: %+v, without states %+v", n, steps, want[n])
			}
		}
		asked[state] = w.asked.Load() - before
	}
	// Before layer i there are 0 to i anchor points; a width has three answers,
	// and its inputs one transition, by Any, from each of two states.
	if asked["kept"] > 1+15*(3+2) || asked["none"] < 3*asked["kept"] {
		t.Errorf("questions %v", asked)
	}
}

// TestFalsePromises: a space that promises what it does not keep misleads
// itself, but every step is still one that its description allows.
func TestFalsePromises(t *testing.T) {
	w := loadWalker(t)
	caught := 0
	for _, state := range []string{"false", "merged"} {
		s := w.open(t, `{"state":"`+state+`"}`)
		for n := range uint64(40) {
			steps, answers, err := stroll(s, rand.New(rand.NewPCG(2, n)))
			if err != nil {
				expect(t, state, err, ErrProtocol, "rule", "")
				caught++
			}
			if len(answers) > s.Info().MaxSteps || len(steps) > s.Info().MaxSteps+1 {
				t.Errorf("%s: a walk of %d answers", state, len(answers))
			}
		}
	}
	if caught == 0 {
		t.Error("no broken promise led to an illegal step")
	}
}

func TestMaxSteps(t *testing.T) {
	s := loadWalker(t).open(t, `{"layers":1,"late":1}`)
	_, answers, err := stroll(s, rand.New(rand.NewPCG(5, 5)))
	expect(t, "late", err, ErrProtocol, "rule", "it asks for decision 3, but max_steps is 2")
	if len(answers) != 2 {
		t.Errorf("%d answers", len(answers))
	}
}

// TestWrongPrefixes: a prefix that the space does not lead to is refused, with
// the place of the first wrong answer, however much of it is remembered.
func TestWrongPrefixes(t *testing.T) {
	w := loadWalker(t)
	width, none := spec.Pick(0), spec.PickSet()
	for _, c := range []struct {
		prefix spec.Answers
		at     int
		want   string
	}{
		{spec.Answers{spec.Pick(3)}, 0, "option 3 does not exist"},
		{spec.Answers{spec.Pick(-1)}, 0, "option -1 does not exist"},
		{spec.Answers{none}, 0, "not by an array"},
		{spec.Answers{width, spec.PickSet(0)}, 1, "anchor points must ascend"},
		{spec.Answers{width, none, width, spec.PickSet(0, 0)}, 3, "anchor points must ascend"},
		{spec.Answers{width, spec.Pick(1), spec.Pick(77)}, 1, "answered by an array"},
		{spec.Answers{width, none, width, none, width}, 4, "at most 4"},
	} {
		s := w.open(t, `{"layers":2,"state":"kept"}`)
		for range 2 {
			_, err := s.Next(background, spec.Step{}, c.prefix)
			expect(t, fmt.Sprint(c.prefix), err, ErrAnswer, "bad_prefix", c.want)
			if e, ok := err.(*Error); ok && e.At != c.at {
				t.Errorf("%v: at %d, want %d", c.prefix, e.At, c.at)
			}
		}
		if step, err := s.Next(background, spec.Step{}, spec.Answers{width, none}); err != nil || step.Decision.Name != "layer1/width" {
			t.Errorf("a good prefix afterwards gives %+v, %v", step, err)
		}
	}
	m := load(t, open(t, patient()), answering(2, `{"ok":{"done":true}}`).Wasm())
	s, err := m.Space(background, "s", nil)
	if err != nil {
		t.Fatal(report(err))
	}
	_, err = s.Next(background, spec.Step{}, spec.Answers{width})
	expect(t, "after the end", err, ErrAnswer, "bad_prefix", "the episode ends after 0 answers")
}

// TestForgottenPlaces lets a Space forget nearly everything between steps.
func TestForgottenPlaces(t *testing.T) {
	s := loadWalker(t).open(t, `{"layers":3,"state":"kept"}`)
	deep := spec.Answers{spec.Pick(0), spec.PickSet(), spec.Pick(1), spec.PickSet(0)}
	want, err := s.Next(background, spec.Step{}, deep)
	if err != nil {
		t.Fatal(report(err))
	}
	s.mu.Lock()
	s.places = newMemo(2, memoBytes, func(place) int { return 0 })
	s.mu.Unlock()
	for range 3 {
		got, err := s.Next(background, spec.Step{}, deep)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
}

// TestSpaceHammer walks one Space in many goroutines.
func TestSpaceHammer(t *testing.T) {
	w := loadWalker(t)
	s, alone := w.open(t, `{"state":"kept"}`), w.open(t, `{"state":"none"}`)
	const goroutines, walks = 8, 5
	var wg sync.WaitGroup
	got := make([][]spec.Answers, goroutines)
	for g := range goroutines {
		wg.Go(func() {
			for n := range walks {
				_, answers, err := stroll(s, rand.New(rand.NewPCG(uint64(g), uint64(n))))
				if err != nil {
					t.Error(report(err))
				}
				got[g] = append(got[g], answers)
			}
		})
	}
	wg.Wait()
	for g := range goroutines {
		_, want, err := stroll(alone, rand.New(rand.NewPCG(uint64(g), 0)))
		if err != nil || !reflect.DeepEqual(got[g][0], want) {
			t.Errorf("goroutine %d: %v, alone %v, %v", g, got[g][0], want, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	w := loadWalker(t)
	s := w.open(t, `{}`)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err := s.Next(ctx, spec.Step{}, nil)
	var e *Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &e) {
		t.Errorf("%v", err)
	}
	if _, err := s.Next(background, spec.Step{}, nil); err != nil {
		t.Error(report(err))
	}
	if err := w.Close(background); err != nil {
		t.Error(err)
	}
	if _, err := s.Build(background, nil, spec.Task{}); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: %v", err)
	}
}

func TestLoadAfterClose(t *testing.T) {
	s, err := New(background, patient())
	if err != nil {
		t.Fatal(err)
	}
	m, twin := load(t, s, sound().Wasm()), load(t, s, sound().Wasm())
	for range 2 {
		if err := m.Close(background); err != nil {
			t.Error(err)
		}
	}
	twin.pool.take().close()
	if _, _, err := twin.Call(background, spec.OpCodeNext, nil); err != nil { // on an instance yet to be made
		t.Errorf("another module of the same file: %v", err)
	}
	if err := s.Close(background); err != nil {
		t.Error(err)
	}
	if _, err := s.Load(background, "p", sound().Wasm()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("load after close: %v", err)
	}
}

func TestBuildAnswersErr(t *testing.T) {
	_, err := loadWalker(t).open(t, `{}`).Build(background, nil, spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 3}, Classes: 2})
	expect(t, "build", err, ErrAnswer, "unsupported", "for walking only")
}
