package search

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/plugins/rewards"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// studyBits is the hash of all events of portableStudy, times aside, at the
// generic level. It holds on every architecture and in a browser tab, and at
// level simd128, too, but for the level's name. A change
// of what a study computes changes it; then say so in the commit.
const studyBits = "9772dab60c0a3d4c1f6160d3947a3305aa67faa110d327e689099e2fbcb873bb"

// TestPortableStudy runs a whole small study, real children and all, on the
// bundled plugins without a sandbox, and compares every bit of its journal.
func TestPortableStudy(t *testing.T) {
	for _, level := range kernels.Levels() {
		if level != kernels.Generic && level != kernels.SIMD128 {
			continue
		}
		t.Run(string(level), func(t *testing.T) {
			restore, err := kernels.Use(level)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			portableStudy(t, level)
		})
	}
}

func portableStudy(t *testing.T, level kernels.Level) {
	log := new(Memory)
	c := Default()
	c.Trials = 12
	c.Strategy.Params = json.RawMessage(`{"preset": "quick", "rollout": 3}`)
	c.Lag = 3
	c.Recipe.Epochs = 1
	c.Data.Options = data.Options{Name: "shapes", TrainCount: 150, TestCount: 10}
	c.Data.Valid = 50
	params := json.RawMessage(`{"layers":2,"filter_heights":[1,3],"filter_widths":[1,3],"filters":[4,6],"stride_heights":[1,2],"stride_widths":[1,2]}`)
	c.Space = Plugin{Plugin: "cnn", Name: "v2", Params: params}
	set, err := data.Open(c.Data.Options)
	if err != nil {
		t.Fatal(err)
	}
	train, valid, err := set.Split(c.Data.SplitSeed, c.Data.Valid)
	if err != nil {
		t.Fatal(err)
	}
	shaper, _, err := rewards.Module().Shaper("accuracy", nil)
	if err != nil {
		t.Fatal(err)
	}
	runner, err := New(c, Deps{
		Space: func(_ context.Context, params json.RawMessage) (Space, error) {
			space, err := cnn.Module().Space("v2", spec.Raw(params))
			return nativeSpace{space}, err
		},
		Shaper:    nativeShaper{shaper},
		Evaluator: &Trainer{Examples: Images{train, valid}, Recipe: c.Recipe},
		Log:       log,
		Task:      set.Task(),
		Workers:   1,
	})
	if err != nil {
		t.Fatal(err)
	}
	state, err := runner.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if state.Counts.OK != c.Trials || state.Counts.Updates != 4 {
		t.Fatalf("counts are %+v", state.Counts)
	}
	h := sha256.New()
	for e, err := range log.Events() {
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(event.Timeless(e))
		if err != nil {
			t.Fatal(err)
		}
		h.Write(bytes.ReplaceAll(line, []byte(`"kernels":"`+string(level)+`"`), []byte(`"kernels":"generic"`)))
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != studyBits {
		t.Errorf("the study's bits are\n%s, want\n%s", got, studyBits)
		for _, u := range state.Updates {
			t.Log(u.Version, u.Rewards, u.WeightsHash)
		}
	}
}

// nativeSpace and nativeShaper call a plugin's Go code without a sandbox.
type nativeSpace struct{ guest.Space }

func (s nativeSpace) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return s.Space.Next(prefix)
}

func (s nativeSpace) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	return s.Space.Build(answers, task)
}

type nativeShaper struct{ guest.Shaper }

func (s nativeShaper) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	return s.Shaper.Reward(m)
}
