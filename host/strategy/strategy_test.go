package strategy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// tower asks, for each of n layers, a width of three options, the middle one
// forbidden in the first layer, and the anchors it is fed from; at the end it
// asks for one layer to end at.
type tower int

func (n tower) Info() spec.SpaceInfo {
	return spec.SpaceInfo{Name: "tower", Task: spec.TaskImage, MaxSteps: 2*int(n) + 1, Kinds: []spec.Kind{
		{ID: "width", Type: spec.Choice, Options: []string{"1", "2", "3"}},
		{ID: "feed", Type: spec.AnchorSet},
		{ID: "end", Type: spec.Pointer},
	}}
}

func (n tower) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	layer := len(prefix) / 2
	candidates := make([]int, layer)
	for i := range candidates {
		candidates[i] = i
	}
	d := &spec.Decision{Kind: "end", Name: "end", Candidates: candidates}
	switch {
	case len(prefix) == 2*int(n)+1:
		return spec.Step{Done: true}, nil
	case layer == int(n):
	case len(prefix)%2 == 0:
		d = &spec.Decision{Kind: "width", Name: fmt.Sprint("width", layer)}
		if layer == 0 {
			d.Mask = []bool{true, false, true}
		}
	default:
		d = &spec.Decision{Kind: "feed", Name: fmt.Sprint("feed", layer), Candidates: candidates, Anchor: true}
	}
	return spec.Step{Decision: d}, nil
}

const smallConfig = `{"units": 6, "embedding": 6, "rollout": 4, "learning_rate": 0.01}`

