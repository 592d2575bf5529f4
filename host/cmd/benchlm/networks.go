package main

import (
	"context"
	"fmt"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Of all networks: words, steps of a window, streams of text.
const (
	words   = 10_000
	steps   = 35
	streams = 20
	tokens  = steps * streams // of a training step
)

// task is that of all networks.
var task = spec.Task{Type: spec.TaskText, Input: []int{steps}, Classes: words}

// entry is one network to be trained.
type entry struct {
	Name    string
	About   string
	Network *spec.Network
	Plan    *spec.Plan
	Bound   float64 // of the first weights, which are uniform
	Drawn   bool    // one of those drawn at random
	Long    bool    // left out of a short run
}

// perToken is so many of something that a window of one stream has, by token.
func (e *entry) perToken(n int64) float64 { return float64(n) / float64(e.Network.Task.Input[0]) }

// megaFLOP is 10^6 additions and multiplications of one forward pass of one
// token.
func (e *entry) megaFLOP() float64 { return 2 * e.perToken(e.Plan.MACs) / 1e6 }

// softmax is the share of them that the logits take.
func (e *entry) softmax() float64 {
	nodes := e.Plan.Nodes
	return float64(nodes[len(nodes)-1].MACs) / float64(e.Plan.MACs)
}

// How many cells are drawn, and of them for a short run.
const (
	drawn      = 20
	drawnShort = 3
)

// params are those of the space for networks of the size of the small model of
// Zaremba et al. (2014), which has no dropout.
const params = `{"units":200,"embedding_dropout":0,"input_dropout":0,"output_dropout":0}`

// networks lists what is trained: those of published cells, and those drawn with
// the given seed.
func networks(ctx context.Context, open bench.Opener, seed uint64) ([]*entry, error) {
	var list []*entry
	for _, fixed := range []struct {
		name, about, cell string
		units             int
		bound             float64
	}{
		{"lstm-200", "2 LSTM layers of 200 units", "lstm", 200, 0.1},
		{"lstm-650", "2 LSTM layers of 650 units", "lstm", 650, 0.05},
		{"nascell-200", "2 layers of 200 units of the cell that the paper found", "nascell", 200, 0.1},
	} {
		e, err := assemble(fixed.cell, fixed.units, task)
		if err != nil {
			return nil, fmt.Errorf("network %s: %w", fixed.name, err)
		}
		e.Name, e.About, e.Bound = fixed.name, fixed.about, fixed.bound
		list = append(list, e)
	}
	s, err := open(ctx, "tree", params)
	if err != nil {
		return nil, err
	}
	for id := 1; id <= drawn; id++ {
		e, err := draw(ctx, s, seed, id)
		if err != nil {
			return nil, fmt.Errorf("cell %d of seed %d: %w", id, seed, err)
		}
		e.Name, e.About, e.Long = fmt.Sprintf("cell-%02d", id), "tree "+params, id > drawnShort
		list = append(list, e)
	}
	return list, nil
}

// assemble is a language model of two layers of a named cell.
func assemble(name string, units int, task spec.Task) (*entry, error) {
	c, err := cell.Named(name)
	if err != nil {
		return nil, err
	}
	return newEntry(&spec.Network{Task: task, Output: "logits", Nodes: []spec.Node{
		{Name: "embedding", Op: spec.OpEmbedding, Inputs: []string{spec.InputName}, Units: units, Vocabulary: task.Classes},
		{Name: "layer1", Op: spec.OpRecurrent, Inputs: []string{"embedding"}, Units: units, Cell: c},
		{Name: "layer2", Op: spec.OpRecurrent, Inputs: []string{"layer1"}, Units: units, Cell: c},
		{Name: "logits", Op: spec.OpDense, Inputs: []string{"layer2"}, Units: task.Classes, Bias: true},
	}})
}

// draw draws a cell uniformly. Its first weights are small, since nothing keeps
// the states of a cell without saturation from growing.
func draw(ctx context.Context, s bench.Space, seed uint64, id int) (*entry, error) {
	answers, err := bench.Draw(ctx, s, seed, id)
	if err != nil {
		return nil, err
	}
	network, err := s.Build(ctx, answers, task)
	if err != nil {
		return nil, err
	}
	e, err := newEntry(network)
	if err != nil {
		return nil, err
	}
	e.Drawn, e.Bound = true, 0.04
	return e, nil
}

func newEntry(network *spec.Network) (*entry, error) {
	plan, err := network.Infer()
	if err != nil {
		return nil, err
	}
	return &entry{Network: network, Plan: plan}, nil
}
