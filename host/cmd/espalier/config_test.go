package main

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestDocumentSet(t *testing.T) {
	d := document{}
	for _, step := range []struct {
		path  string
		value any
	}{{"seed", 3}, {"recipe.optimizer.lr", 0.5}, {"recipe.epochs", 2}} {
		if err := d.set(step.path, step.value); err != nil {
			t.Fatal(err)
		}
	}
	recipe := d["recipe"].(map[string]any)
	if d["seed"] != 3 || recipe["epochs"] != 2 || recipe["optimizer"].(map[string]any)["lr"] != 0.5 {
		t.Errorf("the document is %v", d)
	}
	if err := d.set("seed.of.what", 1); err == nil || !strings.Contains(err.Error(), "seed is 3 and has no members") {
		t.Errorf("setting a member of a number: %v", err)
	}
}

// TestDocumentMerge: objects are merged member by member, all else is replaced.
func TestDocumentMerge(t *testing.T) {
	d := document{"a": 1, "o": map[string]any{"x": 1, "l": []int{1, 2}}}
	d.merge(map[string]any{"b": 2, "o": map[string]any{"y": 3, "l": []int{4}}})
	o := d["o"].(map[string]any)
	if d["a"] != 1 || d["b"] != 2 || o["x"] != 1 || o["y"] != 3 || len(o["l"].([]int)) != 1 {
		t.Errorf("merged: %v", d)
	}
}

func TestParseValue(t *testing.T) {
	if v := parseValue("[1, 2]"); len(v.([]any)) != 2 {
		t.Errorf("an array is %v", v)
	}
	for _, text := range []string{"cosine", "1 2", "{", "", "tru"} {
		if v := parseValue(text); v != text {
			t.Errorf("parseValue(%q) = %v, want the text", text, v)
		}
	}
	if v := parseValue("true"); v != true {
		t.Errorf("true is %v", v)
	}
}

func TestVariable(t *testing.T) {
	for flag, want := range map[string]string{
		"data-dir": "ESPALIER_DATA_DIR", "data": "ESPALIER_DATASET", "trials": "ESPALIER_TRIALS",
	} {
		if got := variable(flag); got != want {
			t.Errorf("variable(%q) = %q, want %q", flag, got, want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{
		"runs/a-1": "runs/a-1", "my runs/a": "'my runs/a'", "it's": `'it'\''s'`, "": "''", "a$b": "'a$b'",
	} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestCalled(t *testing.T) {
	a := &app{command: "bin/espalier"}
	got := a.called("espalier show 'my espalier run'\n      espalier ls")
	if want := "bin/espalier show 'my espalier run'\n      bin/espalier ls"; got != want {
		t.Errorf("called as bin/espalier: %q, want %q", got, want)
	}
	if got := new(app).called("espalier ls"); got != "espalier ls" {
		t.Errorf("called as nothing: %q", got)
	}
}

// TestSuited: every suggestion is a legal configuration.
func TestSuited(t *testing.T) {
	for _, set := range []string{"", "shapes", "cifar10", "mnist", "grammar", "ptb", "ptb-char", "text"} {
		for _, space := range []string{"", "v1", "v2", "v3"} {
			chosen := document{}
			if set != "" {
				chosen["data"] = map[string]any{"name": set}
			}
			if space != "" {
				chosen["space"] = map[string]any{"plugin": "cnn", "name": space}
			}
			if task, _ := data.Find(set); task.Task == spec.TaskText && space != "" {
				chosen["space"] = map[string]any{"plugin": "rnncell", "name": "tree"}
			}
			d := suited(chosen, "")
			d.merge(chosen)
			if _, err := d.decode(); err != nil {
				t.Errorf("data %q, space %q: %v", set, space, err)
			}
		}
	}
	cells := suited(document{"space": map[string]any{"plugin": "rnncell", "name": "tree"}}, "")
	if cells.text("data", "name") != "grammar" || cells.text("shaper", "name") != "perplexity" {
		t.Errorf("recurrent cells got %v", cells)
	}
	other := suited(document{"space": map[string]any{"plugin": "mine.wasm", "name": "x"}}, "")
	if space, ok := other["space"].(map[string]any); ok && space["params"] != nil {
		t.Errorf("a stranger's space got the params %v", space["params"])
	}
}
