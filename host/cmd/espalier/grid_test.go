package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestParseGrid(t *testing.T) {
	axes, err := parseGrid(" lr=0.1, 0.05 ;milestones=[0.5],[0.25,0.75];recipe.optimizer.name=sgd")
	if err != nil {
		t.Fatal(err)
	}
	var settings []string
	for _, p := range points(axes) {
		settings = append(settings, p.setting)
	}
	want := []string{
		`lr=0.1 milestones=[0.5] optimizer.name="sgd"`, `lr=0.1 milestones=[0.25,0.75] optimizer.name="sgd"`,
		`lr=0.05 milestones=[0.5] optimizer.name="sgd"`, `lr=0.05 milestones=[0.25,0.75] optimizer.name="sgd"`,
	}
	if !slices.Equal(settings, want) {
		t.Errorf("the points are %q, want %q", settings, want)
	}
	if n := gridSize(axes, 100); n != 4 {
		t.Errorf("its size is %d", n)
	}
	if n := gridSize(axes, 3); n != 3 {
		t.Errorf("its size up to 3 is %d", n)
	}
	none, err := parseGrid("")
	if err != nil || len(points(none)) != 1 || points(none)[0].setting != "" {
		t.Errorf("no grid: %v, %v", points(none), err)
	}
	for text, want := range map[string]string{
		"lr": "want KEY=VALUE", "lr=": "want KEY=VALUE", ";": "want KEY=VALUE", "lr=1,,2": "want KEY=VALUE",
		"lr=1,1": "lr has one value twice, as 1 and as 1", "lr=0.1,0.10": "as 0.1 and as 0.10", "lr=0.1,2,1e-1": "as 0.1 and as 1e-1", "lr=1,1.0": "as 1 and as 1.0",
		"milestones=[0.5,1],[0.50,1e0]": "twice", "lr=1;optimizer.lr=2": "is given twice",
	} {
		if _, err := parseGrid(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseGrid(%q): %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"seed=9007199254740992,9007199254740993", "lr=0.1,0.1000000001", "lr=1e999,2e999", "milestones=[1],[[1]]"} {
		if axes, err := parseGrid(text); err != nil || len(points(axes)) != 2 {
			t.Errorf("parseGrid(%q): %v, %v", text, axes, err)
		}
	}
}

// TestApply: every short name is a member of recipes, and only what the grid
// names changes.
func TestApply(t *testing.T) {
	for name := range gridNames {
		recipe, network := child.Default(), &spec.Network{}
		value := "0.25"
		switch name {
		case "milestones":
			value = "[0.25]"
		case "decay_epoch":
			recipe, value = textRecipe(t), "3"
		}
		axes, err := parseGrid(name + "=" + value)
		if err != nil {
			t.Fatal(err)
		}
		before := string(recipeJSON(recipe))
		got, same, err := points(axes)[0].apply(recipe, network)
		if err != nil || same != network {
			t.Errorf("%s: %v", name, err)
		}
		if after := string(recipeJSON(got)); after == before || string(recipeJSON(recipe)) != before {
			t.Errorf("%s=%s changed nothing, or the original", name, value)
		}
	}
	axes, err := parseGrid("lr=-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := points(axes)[0].apply(child.Default(), nil); err == nil || !strings.Contains(err.Error(), "optimizer.lr is -1") {
		t.Errorf("a negative rate: %v", err)
	}
}

func textRecipe(t *testing.T) child.Recipe {
	t.Helper()
	recipe, known := child.Preset("ptb-small")
	if !known {
		t.Fatal("there is no recipe ptb-small")
	}
	return recipe
}
