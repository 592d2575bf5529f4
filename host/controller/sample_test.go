package controller

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestSamplesFollowProbabilities is Pearson's chi-square test of whole episodes.
func TestSamplesFollowProbabilities(t *testing.T) {
	const n = 5000
	for label, config := range variants() {
		space := mixed(2)
		c := newController(t, config, space, 9)
		all := enumerate(t, space)
		counts := map[string]float64{}
		for i := range n {
			counts[name(sample(t, c, space, 10, uint64(i)))]++
		}
		_, probs, _ := exactGradient(t, c, all, 0)
		chi, cells, rare, rareCount := 0.0, 0.0, 0.0, 0.0
		for i, e := range all {
			if want := n * probs[i]; want >= 5 {
				chi += (counts[name(e)] - want) * (counts[name(e)] - want) / want
				cells++
			} else {
				rare += want
				rareCount += counts[name(e)]
			}
		}
		if rare > 0 {
			chi += (rareCount - rare) * (rareCount - rare) / rare
			cells++
		}
		// Mean cells-1, variance 2(cells-1); the seed is fixed.
		if limit := cells - 1 + 3.5*math.Sqrt(2*(cells-1)); chi > limit {
			t.Errorf("%s: chi-square of %.0f cells is %.1f, above %.1f", label, cells, chi, limit)
		}
	}
}

func TestSampleIsDeterministic(t *testing.T) {
	space := mixed(4)
	c := newController(t, small(), space, 11)
	want := samples(t, c, space, 12, 40)
	if reflect.DeepEqual(want[0].Answers, want[1].Answers) && reflect.DeepEqual(want[1].Answers, want[2].Answers) {
		t.Error("three different ids gave the same episode")
	}
	again := newController(t, small(), space, 11)
	got := make([]Episode, len(want))
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() { got[i] = sample(t, again, space, 12, uint64(i)) })
	}
	group.Wait()
	if !reflect.DeepEqual(got, want) {
		t.Error("episodes sampled concurrently differ from those sampled in order")
	}
	if newController(t, small(), space, 12).Hash() == c.Hash() {
		t.Error("two seeds gave the same weights")
	}
}

func TestMasksAreObeyed(t *testing.T) {
	only := []bool{false, false, true, false}
	space := grid(6, 4)
	next := space.next
	space.next = func(prefix spec.Answers) spec.Step {
		s := next(prefix)
		if !s.Done && len(prefix)%2 == 1 {
			s.Decision.Mask = only
		}
		return s
	}
	c := newController(t, small(), space, 13)
	for _, e := range samples(t, c, space, 14, 200) {
		for i := 1; i < 6; i += 2 {
			if e.Answers[i].Index != 2 || e.StepLogProbs[i] != 0 || e.StepEntropies[i] != 0 {
				t.Fatalf("step %d with one allowed option: answer %d, log-probability %v, entropy %v",
					i, e.Answers[i].Index, e.StepLogProbs[i], e.StepEntropies[i])
			}
		}
	}
}

func TestSampleRefusesBadSpaces(t *testing.T) {
	failing := errors.New("the plugin is broken")
	good := mixed(3)
	for label, test := range map[string]struct {
		space Space
		want  []string
	}{
		"other kinds":   {grid(2, 2), []string{"space grid", "1 kinds", "5"}},
		"other options": {withKinds(good, func(k []spec.Kind) { k[2] = choiceKind("width", 2) }), []string{"kind 2", `"width"`}},
		"unknown kind": {asking(good, func(i int, d *spec.Decision) { d.Kind = "colour" }),
			[]string{"step 0 (depth)", "colour"}},
		"endless": {asking(good, func(i int, d *spec.Decision) {
			*d = spec.Decision{Kind: "size", Name: "again"}
		}), []string{"step 12 (again)", "max_steps of 12"}},
		"future anchor": {asking(good, func(i int, d *spec.Decision) {
			if d.Kind == "feed" {
				d.Candidates = []int{7}
			}
		}), []string{"step 3 (feed0)", "7"}},
		"short mask": {asking(good, func(i int, d *spec.Decision) {
			if d.Kind == "width" {
				d.Mask = []bool{true}
			}
		}), []string{"step 2 (width0)", "mask"}},
		"failing": {&broken{good, failing}, []string{"space mixed: step 0", "broken"}},
	} {
		c := newController(t, small(), good, 1)
		_, err := c.Sample(context.Background(), test.space, rand.New(rand.NewPCG(1, 1)))
		if err == nil {
			t.Errorf("%s: no error", label)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q lacks %q", label, err, want)
			}
		}
		var step *StepError
		if errors.As(err, &step) != strings.Contains(err.Error(), "step ") {
			t.Errorf("%s: error %q is a StepError: %t", label, err, step != nil)
		}
		if label == "failing" && !errors.Is(err, failing) {
			t.Errorf("the space's own error is not wrapped: %v", err)
		}
	}
}

