package controller

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/rnncell"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// toy is a space that answers a prefix from a function.
type toy struct {
	info spec.SpaceInfo
	next func(prefix spec.Answers) spec.Step
}

func (t *toy) Info() spec.SpaceInfo { return t.info }

func (t *toy) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return t.next(prefix), nil
}

func ask(d spec.Decision) spec.Step { return spec.Step{Decision: &d} }

func choiceKind(id string, options int) spec.Kind {
	k := spec.Kind{ID: id, Type: spec.Choice}
	for i := range options {
		k.Options = append(k.Options, fmt.Sprint(i))
	}
	return k
}

// grid asks n decisions of one kind with k options each.
func grid(n, k int) *toy {
	return &toy{
		info: spec.SpaceInfo{Name: "grid", MaxSteps: n, Kinds: []spec.Kind{choiceKind("cell", k)}},
		next: func(prefix spec.Answers) spec.Step {
			if len(prefix) == n {
				return spec.Step{Done: true}
			}
			return ask(spec.Decision{Kind: "cell", Name: fmt.Sprint("cell", len(prefix))})
		},
	}
}

// mixed has every type of decision: first the depth, 1 to deepest; then for each
// layer a size, a width that the size masks, and the anchors it is fed from,
// which announces the layer's own anchor; last a pointer to one layer and the
// size of what comes after it. The anchors decisions of layers from the second
// on leave out candidate 0 if the depth is the deepest and more than two layers
// lie below.
func mixed(deepest int) *toy {
	kinds := []spec.Kind{
		choiceKind("depth", deepest), choiceKind("size", 2), choiceKind("width", 3),
		{ID: "feed", Type: spec.AnchorSet}, {ID: "exit", Type: spec.Pointer},
	}
	return &toy{
		info: spec.SpaceInfo{Name: "mixed", MaxSteps: 3 + 3*deepest, Kinds: kinds},
		next: func(prefix spec.Answers) spec.Step {
			n := len(prefix)
			if n == 0 {
				return ask(spec.Decision{Kind: "depth", Name: "depth"})
			}
			depth := prefix[0].Index + 1
			layer, part := (n-1)/3, (n-1)%3
			if layer == depth {
				switch part {
				case 0:
					return ask(spec.Decision{Kind: "exit", Name: "exit", Candidates: upTo(depth)})
				case 1:
					return ask(spec.Decision{Kind: "size", Name: "last"})
				}
				return spec.Step{Done: true}
			}
			switch part {
			case 0:
				return ask(spec.Decision{Kind: "size", Name: fmt.Sprint("size", layer)})
			case 1:
				size := prefix[n-1].Index
				mask := []bool{true, size == 0, size == 1}
				if layer == 0 {
					mask = nil
				}
				return ask(spec.Decision{Kind: "width", Name: fmt.Sprint("width", layer), Mask: mask})
			}
			candidates := upTo(layer)
			if depth == deepest && layer > 2 {
				candidates = candidates[1:]
			}
			return ask(spec.Decision{Kind: "feed", Name: fmt.Sprint("feed", layer), Candidates: candidates, Anchor: true})
		},
	}
}

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// convolutional has the paper's six decisions for each of n layers.
func convolutional(n int) *toy {
	kinds := []spec.Kind{
		choiceKind("filter_height", 4), choiceKind("filter_width", 4), choiceKind("stride_height", 3),
		choiceKind("stride_width", 3), choiceKind("filters", 4), {ID: "skip", Type: spec.AnchorSet},
	}
	var steps []spec.Step
	for i := range 6 * n {
		k := kinds[i%6]
		d := spec.Decision{Kind: k.ID, Name: fmt.Sprintf("layer%d/%s", i/6, k.ID)}
		if k.Type == spec.AnchorSet {
			d.Anchor, d.Candidates = true, upTo(i/6)
		}
		steps = append(steps, ask(d))
	}
	steps = append(steps, spec.Step{Done: true})
	return &toy{
		info: spec.SpaceInfo{Name: "convolutional", MaxSteps: 6 * n, Kinds: kinds},
		next: func(prefix spec.Answers) spec.Step { return steps[len(prefix)] },
	}
}

// cells is the space of recurrent cells that are trees, under params.
func cells(t testing.TB, params string) *toy {
	t.Helper()
	s, err := rnncell.Module().Space("tree", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	return &toy{
		info: s.Info(),
		next: func(prefix spec.Answers) spec.Step {
			step, err := s.Next(prefix)
			if err != nil {
				t.Fatal(err)
			}
			return step
		},
	}
}

// smallCells are the params of a space of 2,304 cells of base 2.
const smallCells = `{"base":2,"combinations":["add","elem_mult"],"activations":["tanh","relu"]}`

// enumerate returns every episode of a space.
func enumerate(t testing.TB, s *toy) []Episode {
	t.Helper()
	var all []Episode
	var walk func(e Episode)
	walk = func(e Episode) {
		step := s.next(e.Answers)
		if step.Done {
			e.ID = len(all)
			all = append(all, e)
			return
		}
		for _, a := range replies(s.info, step.Decision) {
			walk(Episode{Steps: append(slices.Clip(e.Steps), step), Answers: append(slices.Clip(e.Answers), a)})
		}
	}
	walk(Episode{})
	return all
}

// replies lists every legal answer to a decision.
func replies(info spec.SpaceInfo, d *spec.Decision) []spec.Answer {
	var all []spec.Answer
	k := info.Kinds[slices.IndexFunc(info.Kinds, func(k spec.Kind) bool { return k.ID == d.Kind })]
	switch k.Type {
	case spec.Choice:
		for i := range k.Options {
			if d.Mask == nil || d.Mask[i] {
				all = append(all, spec.Pick(i))
			}
		}
	case spec.Pointer:
		for _, j := range d.Candidates {
			all = append(all, spec.Pick(j))
		}
	case spec.AnchorSet:
		for bits := range 1 << len(d.Candidates) {
			var set []int
			for i, j := range d.Candidates {
				if bits>>i&1 == 1 {
					set = append(set, j)
				}
			}
			all = append(all, spec.PickSet(set...))
		}
	}
	return all
}

func name(e Episode) string { return fmt.Sprint(e.Answers) }

// small is a configuration whose weights are large enough to leave the region
// where every function is linear, and few enough for central differences.
func small() Config {
	c := Default()
	c.Units, c.Embedding, c.InitRange = 5, 5, 0.7
	return c
}

func newController(t testing.TB, c Config, s *toy, seed uint64) *Controller {
	t.Helper()
	p, err := New(c, s.info.Kinds, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sample(t testing.TB, c *Controller, s Space, seed, id uint64) Episode {
	t.Helper()
	e, err := c.Sample(context.Background(), s, rand.New(rand.NewPCG(seed, id)))
	if err != nil {
		t.Fatal(err)
	}
	e.ID = int(id)
	return e
}

func samples(t testing.TB, c *Controller, s Space, seed uint64, n int) []Episode {
	t.Helper()
	var all []Episode
	for i := range n {
		all = append(all, sample(t, c, s, seed, uint64(i)))
	}
	return all
}

// everyLevel runs f at each kernel level of this machine.
func everyLevel(t *testing.T, f func(t *testing.T)) {
	for _, l := range kernels.Levels() {
		t.Run(string(l), func(t *testing.T) {
			restore, err := kernels.Use(l)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			f(t)
		})
	}
}
