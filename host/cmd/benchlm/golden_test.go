package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/host/child"
)

// TestStoreGoldens stores goldens of our own engine, which have the network and
// the text of the stored ones of PyTorch.
func TestStoreGoldens(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "goldens")
	b := &bench.Bench{Config: &bench.Config{}, Dir: t.TempDir(), Peers: []*bench.Peer{fake.Must(t, "honest")}, Progress: io.Discard}
	if err := storeGoldens(b, dir); err != nil {
		t.Fatal(err)
	}
	for _, n := range goldenNetworks {
		name := n.cell + ".json"
		got, want := mustGolden(t, filepath.Join(dir, name)), mustGolden(t, filepath.Join("../../child/testdata/torch", name))
		if !strings.HasPrefix(got.Torch, "fake") || strings.HasPrefix(want.Torch, "fake") {
			t.Errorf("%s: made by %q, the stored one by %q", name, got.Torch, want.Torch)
		}
		if got.Network.ID() != want.Network.ID() || len(got.Windows) != len(want.Windows) || got.ClipNorm != want.ClipNorm {
			t.Errorf("%s: the stored one is of other settings: make golden-torch stores it anew", name)
		}
		if len(got.Windows[0].Weights) != len(want.Windows[0].Weights) || len(got.Windows[0].Gradients) != len(want.Windows[0].Gradients) {
			t.Errorf("%s: %d weights, %d gradients", name, len(got.Windows[0].Weights), len(got.Windows[0].Gradients))
		}
	}
}

func mustGolden(t *testing.T, path string) *golden {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines != goldenWindows+1 {
		t.Errorf("%s has %d lines", path, lines)
	}
	g := new(golden)
	if err := json.Unmarshal(text, g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGoldenStep(t *testing.T) {
	s := newGoldenStep(bench.Results{Loss: 1.23456789, Tensors: []child.Tensor{
		{Name: "w", Data: []float32{3, 0, 4}}, {Name: "after.w", Data: []float32{1, 2}}, {Name: "norm", Data: []float32{7}},
	}})
	if s.Loss != 1.234568 || s.Norm != 7 || s.Gradients["w"] != [2]float64{5, 0} || s.Weights["w"] != [2]float64{2.236068, 2} {
		t.Errorf("%+v", s)
	}
}
