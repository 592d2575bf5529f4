package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Config is what a study is. Everything here is part of its identity; how many
// workers train its children is not.
type Config struct {
	// Name is what people call the study. Any; default empty.
	Name string `json:"name"`
	// Seed keys every random number of the study. 0 to 2^53-1; default 1.
	Seed uint64 `json:"seed"`
	// Trials is the budget: how many architectures are tried, duplicates
	// included. At least 1; default 100. A study may be given more while it runs
	// or later; see the package.
	Trials int  `json:"trials"`
	Data   Data `json:"data"`
	// Space and Shaper name what plugins offer. Default cnn:v1 and
	// rewards:accuracy, with their default parameters.
	Space    Plugin         `json:"space"`
	Shaper   Plugin         `json:"shaper"`
	Strategy StrategyConfig `json:"strategy"`
	Depth    Depth          `json:"depth"`
	// Mode is "deterministic" (default) or "async"; see the package.
	Mode Mode `json:"mode"`
	// Lag is how many trials may be sampled ahead, in deterministic mode. At
	// least 0; default -1: as many as one rollout has, but at least 8.
	Lag int `json:"lag"`
	// Duplicates is "reuse" (default) or "retrain"; see the package.
	Duplicates Duplicates   `json:"duplicates"`
	Recipe     child.Recipe `json:"recipe"`
	// TimeLimitSeconds is the longest that one child may train; 0, the
	// default: no limit. Only in async mode, since it depends on the clock.
	TimeLimitSeconds float64 `json:"time_limit_seconds"`
	// FailedReward is the reward of a failed trial. Finite; default 0.
	FailedReward float64 `json:"failed_reward"`
	// PluginLimits is what the plugins may use, as sandbox.ParseLimits reads it;
	// this package does not. Default empty: the usual limits. It may differ when
	// a study is resumed, since what was answered within one limit is answered
	// within a higher one.
	PluginLimits string `json:"plugin_limits"`
}

// Data says what children are trained on and measured with.
type Data struct {
	data.Options
	// Valid is the number of training images held out for validation. At
	// least 1; default 400, a fifth of the drawn images. Texts bring their own
	// part for validation: of them it is 0.
	Valid int `json:"valid"`
	// SplitSeed keys which those are. Default 0: the same for every seed of the
	// study, so that studies can be compared.
	SplitSeed uint64 `json:"split_seed"`
}

// Plugin names one space or shaper of a plugin.
type Plugin struct {
	Plugin string `json:"plugin"` // module
	Name   string `json:"name"`
	// Params is a JSON object; empty: the plugin's defaults.
	Params json.RawMessage `json:"params,omitempty"`
}

// StrategyConfig names a strategy of package strategy.
type StrategyConfig struct {
	Name string `json:"name"` // default "reinforce"
	// Params is a JSON object; empty: the strategy's defaults.
	Params json.RawMessage `json:"params,omitempty"`
}

// Mode says in which order results are applied.
type Mode string

const (
	Deterministic Mode = "deterministic"
	Async         Mode = "async"
)

// Duplicates says what happens to a network that was tried before.
type Duplicates string

const (
	Reuse   Duplicates = "reuse"
	Retrain Duplicates = "retrain"
)

// Default is a study on the drawn images that a small machine ends in about a
// minute.
func Default() Config {
	recipe, known := child.Preset("shapes")
	if !known {
		panic("search: the recipe of the default study is unknown")
	}
	return Config{
		Seed:       1,
		Trials:     100,
		Data:       Data{Options: data.Options{Name: "shapes"}, Valid: 400},
		Space:      Plugin{Plugin: "cnn", Name: "v1"},
		Shaper:     Plugin{Plugin: "rewards", Name: "accuracy"},
		Strategy:   StrategyConfig{Name: "reinforce"},
		Mode:       Deterministic,
		Lag:        -1,
		Duplicates: Reuse,
		Recipe:     recipe,
	}
}

// maxSeed keeps seeds exact in every JSON reader.
const maxSeed = 1<<53 - 1

