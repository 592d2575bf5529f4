package child

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// large is a network with every layer, on maps so large that there are several
// blocks and parts of a batch of 24.
func large() *spec.Network {
	half := func(n spec.Node) spec.Node { n.Stride = [2]int{2, 2}; return n }
	bias := func(n *spec.Node) { n.Bias = true }
	return network(32, 30, 2, 3,
		from("a", with(convNode(4, 3, 3), bias), "input"),
		from("b", norm, "a"),
		from("c", relu, "b"),
		from("d", spec.Node{Op: spec.OpConcat}, "c", "input", "a"),
		from("e", convNode(10, 3, 1), "d"), // by Winograd's method
		from("f", norm, "e"),
		from("g", actNode(spec.FuncTanh), "f"),
		from("h", spec.Node{Op: spec.OpDropout, Rate: 0.2}, "g"),
		from("i", with(convNode(10, 3, 3), func(n *spec.Node) { n.Groups = 2 }), "h"),
		from("j", spec.Node{Op: spec.OpAdd}, "i", "g", "e"),
		from("k", half(spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{2, 3}}), "j"),
		from("l", half(spec.Node{Op: spec.OpAvgPool, Kernel: [2]int{3, 2}}), "f"),
		from("m", spec.Node{Op: spec.OpConcat}, "k", "l", "d"), // of several sizes
		from("n", actNode(spec.FuncSin), "m"),
		from("o", denseNode(3), "n"),
		from("p", actNode(spec.FuncSigmoid), "o"),
		from("q", spec.Node{Op: spec.OpOneMinus}, "p"),
		from("r", spec.Node{Op: spec.OpMean, Rate: 0.3}, "q", "o", "p"),
		from("s", spec.Node{Op: spec.OpElemMult}, "r", "p", "q"),
		from("t", spec.Node{Op: spec.OpMean}, "s", "o"),
		from("u", spec.Node{Op: spec.OpPad, Filters: 5}, "t"),
		global, denseNode(3))
}

// TestFiltersFollowTheWeights: what is kept of the weights, packed or at
// Winograd's points, is made anew with them.
func TestFiltersFollowTheWeights(t *testing.T) {
	net := network(9, 8, 8, 3, convNode(9, 3, 3), relu, convNode(8, 1, 5), convNode(8, 2, 2), global, denseNode(3))
	trained := newExample(t, net, 2, 2, Options{winograd: true}, 1)
	inference := *trained
	inference.program = compileWith(t, net, 2, false, Options{Inference: true, BatchNorm: testNorm, winograd: true})
	if got := byWinograd(inference.program); got != 2 {
		t.Fatalf("%d convolutions by Winograd's method, want 2", got)
	}
	compare := func() {
		t.Helper()
		for range 2 {
			if !slices.Equal(floatBits(inference.forward(false)), floatBits(trained.forward(false))) {
				t.Error("a program for inference has other logits")
			}
		}
	}
	for seed := range uint64(2) {
		trained.program.Init(seed)
		if err := inference.program.Load(trained.program.Weights()); err != nil {
			t.Fatal(err)
		}
		compare()
	}
	inference.program.Init(7)
	trained.program.Init(7)
	compare()
	stepper := NewStepper(trained.program, Optimizer{Name: "nesterov", Momentum: 0.9})
	trained.forward(true)
	trained.program.Backward(trained.labels)
	stepper.Step(0.1)
	if err := inference.program.Load(trained.program.Weights()); err != nil {
		t.Fatal(err)
	}
	compare()
}

// byWinograd counts the convolutions by Winograd's method.
func byWinograd(p *Program) (n int) {
	for _, s := range p.steps {
		if l, ok := s.layer.(*conv); ok && l.winograd != nil {
			n++
		}
	}
	return n
}

// TestThreadsGiveTheSameBits compares steps of programs that differ in their
// threads, and in nothing else.
func TestThreadsGiveTheSameBits(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		var want []uint32
		for threads := range 4 {
			e := newExample(t, large(), 24, 24, Options{Threads: threads, winograd: true}, 1)
			stepper := NewStepper(e.program, Optimizer{Name: "adam", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: 0.1, Decay: "weights"})
			reseed(&e.program.dropping, 1, streamDropout, 1)
			var got []uint32
			for _, n := range []int{24, 24, 17, 1} {
				e.labels = e.labels[:n]
				e.input = e.input[:n*32*30*2]
				got = append(got, floatBits(e.forward(false))...)
				got = append(got, floatBits(e.forward(true))...)
				e.program.Backward(e.labels)
				got = append(got, floatBits(e.program.Gradient())...)
				stepper.Step(0.01)
			}
			got = append(got, floatBits(e.program.values)...)
			if threads == 0 {
				want = got
				continue
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d threads give other bits", threads)
			}
			if count := testing.AllocsPerRun(5, func() {
				e.forward(true)
				e.program.Backward(e.labels)
				stepper.Step(0.01)
			}); count != 0 {
				t.Errorf("%d threads: a step allocates %v times", threads, count)
			}
			e.program.Close()
		}
	})
}

// TestBlocks holds a network whose sums are those of several blocks against
// the float64 twin.
func TestBlocks(t *testing.T) {
	net := network(32, 32, 1, 3, with(convNode(2, 3, 3), func(n *spec.Node) { n.Bias = true }), norm, relu, convNode(2, 1, 2),
		spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{4, 4}, Stride: [2]int{4, 4}}, flatten, denseNode(3))
	e := newExample(t, net, 19, 19, Options{Threads: 2}, 2)
	defer e.program.Close()
	if l := e.program.steps[0].layer.(*conv); l.countBlocks(19) < 2 {
		t.Fatal("there is one block")
	}
	e.check(t)
}

// TestSweep deals out every item once, whatever the numbers, and passes on what
// a part panics with.
func TestSweep(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, threads := range []int{1, 2, 5} {
		p := &Program{threads: threads, team: kernels.NewTeam(threads)}
		defer p.team.Close()
		seen := make([]int, 100)
		w := p.sweep(func(_ *kernels.Scratch, _, from, to int) {
			for i := from; i < to; i++ {
				seen[i]++
			}
		})
		for range 200 {
			items, parts := rng.IntN(len(seen)), rng.IntN(20)
			clear(seen)
			w.runParts(items, parts)
			for i, n := range seen {
				if want := map[bool]int{true: 1}[i < items]; n != want {
					t.Fatalf("%d threads: item %d of %d was done %d times", threads, i, items, n)
				}
			}
		}
		w.do = func(_ *kernels.Scratch, _, from, to int) {
			if from <= 3 && 3 < to {
				panic("three")
			}
		}
		if got := recovered(func() { w.runParts(10, 10) }); got != "three" {
			t.Errorf("%d threads: panicked with %v", threads, got)
		}
		if got := recovered(func() { w.runParts(3, 10) }); got != nil {
			t.Errorf("%d threads: panicked with %v after a panic", threads, got)
		}
	}
}

// recovered is what f panics with.
func recovered(f func()) (problem any) {
	defer func() { problem = recover() }()
	f()
	return nil
}
