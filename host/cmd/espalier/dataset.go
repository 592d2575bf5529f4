package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// dataset is what a configuration says of data, read and split: images or a
// text.
type dataset struct {
	examples search.Examples
	task     spec.Task
	about    event.Data
	notes    []string
	tests    int // images or tokens of the test part, which stays locked
}

// openData reads the data of a configuration.
func openData(c search.Config) (*dataset, error) {
	if set, _ := data.Find(c.Data.Name); set.Task == spec.TaskText {
		return openCorpus(c)
	}
	set, err := data.Open(withFiles(c.Data.Options))
	if err != nil {
		return nil, dataError(err)
	}
	train, valid, err := set.Split(c.Data.SplitSeed, c.Data.Valid)
	if err != nil {
		return nil, dataError(err)
	}
	return &dataset{
		examples: search.Images{Training: train, Validation: valid}, task: set.Task(), notes: set.Notes, tests: set.TestCount(),
		about: event.Data{Name: set.Name, Hash: set.Hash, Train: train.N, Valid: valid.N},
	}, nil
}

// openCorpus reads a text, which has its own part for validation.
func openCorpus(c search.Config) (*dataset, error) {
	text, err := data.OpenCorpus(withFiles(c.Data.Options))
	if err != nil {
		return nil, dataError(err)
	}
	d := &dataset{
		examples: search.Text{Training: text.Train, Validation: text.Valid}, task: text.Task(c.Recipe.Text.Steps), notes: text.Notes, tests: text.TestCount(),
		about: event.Data{Name: text.Name, Hash: text.Hash, Train: len(text.Train), Valid: len(text.Valid), Unit: string(text.Unit)},
	}
	if !math.IsNaN(text.ValidEntropy) {
		d.about.LeastLoss = text.ValidEntropy
	}
	return d, nil
}

// withFiles lets a data set find its files in the folder that o names. Of plain
// text, one file may be named instead.
func withFiles(o data.Options) data.Options {
	if o.Dir == "" {
		return o
	}
	if info, err := os.Stat(o.Dir); err == nil && info.Mode().IsRegular() && o.Name == "text" && o.File == "" {
		o.Dir, o.File = filepath.Dir(o.Dir), filepath.Base(o.Dir)
	}
	o.FS = os.DirFS(o.Dir)
	return o
}

// suits refuses a recipe with more streams than a part of a text is long: each
// predicts one token at least.
func (d *dataset) suits(r child.Recipe) error {
	for _, part := range []struct {
		name   string
		tokens int
	}{{"training", d.about.Train}, {"validation", d.about.Valid}} {
		if d.task.Type == spec.TaskText && part.tokens <= r.Batch {
			return fmt.Errorf("the %s part of %s is too short for %s of at least one prediction each: it has %s; choose a smaller --batch",
				part.name, d.about.Name, plural(r.Batch, "stream"), plural(part.tokens, d.about.Unit))
		}
	}
	return nil
}

// taskBy is the task of a network that is trained by a recipe: the recipe says
// how long the windows of a text are.
func (d *dataset) taskBy(r child.Recipe) spec.Task {
	if d.task.Type != spec.TaskText {
		return d.task
	}
	return spec.Task{Type: d.task.Type, Input: []int{r.Text.Steps}, Classes: d.task.Classes}
}

// positions is how many examples one forward pass of the network takes: an
// image, or the tokens of a window.
func (d *dataset) positions(r child.Recipe) float64 {
	if d.task.Type != spec.TaskText {
		return 1
	}
	return float64(r.Text.Steps)
}