// Validate reports every problem of c at once. Whether the plugins exist and
// like their parameters, it cannot know.
func (c Config) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("study: "+format, args...))
		}
	}
	check(c.Seed <= maxSeed, "seed is %d, want at most %d", c.Seed, uint64(maxSeed))
	check(c.Trials >= 1, "trials is %d, want at least 1", c.Trials)
	if set, known := data.Find(c.Data.Name); known && set.Task == spec.TaskText {
		check(c.Data.Valid == 0, "data.valid is %d, but the text %s brings its own part for validation: set it to 0", c.Data.Valid, set.Name)
		check(c.Recipe.Text.Steps > 0, "the recipe is one for images (recipe.text.steps is 0), but %s is a text: choose one for texts, such as ptb-small", set.Name)
	} else {
		check(c.Data.Valid >= 1, "data.valid is %d, want at least 1 image to measure with", c.Data.Valid)
		check(c.Recipe.Text.Steps == 0, "the recipe is one for texts (recipe.text.steps is %d), but %s are images: choose one for images, such as cifar-sample", c.Recipe.Text.Steps, c.Data.Name)
	}
	for _, p := range []struct {
		field string
		Plugin
	}{{"space", c.Space}, {"shaper", c.Shaper}} {
		check(p.Plugin.Plugin != "" && p.Name != "", "%s is %q:%q, want the names of a plugin and of what it offers", p.field, p.Plugin.Plugin, p.Name)
		check(isObject(p.Params), "%s.params is not a JSON object: %s", p.field, p.Params)
	}
	names := strategy.Names()
	check(slices.Contains(names, c.Strategy.Name), "strategy.name is %q, want one of %s", c.Strategy.Name, strings.Join(names, ", "))
	check(isObject(c.Strategy.Params), "strategy.params is not a JSON object: %s", c.Strategy.Params)
	check(c.Mode == Deterministic || c.Mode == Async, "mode is %q, want %s or %s", c.Mode, Deterministic, Async)
	check(c.Lag >= -1, "lag is %d, want 0 or more, or -1 for the default", c.Lag)
	check(c.Duplicates == Reuse || c.Duplicates == Retrain, "duplicates is %q, want %s or %s", c.Duplicates, Reuse, Retrain)
	check(c.TimeLimitSeconds >= 0 && finite(c.TimeLimitSeconds), "time_limit_seconds is %v, want 0 (no limit) or more", c.TimeLimitSeconds)
	check(c.TimeLimitSeconds == 0 || c.Mode != Deterministic, "time_limit_seconds is %v, but a limit on the clock makes a deterministic study irreproducible; remove it or set mode to %s", c.TimeLimitSeconds, Async)
	check(finite(c.FailedReward), "failed_reward is %v, want a finite number", c.FailedReward)
	problems = append(problems, c.Depth.validate()...)
	return errors.Join(append(problems, c.Data.Options.Validate(), c.Recipe.Validate())...)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// isObject reports whether raw is a JSON object, or empty.
func isObject(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	return len(raw) == 0 || json.Unmarshal(raw, &members) == nil && members != nil
}

// Begin completes the description of a study, of which p gives what the
// configuration does not say: Program, Go, Kernels, and what is known of
// Space, Shaper, Data and Task.
func (c Config) Begin(p event.Started) (event.Started, error) {
	config, err := json.Marshal(c)
	if err != nil {
		return p, fmt.Errorf("study: encode: %w", err)
	}
	p.Schema = event.Schema
	p.Name, p.Seed, p.Trials, p.Strategy, p.Config = c.Name, c.Seed, c.Trials, c.Strategy.Name, config
	p.Space.Plugin, p.Space.Name = c.Space.Plugin, c.Space.Name
	p.Shaper.Plugin, p.Shaper.Name = c.Shaper.Plugin, c.Shaper.Name
	p.Data.Name = c.Data.Name
	return p, nil
}

// identity is the configuration without what may differ when a study is
// resumed: what people call it, where they keep the data, and what its plugins
// may use.
func (c Config) identity() (json.RawMessage, error) {
	c.Name, c.Data.Dir, c.PluginLimits = "", "", ""
	return json.Marshal(c)
}
