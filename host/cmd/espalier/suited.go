package main

import (
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// suited is the weakest layer of a configuration: what suits the chosen data
// set on a small machine. A search space that was not chosen is chosen here, and
// a data set that suits a chosen space; other plugins and strategies than our
// own keep their defaults. The recipe is the name of the chosen one, or empty.
func suited(chosen document, recipe string) document {
	dataset, plugin, space := chosen.text("data", "name"), chosen.text("space", "plugin"), chosen.text("space", "name")
	switch {
	case dataset == "" && (plugin == "rnncell" || plugin == declared && space == string(spec.TaskText)):
		dataset = "grammar"
	case dataset == "":
		dataset = "shapes"
	}
	d := document{"data": map[string]any{"name": dataset}}
	set, _ := data.Find(dataset)
	if plugin == "" {
		plugin, space = "cnn", "v2"
		switch {
		case set.Task == spec.TaskText:
			plugin, space = "rnncell", "tree"
		case dataset == "cifar10":
			space = "v1"
		}
		d["space"] = map[string]any{"plugin": plugin, "name": space}
	}
	switch dataset {
	case "cifar10":
		d.merge(map[string]any{"data": map[string]any{"valid": 500}, "recipe": recipeObject("cifar-sample")})
	case "mnist":
		d.merge(map[string]any{"data": map[string]any{"valid": 5000}, "recipe": recipeObject("mnist")})
	}
	if set.Task == spec.TaskText {
		d.merge(suitedText(dataset))
	}
	if name := chosen.text("strategy", "name"); name == "" || name == "reinforce" {
		d.merge(suitedPolicy(dataset))
	}
	switch {
	case plugin == "cnn" && space != "v3":
		d.merge(map[string]any{"space": map[string]any{"params": smallParams(dataset, space)}})
	case plugin == "rnncell" && (recipe == "" || recipe == "grammar" || recipe == "ptb-small" || recipe == "ptb-char"):
		d.merge(map[string]any{"space": map[string]any{"params": smallCells(dataset)}})
	}
	return d
}

// suitedText is what suits a text.
func suitedText(dataset string) document {
	recipe := "ptb-small"
	if dataset == "grammar" || dataset == "ptb-char" {
		recipe = dataset
	}
	d := document{
		"data":   map[string]any{"valid": 0},
		"recipe": recipeObject(recipe),
		"shaper": map[string]any{"plugin": "rewards", "name": "perplexity"},
	}
	if dataset == "grammar" {
		d["trials"] = 200 // a child takes a fraction of a second
	}
	return d
}

// suitedPolicy lets the policy learn within a hundred or two trials, on embedded
// data: by larger steps, taken more often, than the paper's, which has 12,800
// trials. Rewards of the grammar are up to 80 / 3.3^2, more than ten times those
// of images, and so is what keeps the policy from settling early.
func suitedPolicy(dataset string) document {
	params := map[string]any{"preset": "quick", "rollout": 5, "learning_rate": 0.02}
	switch dataset {
	case "grammar":
		params = map[string]any{"preset": "quick", "rollout": 8, "learning_rate": 0.01, "entropy_weight": 0.02}
	case "shapes":
	default:
		return nil
	}
	return document{"strategy": map[string]any{"params": params}}
}

// smallCells makes the networks of rnncell small enough for a text that a core
// learns in seconds, or minutes; without dropout, since they are too small to
// learn it by heart.
func smallCells(dataset string) map[string]any {
	params := map[string]any{"layers": 2, "units": 200}
	if dataset == "grammar" {
		params = map[string]any{"layers": 1, "units": 32}
	}
	for _, rate := range []string{"embedding_dropout", "input_dropout", "output_dropout"} {
		params[rate] = 0
	}
	return params
}

// smallParams makes the spaces v1 and v2 of cnn small enough for a data set
// that a core learns in seconds.
func smallParams(dataset, space string) map[string]any {
	params := map[string]any{}
	switch dataset {
	case "shapes":
		params = map[string]any{
			"layers":         4,
			"filter_heights": []int{1, 3, 5},
			"filter_widths":  []int{1, 3, 5},
			"filters":        []int{4, 8, 16},
		}
	case "cifar10":
		params = map[string]any{
			"layers":         4,
			"filter_heights": []int{1, 3, 5},
			"filter_widths":  []int{1, 3, 5},
			"filters":        []int{8, 16, 24},
		}
	case "mnist":
		params = map[string]any{
			"layers":         4,
			"filter_heights": []int{3, 5},
			"filter_widths":  []int{3, 5},
			"filters":        []int{8, 16, 24},
		}
	}
	if space == "v2" {
		params["stride_heights"] = []int{1, 2}
		params["stride_widths"] = []int{1, 2}
	}
	return params
}