func prepare(t testing.TB, name, config string, seed uint64) Strategy {
	t.Helper()
	s, err := New(name, json.RawMessage(config), tower(1).Info().Kinds, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// both are the strategies with a config that is quick to test.
func both(t testing.TB, seed uint64) []Strategy {
	return []Strategy{prepare(t, "reinforce", smallConfig, seed), prepare(t, "random", "", seed)}
}

func propose(t testing.TB, s Strategy, space Space, id int) Episode {
	t.Helper()
	e, err := s.Propose(context.Background(), space, id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestProposeDependsOnSeedAndIDAlone(t *testing.T) {
	for i, s := range both(t, 1) {
		snapshot, hash := string(s.Snapshot()), s.Hash()
		var want []Episode
		for id := range 30 {
			want = append(want, propose(t, s, tower(4), id))
		}
		got := make([]Episode, len(want))
		again := both(t, 1)[i]
		var group sync.WaitGroup
		for id := len(got) - 1; id >= 0; id-- {
			group.Go(func() { got[id] = propose(t, again, tower(4), id) })
		}
		group.Wait()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: episodes proposed concurrently and in another order differ", s.Name())
		}
		if string(s.Snapshot()) != snapshot || s.Hash() != hash || s.Version() != 0 {
			t.Errorf("%s: proposing changed the state", s.Name())
		}
		other := both(t, 2)[i]
		same := 0
		for id := range want {
			if want[id].ID != id {
				t.Errorf("%s: episode %d has the id %d", s.Name(), id, want[id].ID)
			}
			if reflect.DeepEqual(propose(t, other, tower(4), id).Answers, want[id].Answers) {
				same++
			}
		}
		if same > 5 {
			t.Errorf("%s: another seed gave %d of %d equal episodes", s.Name(), same, len(want))
		}
	}
}

// TestRandomIsUniform counts what random answers over many episodes.
func TestRandomIsUniform(t *testing.T) {
	const n = 6000
	for _, p := range []float64{0.5, 0.2} {
		s := prepare(t, "random", fmt.Sprintf(`{"anchor_probability": %v}`, p), 3)
		counts := map[string]float64{}
		for id := range n {
			e := propose(t, s, tower(3), id)
			for i, a := range e.Answers {
				name := e.Steps[i].Decision.Name
				if !a.Set {
					counts[fmt.Sprint(name, "=", a.Index)]++
				}
				for _, j := range a.Anchors {
					counts[fmt.Sprint(name, " has ", j)]++
				}
			}
		}
		third := 1.0 / 3
		want := map[string]float64{
			"width0=0": .5, "width0=1": 0, "width0=2": .5, "width1=0": third, "width1=1": third, "width1=2": third,
			"feed1 has 0": p, "feed2 has 0": p, "feed2 has 1": p, "end=0": third, "end=1": third, "end=2": third,
		}
		for what, w := range want {
			if sigma := math.Sqrt(w * (1 - w) / n); math.Abs(counts[what]/n-w) > 4*sigma {
				t.Errorf("p = %v: %s in %.4f of the episodes, want %.4f ± %.4f", p, what, counts[what]/n, w, sigma)
			}
		}
		e := propose(t, s, tower(3), 0)
		log, entropy := 0.0, 0.0
		for i, a := range e.Answers {
			l, h := -math.Log(3), math.Log(3)
			switch d := e.Steps[i].Decision; {
			case d.Name == "width0":
				l, h = -math.Log(2), math.Log(2)
			case d.Kind == "feed":
				in, all := float64(len(a.Anchors)), float64(len(d.Candidates))
				l = in*math.Log(p) + (all-in)*math.Log(1-p)
				h = -all * (p*math.Log(p) + (1-p)*math.Log(1-p))
			}
			log += l
			entropy += h
			if math.Abs(e.StepLogProbs[i]-l) > 1e-12 || math.Abs(e.StepEntropies[i]-h) > 1e-12 {
				t.Errorf("step %d: log-probability %v, want %v; entropy %v, want %v", i, e.StepLogProbs[i], l, e.StepEntropies[i], h)
			}
		}
		if math.Abs(e.LogProb-log) > 1e-12 {
			t.Errorf("log-probability %v, want %v", e.LogProb, log)
		}
	}
}

// wide rewards wide layers that are fed by all layers below.
func wide(e Episode) float64 {
	sum, n := 0.0, 0.0
	for i, a := range e.Answers {
		d := e.Steps[i].Decision
		switch d.Kind {
		case "width":
			sum += float64(a.Index) / 2
			n++
		case "feed":
			sum += float64(len(a.Anchors))
			n += float64(len(d.Candidates))
		}
	}
	return sum / n
}

// rollout proposes and applies update number i of a deterministic study.
func rollout(t testing.TB, s Strategy, i int) Update {
	t.Helper()
	var episodes []Episode
	var rewards []float64
	for k := range s.Rollout() {
		e := propose(t, s, tower(2+k%2), i*s.Rollout()+k) // depths differ, kinds do not
		if e.Version != i {
			t.Fatalf("update %d: an episode has version %d", i, e.Version)
		}
		episodes, rewards = append(episodes, e), append(rewards, wide(e))
	}
	u, err := s.Update(context.Background(), episodes, rewards)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestReinforceLearns(t *testing.T) {
	s := prepare(t, "reinforce", smallConfig, 4)
	first, last := 0.0, 0.0
	for i := range 100 {
		u := rollout(t, s, i)
		if u.Version != i+1 || s.Version() != i+1 || u.WeightsHash != s.Hash() {
			t.Fatalf("update %d reports version %d, hash %s", i, u.Version, u.WeightsHash)
		}
		if i < 10 {
			first += u.MeanReward / 10
		}
		if i >= 90 {
			last += u.MeanReward / 10
		}
	}
	if last < first+0.3 {
		t.Errorf("the mean reward went from %.3f to %.3f", first, last)
	}
}

func TestRestoreContinues(t *testing.T) {
	a := prepare(t, "reinforce", smallConfig, 5)
	for i := range 3 {
		rollout(t, a, i)
	}
	b := prepare(t, "reinforce", smallConfig, 5)
	if err := b.Restore(a.Snapshot()); err != nil {
		t.Fatal(err)
	}
	for i := 3; i < 6; i++ {
		if x, y := rollout(t, a, i), rollout(t, b, i); !reflect.DeepEqual(x, y) {
			t.Fatalf("update %d: %+v, restored %+v", i, x, y)
		}
	}
	if string(a.Snapshot()) != string(b.Snapshot()) {
		t.Error("the snapshots differ")
	}
	for i, s := range both(t, 5) {
		other := both(t, 5)[1-i]
		before := string(s.Snapshot())
		for label, bad := range map[string]string{
			"empty": "", "of another strategy": string(other.Snapshot()),
			"longer": before + "x", "cut off": before[:len(before)-1], "garbage": "garbage",
		} {
			if err := s.Restore([]byte(bad)); err == nil {
				t.Errorf("%s restored a snapshot that is %s", s.Name(), label)
			}
		}
		if string(s.Snapshot()) != before {
			t.Errorf("%s: a refused snapshot changed the state", s.Name())
		}
		if err := s.Restore([]byte(before)); err != nil {
			t.Errorf("%s: its own snapshot: %v", s.Name(), err)
		}
	}
}

func TestUpdateRefuses(t *testing.T) {
	s := prepare(t, "reinforce", smallConfig, 6)
	before := string(s.Snapshot())
	var episodes []Episode
	for id := range 4 {
		episodes = append(episodes, propose(t, s, tower(2), id))
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Update(cancelled, episodes, make([]float64, 4)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled update: %v", err)
	}
	if _, err := s.Update(context.Background(), episodes[:3], make([]float64, 3)); err == nil || !strings.Contains(err.Error(), "a rollout has 4") {
		t.Errorf("three episodes: %v", err)
	}
	if _, err := s.Update(context.Background(), episodes, []float64{0, 0, 0, math.NaN()}); err == nil || !strings.Contains(err.Error(), "episode 3 is NaN") {
		t.Errorf("a reward that is not a number: %v", err)
	}
	if string(s.Snapshot()) != before {
		t.Error("a refused update changed the state")
	}
	random := prepare(t, "random", "", 6)
	if _, err := random.Update(context.Background(), nil, nil); err == nil || random.Rollout() != 0 {
		t.Errorf("random took an update: %v, rollout %d", err, random.Rollout())
	}
}

// TestProposeBesideUpdate is a hammer for the race detector.
func TestProposeBesideUpdate(t *testing.T) {
	s := prepare(t, "reinforce", smallConfig, 7)
	var episodes []Episode
	for id := range 4 {
		episodes = append(episodes, propose(t, s, tower(3), id))
	}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 20 {
				e := propose(t, s, tower(3), 100*worker+i)
				if e.Version > s.Version() {
					t.Error("an episode is newer than the policy")
				}
				if _, err := s.(Explainer).Explain(e); err != nil {
					t.Error(err)
				}
				if u, err := s.(Explainer).ExplainUpdate(episodes, []float64{1, 2, 3, 4}, 3); err != nil || len(u.Steps) != len(episodes[3].Steps) {
					t.Errorf("%d steps of the update are explained: %v", len(u.Steps), err)
				}
			}
		})
	}
	for range 10 {
		if _, err := s.Update(context.Background(), episodes, []float64{1, 2, 3, 4}); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
	if s.Version() != 10 {
		t.Errorf("version %d after 10 updates", s.Version())
	}
}

// endless never ends, odd answers a decision of no known kind.
type endless struct{ tower }

func (endless) Next(context.Context, spec.Step, spec.Answers) (spec.Step, error) {
	return spec.Step{Decision: &spec.Decision{Kind: "width", Name: "again"}}, nil
}

type odd struct{ tower }

func (o odd) Next(ctx context.Context, prev spec.Step, prefix spec.Answers) (spec.Step, error) {
	if len(prefix) == 2 {
		return spec.Step{Decision: &spec.Decision{Kind: "colour", Name: "wall"}}, nil
	}
	return o.tower.Next(ctx, prev, prefix)
}

func TestBadSpacesAreNamedWithThePosition(t *testing.T) {
	for _, s := range both(t, 8) {
		for _, test := range []struct {
			space Space
			step  int
			want  string
		}{
			{endless{2}, 5, "max_steps of 5"},
			{odd{2}, 2, `decision "wall"`},
		} {
			_, err := s.Propose(context.Background(), test.space, 17)
			var step *StepError
			if !errors.As(err, &step) || step.Step != test.step || step.Space != "tower" {
				t.Errorf("%s: %v is not about step %d", s.Name(), err, test.step)
				continue
			}
			for _, want := range []string{"strategy " + s.Name(), "episode 17", test.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: error %q lacks %q", s.Name(), err, want)
				}
			}
		}
	}
}
