package main

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// languageModel is an LSTM of two layers, for 100 words.
func languageModel(t *testing.T, units int, tied bool) *spec.Network {
	t.Helper()
	lstm := namedCell(t, "lstm")
	n := &spec.Network{Task: spec.Task{Type: spec.TaskText, Input: []int{20}, Classes: 100}, Output: "logits", Nodes: []spec.Node{
		{Name: "embedding", Op: spec.OpEmbedding, Inputs: []string{spec.InputName}, Units: units, Vocabulary: 100},
		{Name: "drop", Op: spec.OpDropout, Inputs: []string{"embedding"}, Rate: 0.5},
		{Name: "layer1", Op: spec.OpRecurrent, Inputs: []string{"drop"}, Units: units, Cell: lstm},
		{Name: "layer2", Op: spec.OpRecurrent, Inputs: []string{"layer1"}, Units: units, Cell: lstm},
		{Name: "logits", Op: spec.OpDense, Inputs: []string{"layer2"}, Units: 100, Bias: true},
	}}
	if tied {
		n.Nodes[4].Tied = "embedding"
	}
	if err := n.Validate(); err != nil {
		t.Fatal(err)
	}
	return n
}

func namedCell(t *testing.T, name string) *spec.Cell {
	t.Helper()
	c, err := cell.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFitTask: the vocabulary and the window of a language model follow the
// task, its width stays, and the original too.
func TestFitTask(t *testing.T) {
	model := languageModel(t, 30, false)
	id := model.ID()
	task := spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 50}
	got, err := fitTask(model, task)
	if err != nil {
		t.Fatal(err)
	}
	if got.Nodes[0].Vocabulary != 50 || got.Nodes[4].Units != 50 || got.Nodes[2].Units != 30 || got.Task.Input[0] != 35 || model.ID() != id {
		t.Errorf("%+v", got)
	}
	image := spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 3}, Classes: 10}
	if _, err := fitTask(model, image); err == nil {
		t.Error("a language model fits images")
	}
	pictures := &spec.Network{Task: image}
	for _, name := range []string{"lstm", "rhn-2"} {
		named, err := fitTask(languageModelOf(namedCell(t, name)), task)
		if err != nil || named.Nodes[1].Units != 200 {
			t.Errorf("%s: %+v, %v", name, named, err)
		}
	}
	other := image
	other.Classes = 9
	if _, err := fitTask(pictures, other); err == nil || !strings.Contains(err.Error(), "9 classes") {
		t.Errorf("other classes: %v", err)
	}
	if same, err := fitTask(pictures, image); err != nil || same != pictures {
		t.Errorf("the same task: %v", err)
	}
}

// TestSized: every named cell gets as many parameters as another one has, within
// the tolerance, and narrow ones by the width of their embedding.
func TestSized(t *testing.T) {
	for _, units := range []int{9, 30, 200} {
		model := languageModel(t, units, false)
		want := countParams(model)
		for _, name := range []string{"lstm", "gru", "rhn-3", "nascell"} {
			n, err := sized(withCell(model, namedCell(t, name)), want)
			if err != nil {
				t.Errorf("%s of %d parameters: %v", name, want, err)
				continue
			}
			if off(n, want) > sizeTolerance {
				t.Errorf("%s has %d parameters, want %d", name, countParams(n), want)
			}
			if name == "lstm" && n.ID() != model.ID() {
				t.Errorf("the same cell at the same size is %d wide, want %d", n.Nodes[2].Units, units)
			}
		}
	}
	tied, err := sized(languageModel(t, 10, true), 50_000)
	if err != nil || tied.Nodes[0].Units != tied.Nodes[2].Units {
		t.Errorf("tied: %+v, %v", tied, err)
	}
	if _, err := sized(languageModel(t, 10, true), 100); err == nil {
		t.Error("a size below the smallest is no error")
	}
	if _, err := sized(&spec.Network{}, 100); err == nil {
		t.Error("a network without recurrent layers is no error")
	}
}

// TestWithDropout: a language model has dropout everywhere, however it came.
func TestWithDropout(t *testing.T) {
	model := languageModel(t, 30, false)
	id := model.ID()
	n, err := withDropout(model, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	rates := 0
	for _, node := range n.Nodes {
		if node.Op == spec.OpDropout && node.Rate == 0.25 && !node.Variational {
			rates++
		}
	}
	if rates != 3 || model.ID() != id {
		t.Errorf("%d nodes of dropout in %+v", rates, n.Nodes)
	}
	model.Nodes[1].Variational = true // and so is what is added
	if n, err = withDropout(model, 0.25); err != nil || len(n.Nodes) != len(model.Nodes)+2 {
		t.Fatalf("%+v, %v", n, err)
	}
	for _, node := range n.Nodes {
		if node.Op == spec.OpDropout && !node.Variational {
			t.Errorf("%+v has a mask for each step", node)
		}
	}
	again, err := withDropout(n, 0.25)
	if err != nil || again.ID() != n.ID() {
		t.Errorf("twice: %v", err)
	}
	if _, err := withDropout(model, 1); err == nil {
		t.Error("a rate of 1 is no error")
	}
	if _, err := withDropout(&spec.Network{}, 0.5); err == nil {
		t.Error("images without dropout are no error")
	}
}

func TestParseCount(t *testing.T) {
	for text, want := range map[string]int64{"650k": 650_000, "20M": 20_000_000, "1.5m": 1_500_000, "12": 12} {
		if got, err := parseCount(text); err != nil || got != want {
			t.Errorf("parseCount(%q) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "M", "-1", "0", "20X", "1e30", "nan", "2kM"} {
		if _, err := parseCount(text); err == nil {
			t.Errorf("parseCount(%q) is no error", text)
		}
	}
}
