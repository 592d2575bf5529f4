package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// envFake makes this test's binary a peer that speaks the protocol of
// torch_child.py, but trains with our engine. Its value says how it misbehaves.
const envFake = "ESPALIER_TEST_FAKE_TORCH"

func TestMain(m *testing.M) {
	if mode := os.Getenv(envFake); mode != "" {
		fake{mode, map[string]*ours{}}.serve()
		return
	}
	os.Exit(m.Run())
}

// fake is a peer; mode is "honest" or what it does wrong.
type fake struct {
	mode     string
	children map[string]*ours // by layout
}

type command struct {
	Do, Tensors, Layout string
	Steps, Threads      int
	Images              [2]int
	Network             *spec.Network
	Raise               float32
	Norm, Optimizer     map[string]float64
}

func (f fake) serve() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c command
		err := json.Unmarshal(lines.Bytes(), &c)
		var answer any = struct{}{}
		if err == nil {
			answer, err = f.answer(c)
		}
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		text, _ := json.Marshal(answer)
		switch f.mode {
		case "dies":
			fmt.Fprintln(os.Stderr, "out of memory, or so")
			os.Exit(3)
		case "babbles":
			text = []byte("Warning: this is no JSON")
		}
		fmt.Println(string(text))
	}
}

func (f *fake) answer(c command) (any, error) {
	switch c.Do {
	case "describe":
		return facts{Torch: fmt.Sprintf("fake with %d threads", c.Threads)}, nil
	case "load":
		return struct{}{}, f.load(c)
	case "check":
		return f.check(c)
	case "train":
		seconds, losses := f.children[c.Layout].train(c.Steps)
		if f.mode == "forgets a step" {
			losses = losses[1:]
		}
		return map[string]any{"seconds": seconds, "losses": losses}, nil
	case "free":
		clear(f.children)
		return struct{}{}, nil
	}
	return nil, errors.New("unknown command " + c.Do)
}

func (f *fake) load(c command) error {
	file, err := os.Open(c.Tensors)
	if err != nil {
		return err
	}
	defer file.Close()
	w, err := child.ReadWeights(file)
	if err != nil {
		return err
	}
	b := &batch{}
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

func (f *fake) check(c command) (any, error) {
	own := f.children[c.Layout]
	r, seconds, err := own.check(c.Images[0], c.Images[1]-c.Images[0], c.Raise)
	if err != nil {
		return nil, err
	}
	for _, t := range r.tensors {
		switch {
		case f.mode == "is wrong" && strings.HasSuffix(t.Name, ".weight"):
			t.Data[0] += 10
		case f.mode == "is wrong at first" && c.Images[0] == 0 && c.Images[1] < own.batch.size && t.Name == logits:
			t.Data[0] += 10
		case f.mode == "is wrong in channels_last" && c.Layout == channelsLast && t.Name == logits:
			t.Data[0] += 10
		}
	}
	file, err := os.Create(c.Tensors)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := (&child.Weights{Tensors: r.tensors}).WriteTo(file); err != nil {
		return nil, err
	}
	return map[string]float64{"loss": r.loss, "seconds": seconds}, nil
}
