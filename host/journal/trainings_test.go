package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func training(key string, loss float64) Training {
	return Training{
		Key: key, Name: "trial 3", Source: "runs/a", Trial: 3, NetworkID: "n", Data: "shapes", Seed: 1,
		Setting: "lr=0.1", Grid: map[string]json.RawMessage{"lr": json.RawMessage("0.1")},
		Recipe: json.RawMessage(`{"epochs": 2, "optimizer": {"lr": 0.1}, "schedule": {"milestones": [0.5]}}`),
		Status: event.OK, Ended: time.Unix(5, 0).UTC(),
		Curve: []spec.Epoch{{Epoch: 1, ValidLoss: loss, ValidAccuracy: 0.75}, {Epoch: 2, ValidLoss: loss + 1, ValidAccuracy: 0.5}},
	}
}

func openTrainings(t *testing.T, dir string) *Trainings {
	t.Helper()
	open, err := OpenTrainings(dir, Default())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = open.Close() })
	return open
}

// TestTrainings: what is appended is read back, a repeated training once, and
// the row is flat.
func TestTrainings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	open := openTrainings(t, dir)
	network := &spec.Network{Output: "x"}
	for _, loss := range []float64{0.5, 0.25} {
		if err := open.Append(training("k", loss), network, bytes.NewReader([]byte("weights"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := open.Append(training("other", 1), network, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTrainings(dir, Default()); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	all, err := ReadTrainings(dir)
	if err != nil || len(all) != 2 || len(open.All()) != 2 {
		t.Fatalf("%d trainings, %v", len(all), err)
	}
	k := all[0]
	const recipe = `{"epochs":2,"optimizer.lr":0.1,"schedule.milestones":[0.5]}`
	for _, row := range []Training{k, open.All()[0]} {
		if string(row.Recipe) != recipe || string(row.Grid["lr"]) != "0.1" || len(row.Grid) != 1 {
			t.Errorf("the recipe is read as %s, want %s, and the grid as %s", row.Recipe, recipe, row.Grid)
		}
	}
	if k.Key != "k" || k.Trial != 3 || k.Weights != "trained/k.safetensors" || k.Curve[0].ValidLoss != 0.25 || !k.Ended.Equal(time.Unix(5, 0)) || all[1].Weights != "" {
		t.Errorf("%+v", k)
	}
	if b, err := os.ReadFile(filepath.Join(dir, k.Weights)); err != nil || string(b) != "weights" {
		t.Errorf("weights %q, %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "trained", "k.json")); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, trainingsFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"max_valid_accuracy":0.75,"min_valid_loss":0.5`, `"grid.lr":0.1`, `"recipe.optimizer.lr":0.1`, `"recipe.schedule.milestones":[0.5]`, `"valid_loss":1.5`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
}

// TestTrainingsTorn: a torn last row is cut off with a warning, damage before it
// is refused.
func TestTrainingsTorn(t *testing.T) {
	dir := t.TempDir()
	open := openTrainings(t, dir)
	for _, key := range []string{"a", "b"} {
		if err := open.Append(training(key, 1), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, trainingsFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "trained", "b.safetensors.tmp")
	if err := os.MkdirAll(filepath.Dir(left), 0o777); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{name: text[:len(text)-10], left: text} {
		if err := os.WriteFile(file, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	open = openTrainings(t, dir)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("weights that were half written: %v", err)
	}
	if len(open.All()) != 1 || len(open.Warnings()) != 1 {
		t.Errorf("%d trainings, warnings %q", len(open.All()), open.Warnings())
	}
	if err := open.Append(training("b", 1), nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, text) {
		t.Errorf("after the repair %s, %v", now, err)
	}
	for _, damaged := range []string{"{}\n" + string(text), "x" + string(text)} {
		if err := os.WriteFile(name, []byte(damaged), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenTrainings(dir, Default()); !errors.Is(err, ErrDamaged) {
			t.Errorf("damaged: %v", err)
		}
		if now, _ := os.ReadFile(name); string(now) != damaged {
			t.Error("a damaged file was changed")
		}
	}
}

// TestTrainingsDiskFull: after a row that was cut short nothing is written, so
// that it is the last one when the directory is opened again.
func TestTrainingsDiskFull(t *testing.T) {
	dir, o, disk := t.TempDir(), Default(), &full{bytes: -1, ops: -1}
	o.Files = disk
	open, err := OpenTrainings(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := open.Append(training("a", 1), nil, nil); err != nil {
		t.Fatal(err)
	}
	disk.bytes = 100
	if err := open.Append(training("b", 1), nil, nil); !errors.Is(err, ErrStorage) {
		t.Errorf("a full disk: %v", err)
	}
	disk.bytes = -1
	if err := open.Append(training("c", 1), nil, nil); !errors.Is(err, ErrStorage) {
		t.Errorf("after a row that was cut short: %v", err)
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	if open = openTrainings(t, dir); len(open.All()) != 1 || len(open.Warnings()) != 1 {
		t.Errorf("%d trainings, warnings %q", len(open.All()), open.Warnings())
	}
}
