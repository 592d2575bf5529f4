package strategy

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestNewRefusesBadConfigs(t *testing.T) {
	for _, test := range []struct {
		name, config string
		want         []string
	}{
		{"reinforced", "", []string{`no strategy "reinforced"`, "reinforce, random", `did you mean "reinforce"`}},
		{"evolution", "{}", []string{"reinforce, random"}},
		{"reinforce", `{"temprature": 2}`, []string{`"temprature"`, `did you mean "temperature"`}},
		{"reinforce", `{"Temperature": 2}`, []string{`"Temperature"`, `did you mean "temperature"`}},
		{"reinforce", `{"rolout": 2, "zzzzzzzz": 1}`, []string{`did you mean "rollout"`, `"zzzzzzzz"; it has preset, rollout, layers`}},
		{"reinforce", `{"layers": "two"}`, []string{`"layers" is a string`, "int"}},
		{"reinforce", `[1]`, []string{"not a JSON object", "[1]"}},
		{"reinforce", `null`, []string{"not a JSON object"}},
		{"reinforce", `{"layers": 1} {}`, []string{"not a JSON object"}},
		{"reinforce", `{"preset": "fast"}`, []string{`no preset "fast"`, "paper, quick"}},
		{"reinforce", `{"rollout": 0, "temperature": 0, "layers": 99}`, []string{"rollout is 0", "temperature is 0", "layers is 99"}},
		{"reinforce", `{"embedding": 3}`, []string{"embedding is 3 but units is 35"}},
		{"random", `{"anchor_probability": 1}`, []string{"anchor_probability is 1"}},
		{"random", `{"rollout": 8}`, []string{`no "rollout"`, "anchor_probability"}},
	} {
		_, err := New(test.name, json.RawMessage(test.config), tower(1).Info().Kinds, 1)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: error %v lacks %q", test.name, test.config, err, want)
			}
		}
	}
}

func TestConfigDepartsFromItsPreset(t *testing.T) {
	for config, want := range map[string]struct {
		rate    float64
		rollout int
	}{
		``: {0.0006, 8}, `{}`: {0.0006, 8},
		`{"rollout": 3, "learning_rate": 0.5}`:      {0.5, 3},
		`{"learning_rate": 0.5, "preset": "quick"}`: {0.5, 8},
	} {
		s := prepare(t, "reinforce", config, 1).(*reinforce)
		if got := s.policy.Config().LearningRate; got != want.rate || s.Rollout() != want.rollout {
			t.Errorf("%s: learning rate %v, rollout %d", config, got, s.Rollout())
		}
	}
	quick, paper := prepare(t, "reinforce", `{"preset": "quick"}`, 1), prepare(t, "reinforce", `{"preset": "paper"}`, 1)
	if quick.(*reinforce).policy.Config() == paper.(*reinforce).policy.Config() {
		t.Error("the presets are the same")
	}
	if quick.Hash() != paper.Hash() {
		t.Error("the presets start from different weights")
	}
}
