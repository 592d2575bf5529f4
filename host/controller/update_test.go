package controller

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestBaselineIsOfEarlierRewards(t *testing.T) {
	config := small()
	config.BaselineDecay = 0.9
	space := mixed(3)
	c := newController(t, config, space, 1)
	if _, seen := c.Baseline(); seen {
		t.Error("a new controller has a baseline")
	}
	first, err := c.Update(samples(t, c, space, 1, 2), []float64{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	if first.BaselineBefore != 2 || !slices.Equal(first.Advantages, []float64{-1, 1}) || first.Baseline != 2 {
		t.Errorf("the first rollout is not compared with its own mean: %+v", first)
	}
	second, err := c.Update(samples(t, c, space, 2, 2), []float64{4, 0})
	if err != nil {
		t.Fatal(err)
	}
	if second.BaselineBefore != 2 || !slices.Equal(second.Advantages, []float64{2, -2}) {
		t.Errorf("the second rollout is not compared with the first: %+v", second)
	}
	near(t, "baseline after rewards 4 and 0", second.Baseline, 0.9*(0.9*2+0.1*4), 1e-15)
	if b, seen := c.Baseline(); !seen || b != second.Baseline || second.Version != 2 || c.Version() != 2 {
		t.Errorf("after two updates: baseline %v, version %d, %+v", b, c.Version(), second)
	}
}

func TestUpdateReportsWhatItDid(t *testing.T) {
	config := small()
	config.Units, config.Embedding, config.EntropyWeight = 3, 3, 0.2
	space := mixed(3)
	c := newController(t, config, space, 2)
	ref := newReference(c)
	episodes := samples(t, c, space, 3, 3)
	u, err := c.Update(episodes, []float64{0.5, 0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	entropy, steps := 0.0, 0
	for _, e := range episodes {
		_, h := ref.episode(e)
		entropy += total(h)
		steps += len(h)
	}
	g := ref.differences(c.layout, 1, func() float64 { return ref.objective(episodes, u.Advantages) })
	near(t, "loss", u.Loss, -ref.objective(episodes, u.Advantages), 1e-5)
	near(t, "entropy of a step", u.Entropy, entropy/float64(steps), 1e-5)
	near(t, "gradient norm", u.GradNorm, math.Sqrt(inner(g, g)), 1e-4)
	near(t, "mean reward", u.MeanReward, 0.5, 1e-15)
	if u.WeightsHash != c.Hash() || !slices.Equal(u.Episodes, []int{0, 1, 2}) {
		t.Errorf("update reports %+v, the weights' hash is %s", u, c.Hash())
	}
}

// TestUpdateIsAdamAscent follows Kingma & Ba's algorithm 1 in float64.
func TestUpdateIsAdamAscent(t *testing.T) {
	for _, clip := range []float64{0, 0.05} {
		config := small()
		config.Units, config.Embedding, config.ClipNorm = 3, 3, clip
		space := mixed(3)
		c := newController(t, config, space, 4)
		want := newReference(c)
		flat := func(r *reference) (w []float64) {
			for _, b := range c.layout.blocks {
				for _, row := range r.w[b.name] {
					w = append(w, row...)
				}
			}
			return w
		}
		w := flat(want)
		m, v := make([]float64, len(w)), make([]float64, len(w))
		for step := 1; step <= 3; step++ {
			episodes := samples(t, c, space, uint64(step), 4)
			rewards := []float64{1, 0, 0.5, 0.2}
			before := c.baseline
			if !c.seen {
				before = 0.425
			}
			advantages := make([]float64, 4)
			for i := range rewards {
				advantages[i] = rewards[i] - before
			}
			ref := newReference(c)
			g := ref.differences(c.layout, 1, func() float64 { return ref.objective(episodes, advantages) })
			if length := math.Sqrt(inner(g, g)); clip > 0 {
				if length < clip {
					t.Fatalf("the gradient's norm %g is not clipped", length)
				}
				for i := range g {
					g[i] *= clip / length
				}
			}
			for i := range w {
				m[i] = 0.9*m[i] + 0.1*g[i]
				v[i] = 0.999*v[i] + 0.001*g[i]*g[i]
				w[i] += 0.0006 * m[i] / (1 - math.Pow(0.9, float64(step))) /
					(math.Sqrt(v[i]/(1-math.Pow(0.999, float64(step)))) + 1e-8)
			}
			if _, err := c.Update(episodes, rewards); err != nil {
				t.Fatal(err)
			}
			for i, x := range flat(newReference(c)) {
				// Where the gradient is next to zero, Adam turns its rounding into a step.
				if math.Abs(x-w[i]) > 2e-5 && math.Sqrt(v[i]) > 1e-6 {
					t.Fatalf("clip %g, step %d: weight %d is %v, want %v", clip, step, i, x, w[i])
				}
				w[i] = x
			}
		}
	}
}

func TestUpdateRefuses(t *testing.T) {
	space := mixed(3)
	c := newController(t, small(), space, 5)
	good := samples(t, c, space, 6, 2)
	if _, err := c.Update(good, []float64{0, 1}); err != nil { // one reward of a failed trial
		t.Fatal(err)
	}
	before := string(c.Snapshot())
	short := good[0]
	short.Answers = short.Answers[:1]
	strange := good[0]
	strange.Steps = slices.Clone(strange.Steps)
	strange.Steps[1] = ask(spec.Decision{Kind: "colour", Name: "wall"})
	outside := good[0]
	outside.Answers = slices.Clone(outside.Answers)
	outside.Answers[1] = spec.Pick(9)
	undecided := good[0]
	undecided.Steps = slices.Clone(undecided.Steps)
	undecided.Steps[1] = spec.Step{}
	for label, test := range map[string]struct {
		episodes []Episode
		rewards  []float64
		want     string
	}{
		"nan":         {good, []float64{1, math.NaN()}, "reward of episode 1 is NaN"},
		"infinite":    {good, []float64{math.Inf(-1), 1}, "reward of episode 0 is -Inf"},
		"huge":        {good, []float64{1e300, -1e300}, "scale them down"},
		"overflowing": {good, []float64{math.MaxFloat64, -math.MaxFloat64}, "scale them down"},
		"none":        {nil, nil, "at least one episode"},
		"uneven":      {good, []float64{1}, "2 episodes with 1 rewards"},
		"short":       {[]Episode{short}, []float64{1}, "but 1 answers"},
		"strange":     {[]Episode{strange}, []float64{1}, "step 1 (wall)"},
		"outside":     {[]Episode{outside}, []float64{1}, "step 1 (size0)"},
		"undecided":   {[]Episode{undecided}, []float64{1}, "step 1: it is not a decision"},
	} {
		if _, err := c.Update(test.episodes, test.rewards); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v lacks %q", label, err, test.want)
		}
		if string(c.Snapshot()) != before {
			t.Fatalf("%s: a refused update changed the controller", label)
		}
	}
}

func TestUpdateAcceptsEmptyEpisodes(t *testing.T) {
	space := mixed(3)
	c := newController(t, small(), space, 7)
	hash := c.Hash()
	if u, err := c.Update(make([]Episode, 2), []float64{1, 2}); err != nil || u.WeightsHash != hash || u.Entropy != 0 {
		t.Errorf("episodes without decisions: %+v, %v", u, err)
	}
}

func TestNewRefuses(t *testing.T) {
	wide := Default()
	wide.Embedding = 8
	huge := Default()
	huge.Layers, huge.Units, huge.Embedding = 16, 4096, 4096
	bad := Config{Temperature: -1, LogitClip: math.NaN(), EntropyWeight: math.Inf(1), Beta1: 1}
	for label, test := range map[string]struct {
		config Config
		kinds  []spec.Kind
		want   []string
	}{
		"config": {bad, grid(1, 2).info.Kinds, []string{"layers is 0", "units is 0", "embedding is 0", "init_range is 0", "learning_rate is 0",
			"temperature is -1", "logit_clip is NaN", "entropy_weight is +Inf", "beta1 is 1", "epsilon is 0"}},
		"widths": {wide, mixed(2).info.Kinds, []string{"embedding is 8 but units is 35", `"feed"`, `"exit"`}},
		"size":   {huge, grid(1, 2).info.Kinds, []string{"16 layers of 4096 units make 21", "67108864 are the most"}},
		"twice":  {Default(), []spec.Kind{choiceKind("a", 2), choiceKind("a", 2)}, []string{`two kinds have the id "a"`}},
		"type":   {Default(), []spec.Kind{{ID: "a", Type: "guess"}, {ID: "b", Type: spec.Choice}}, []string{`unknown type "guess"`, `kind "b"`, "options"}},
	} {
		_, err := New(test.config, test.kinds, 1)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q lacks %q", label, err, want)
			}
		}
	}
	wide.Units = 6
	if _, err := New(wide, grid(1, 2).info.Kinds, 1); err != nil {
		t.Errorf("an embedding of its own width, without anchors: %v", err)
	}
	for _, p := range Presets() {
		if c, ok := Preset(p); !ok || c.Validate() != nil {
			t.Errorf("preset %s: %t, %v", p, ok, c.Validate())
		}
	}
	if _, ok := Preset("fast"); ok {
		t.Error("an unknown preset exists")
	}
	paper, _ := Preset("paper")
	if paper.EntropyWeight != 0 || paper.Temperature != 1 || paper.LogitClip != 0 || paper.ClipNorm != 0 || paper.LearningRate != 0.0006 {
		t.Errorf("the paper preset has options that the paper does not: %+v", paper)
	}
}

func TestSnapshotContinuesBitForBit(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		space := mixed(3)
		a := newController(t, small(), space, 8)
		train := func(c *Controller, from, to int) {
			for i := from; i < to; i++ {
				episodes := samples(t, c, space, uint64(i), 4)
				if _, err := c.Update(episodes, []float64{0.1, 0.7, episodes[2].LogProb, 0.3}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, at := range []int{0, 3} {
			train(a, 0, at)
			b := newController(t, small(), space, 99)
			if err := b.Restore(a.Snapshot()); err != nil {
				t.Fatal(err)
			}
			train(a, at, at+5)
			train(b, at, at+5)
			if string(a.Snapshot()) != string(b.Snapshot()) || a.Hash() != b.Hash() {
				t.Errorf("the controller restored after %d updates went another way", at)
			}
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	space := mixed(2)
	c := newController(t, small(), space, 9)
	good := c.Snapshot()
	other := newController(t, small(), space, 10)
	untouched := string(other.Snapshot())
	refuse := func(label string, snapshot []byte, want string) {
		t.Helper()
		err := other.Restore(snapshot)
		if !errors.Is(err, ErrSnapshot) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v lacks %q", label, err, want)
		}
		if string(other.Snapshot()) != untouched {
			t.Fatalf("%s: a refused snapshot changed the controller", label)
		}
	}
	for n := 0; n < len(good); n += 1 + n/16 {
		refuse("cut off", good[:n], "")
	}
	for i := range good {
		if i > 600 && i%37 != 0 {
			continue
		}
		bad := slices.Clone(good)
		bad[i] ^= 4
		refuse("one bit", bad, "")
	}
	refuse("too long", append(slices.Clone(good), 0), "checksum")
	warm := small()
	warm.Temperature = 2
	refuse("config", newController(t, warm, space, 9).Snapshot(), "config")
	refuse("kinds", newController(t, small(), mixed(3), 9).Snapshot(), "kind 0")
	refuse("fewer kinds", newController(t, small(), grid(2, 2), 9).Snapshot(), "1 kinds")
	if err := other.Restore(good); err != nil || other.Hash() != c.Hash() {
		t.Errorf("the undamaged snapshot: %v", err)
	}
}

func TestHashCoversEveryWeight(t *testing.T) {
	c := newController(t, small(), mixed(2), 11)
	seen := map[string]bool{c.Hash(): true}
	for i := range c.weights {
		old := c.weights[i]
		c.weights[i] = math.Float32frombits(math.Float32bits(old) ^ 1)
		if seen[c.Hash()] {
			t.Fatalf("weight %d does not change the hash", i)
		}
		seen[c.Hash()] = true
		c.weights[i] = old
	}
}

func TestInitialWeightsAreUniform(t *testing.T) {
	c := newController(t, Default(), convolutional(2), 12)
	for _, b := range c.layout.blocks {
		for _, w := range b.of(c.weights) {
			if w < -0.08 || w > 0.08 {
				t.Fatalf("%s has the weight %v outside ±0.08", b.name, w)
			}
		}
	}
	sum, squares := 0.0, 0.0
	for _, w := range c.weights {
		sum += float64(w)
		squares += float64(w) * float64(w)
	}
	n := float64(len(c.weights))
	near(t, "mean weight", sum/n, 0, 4*0.08/math.Sqrt(3*n))
	near(t, "mean square", squares/n, 0.08*0.08/3, 4*0.08*0.08*math.Sqrt(4.0/45/n))
}
