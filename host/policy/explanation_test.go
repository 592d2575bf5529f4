package policy

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func explain(t testing.TB, p *Player, id int) *Explanation {
	t.Helper()
	x, err := p.Explain(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// sampledEvents are the trials of a study, doneEvents how they ended.
func (s *study) sampledEvents() (all []*event.Sampled) {
	for _, e := range s.events {
		if e.Sampled != nil {
			all = append(all, e.Sampled)
		}
	}
	return all
}

func (s *study) updates() (all []*event.Updated) {
	for _, e := range s.events {
		if e.Updated != nil {
			all = append(all, e.Updated)
		}
	}
	return all
}

// version is the study's policy after so many updates.
func (s *study) version(t testing.TB, v int) strategy.Explainer {
	t.Helper()
	policy := s.fresh(t)
	if err := policy.Restore(s.policies[v]); err != nil {
		t.Fatal(err)
	}
	return policy.(strategy.Explainer)
}

// sameBars holds what is shown of a version against the version that the study saved.
func sameBars(t *testing.T, what string, got Bars, want strategy.StepView) {
	t.Helper()
	if !slices.Equal(got.Logits, want.Logits) || !slices.Equal(got.Probs, want.Probs) || got.LogProb != want.LogProb || got.Entropy != want.Entropy {
		t.Errorf("%s is %+v, the study's own version says %+v", what, got, want)
	}
}

// TestExplanationsAreTheStudys holds every trial of every world against what the
// journal recorded when it was sampled, and against the policies before and after
// the update, restored from the study's own snapshots.
func TestExplanationsAreTheStudys(t *testing.T) {
	for name, w := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			s := recorded(t, name)
			p := s.player(t, s.events)
			updates := s.updates()
			learned := 0
			for _, want := range s.sampledEvents() {
				x := explain(t, p, want.Trial)
				if x.Trial != want.Trial || x.Sampled != want.Version || x.LogProb != want.LogProb || len(x.Decisions) != len(want.Decisions) {
					t.Fatalf("trial %d is explained as %+v", want.Trial, x)
				}
				for i, d := range x.Decisions {
					if d.Name != want.Decisions[i].Name || d.Sampled.LogProb != want.StepLogProbs[i] || d.Sampled.Entropy != want.StepEntropies[i] {
						t.Fatalf("trial %d, %s: sampled with %v nats of %v, shown are %v of %v", want.Trial, d.Name,
							want.StepLogProbs[i], want.StepEntropies[i], d.Sampled.LogProb, d.Sampled.Entropy)
					}
				}
				if x.Update == nil {
					continue
				}
				learned++
				u, shown := updates[x.Update.Version-1], x.Update
				of := slices.Index(u.Trials, want.Trial)
				if of < 0 || shown.Reward != u.Rewards[of] || shown.Baseline != u.BaselineBefore || shown.Advantage != u.Advantages[of] ||
					shown.BaselineAfter != u.Baseline || shown.GradNorm != u.GradNorm || shown.First != (u.Version == 1) {
					t.Errorf("trial %d: the update is shown as %+v, the journal has %+v", want.Trial, shown, u)
				}
				if want.Trial%5 != 0 {
					continue // restoring is slow
				}
				e := p.record.episode(want.Trial)
				before, err := s.version(t, u.Version-1).Explain(e)
				if err != nil {
					t.Fatal(err)
				}
				after, err := s.version(t, u.Version).Explain(e)
				if err != nil {
					t.Fatal(err)
				}
				for i, d := range x.Decisions {
					sameBars(t, d.Name+" before the update", *d.Before, before[i])
					sameBars(t, d.Name+" after the update", *d.After, after[i])
				}
			}
			if learned < w.trials/2 {
				t.Errorf("only %d of %d trials were learned from", learned, w.trials)
			}
		})
	}
}

// objective is a decision's part of the objective, advantage log P + weight H, as
// a function of its raw logits: the formulas of package controller in float64.
func objective(d *DecisionView, u *UpdateView, logits []float64, advantage, weight float64) float64 {
	shaped := make([]float64, len(logits))
	for i, l := range logits {
		shaped[i] = l / u.Temperature
		if u.LogitClip > 0 {
			shaped[i] = u.LogitClip * math.Tanh(shaped[i])
		}
	}
	log, entropy := 0.0, 0.0
	if d.Type == spec.AnchorSet {
		for i, z := range shaped {
			p := 1 / (1 + math.Exp(-z))
			entropy -= p*math.Log(p) + (1-p)*math.Log(1-p)
			if !slices.Contains(d.Chosen, i) {
				p = 1 - p
			}
			log += math.Log(p)
		}
		return advantage*log + weight*entropy
	}
	sum := 0.0
	for i, z := range shaped {
		if !slices.Contains(d.Forbidden, i) {
			sum += math.Exp(z)
		}
	}
	for i, z := range shaped {
		if !slices.Contains(d.Forbidden, i) {
			p := math.Exp(z) / sum
			entropy -= p * math.Log(p)
		}
	}
	return advantage*(shaped[d.Chosen[0]]-math.Log(sum)) + weight*entropy
}

