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
	// A cell of the paper (section 3.4): 35 epochs, otherwise as the medium
	// language model, since the paper says nothing else.
	{"ptb-paper", func() Recipe { return zaremba(35, 35, 0.05, 6, 0.8) }},
	// The medium language model, 2 x 650 units. The rate falls by the factor of
	// TensorFlow's implementation; the paper divides by 1.2.
	{"ptb-medium", func() Recipe { return zaremba(39, 35, 0.05, 6, 0.8) }},
	// The small language model, 2 x 200 units without dropout.
	{"ptb-small", func() Recipe { return zaremba(13, 20, 0.1, 4, 0.5) }},
	// Characters of the Penn Treebank, as the paper trains its cell on them
	// (section 4.2). It says nothing of epochs and clipping.
	{"ptb-char", func() Recipe {
		r := zaremba(20, 100, 0, 0, 1)
		r.Batch, r.ClipNorm, r.Schedule = 32, 1, Schedule{Name: "constant"}
		r.Optimizer.Name, r.Optimizer.LR, r.Optimizer.WeightDecay, r.Text.Loss = "adam", 1e-3, 1e-4, "mean"
		return r
	}},
	// The embedded text of a grammar: a child of a few dozen units takes less
	// than a second of one core.
	{"grammar", func() Recipe {
		r := zaremba(5, 20, 0.25, 2, 0.5)
		r.Batch, r.Optimizer.LR = 10, 0.5
		return r
	}},
}

// zaremba is the recipe of a language model (Zaremba et al. 2014, section 4.1),
// with so many epochs, steps of a window, bound of the first weights, epochs at
// the first rate, and factor by which it then falls.
func zaremba(epochs, steps int, bound float64, constant int, factor float64) Recipe {
	r := Default()
	r.Epochs, r.Batch, r.Text, r.InitRange, r.ClipNorm = epochs, 20, Text{Steps: steps, Loss: "sum"}, bound, 5
	r.Optimizer.Name, r.Optimizer.LR, r.Optimizer.Momentum, r.Optimizer.WeightDecay = "sgd", 1, 0, 0
	r.Schedule = Schedule{Name: "decay", ConstantEpochs: constant, Factor: factor}
	r.Augment = Augment{Whiten: "none"}
	return r
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