type broken struct {
	*toy
	err error
}

func (b *broken) Next(context.Context, spec.Step, spec.Answers) (spec.Step, error) {
	return spec.Step{}, b.err
}

// asking changes every decision of a space before it is asked. Where the space
// is done, it asks what change makes of an empty decision.
func asking(s *toy, change func(i int, d *spec.Decision)) *toy {
	return &toy{info: s.info, next: func(prefix spec.Answers) spec.Step {
		d := spec.Decision{}
		if step := s.next(prefix); !step.Done {
			d = *step.Decision
		}
		change(len(prefix), &d)
		return ask(d)
	}}
}

func withKinds(s *toy, change func([]spec.Kind)) *toy {
	out := *s
	out.info.Kinds = append([]spec.Kind(nil), s.info.Kinds...)
	change(out.info.Kinds)
	return &out
}

func TestSampleStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	space := mixed(3)
	stopping := asking(space, func(i int, _ *spec.Decision) {
		if i == 2 {
			cancel()
		}
	})
	_, err := newController(t, small(), space, 1).Sample(ctx, stopping, rand.New(rand.NewPCG(1, 1)))
	var step *StepError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &step) || step.Step != 3 {
		t.Errorf("cancelled while step 2 was asked: %v", err)
	}
}

func TestReplayFindsTheSteps(t *testing.T) {
	space := mixed(4)
	c := newController(t, small(), space, 15)
	for _, e := range samples(t, c, space, 16, 10) {
		steps, err := Replay(context.Background(), space, e.Answers)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(steps, e.Steps) {
			t.Error("the replayed steps differ from the sampled ones")
		}
		if _, err := Replay(context.Background(), space, e.Answers[:len(e.Answers)-1]); err == nil {
			t.Error("answers that end too early were accepted")
		}
		if _, err := Replay(context.Background(), space, append(e.Answers[:len(e.Answers):len(e.Answers)], spec.Pick(0))); err == nil {
			t.Error("one answer too many was accepted")
		}
	}
}

func TestExplainShowsTheDistribution(t *testing.T) {
	space := mixed(4)
	c := newController(t, small(), space, 17)
	for _, e := range samples(t, c, space, 18, 20) {
		views, err := c.Explain(e)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range views {
			d, a := e.Steps[i].Decision, e.Answers[i]
			if v.Decision != d.Name || v.Kind != d.Kind || !reflect.DeepEqual(v.Answer, a) {
				t.Fatalf("step %d is explained as %+v", i, v)
			}
			if v.Kind == "feed" {
				if len(v.Probs) != len(d.Candidates) {
					t.Fatalf("%s: %d probabilities for %d candidates", d.Name, len(v.Probs), len(d.Candidates))
				}
				p := 1.0
				for k, j := range d.Candidates {
					q := 1 - v.Probs[k]
					for _, chosen := range a.Anchors {
						if chosen == j {
							q = v.Probs[k]
						}
					}
					p *= q
					near(t, d.Name+": sigmoid of the logit", v.Probs[k], logistic(v.Logits[k]), 1e-6)
				}
				near(t, d.Name+": probability of the set", math.Exp(v.LogProb), p, 1e-6)
				continue
			}
			near(t, d.Name+": sum of probabilities", total(v.Probs), 1, 1e-9)
			near(t, d.Name+": probability of the answer", v.Probs[position(a.Index, v.Candidates)], math.Exp(v.LogProb), 1e-6)
			for k := range v.Probs {
				if len(d.Mask) > 0 && !d.Mask[k] && v.Probs[k] != 0 {
					t.Errorf("%s: the forbidden option %d has probability %v", d.Name, k, v.Probs[k])
				}
			}
		}
	}
}

// TestCellsShareWeights: a tree of twice the leaves costs the policy nothing but
// the options of the indices.
func TestCellsShareWeights(t *testing.T) {
	four, eight := newController(t, small(), cells(t, `{"base":4}`), 1), newController(t, small(), cells(t, `{"base":8}`), 1)
	c := eight.config
	if got, want := eight.Size()-four.Size(), (15-7)*(c.Embedding+c.Units+1); got != want {
		t.Errorf("%d weights more, want %d: an embedding, a row and a bias for each of 8 options", got, want)
	}
	e := sample(t, eight, cells(t, `{"base":8}`), 3, 0)
	if len(e.Answers) != 34 {
		t.Errorf("an episode of %d answers, want 34", len(e.Answers))
	}
}