// TestShownGradientsFollowFromWhatIsShown takes nothing but an Explanation: its
// gradients are the central differences of the objective at its logits, with its
// advantage, rollout, entropy weight, temperature and clip.
func TestShownGradientsFollowFromWhatIsShown(t *testing.T) {
	const step = 1e-5
	for name, w := range worlds(t) {
		s := recorded(t, name)
		p := s.player(t, s.events)
		for id := 1; id <= w.trials; id += 3 {
			x := explain(t, p, id)
			if x.Update == nil {
				continue
			}
			m := float64(len(x.Update.Trials))
			for i := range x.Decisions {
				d := &x.Decisions[i]
				for _, part := range []struct {
					name              string
					shown             []float64
					advantage, weight float64
				}{
					{"total", d.Gradient.Total, x.Update.Advantage / m, x.Update.EntropyWeight / m},
					{"reward", d.Gradient.Reward, x.Update.Advantage / m, 0},
					{"entropy", d.Gradient.Entropy, 0, x.Update.EntropyWeight / m},
					{"without baseline", d.Gradient.WithoutBaseline, x.Update.Reward / m, 0},
				} {
					logits := slices.Clone(d.Before.Logits)
					for k, old := range logits {
						logits[k] = old + step
						up := objective(d, x.Update, logits, part.advantage, part.weight)
						logits[k] = old - step
						want := (up - objective(d, x.Update, logits, part.advantage, part.weight)) / (2 * step)
						logits[k] = old
						if !(math.Abs(part.shown[k]-want) < 1e-6) {
							t.Fatalf("%s, trial %d, %s: the gradient (%s) by logit %d is shown as %v, central differences say %v", name, id, d.Name, part.name, k, part.shown[k], want)
						}
					}
				}
			}
		}
	}
}

// stages lists what the explanations of all trials say after the first n events.
func stages(t *testing.T, s *study, n int) (all []*Explanation) {
	p := s.player(t, s.events[:n])
	for id := range p.record.trials {
		all = append(all, explain(t, p, id+1))
	}
	return all
}

func TestExplanationsTellTheStage(t *testing.T) {
	s := recorded(t, "masks and pointers")
	saw := map[string]bool{}
	for n := 1; n <= len(s.events); n += 17 {
		ended, learned, failed, duplicate := map[int]bool{}, map[int]bool{}, map[int]bool{}, map[int]int{}
		over := false
		for _, e := range s.events[:n] {
			switch {
			case e.Sampled != nil:
				duplicate[e.Sampled.Trial] = e.Sampled.DuplicateOf
			case e.Done != nil:
				ended[e.Done.Trial], failed[e.Done.Trial] = true, e.Done.Status == event.Failed
				duplicate[e.Done.Trial] = e.Done.DuplicateOf
			case e.Updated != nil:
				for _, id := range e.Updated.Trials {
					learned[id] = true
				}
			case e.Ended != nil:
				over = true
			}
		}
		for _, x := range stages(t, s, n) {
			want := Training
			switch id := x.Trial; {
			case learned[id]:
				want = Learned
			case over:
				want = Unused
			case ended[id]:
				want = Waiting
			}
			notes := strings.Join(x.Notes, " ")
			if x.Stage != want || (x.Update != nil) != (want == Learned) || want != Learned && notes == "" {
				t.Fatalf("after %d events trial %d is %q with the update %+v and the notes %q, want %q", n, x.Trial, x.Stage, x.Update, notes, want)
			}
			if (x.Failed != "") != failed[x.Trial] || failed[x.Trial] != strings.Contains(notes, "counts as the reward") {
				t.Errorf("trial %d, failed: %v, says %q and %q", x.Trial, failed[x.Trial], x.Failed, notes)
			}
			if x.DuplicateOf != duplicate[x.Trial] || (x.DuplicateOf != 0) != strings.Contains(notes, "the same network as trial") {
				t.Errorf("trial %d, a duplicate of %d, says %d and %q", x.Trial, duplicate[x.Trial], x.DuplicateOf, notes)
			}
			saw[string(x.Stage)], saw["failed"], saw["duplicate"] = true, saw["failed"] || x.Failed != "", saw["duplicate"] || x.DuplicateOf != 0
		}
	}
	for _, what := range []string{string(Training), string(Waiting), string(Learned), "failed", "duplicate"} {
		if !saw[what] {
			t.Errorf("no trial was %s, so the test says nothing about it", what)
		}
	}
}

