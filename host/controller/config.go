package controller

import (
	"errors"
	"fmt"
	"math"
)

// Config is the controller's shape and how it learns. The zero value is not
// useful; start from Default or Preset.
type Config struct {
	// Layers is the number of stacked LSTM layers: 1 to 16, default 2.
	Layers int `json:"layers"`
	// Units is the width of each LSTM layer: 1 to 4096, default 35.
	Units int `json:"units"`
	// Embedding is the length of an input vector: 1 to 4096, default 35. It
	// equals Units in spaces with anchors or pointers, where hidden states
	// become inputs.
	Embedding int `json:"embedding"`
	// InitRange bounds the initial weights, uniform in ±InitRange: above 0,
	// default 0.08.
	InitRange float64 `json:"init_range"`

	// LearningRate of Adam: above 0, default 0.0006.
	LearningRate float64 `json:"learning_rate"`
	// Beta1 and Beta2 are Adam's decay rates of the first and second moment:
	// 0 or more, below 1, default 0.9 and 0.999.
	Beta1 float64 `json:"beta1"`
	Beta2 float64 `json:"beta2"`
	// Epsilon is Adam's guard against division by zero: above 0, default 1e-8.
	Epsilon float64 `json:"epsilon"`
	// ClipNorm bounds the Euclidean norm of the gradient; 0 (default) is off.
	ClipNorm float64 `json:"clip_norm"`

	// BaselineDecay is how much of the baseline survives each reward: 0 or
	// more, below 1, default 0.95.
	BaselineDecay float64 `json:"baseline_decay"`
	// EntropyWeight, in reward per nat, rewards undecided steps; 0 (default)
	// is off.
	EntropyWeight float64 `json:"entropy_weight"`
	// Temperature divides the logits: above 0, default 1, which is off. Higher
	// explores more.
	Temperature float64 `json:"temperature"`
	// LogitClip bounds the logits to ±LogitClip by a tanh; 0 (default) is off.
	LogitClip float64 `json:"logit_clip"`
}

// Default is the paper's controller, with every option that the paper does not
// have switched off.
func Default() Config {
	return Config{
		Layers: 2, Units: 35, Embedding: 35, InitRange: 0.08,
		LearningRate: 0.0006, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		BaselineDecay: 0.95, Temperature: 1,
	}
}

// Presets names the known presets.
func Presets() []string { return []string{"paper", "quick"} }

// Preset returns a named configuration: "paper" is Default; "quick" learns
// within hundreds of episodes rather than the paper's 12,800, for demonstrations
// and small studies.
func Preset(name string) (Config, bool) {
	c := Default()
	switch name {
	case "paper":
	case "quick":
		c.LearningRate = 0.01
		c.BaselineDecay = 0.9
		c.EntropyWeight = 0.001
	default:
		return Config{}, false
	}
	return c, true
}

// Validate reports every field that is out of range.
func (c Config) Validate() error {
	var errs []error
	count := func(name string, v, most int) {
		if v < 1 || v > most {
			errs = append(errs, fmt.Errorf("controller: %s is %d; it must be from 1 to %d", name, v, most))
		}
	}
	number := func(name string, v float64, ok bool, want string) {
		if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
			errs = append(errs, fmt.Errorf("controller: %s is %v; it must be %s", name, v, want))
		}
	}
	count("layers", c.Layers, 16)
	count("units", c.Units, 4096)
	count("embedding", c.Embedding, 4096)
	number("init_range", c.InitRange, c.InitRange > 0, "above 0")
	number("learning_rate", c.LearningRate, c.LearningRate > 0, "above 0")
	number("beta1", c.Beta1, c.Beta1 >= 0 && c.Beta1 < 1, "at least 0 and below 1")
	number("beta2", c.Beta2, c.Beta2 >= 0 && c.Beta2 < 1, "at least 0 and below 1")
	number("epsilon", c.Epsilon, c.Epsilon > 0, "above 0")
	number("clip_norm", c.ClipNorm, c.ClipNorm >= 0, "0 (off) or above")
	number("baseline_decay", c.BaselineDecay, c.BaselineDecay >= 0 && c.BaselineDecay < 1, "at least 0 and below 1")
	number("entropy_weight", c.EntropyWeight, c.EntropyWeight >= 0, "0 (off) or above")
	number("temperature", c.Temperature, c.Temperature > 0, "above 0")
	number("logit_clip", c.LogitClip, c.LogitClip >= 0, "0 (off) or above")
	return errors.Join(errs...)
}
