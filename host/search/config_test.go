package search

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/event"
)

func TestDefault(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(b)
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("written and read again: %+v, %v; want %+v", again, err, c)
	}
	if none, err := Decode([]byte("{}")); err != nil || !reflect.DeepEqual(none, c) {
		t.Errorf("an empty configuration is %+v, %v", none, err)
	}
}

func TestDecode(t *testing.T) {
	c, err := Decode([]byte(`{"trials": 7, "data": {"name": "cifar10", "valid": 1000, "limit": 5000},
		"strategy": {"params": {"rollout": 3}}, "recipe": {"optimizer": {"lr": 0.5}}, "depth": {"param": "layers"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Trials != 7 || c.Data.Name != "cifar10" || c.Data.Valid != 1000 || c.Data.Limit != 5000 || c.Strategy.Name != "reinforce" ||
		string(c.Strategy.Params) != `{"rollout": 3}` || c.Recipe.Optimizer.LR != 0.5 || c.Recipe.Epochs != Default().Recipe.Epochs {
		t.Errorf("got %+v", c)
	}
	for text, want := range map[string][]string{
		`{"trails": 7}`: {`unknown member "trails"; did you mean "trials"?`},
		`{"Trials": 7}`: {`"Trials"; did you mean "trials"?`},
		`{"recipe": {"optimizer": {"lrr": 1}}, "data": {"nam": ""}}`: {`"recipe.optimizer.lrr"; did you mean "lr"?`, `"data.nam"; did you mean "name"?`},
		`{"data": {"FS": {}}}`:        {`"data.FS"`},
		`{"depth": {"zzzzzzzz": 1}}`:  {`"depth.zzzzzzzz"; known are param, start, step, every, max`},
		`{"trials": "many"}`:          {"trials is a string, want an integer"},
		`{"seed": -1}`:                {"seed is a number -1, want an integer that is not negative"},
		`{"data": {"limit": "some"}}`: {"limit is a string, want an integer"},
		`{"trials": 7`:                {"unexpected end"},
		`[]`:                          {"want an object"},
	} {
		_, err := Decode([]byte(text))
		if err == nil {
			t.Errorf("%s is accepted", text)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", text, err, w)
			}
		}
	}
}

// TestValidate: every problem is reported, and all at once.
func TestValidate(t *testing.T) {
	c := Default()
	c.Seed, c.Trials, c.Lag = 1<<53, 0, -2
	c.Data.Valid, c.Data.Name = 0, "imagenet"
	c.Space.Name, c.Shaper.Params = "", json.RawMessage("[1]")
	c.Strategy.Name, c.Strategy.Params = "evolution", json.RawMessage("{")
	c.Mode, c.Duplicates = "eventually", "refuse"
	c.Depth = Depth{Param: "layers", Start: 0, Step: -1, Every: 0, Max: -1}
	c.TimeLimitSeconds, c.FailedReward = math.Inf(1), math.NaN()
	c.Recipe.Epochs = 0
	err := c.Validate()
	for _, want := range []string{
		"seed is", "trials is", "lag is", "data.valid is", `data set "imagenet"`, "space is", "shaper.params", "strategy.name", "strategy.params",
		"mode is", "duplicates is", "depth.start", "depth.step", "depth.every", "depth.max", "time_limit_seconds", "failed_reward", "epochs is 0",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported", want)
		}
	}
	c = Default()
	c.TimeLimitSeconds = 60
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "irreproducible") {
		t.Errorf("a time limit in deterministic mode: %v", err)
	}
	if _, err := New(Config{}, Deps{}); err == nil || !strings.Contains(err.Error(), "Deps.Evaluator is nil") {
		t.Errorf("New without anything: %v", err)
	}
}

// TestEncode: every configuration reads as it was written, also where it is
// zero and the default is not.
func TestEncode(t *testing.T) {
	zero := Default()
	zero.Seed, zero.Lag, zero.Data.SplitSeed, zero.Data.Limit = 0, 0, 0, 0
	zero.Recipe.Schedule.WarmupEpochs, zero.Recipe.Schedule.Factor, zero.Recipe.Schedule.Milestones = 0, 0, nil
	zero.Recipe.Augment, zero.Space.Params = child.Augment{}, nil
	full := Default()
	full.Name, full.Space.Params, full.Depth = `a "name"`, json.RawMessage(`{"layers":3}`), Depth{"layers", 1, 2, 3, 4}
	full.Data.Options = data.Options{Name: "mnist", Dir: "d", Limit: 1, Seed: 2, Size: 3, Channels: 4, TrainCount: 5, TestCount: 6, Noise: 7}
	for _, want := range []Config{zero, full, {}} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nreads as %+v, %v\nwant %+v", b, got, err, want)
		}
	}
}

func TestDifferences(t *testing.T) {
	got := differences("", json.RawMessage(`{"a": {"b": 1, "c": [1, 2]}, "d": "x", "e": {}}`), json.RawMessage(`{"a": {"b": 2, "c": [1,2]}, "f": null, "e": {}}`))
	want := []difference{{"a.b", "1", "2"}, {"d", `"x"`, ""}, {"f", "", "null"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestIdentity: what is part of a study's identity is everything but its name
// and the place of its data.
func TestIdentity(t *testing.T) {
	identity := func(c Config) string {
		t.Helper()
		s, err := c.identity()
		if err != nil {
			t.Fatal(err)
		}
		return string(s)
	}
	c, d := Default(), Default()
	d.Name, d.Data.Dir = "other", "there"
	if identity(c) != identity(d) || d.Name != "other" {
		t.Error("the name or the folder counts")
	}
	d.FailedReward = 1
	if identity(c) == identity(d) {
		t.Error("the reward of failed trials does not count")
	}
}

func TestBegin(t *testing.T) {
	c := Default()
	c.Name = "mine"
	s, err := c.Begin(event.Started{Program: "p", Space: event.Source{Hash: "h"}})
	if err != nil || s.Name != "mine" || s.Program != "p" || s.Space.Hash != "h" || s.Space.Plugin != "cnn" || s.Trials != 100 {
		t.Errorf("%+v, %v", s, err)
	}
	if again, err := Decode(s.Config); err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("the recorded configuration reads as %+v, %v", again, err)
	}
	c.FailedReward = math.NaN()
	if _, err := c.Begin(event.Started{}); err == nil {
		t.Error("NaN was encoded")
	}
}

// TestValidateText: data and recipe are both for images or both for texts, and a
// text holds nothing out.
func TestValidateText(t *testing.T) {
	c := Default()
	c.Data.Name = "grammar"
	images := c.Recipe
	for _, want := range []string{"data.valid is 400", "choose one for texts"} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	c.Recipe, _ = child.Preset("grammar")
	c.Data.Valid = 0
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.Data.Name, c.Data.Valid = "shapes", 400
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "choose one for images") {
		t.Errorf("a recipe for texts: %v", err)
	}
	c.Recipe = images
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}