func TestUnusedTrialsSaySo(t *testing.T) {
	s := recorded(t, "anchors") // 70 trials in rollouts of 8
	all := stages(t, s, len(s.events))
	x := all[len(all)-1]
	if x.Stage != Unused || !strings.Contains(x.Notes[0], "6 trials after the last update, fewer than the 8") {
		t.Errorf("the last trial of a finished study is %q: %q", x.Stage, x.Notes)
	}
	p := s.player(t, s.events)
	if err := p.Apply(event.Event{Seq: 1000, Controlled: &event.Controlled{Action: event.Extend, Trials: 10}}); err != nil {
		t.Fatal(err)
	}
	if x := explain(t, p, 70); x.Stage != Waiting || !strings.Contains(x.Notes[0], "6 of the 8 trials") {
		t.Errorf("with ten more trials to come the last one is %q: %q", x.Stage, x.Notes)
	}
	if all[0].Stage != Learned || !strings.Contains(strings.Join(all[0].Notes, " "), "mean of its own rewards") {
		t.Errorf("the first trial is %q: %q", all[0].Stage, all[0].Notes)
	}
}

func TestClippedGradientsSaySo(t *testing.T) {
	s := recorded(t, "masks and pointers")
	p := s.player(t, s.events)
	clipped := 0
	for id := 1; id <= 80; id++ {
		x := explain(t, p, id)
		said := strings.Contains(strings.Join(x.Notes, " "), "was shortened to 0.05")
		if said != (x.Update != nil && x.Update.GradNorm > 0.05) {
			t.Errorf("trial %d with a gradient of norm %v says %q", id, x.Update.GradNorm, x.Notes)
		}
		if said {
			clipped++
		}
	}
	if clipped == 0 {
		t.Error("no gradient was clipped, so the test says nothing about it")
	}
}

func TestNoSuchTrial(t *testing.T) {
	s := recorded(t, "anchors")
	p := s.player(t, s.events)
	for _, id := range []int{-1, 0, 71} {
		if _, err := p.Explain(t.Context(), id); !errors.Is(err, ErrNoTrial) {
			t.Errorf("trial %d is explained: %v", id, err)
		}
		if _, err := p.Map(t.Context(), id, 0); !errors.Is(err, ErrNoTrial) {
			t.Errorf("trial %d has a map: %v", id, err)
		}
	}
}

// TestOtherKernels plays a study at a level of the kernels that it did not run
// with: the numbers are close, and it says that they are not the study's own.
func TestOtherKernels(t *testing.T) {
	w := worlds(t)["anchors"]
	if kernels.Active() == kernels.Generic {
		t.Skip("this machine has one level of the kernels only")
	}
	s := w.record(t)
	want := explain(t, s.player(t, s.events), 50)
	restore, err := kernels.Use(kernels.Generic)
	if err != nil {
		t.Fatal(err)
	}
	defer restore()
	p := s.player(t, s.events)
	x := explain(t, p, 50)
	note := x.Notes[len(x.Notes)-1]
	if !strings.Contains(note, "this program with generic (ESPALIER_KERNELS="+s.started().Kernels) {
		t.Errorf("the notes are %q", x.Notes)
	}
	if m := mapOf(t, p, 50, 0); m.Note != note {
		t.Errorf("the map notes %q", m.Note)
	}
	for i, d := range x.Decisions {
		for k := range d.Options {
			if a, b := d.After.Probs[k], want.Decisions[i].After.Probs[k]; math.Abs(a-b) > 1e-4 {
				t.Errorf("%s: option %d has probability %v, the study's own is %v", d.Name, k, a, b)
			}
		}
	}
	p = s.player(t, s.events)
	p.UseSnapshots(s)
	if x := explain(t, p, 50); !reflect.DeepEqual(x.Notes, want.Notes) {
		t.Errorf("with snapshots of all versions the notes are %q", x.Notes)
	}
}

// TestTamperedRewards: a study whose rewards are not those that it learned from is
// shown as far as that makes no difference.
func TestTamperedRewards(t *testing.T) {
	s := recorded(t, "anchors")
	p := s.player(t, nil)
	for _, e := range s.events {
		if e.Updated != nil {
			u := *e.Updated
			u.Rewards = slices.Clone(u.Rewards)
			slices.Reverse(u.Rewards)
			e.Updated = &u
		}
		if err := p.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Explain(t.Context(), 70); !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), "events are not those that it wrote") {
		t.Errorf("a tampered study is explained: %v", err)
	}
	m := mapOf(t, p, 1, 0)
	if m.Versions[0] != 0 || slices.Contains(m.Versions, m.Newest) || !strings.Contains(m.Note, "could not be brought back") {
		t.Errorf("the map of a tampered study shows %v and notes %q", m.Versions, m.Note)
	}
	p.replay.fidelity = lost
	if err := p.testify(); err != nil || p.replay.fidelity != lost {
		t.Errorf("what was lost is found again: %v", err)
	}
}

func TestTamperedLogProb(t *testing.T) {
	s := recorded(t, "cells")
	p := s.player(t, nil)
	for _, e := range s.events {
		if e.Sampled != nil && e.Sampled.Trial == 5 {
			trial := *e.Sampled
			trial.LogProb -= 0.5
			e.Sampled = &trial
		}
		if err := p.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Explain(t.Context(), 5); !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), "trial 5 was sampled with") {
		t.Errorf("a trial of another log-probability is explained: %v", err)
	}
	explain(t, p, 6)
}
