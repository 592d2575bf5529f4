package child

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// compileWith compiles net with or without concatenations restored.
func compileWith(t *testing.T, net *spec.Network, batch int, restore bool, o Options) *Program {
	t.Helper()
	plan, err := net.Infer()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newCompiler(net, plan, o, restore).compile(net, batch)
	if err != nil {
		t.Fatal(err)
	}
	p.allocate()
	return p
}

// poisonedStep runs a step in which whatever the memory plan does not keep is
// NaN, and returns the bits of the logits and of the gradient.
func (e *example) poisonedStep(training bool) []uint32 {
	nan := float32(math.NaN())
	for i := range e.program.arena {
		e.program.arena[i] = nan
	}
	for _, i := range e.program.indices {
		for k := range *i.of {
			(*i.of)[k] = math.MaxInt32
		}
	}
	bits := floatBits(e.forward(training))
	if training {
		e.program.Backward(e.labels)
		bits = append(bits, floatBits(e.program.Gradient())...)
	}
	return bits
}

func floatBits(x []float32) []uint32 {
	bits := make([]uint32, len(x))
	for i, v := range x {
		bits[i] = math.Float32bits(v)
	}
	return bits
}

// denselyJoined is a network of the paper's kind in which every layer reads all
// earlier ones: in parts, or whole, through a batch normalisation.
func denselyJoined(size, layers, filters int, whole bool) *spec.Network {
	var nodes []spec.Node
	outputs := []string{spec.InputName}
	for i := range layers {
		in := outputs[0]
		if len(outputs) > 1 {
			in = fmt.Sprint("join", i)
			nodes = append(nodes, from(in, spec.Node{Op: spec.OpConcat}, slices.Clone(outputs)...))
			if whole {
				nodes = append(nodes, from(in+" normalised", norm, in))
				in += " normalised"
			}
		}
		c, b, r := fmt.Sprint("conv", i), fmt.Sprint("norm", i), fmt.Sprint("relu", i)
		nodes = append(nodes, from(c, convNode(filters, 3, 3), in), from(b, norm, c), from(r, relu, b))
		outputs = append(outputs, r)
	}
	return network(size, size, 3, 10, append(nodes, global, denseNode(10))...)
}

// TestMemoryPlan holds programs that share memory against one in which nothing
// is shared: same bits, although everything is poisoned before each step.
func TestMemoryPlan(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for seed := range uint64(40) {
			net := randomNet(rand.New(rand.NewPCG(seed, 8)))
			if seed < 2 {
				net = denselyJoined(6, 4, 3, seed == 0)
			}
			plain := newExample(t, net, 3, 3, Options{unshared: true}, seed)
			shared, restored, inference := *plain, *plain, *plain
			shared.program = compileWith(t, net, 3, false, Options{BatchNorm: testNorm})
			restored.program = compileWith(t, net, 3, true, Options{BatchNorm: testNorm})
			inference.program = compileWith(t, net, 3, false, Options{BatchNorm: testNorm, Inference: true})
			for _, e := range []*example{&shared, &restored, &inference} {
				if err := e.program.Load(plain.program.Weights()); err != nil {
					t.Fatal(err)
				}
			}
			evaluated := plain.poisonedStep(false)
			if !slices.Equal(inference.poisonedStep(false), evaluated) {
				t.Errorf("seed %d: a program for inference has other logits", seed)
			}
			for range 2 {
				want := plain.poisonedStep(true)
				if slices.ContainsFunc(want, func(b uint32) bool { return math.IsNaN(float64(math.Float32frombits(b))) }) {
					t.Errorf("seed %d: a result is NaN", seed)
				}
				if !slices.Equal(shared.poisonedStep(true), want) {
					t.Errorf("seed %d: sharing memory changes the result", seed)
				}
				if !slices.Equal(restored.poisonedStep(true), want) {
					t.Errorf("seed %d: restoring concatenations changes the result", seed)
				}
			}
		}
	})
}

// TestMemorySaved: sharing and restoring save memory where there is something
// to save, and Bytes is what is held.
func TestMemorySaved(t *testing.T) {
	net := denselyJoined(8, 6, 8, true)
	apart := compileWith(t, net, 4, false, Options{BatchNorm: testNorm, unshared: true})
	shared := compileWith(t, net, 4, false, Options{BatchNorm: testNorm})
	restored := compileWith(t, net, 4, true, Options{BatchNorm: testNorm})
	inference := compileWith(t, net, 4, false, Options{BatchNorm: testNorm, Inference: true})
	for _, pair := range [][2]*Program{{apart, shared}, {shared, restored}, {restored, inference}} {
		if more, less := pair[0].Bytes(), pair[1].Bytes(); less > more*9/10 {
			t.Errorf("%d bytes, after %d", less, more)
		}
	}
	for _, b := range compileWith(t, denselyJoined(8, 6, 8, false), 4, false, Options{BatchNorm: testNorm}).buffers {
		if b.size > 8*8*8 {
			t.Errorf("a buffer of %d numbers, more than a convolution's output has", b.size)
		}
	}
	for _, p := range []*Program{apart, shared, restored, inference} {
		if held := 4 * int64(len(p.arena)+len(p.values)+len(p.grads)+len(p.sums)+len(p.filters)); p.Bytes() != held {
			t.Errorf("Bytes is %d, %d are held", p.Bytes(), held)
		}
	}
}

