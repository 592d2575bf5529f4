package strategy

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// problem is a space of n decisions of one kind with a made-up reward, whose
// only maximum is 1.
type problem struct {
	kind   spec.Kind
	n      int
	reward func(e Episode) float64
}

func (p problem) Info() spec.SpaceInfo {
	return spec.SpaceInfo{Name: "problem", Task: spec.TaskImage, MaxSteps: p.n, Kinds: []spec.Kind{p.kind}}
}

func (p problem) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	i := len(prefix)
	if i == p.n {
		return spec.Step{Done: true}, nil
	}
	d := &spec.Decision{Kind: p.kind.ID, Name: fmt.Sprint(p.kind.ID, i)}
	if p.kind.Type == spec.AnchorSet {
		d.Anchor = true
		for j := range i {
			d.Candidates = append(d.Candidates, j)
		}
	}
	return spec.Step{Decision: d}, nil
}

// lock has 6 decisions with 4 options each and opens at one of 4096
// combinations. A right answer counts, and counts again if the one before is
// right too.
func lock() problem {
	open := []int{3, 1, 0, 2, 1, 3}
	kind := spec.Kind{ID: "wheel", Type: spec.Choice, Options: []string{"0", "1", "2", "3"}}
	return problem{kind, len(open), func(e Episode) float64 {
		sum, before := 0, false
		for i, a := range e.Answers {
			right := a.Index == open[i]
			if right {
				sum++
			}
			if right && before {
				sum++
			}
			before = right
		}
		return float64(sum) / float64(2*len(open)-1)
	}}
}

// ladder has 6 anchors decisions. Each layer should be fed by the two before it
// and by no other: one of 32768. The reward is the fraction of the 15
// connections that are as they should be.
func ladder() problem {
	return problem{spec.Kind{ID: "feed", Type: spec.AnchorSet}, 6, func(e Episode) float64 {
		right, all := 0, 0
		for i, a := range e.Answers {
			for j := range i {
				if slices.Contains(a.Anchors, j) == (i-j <= 2) {
					right++
				}
				all++
			}
		}
		return float64(right) / float64(all)
	}}
}

// search reports whether one of the budget's episodes reached the maximum, and
// the mean reward of the last tenth.
func search(t *testing.T, s Strategy, p problem, budget int) (found bool, last float64) {
	t.Helper()
	var episodes []Episode
	var rewards []float64
	for id := range budget {
		e := propose(t, s, p, id)
		r := p.reward(e)
		found = found || r == 1
		if id >= budget-budget/10 {
			last += r / float64(budget/10)
		}
		episodes, rewards = append(episodes, e), append(rewards, r)
		if len(episodes) == s.Rollout() {
			if _, err := s.Update(context.Background(), episodes, rewards); err != nil {
				t.Fatal(err)
			}
			episodes, rewards = nil, nil
		}
	}
	return found, last
}

// TestFindsKnownOptimum searches with 20 seeds, and at random with the same
// budget and seeds; without ESPALIER_LONG=1 only the first 5 seeds.
func TestFindsKnownOptimum(t *testing.T) {
	seeds := 5
	if os.Getenv("ESPALIER_LONG") == "1" {
		seeds = 20
	}
	for label, p := range map[string]problem{"lock": lock(), "ladder": ladder()} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			findOptimum(t, p, seeds)
		})
	}
}

func findOptimum(t *testing.T, p problem, seeds int) {
	const budget = 1000
	const config = `{"learning_rate": 0.02, "entropy_weight": 0.03, "baseline_decay": 0.9}`
	found, foundAtRandom, better := 0, 0, 0
	for seed := range uint64(seeds) {
		learner, err := New("reinforce", []byte(config), p.Info().Kinds, seed)
		if err != nil {
			t.Fatal(err)
		}
		random, err := New("random", nil, p.Info().Kinds, seed)
		if err != nil {
			t.Fatal(err)
		}
		ok, mean := search(t, learner, p, budget)
		okAtRandom, meanAtRandom := search(t, random, p, budget)
		if ok {
			found++
		}
		if okAtRandom {
			foundAtRandom++
		}
		if mean > meanAtRandom+0.2 {
			better++
		}
	}
	t.Logf("reinforce found the optimum with %d of %d seeds, random with %d", found, seeds, foundAtRandom)
	// Random finds a given one of 4096 within the budget with probability 0.22.
	if found < seeds-1 || foundAtRandom > seeds/2 || better < seeds {
		t.Errorf("found by reinforce with %d of %d seeds, by random with %d; reinforce's last episodes were better with %d",
			found, seeds, foundAtRandom, better)
	}
}
