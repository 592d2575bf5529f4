package data

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestValidateReportsAll(t *testing.T) {
	err := Options{Name: "imagenet", Limit: -1, Size: 11, Channels: 2, TrainCount: 9, TestCount: -5, Noise: 65}.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{
		`unknown data set "imagenet": known are shapes, cifar10, mnist, grammar, ptb, ptb-char, text`, "limit -1", "size 11: want 12 to 32 pixels",
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

// TestForeignOptions: what a set does not take is refused rather than without
// effect, and all of it at once.
func TestForeignOptions(t *testing.T) {
	all := Options{Size: 99, Channels: 3, TrainCount: 5000, TestCount: 5000, Noise: 5, Seed: 3, File: "a.txt", Tokens: "word", Vocabulary: 50, Shuffle: true}
	for name, foreign := range map[string][]string{
		"shapes":   {"file", "tokens", "vocabulary", "shuffle"},
		"cifar10":  {"seed", "train_count", "test_count", "size", "channels", "noise", "file", "tokens", "vocabulary", "shuffle"},
		"grammar":  {"size", "channels", "noise", "file", "tokens", "vocabulary", "shuffle"},
		"ptb":      {"seed", "train_count", "test_count", "size", "channels", "noise", "file", "tokens", "vocabulary", "shuffle"},
		"ptb-char": {"seed", "train_count", "test_count", "size", "channels", "noise", "file", "tokens", "vocabulary", "shuffle"},
		"text":     {"train_count", "test_count", "size", "channels", "noise"},
	} {
		o := all
		o.Name = name
		if name == "shapes" {
			o.Size = 20
		}
		err := o.Validate()
		if err == nil {
			t.Fatalf("%s: accepted", name)
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(foreign) {
			t.Errorf("%s: %d problems, want %d: %v", name, len(lines), len(foreign), err)
		}
		for i, option := range foreign[:min(len(foreign), len(lines))] {
			if !strings.HasPrefix(lines[i], "data: "+option+" ") || !strings.Contains(lines[i], name+" (") {
				t.Errorf("%s: %q is not about %s", name, lines[i], option)
			}
		}
	}
	err := Options{Name: "ptb", Size: 16}.Validate()
	if want := "data: size 16: ptb (text) has no such option, only shapes"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValidateText(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Name: "text", Tokens: "syllable"}, "tokens syllable: want word or character"},
		{Options{Name: "text", Vocabulary: 2}, "vocabulary 2: want 3 to 1000000 tokens"},
		{Options{Name: "text", File: "../secret"}, "file ../secret: want the path of a file below the folder"},
		{Options{Name: "text", File: "/etc/passwd"}, "file /etc/passwd: want"},
		{Options{Name: "grammar", TrainCount: 99}, "train_count 99: want 100 to 10000000 tokens"},
		{Options{Name: "grammar", TestCount: 10_000_001}, "test_count 10000001: want 100"},
	} {
		if err := c.o.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
		if _, err := OpenCorpus(c.o); err == nil {
			t.Errorf("%+v is opened", c.o)
		}
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
	for name, want := range map[string]Options{
		"ptb":     {},
		"grammar": {TrainCount: 40_000, TestCount: 10_000},
		"text":    {Tokens: Word, Vocabulary: 10_000},
	} {
		want.Name, want.Dir = name, "the data folder"
		if got := (Options{Name: name}).filled(); got != want {
			t.Errorf("%s: filled zero options are %+v, want %+v", name, got, want)
		}
	}
}

// TestOptionsJSON: options can stand in a study's configuration.
func TestOptionsJSON(t *testing.T) {
	own := Options{Name: "shapes", Size: 20, Channels: 1, TrainCount: 50, TestCount: 60, Noise: -1, Seed: 3, Limit: 9,
		File: "a/b.txt", Tokens: Character, Vocabulary: 7, Shuffle: true}
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
	if len(Known()) != 7 {
		t.Errorf("%d sets, want 7", len(Known()))
	}
	if set, ok := Find("ptb"); !ok || set.Task != spec.TaskText {
		t.Errorf("ptb is %+v, %v", set, ok)
	}
	if set, ok := Find(""); !ok || set.Name != "shapes" {
		t.Errorf("the default is %+v, %v", set, ok)
	}
	if _, ok := Find("imagenet"); ok {
		t.Error("found a set that does not exist")
	}
}
