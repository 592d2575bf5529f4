package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// golden is what PyTorch computes for a tiny network. Package child replays it.
//
// The tensors of the initial weights are sorted by name; number i of the k-th is
// 3 ((37 i + 101 k) mod 199) / 199 - 3/2.
type golden struct {
	Torch        string        `json:"torch"` // version
	Network      *spec.Network `json:"network"`
	Streams      int           `json:"streams"`
	LearningRate float64       `json:"learning_rate"`
	ClipNorm     float64       `json:"clip_norm"`
	Tokens       []int32       `json:"tokens"` // (windows*steps+1, streams)
	Windows      []goldenStep  `json:"windows"`
}

// goldenStep is one training step, on one window. Of each tensor there are the
// Euclidean norm and the number in the middle of its memory.
type goldenStep struct {
	Loss      float64               `json:"loss"` // nats per token
	Norm      float64               `json:"norm"` // of all gradients, before clipping
	Gradients map[string][2]float64 `json:"gradients"`
	Weights   map[string][2]float64 `json:"weights"` // after the update
}

// Of all goldens: words, steps of a window, streams, units and windows. The norm
// of clipping is such that it matters in some steps, not in all.
const (
	goldenWords   = 7
	goldenSteps   = 3
	goldenStreams = 2
	goldenUnits   = 3
	goldenWindows = 3
)

var goldenNetworks = []struct {
	cell string
	clip float64
}{{"lstm", 2.5}, {"gru", 2.5}, {"rhn-3", 3.8}, {"nascell", 1.5}}

// storeGoldens stores one for each tiny network in the folder.
func storeGoldens(b *bench.Bench, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, n := range goldenNetworks {
		e, err := assemble(n.cell, goldenUnits, spec.Task{Type: spec.TaskText, Input: []int{goldenSteps}, Classes: goldenWords})
		if err != nil {
			return err
		}
		g, err := newGolden(b, e, n.clip)
		if err != nil {
			return fmt.Errorf("golden %s: %w", n.cell, err)
		}
		text, err := json.Marshal(g)
		if err != nil {
			return err
		}
		// A line for each window, and for what is before them.
		text = append(bytes.ReplaceAll(text, []byte(`{"loss"`), []byte("\n"+`{"loss"`)), '\n')
		if err := os.WriteFile(filepath.Join(dir, n.cell+".json"), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

func newGolden(b *bench.Bench, e *entry, clip float64) (*golden, error) {
	g := &golden{Torch: b.Peers[0].Facts.Torch, Network: e.Network, Streams: goldenStreams, LearningRate: 1, ClipNorm: clip}
	t := &text{streams: goldenStreams}
	for i := range (goldenWindows*goldenSteps + 1) * goldenStreams {
		t.tokens = append(t.tokens, int32(i*i+i/3)%goldenWords)
	}
	g.Tokens = t.tokens
	o, err := newOurs(e, t, 0, 1)
	if err != nil {
		return nil, err
	}
	defer o.close()
	slices.SortFunc(o.weights.Tensors, func(a, b child.Tensor) int { return strings.Compare(a.Name, b.Name) })
	for k, t := range o.weights.Tensors {
		for i := range t.Data {
			t.Data[i] = 3*float32((37*i+101*k)%199)/199 - 1.5
		}
	}
	path := filepath.Join(b.Dir, "golden.safetensors")
	defer os.Remove(path)
	if err := o.store(path); err != nil {
		return nil, err
	}
	p := peer{b.Peers[0]}
	modes, err := p.load(e, goldenStreams, path, g.LearningRate, clip)
	if err != nil {
		return nil, err
	}
	for range goldenWindows {
		r, _, err := p.Check(map[string]any{"do": "record", "mode": modes[0]})
		if err != nil {
			return nil, err
		}
		g.Windows = append(g.Windows, newGoldenStep(r))
	}
	return g, p.Free()
}

func newGoldenStep(r bench.Results) goldenStep {
	s := goldenStep{Loss: rounded(r.Loss), Gradients: map[string][2]float64{}, Weights: map[string][2]float64{}}
	for _, t := range r.Tensors {
		var squares float64
		for _, x := range t.Data {
			squares += float64(x) * float64(x)
		}
		probes := [2]float64{rounded(math.Sqrt(squares)), rounded(float64(t.Data[len(t.Data)/2]))}
		if name, after := strings.CutPrefix(t.Name, "after."); after {
			s.Weights[name] = probes
		} else if t.Name == "norm" {
			s.Norm = probes[0]
		} else {
			s.Gradients[t.Name] = probes
		}
	}
	return s
}

// rounded has seven significant digits, about as many as float32.
func rounded(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 7, 64), 64)
	return y
}
