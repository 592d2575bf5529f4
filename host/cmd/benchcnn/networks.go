package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// cifar is the task of all networks: CIFAR-10.
var cifar = spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}

// entry is one network to be trained.
type entry struct {
	Name    string
	About   string
	Network *spec.Network
	Plan    *spec.Plan
	Batches []int
	Drawn   bool // one of those drawn at random
	Long    bool // left out of a short run
}

// megaFLOP is 10^6 additions and multiplications of one forward pass of one
// image.
func (e *entry) megaFLOP() float64 { return 2 * float64(e.Plan.MACs) / 1e6 }

// layer is a row of a table of layers; inputs count from 1, and none means the
// image.
type layer struct {
	height, width, filters int
	inputs                 []int
}

// found is the network of Zoph & Le 2017, appendix A, figure 7: 4,201,630
// parameters, 4.30 GMAC an image.
var found = []layer{
	{3, 3, 36, nil},
	{3, 3, 48, []int{1}},
	{3, 3, 36, []int{1, 2}},
	{5, 5, 36, []int{1, 2, 3}},
	{3, 7, 48, []int{3, 4}},
	{7, 7, 48, []int{2, 3, 4, 5}},
	{7, 7, 48, []int{2, 3, 4, 5, 6}},
	{7, 3, 36, []int{1, 6, 7}},
	{7, 1, 36, []int{1, 5, 6, 8}},
	{7, 7, 36, []int{1, 3, 4, 5, 6, 7, 8, 9}},
	{5, 7, 36, []int{1, 2, 5, 6, 7, 8, 9, 10}},
	{7, 7, 48, []int{1, 2, 3, 4, 6, 11}},
	{7, 5, 48, []int{1, 3, 6, 7, 8, 9, 10, 11, 12}},
	{7, 5, 48, []int{3, 7, 12, 13}},
	{7, 5, 48, []int{6, 7, 11, 12, 13, 14}},
}

// tiny is a chain of six 3 x 3 layers at full resolution: 86 MFLOP an image.
var tiny = []layer{
	{3, 3, 24, nil},
	{3, 3, 36, []int{1}},
	{3, 3, 24, []int{2}},
	{3, 3, 36, []int{3}},
	{3, 3, 24, []int{4}},
	{3, 3, 48, []int{5}},
}

// draws are the spaces of the random children, with the option sets of the
// paper; depths are such that the children together take minutes. Each space
// is also drawn from at full depth.
var draws = []struct {
	space, params string
	times         int
	short         int // how many of them a short run takes
}{
	{"v1", `{"layers":4}`, 3, 1},
	{"v1", `{"layers":6}`, 2, 1},
	{"v1", `{"layers":8,"pools":[2,5]}`, 1, 0},
	{"v1", `{"pools":[3,6]}`, 1, 0},
	{"v2", `{"layers":6}`, 3, 1},
	{"v2", `{"layers":10}`, 3, 1},
	{"v2", `{}`, 1, 0},
	{"v3", `{"layers":4,"pools":[4,8]}`, 2, 1},
	{"v3", `{"layers":6,"pools":[6,11]}`, 2, 1},
	{"v3", `{}`, 2, 0},
}

// networks lists what is trained: the found network, the tiny child and those
// drawn with the given seed.
func networks(ctx context.Context, open bench.Opener, seed uint64) ([]*entry, error) {
	var list []*entry
	for _, fixed := range []struct {
		name, about string
		layers      []layer
		batches     []int
	}{
		{"found", "v1, 15 layers, as the paper found it", found, []int{64, 128}},
		{"tiny", "six 3x3 layers of 24 to 48 filters", tiny, []int{64}},
	} {
		e, err := assemble(ctx, open, fixed.layers)
		if err != nil {
			return nil, fmt.Errorf("network %s: %w", fixed.name, err)
		}
		e.Name, e.About, e.Batches = fixed.name, fixed.about, fixed.batches
		list = append(list, e)
	}
	id := 0
	for _, d := range draws {
		for k := range d.times {
			id++
			e, err := draw(ctx, open, d.space, d.params, seed, id)
			if err != nil {
				return nil, fmt.Errorf("child %d of seed %d: %w", id, seed, err)
			}
			e.Name, e.About, e.Long = fmt.Sprintf("%s-%02d", d.space, id), d.space+" "+d.params, k >= d.short
			list = append(list, e)
		}
	}
	return list, nil
}

// assemble builds layers, which are all of v1's options.
func assemble(ctx context.Context, open bench.Opener, layers []layer) (*entry, error) {
	s, err := open(ctx, "v1", fmt.Sprintf(`{"layers":%d}`, len(layers)))
	if err != nil {
		return nil, err
	}
	option := map[string][]string{}
	for _, k := range s.Info().Kinds {
		option[k.ID] = k.Options
	}
	pick := func(kind string, value int) spec.Answer {
		return spec.Pick(slices.Index(option[kind], fmt.Sprint(value)))
	}
	var answers spec.Answers
	for _, l := range layers {
		var anchors []int
		for _, in := range l.inputs {
			anchors = append(anchors, in-1)
		}
		answers = append(answers, pick("filter_height", l.height), pick("filter_width", l.width), pick("filters", l.filters), spec.PickSet(anchors...))
	}
	return build(ctx, s, answers)
}

// draw draws a child uniformly, as a search by the strategy "random" does.
func draw(ctx context.Context, open bench.Opener, name, params string, seed uint64, id int) (*entry, error) {
	s, err := open(ctx, name, params)
	if err != nil {
		return nil, err
	}
	answers, err := bench.Draw(ctx, s, seed, id)
	if err != nil {
		return nil, err
	}
	e, err := build(ctx, s, answers)
	if err != nil {
		return nil, err
	}
	e.Drawn, e.Batches = true, []int{64}
	return e, nil
}

func build(ctx context.Context, s bench.Space, answers spec.Answers) (*entry, error) {
	network, err := s.Build(ctx, answers, cifar)
	if err != nil {
		return nil, err
	}
	plan, err := network.Infer()
	if err != nil {
		return nil, err
	}
	return &entry{Network: network, Plan: plan}, nil
}
