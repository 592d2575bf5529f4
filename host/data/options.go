package data

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Options says which data set to open, and how. Fields left zero take their
// default. Known says which options a set takes; Name, FS, Dir and Limit go
// with all.
type Options struct {
	// Name of the set: one of Known. Default "shapes".
	Name string `json:"name"`

	// FS is the folder in which the files lie, or the folder above it. Drawn
	// sets need none. No default.
	FS fs.FS `json:"-"`
	// Dir is what a person calls FS, for messages. Default "the data folder".
	Dir string `json:"dir,omitempty"`

	// Limit uses only the first so many training and test images, or tokens of
	// every part of a text, for a quick look. Range 0 and up; default 0: all.
	Limit int `json:"limit,omitempty"`

	// Seed keys what is drawn: images of "shapes", sentences of "grammar", and
	// which blocks of "text" are held out. Any; default 0.
	Seed uint64 `json:"seed,omitempty"`
	// Size is the height and width of "shapes" in pixels. Range 12 to 32;
	// default 16.
	Size int `json:"size,omitempty"`
	// Channels of "shapes" is 1 for grey or 3 for colour. Default 3.
	Channels int `json:"channels,omitempty"`
	// TrainCount is the number of training images of "shapes", validation
	// images included: range 10 to 100,000, default 2,000, e.g. 1,500 to train
	// and 500 to validate on. Of "grammar" it is the number of training tokens:
	// range 100 to 10,000,000, default 40,000.
	TrainCount int `json:"train_count,omitempty"`
	// TestCount is the number of test images of "shapes": range 10 to 100,000,
	// default 1,000. Of "grammar" it is the number of test tokens, and also of
	// validation tokens: range 100 to 10,000,000, default 10,000.
	TestCount int `json:"test_count,omitempty"`
	// Noise of "shapes" is the standard deviation of the noise of every pixel,
	// in grey levels. Range 1 to 64, or -1 for none; default 10.
	Noise int `json:"noise,omitempty"`

	// File is the file of "text" below FS. Default: all files of FS itself
	// whose names end in .txt, one after the other in the order of their names.
	File string `json:"file,omitempty"`
	// Tokens says what a token of "text" is: a "word" or a "character". Default
	// "word".
	Tokens Unit `json:"tokens,omitempty"`
	// Vocabulary is the most tokens that "text" tells apart, <eos> and <unk>
	// included: the most frequent ones. Range 3 to 1,000,000; default 10,000.
	Vocabulary int `json:"vocabulary,omitempty"`
	// Shuffle puts the lines of "text" into an order drawn from Seed, for a
	// text whose lines have nothing to do with each other. Default: they keep
	// their order.
	Shuffle bool `json:"shuffle,omitempty"`
}

// Default is the drawn images as they come.
func Default() Options {
	return Options{Name: "shapes", Dir: "the data folder", Size: 16, Channels: 3, TrainCount: 2000, TestCount: 1000, Noise: 10}
}

// filled replaces zero fields by the defaults of the set.
func (o Options) filled() Options {
	if o.Name == "" {
		o.Name = Default().Name
	}
	if o.Dir == "" {
		o.Dir = Default().Dir
	}
	set, _ := lookup(o.Name)
	d := set.defaults
	for _, f := range []struct {
		field    *int
		fallback int
	}{
		{&o.Size, d.Size}, {&o.Channels, d.Channels}, {&o.Noise, d.Noise},
		{&o.TrainCount, d.TrainCount}, {&o.TestCount, d.TestCount}, {&o.Vocabulary, d.Vocabulary},
	} {
		if *f.field == 0 {
			*f.field = f.fallback
		}
	}
	if o.Tokens == "" {
		o.Tokens = d.Tokens
	}
	return o
}

// setting is the value of an option that not every set takes.
type setting struct {
	name  string
	value any
	given bool
	sound bool
	want  string
}

func (o Options) settings() []setting {
	within := func(name string, value, least, most int, unit string) setting {
		return setting{name, value, value != 0, value >= least && value <= most, fmt.Sprintf("want %d to %d %s", least, most, unit)}
	}
	least, most, unit := 10, 100_000, "images"
	if o.Name == "grammar" {
		least, most, unit = 100, 10_000_000, "tokens"
	}
	return []setting{
		{"seed", o.Seed, o.Seed != 0, true, ""},
		within("train_count", o.TrainCount, least, most, unit),
		within("test_count", o.TestCount, least, most, unit),
		within("size", o.Size, 12, 32, "pixels"),
		{"channels", o.Channels, o.Channels != 0, o.Channels == 1 || o.Channels == 3, "want 1 (grey) or 3 (colour)"},
		{"noise", o.Noise, o.Noise != 0, o.Noise >= -1 && o.Noise <= 64, "want 1 to 64 grey levels, or -1 for none"},
		{"file", o.File, o.File != "", fs.ValidPath(o.File), "want the path of a file below the folder, with slashes and without . and .."},
		{"tokens", o.Tokens, o.Tokens != "", o.Tokens == Word || o.Tokens == Character, "want word or character"},
		within("vocabulary", o.Vocabulary, 3, 1_000_000, "tokens"),
		{"shuffle", o.Shuffle, o.Shuffle, true, ""},
	}
}

// Validate reports every problem of o at once.
func (o Options) Validate() error {
	if o.Name == "" {
		o.Name = Default().Name
	}
	var errs []error
	refuse := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("data: "+format, args...))
	}
	set, known := lookup(o.Name)
	if !known {
		refuse("unknown data set %q: known are %s", o.Name, strings.Join(names(), ", "))
	}
	if o.Limit < 0 {
		refuse("limit %d: want 0 (all) or more", o.Limit)
	}
	for _, s := range o.settings() {
		switch {
		case !s.given:
		case known && !slices.Contains(set.Options, s.name):
			refuse("%s %v: %s (%s) has no such option, only %s", s.name, s.value, o.Name, set.Task, strings.Join(taking(s.name), " and "))
		case !s.sound:
			refuse("%s %v: %s", s.name, s.value, s.want)
		}
	}
	return errors.Join(errs...)
}

// Open reads or draws a set of images. Its errors are those of Validate, a
// *FileError, or that the set is a text.
func Open(o Options) (*Dataset, error) {
	set, o, err := o.choose(spec.TaskImage)
	if err != nil {
		return nil, err
	}
	d, err := set.open(o)
	if err != nil {
		return nil, err
	}
	d.Name = o.Name
	d.seal()
	return d, nil
}

// choose finds the set that o describes, which has to be for the task, and
// fills in its defaults.
func (o Options) choose(task spec.TaskType) (set, Options, error) {
	if err := o.Validate(); err != nil {
		return set{}, o, err
	}
	o = o.filled()
	s, _ := lookup(o.Name)
	if s.Task != task {
		return s, o, fmt.Errorf("data: %s is for the task %s and was opened for the task %s, for which there are %s", o.Name, s.Task, task, strings.Join(suiting(task), ", "))
	}
	return s, o, nil
}

// kept is how many of n images o lets through.
func (o Options) kept(n int) int {
	if o.Limit == 0 {
		return n
	}
	return min(n, o.Limit)
}

// noteLimit notes that o left out training images.
func (d *Dataset) noteLimit(o Options, available int) {
	if d.Train.N < available {
		d.note("Only the first %d of %d training images are used (limit %d).", d.Train.N, available, o.Limit)
	}
}
