package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestMain(m *testing.M) {
	fake.Main(m, func(mode string) fake.Answer {
		p := &peerOfTests{mode, map[string]*ours{}}
		return p.answer
	})
}

// peerOfTests does what torch_child.py does, but trains with our engine; mode is
// "honest" or what it does wrong.
type peerOfTests struct {
	mode     string
	children map[string]*ours // by layout
}

type command struct {
	Tensors, Layout string
	Steps           int
	Images          [2]int
	Network         *spec.Network
	Raise           float32
	Norm, Optimizer map[string]float64
}

func (f *peerOfTests) answer(do string, line []byte) (any, error) {
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		return nil, err
	}
	switch do {
	case "load":
		return struct{}{}, f.load(c)
	case "check":
		return f.check(c)
	case "train":
		seconds, losses := f.children[c.Layout].train(c.Steps)
		return map[string]any{"seconds": seconds, "losses": losses}, nil
	case "free":
		clear(f.children)
		return struct{}{}, nil
	}
	return fake.Unknown(do)
}

func (f *peerOfTests) load(c command) error {
	tensors, err := bench.Restore(c.Tensors)
	if err != nil {
		return err
	}
	w, b := &child.Weights{Network: c.Network.ID(), Tensors: tensors}, &batch{}
	w.Tensors = slices.DeleteFunc(w.Tensors, func(t child.Tensor) bool {
		switch t.Name {
		case "input":
			b.size, b.images = t.Shape[0], t.Data
		case "labels":
			for _, l := range t.Data {
				b.labels = append(b.labels, int32(l))
			}
		default:
			return false
		}
		return true
	})
	if f.mode == "trains slower" {
		c.Optimizer["weight_decay"] = 1
	}
	o := child.Default().Optimizer
	o.Momentum, o.WeightDecay = c.Optimizer["momentum"], c.Optimizer["weight_decay"]
	norm := child.BatchNorm{Epsilon: c.Norm["epsilon"], Momentum: c.Norm["momentum"]}
	for _, layout := range layouts {
		p, err := child.Compile(c.Network, b.size, child.Options{BatchNorm: norm})
		if err != nil {
			return err
		}
		if err := p.Load(w); err != nil {
			return err
		}
		f.children[layout] = &ours{p, child.NewStepper(p, o), w, b, c.Network.Task.Classes}
	}
	return nil
}

func (f *peerOfTests) check(c command) (any, error) {
	own := f.children[c.Layout]
	r, seconds, err := own.check(c.Images[0], c.Images[1]-c.Images[0], c.Raise)
	if err != nil {
		return nil, err
	}
	for _, t := range r.Tensors {
		switch {
		case f.mode == "is wrong" && strings.HasSuffix(t.Name, ".weight"):
			t.Data[0] += 10
		case f.mode == "is wrong at first" && c.Images[0] == 0 && c.Images[1] < own.batch.size && t.Name == logits:
			t.Data[0] += 10
		case f.mode == "is wrong in channels_last" && c.Layout == channelsLast && t.Name == logits:
			t.Data[0] += 10
		}
	}
	return map[string]float64{"loss": r.Loss, "seconds": seconds}, bench.Store(c.Tensors, r.Tensors)
}
