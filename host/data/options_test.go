package data

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestValidateReportsAll(t *testing.T) {
	err := Options{Name: "imagenet", Limit: -1, Size: 11, Channels: 2, TrainCount: 9, TestCount: -5, Noise: 65}.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{
		`unknown data set "imagenet": known are shapes, cifar10, mnist`, "limit -1", "size 11: want 12 to 32 pixels",
		"channels 2", "train_count 9", "test_count -5", "noise 65",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if _, opened := Open(Options{Size: 33}); opened == nil {
		t.Error("Open does not validate")
	}
	if _, verified := Verify(Options{Size: 33}); verified == nil {
		t.Error("Verify does not validate")
	}
}

// TestZeroIsDefault: options left out mean the documented defaults.
func TestZeroIsDefault(t *testing.T) {
	if err := (Options{}).Validate(); err != nil {
		t.Error(err)
	}
	if got := (Options{}).filled(); got != Default() {
		t.Errorf("filled zero options are %+v, want %+v", got, Default())
	}
	own := Options{Name: "mnist", Dir: "here", Size: 20, Channels: 1, TrainCount: 50, TestCount: 60, Noise: -1, Seed: 3, Limit: 9}
	if got := own.filled(); got != own {
		t.Errorf("filling changed %+v into %+v", own, got)
	}
}

// TestOptionsJSON: options can stand in a study's configuration.
func TestOptionsJSON(t *testing.T) {
	own := Options{Name: "shapes", Size: 20, Channels: 1, TrainCount: 50, TestCount: 60, Noise: -1, Seed: 3, Limit: 9}
	text, err := json.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	var back Options
	if err := json.Unmarshal(text, &back); err != nil || back != own {
		t.Errorf("%s comes back as %+v, %v", text, back, err)
	}
}

func TestKnown(t *testing.T) {
	for _, s := range Known() {
		if s.Name == "" || s.Summary == "" || s.Licence == "" {
			t.Errorf("%q leaves something unsaid: %+v", s.Name, s)
		}
		if (len(s.Files) == 0) != (s.Source == "") {
			t.Errorf("%s: files %v and source %q do not go together", s.Name, s.Files, s.Source)
		}
		if err := (Options{Name: s.Name}).Validate(); err != nil {
			t.Error(err)
		}
	}
	if len(Known()) != 3 {
		t.Errorf("%d sets, want 3", len(Known()))
	}
}
