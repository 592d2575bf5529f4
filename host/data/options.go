package data

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Options says which data set to open, and how. Fields left zero take their
// default.
type Options struct {
	// Name of the set: one of Known. Default "shapes".
	Name string `json:"name"`

	// FS is the folder in which the files lie, or the folder above it. The
	// drawn set needs none. No default.
	FS fs.FS `json:"-"`
	// Dir is what a person calls FS, for messages. Default "the data folder".
	Dir string `json:"dir,omitempty"`

	// Limit uses only the first so many training and test images, for a quick
	// look. Range 0 and up; default 0: all.
	Limit int `json:"limit,omitempty"`

	// The rest is about "shapes" only.

	// Seed of the drawn images. Any; default 0.
	Seed uint64 `json:"seed,omitempty"`
	// Size is the height and width in pixels. Range 12 to 32; default 16.
	Size int `json:"size,omitempty"`
	// Channels is 1 for grey or 3 for colour. Default 3.
	Channels int `json:"channels,omitempty"`
	// TrainCount is the number of training images, validation images included.
	// Range 10 to 100,000; default 2,000, e.g.
	// 1,500 to train and 500 to validate on.
	TrainCount int `json:"train_count,omitempty"`
	// TestCount is the number of test images. Range 10 to 100,000; default
	// 1,000.
	TestCount int `json:"test_count,omitempty"`
	// Noise is the standard deviation of the noise of every pixel, in grey
	// levels. Range 1 to 64, or -1 for none; default 10.
	Noise int `json:"noise,omitempty"`
}

// Default is the drawn set as it comes.
func Default() Options {
	return Options{Name: "shapes", Dir: "the data folder", Size: 16, Channels: 3, TrainCount: 2000, TestCount: 1000, Noise: 10}
}

// filled replaces zero fields by their defaults.
func (o Options) filled() Options {
	d := Default()
	if o.Name == "" {
		o.Name = d.Name
	}
	if o.Dir == "" {
		o.Dir = d.Dir
	}
	for _, f := range []struct {
		field    *int
		fallback int
	}{
		{&o.Size, d.Size}, {&o.Channels, d.Channels}, {&o.Noise, d.Noise},
		{&o.TrainCount, d.TrainCount}, {&o.TestCount, d.TestCount},
	} {
		if *f.field == 0 {
			*f.field = f.fallback
		}
	}
	return o
}

// Validate reports every problem of o at once.
func (o Options) Validate() error {
	o = o.filled()
	var errs []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf("data: "+format, args...))
		}
	}
	if _, known := find(o.Name); !known {
		refuse(true, "unknown data set %q: known are %s", o.Name, strings.Join(names(), ", "))
	}
	const most = 100_000
	refuse(o.Limit < 0, "limit %d: want 0 (all images) or more", o.Limit)
	refuse(o.Size < 12 || o.Size > 32, "size %d: want 12 to 32 pixels", o.Size)
	refuse(o.Channels != 1 && o.Channels != 3, "channels %d: want 1 (grey) or 3 (colour)", o.Channels)
	refuse(o.TrainCount < 10 || o.TrainCount > most, "train_count %d: want 10 to %d images", o.TrainCount, most)
	refuse(o.TestCount < 10 || o.TestCount > most, "test_count %d: want 10 to %d images", o.TestCount, most)
	refuse(o.Noise < -1 || o.Noise > 64, "noise %d: want 1 to 64 grey levels, or -1 for none", o.Noise)
	return errors.Join(errs...)
}

// Open reads or draws a data set. Its errors are those of Validate, or a
// *FileError.
func Open(o Options) (*Dataset, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o = o.filled()
	set, _ := find(o.Name)
	d, err := set.open(o)
	if err != nil {
		return nil, err
	}
	d.Name = o.Name
	d.seal()
	return d, nil
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
