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
		p := &peerOfTests{mode: mode, children: map[string]*ours{}}
		return p.answer
	})
}

// peerOfTests does what torch_lm.py does, but trains with our engine; mode is
// "honest" or what it does wrong.
type peerOfTests struct {
	mode        string
	children    map[string]*ours // by mode of training
	rate, clip  float64
	train, held []int32
}

type command struct {
	Tensors, Answer, Mode   string
	Steps, Windows, Streams int
	Network                 *spec.Network
	Cell                    *spec.Cell
	Rows, Units             int
	LR, Clip                float64
}

func (f *peerOfTests) answer(do string, line []byte) (any, error) {
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		return nil, err
	}
	switch do {
	case "load":
		return f.load(c)
	case "check":
		return f.check(c)
	case "train":
		seconds, losses := []float64{}, []float64{}
		step := 1e-3
		if f.mode == "trains slowly" {
			step = 2e-3
		}
		for range c.Steps {
			seconds, losses = append(seconds, step), append(losses, f.step(f.children[c.Mode]))
		}
		return map[string]any{"seconds": seconds, "losses": losses}, nil
	case "record":
		return f.record(c)
	case "corpus":
		return f.corpus(c)
	case "epoch":
		return f.epoch(c)
	case "cell":
		return f.cell(c)
	case "free":
		clear(f.children)
		return struct{}{}, nil
	}
	return fake.Unknown(do)
}

func (f *peerOfTests) load(c command) (any, error) {
	tensors, err := bench.Restore(c.Tensors)
	if err != nil {
		return nil, err
	}
	t := &text{streams: c.Streams}
	tensors = slices.DeleteFunc(tensors, func(q child.Tensor) bool {
		if q.Name != "tokens" {
			return false
		}
		for _, x := range q.Data {
			t.tokens = append(t.tokens, int32(x))
		}
		return true
	})
	f.rate, f.clip = c.LR, c.Clip
	for _, mode := range []string{eager, scripted} {
		o, err := newOurs(&entry{Network: c.Network}, t, 0, 1)
		if err != nil {
			return nil, err
		}
		o.weights = &child.Weights{Network: o.weights.Network, Tensors: tensors}
		if err := o.program.Load(o.weights); err != nil {
			return nil, err
		}
		f.children[mode] = o
	}
	return map[string][]string{"modes": {eager, scripted}}, nil
}

func (f *peerOfTests) check(c command) (any, error) {
	r, seconds, err := f.children[c.Mode].check(c.Windows)
	if err != nil {
		return nil, err
	}
	for _, q := range r.Tensors {
		switch {
		case f.mode == "has wrong gradients" && strings.HasSuffix(q.Name, ".weight"),
			f.mode == "is wrong at first" && c.Windows == checked && q.Name == "layer2.h",
			f.mode == "has wrong states" && q.Name == "layer1.c" && c.Mode == scripted:
			q.Data[0]++
		}
	}
	return map[string]float64{"loss": r.Loss, "seconds": seconds}, bench.Store(c.Tensors, r.Tensors)
}

// step is one training step by the rate and the norm that were given.
func (f *peerOfTests) step(o *ours) float64 {
	loss := o.backward()
	o.stepper.Clip(f.clip)
	if f.mode == "steps further" {
		o.stepper.Step(f.rate)
	}
	o.stepper.Step(f.rate)
	return loss
}

func (f *peerOfTests) record(c command) (any, error) {
	o := f.children[c.Mode]
	loss := f.step(o)
	tensors := append(o.program.Gradients(), child.Tensor{Name: "norm", Shape: []int{1}, Data: []float32{3}})
	for _, q := range o.program.Weights().Tensors {
		q.Name = "after." + q.Name
		tensors = append(tensors, q)
	}
	return map[string]float64{"loss": loss}, bench.Store(c.Tensors, tensors)
}

func (f *peerOfTests) corpus(c command) (any, error) {
	tensors, err := bench.Restore(c.Tensors)
	if err != nil {
		return nil, err
	}
	for _, q := range tensors {
		var tokens []int32
		for _, x := range q.Data {
			tokens = append(tokens, int32(x))
		}
		if q.Name == "train" {
			f.train = tokens
		} else {
			f.held = tokens
		}
	}
	return struct{}{}, nil
}

func (f *peerOfTests) epoch(c command) (any, error) {
	o := f.children[c.Mode]
	f.rate = c.LR
	f.pass(o, f.train, func(labels []int32) {
		o.program.Backward(labels)
		o.stepper.Clip(f.clip)
		o.stepper.Step(f.rate)
	})
	total, count := 0.0, 0
	f.pass(o, f.held, func(labels []int32) {
		loss, _ := o.program.Loss(labels)
		total, count = total+loss, count+len(labels)
	})
	if f.mode == "learns less" {
		total *= 1.02
	}
	return map[string]float64{"valid": total / float64(count), "seconds": 1}, nil
}

// pass goes through a text that is cut into streams, window by window.
func (f *peerOfTests) pass(o *ours, tokens []int32, do func(labels []int32)) {
	streams := o.text.streams
	length := (len(tokens) - 1) / streams
	o.program.ClearStates()
	for at := 0; at < length; at += o.steps {
		n := min(o.steps, length-at)
		x, labels := o.program.Tokens(n), make([]int32, n*streams)
		for s := range streams {
			for t := range n {
				x[t*streams+s], labels[t*streams+s] = tokens[s*length+at+t], tokens[s*length+at+t+1]
			}
		}
		o.program.Forward(n, true)
		do(labels)
	}
}

// cell does not know h, unless it is honest.
func (f *peerOfTests) cell(c command) (any, error) {
	tensors, err := bench.Restore(c.Tensors)
	if err != nil {
		return nil, err
	}
	next := naive(c.Cell, tensors)
	if f.mode != "honest" {
		clear(next[0].Data)
	}
	return map[string]float64{"seconds": 1}, bench.Store(c.Answer, next)
}
