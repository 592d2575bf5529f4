package main

// suited is the weakest layer of a configuration: what suits the chosen data
// set on a small machine. A search space that was not chosen is chosen here;
// other plugins and strategies than our own keep their defaults.
func suited(chosen document) document {
	d := document{}
	dataset, plugin, space := chosen.text("data", "name"), chosen.text("space", "plugin"), chosen.text("space", "name")
	if dataset == "" {
		dataset = "shapes"
	}
	if plugin == "" {
		plugin, space = "cnn", "v2"
		if dataset == "cifar10" {
			space = "v1"
		}
		d["space"] = map[string]any{"plugin": plugin, "name": space}
	}
	switch dataset {
	case "shapes":
		if name := chosen.text("strategy", "name"); name == "" || name == "reinforce" {
			d.merge(quickPolicy())
		}
	case "cifar10":
		d.merge(map[string]any{"data": map[string]any{"valid": 500}, "recipe": recipeObject("cifar-sample")})
	case "mnist":
		d.merge(map[string]any{"data": map[string]any{"valid": 5000}, "recipe": recipeObject("mnist")})
	}
	if plugin == "cnn" && space != "v3" {
		d.merge(map[string]any{"space": map[string]any{"params": smallParams(dataset, space)}})
	}
	return d
}

// quickPolicy lets the policy learn within a hundred trials: larger steps,
// taken more often, than the paper's, which has 12,800 trials.
func quickPolicy() document {
	return document{
		"strategy": map[string]any{"params": map[string]any{"preset": "quick", "rollout": 5, "learning_rate": 0.02}},
	}
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