// TestArrange places random lifetimes: those that meet never overlap.
func TestArrange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var buffers []*buffer
		busiest, at := 0, make([]int, 40)
		for range 1 + rng.IntN(30) {
			b := newBuffer(1 + rng.IntN(50))
			b.touch(rng.IntN(40))
			b.touch(rng.IntN(40))
			for i := b.first; i <= b.last; i++ {
				at[i] += aligned(b.size * 3)
				busiest = max(busiest, at[i])
			}
			buffers = append(buffers, b)
		}
		total := arrange(buffers, 3, true)
		for i, a := range buffers {
			if a.offset%align != 0 || a.offset+a.size*3 > total {
				t.Fatalf("buffer at %d of %d numbers in an arena of %d", a.offset, a.size*3, total)
			}
			for _, b := range buffers[:i] {
				meet := a.first <= b.last && b.first <= a.last
				if meet && a.offset < b.offset+b.size*3 && b.offset < a.offset+a.size*3 {
					t.Fatalf("%+v and %+v overlap", *a, *b)
				}
			}
		}
		if total > 2*busiest {
			t.Errorf("%d numbers, although never more than %d are alive", total, busiest)
		}
	}
}

// TestMemoryRefusal: a child above the limit is a failed trial that says how
// much it needs; one that fits only with restored concatenations is trained.
func TestMemoryRefusal(t *testing.T) {
	net := denselyJoined(8, 6, 8, true)
	full, err := Compile(net, 4, Options{BatchNorm: testNorm, StateFloats: 1})
	if err != nil {
		t.Fatal(err)
	}
	need := full.Bytes() + 4*full.Params() + 100
	for _, limit := range []int64{need, need - 1} {
		p, err := Compile(net, 4, Options{BatchNorm: testNorm, StateFloats: 1, ReserveBytes: 100, MemoryBytes: limit})
		if err != nil {
			t.Fatal(err)
		}
		if restored := p.Bytes() < full.Bytes(); restored != (limit < need) {
			t.Errorf("limit %d of %d: %d bytes", limit, need, p.Bytes())
		}
	}
	_, err = Compile(net, 4, Options{BatchNorm: testNorm, MemoryBytes: 100 << 10})
	var failure *FailedError
	if !errors.As(err, &failure) || !strings.Contains(failure.Reason, "at batch 4, the limit is 0.1 MiB") {
		t.Errorf("error %v", err)
	}
	// Larger than any machine: refused before anything is allocated.
	_, err = Compile(denselyJoined(256, 30, 48, false), 4096, Options{BatchNorm: testNorm, MemoryBytes: 1 << 40})
	if !errors.As(err, &failure) {
		t.Errorf("error %v", err)
	}
}

func TestRefusals(t *testing.T) {
	text := &spec.Network{
		Task: spec.Task{Type: spec.TaskText, Input: []int{5}, Classes: 4},
		Nodes: []spec.Node{
			{Name: "e", Op: spec.OpEmbedding, Inputs: []string{"input"}, Units: 3, Vocabulary: 4},
			{Name: "d", Op: spec.OpDense, Inputs: []string{"e"}, Units: 4},
		},
		Output: "d",
	}
	var failure *FailedError
	if _, err := Compile(text, 2, Options{}); err == nil || errors.As(err, &failure) || !strings.Contains(err.Error(), "streams is 0") {
		t.Errorf("a text network without streams: %v", err)
	}
	bare := network(1, 1, 3, 3, flatten)
	if _, err := Compile(bare, 2, Options{BatchNorm: testNorm}); !errors.As(err, &failure) || !strings.Contains(failure.Reason, "no parameters") {
		t.Errorf("a network without parameters: %v", err)
	}
	invalid := network(4, 4, 1, 3, convNode(2, 3, 3))
	if _, err := Compile(invalid, 2, Options{BatchNorm: testNorm}); err == nil || errors.As(err, &failure) {
		t.Errorf("an invalid network: %v", err)
	}
	if _, err := Compile(smallNet(4, 4, 1, 2, 2), 0, Options{BatchNorm: testNorm}); err == nil {
		t.Error("a batch of 0 was accepted")
	}
}
