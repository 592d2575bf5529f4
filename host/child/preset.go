package child

// presets are the named recipes, each with what it is for.
var presets = []struct {
	name   string
	recipe func() Recipe
}{
	// The paper to the letter, on the whole of CIFAR-10.
	{"cifar-paper", Default},
	// A few thousand images of CIFAR-10 on a few cores.
	{"cifar-sample", func() Recipe {
		r := Default()
		r.Epochs, r.Batch, r.ClipNorm = 8, 32, 1
		r.Schedule = Schedule{Name: "cosine", WarmupEpochs: 0.5}
		return r
	}},
	// Handwritten digits, which must not be mirrored.
	{"mnist", func() Recipe {
		r := Default()
		r.Epochs = 2
		r.Schedule = Schedule{Name: "cosine"}
		r.Augment = Augment{Whiten: "standardize"}
		return r
	}},
	// The embedded images: a child takes less than a second of one core.
	{"shapes", func() Recipe {
		r := Default()
		r.Epochs, r.Batch, r.ClipNorm = 4, 16, 1
		r.Optimizer.LR = 0.15
		r.Schedule = Schedule{Name: "cosine", WarmupEpochs: 0.3}
		r.Augment = Augment{Whiten: "standardize", Flip: true}
		return r
	}},
}

// Preset returns the recipe of that name.
func Preset(name string) (Recipe, bool) {
	for _, p := range presets {
		if p.name == name {
			return p.recipe(), true
		}
	}
	return Recipe{}, false
}

// Presets lists the names that Preset knows.
func Presets() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}
