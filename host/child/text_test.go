package child

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// textNetwork makes a text network as network makes one of images.
func textNetwork(vocabulary int, nodes ...spec.Node) *spec.Network {
	net := network(1, 1, 1, vocabulary, nodes...)
	net.Task = spec.Task{Type: spec.TaskText, Input: []int{5}, Classes: vocabulary}
	return net
}

func embeddingNode(vocabulary, units int) spec.Node {
	return spec.Node{Op: spec.OpEmbedding, Vocabulary: vocabulary, Units: units}
}

// recurrentNode has layers of a named cell, and drops its state at a rate.
func recurrentNode(name string, units, layers int, rate float64) spec.Node {
	c, err := cell.Named(name)
	if err != nil {
		panic(err)
	}
	return spec.Node{Op: spec.OpRecurrent, Cell: c, Units: units, Layers: layers, Rate: rate, Variational: rate > 0}
}

func dropNode(rate float64, variational bool) spec.Node {
	return spec.Node{Op: spec.OpDropout, Rate: rate, Variational: variational}
}

// textNetworks are language models of 7 words with everything that can be in one.
func textNetworks() map[string]*spec.Network {
	const v = 7
	tied := spec.Node{Op: spec.OpDense, Units: v, Tied: "e", Bias: true}
	return map[string]*spec.Network{
		"lstm": textNetwork(v, embeddingNode(v, 5), dropNode(0.3, true), recurrentNode("lstm", 6, 2, 0.25), dropNode(0.4, false), denseNode(v)),
		"tied": textNetwork(v, from("e", embeddingNode(v, 5), "input"), dropNode(0.4, false), recurrentNode("gru", 4, 1, 0), dropNode(0.3, true),
			recurrentNode("gru", 5, 1, 0.3), tied),
		"no bias": textNetwork(v, embeddingNode(v, 4), recurrentNode("rhn-2", 4, 1, 0.2), spec.Node{Op: spec.OpDense, Units: v}),
		"joins": textNetwork(v,
			from("e", embeddingNode(v, 4), "input"), from("r", recurrentNode("nascell", 3, 1, 0), "e"), from("j", spec.Node{Op: spec.OpConcat}, "r", "e", "r"),
			from("n", norm, "j"), from("a", actNode(spec.FuncTanh), "n"), from("s", spec.Node{Op: spec.OpAdd}, "a", "j"),
			from("d", denseNode(3), "s"), from("k", spec.Node{Op: spec.OpConcat}, "d", "e"), from("l", recurrentNode("lstm", 5, 1, 0), "k"), denseNode(v), actNode(spec.FuncIdentity)),
		"gates": textNetwork(v, from("e", embeddingNode(v, 4), "input"), from("r", recurrentNode("gru", 4, 1, 0), "e"),
			from("t", actNode(spec.FuncSigmoid), "r"), from("c", spec.Node{Op: spec.OpOneMinus}, "t"),
			from("n", spec.Node{Op: spec.OpElemMult}, "t", "r"), from("o", spec.Node{Op: spec.OpElemMult}, "c", "e"),
			from("m", spec.Node{Op: spec.OpMean}, "n", "o", "e"), from("p", spec.Node{Op: spec.OpPad, Filters: 6}, "m"), denseNode(v)),
		"no recurrence": textNetwork(v, embeddingNode(v, 3), relu, denseNode(v)),
		"tables": textNetwork(v, from("e", embeddingNode(v, 3), "input"), from("f", embeddingNode(v, 4), "input"),
			from("j", spec.Node{Op: spec.OpConcat}, "e", "f"), from("r", recurrentNode("gru", 3, 1, 0), "j"), tied),
		"whole logits": textNetwork(v, embeddingNode(v, 4), recurrentNode("gru", 3, 1, 0), denseNode(v), actNode(spec.FuncTanh)),
		"logits read twice": textNetwork(v, embeddingNode(v, 4), from("d", denseNode(v), "n0"), from("t", actNode(spec.FuncSin), "d"),
			from("s", spec.Node{Op: spec.OpAdd}, "d", "t")),
	}
}

// passage is a program in the middle of training on a text, and its float64
// twin.
type passage struct {
	program *Program
	twin    *reference
	rng     *rand.Rand
}

func newPassage(t *testing.T, net *spec.Network, steps, streams int, o Options, seed uint64) *passage {
	t.Helper()
	o.Streams, o.BatchNorm = streams, testNorm
	p, err := Compile(net, steps, o)
	if err != nil {
		t.Fatal(err)
	}
	if plan, _ := net.Infer(); p.Params() != plan.Params {
		t.Errorf("%d parameters, the plan has %d", p.Params(), plan.Params)
	}
	p.InitUniform(seed, 0.7)
	twin := &reference{net: net, epsilon: testNorm.Epsilon, training: true, streams: streams, params: map[string][]float64{}, masks: map[string][]float64{}}
	for _, q := range p.params {
		twin.params[q.name] = widen(q.value)
	}
	return &passage{p, twin, rand.New(rand.NewPCG(seed, 77))}
}

// draw makes tokens and labels of a window, with repeated ones among them.
func (e *passage) draw(steps int) (tokens, labels []int32) {
	for range steps * e.program.streams {
		tokens = append(tokens, int32(e.rng.IntN(5)))
		labels = append(labels, int32(e.rng.IntN(7)))
	}
	return tokens, labels
}

// learn runs a window forward and backward, and tells the twin the masks.
func (e *passage) learn(tokens, labels []int32) (loss float64) {
	steps := e.program.examples(labels)
	copy(e.program.Tokens(steps), tokens)
	e.program.Forward(steps, true)
	at := 0
	for _, s := range e.program.steps {
		switch l := s.layer.(type) {
		case *dropout:
			for e.twin.net.Nodes[at].Op != spec.OpDropout {
				at++
			}
			mask := l.shared
			if mask != nil {
				mask = slices.Repeat(mask, steps)
			} else {
				mask = l.mask.of(0, steps)
			}
			e.twin.masks[e.twin.net.Nodes[at].Name] = widen(mask)
			at++
		case *recurrent:
			if l.active != nil {
				e.twin.masks[l.params[0].name[:len(l.params[0].name)-len("."+l.cell.Params()[0].Name+".weight")]] = widen(l.active)
			}
		}
	}
	loss, _ = e.program.Backward(labels)
	return loss
}

// checkGradients compares the gradient of each parameter tensor with central
// differences of the twin's loss.
func (e *passage) checkGradients(t *testing.T, tokens, labels []int32, scale float64) {
	t.Helper()
	const h = 1e-6
	largest := 0.0
	for _, g := range e.program.Gradient() {
		largest = max(largest, math.Abs(float64(g)))
	}
	if largest == 0 {
		t.Error("the whole gradient is 0")
	}
	for _, q := range e.program.params {
		if !q.learned() {
			continue
		}
		for i := 0; i < len(q.value); i += (len(q.value) + 7) / 8 {
			w := &e.twin.params[q.name][i]
			old := *w
			*w = old + h
			up := e.twin.window(tokens, labels)
			*w = old - h
			down := e.twin.window(tokens, labels)
			*w = old
			want, got := scale*(up-down)/(2*h), float64(q.grad[i])
			if d := math.Abs(got - want); !(d <= 2e-4*math.Abs(want)+2e-5*largest) {
				t.Errorf("d%s[%d] is %v, central difference %v", q.name, i, got, want)
			}
		}
	}
}

// TestTextGradients holds language models against their float64 twins over
// three windows, the last one shorter: losses with carried states and masks,
// and gradients that end at the window's start.
func TestTextGradients(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for name, net := range textNetworks() {
			t.Run(name, func(t *testing.T) {
				for _, sum := range []bool{false, true} {
					e := newPassage(t, net, 4, 3, Options{SumSteps: sum, Threads: 2}, 5)
					for _, steps := range []int{4, 4, 3} {
						tokens, labels := e.draw(steps)
						loss := e.learn(tokens, labels) / float64(len(labels))
						if want := e.twin.window(tokens, labels); math.Abs(loss-want) > 1e-5*(1+want) {
							t.Errorf("loss %v, want %v", loss, want)
						}
						after := e.twin.after
						scale := 1.0
						if sum {
							scale = float64(steps)
						}
						e.checkGradients(t, tokens, labels, scale)
						e.twin.before = after
					}
					e.program.Close()
				}
			})
		}
	})
}

// TestTextMemoryPlan: programs whose buffers share memory give the bits of one
// in which nothing is shared, although everything is poisoned before each step,
// and hold the memory that Bytes says.
func TestTextMemoryPlan(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for name, net := range textNetworks() {
			plain := newPassage(t, net, 4, 3, Options{unshared: true}, 2)
			shared := newPassage(t, net, 4, 3, Options{}, 2)
			for range 2 {
				tokens, labels := plain.draw(4)
				var want []uint32
				for _, e := range []*passage{plain, shared} {
					kernels.Fill(e.program.arena, float32(math.NaN()))
					loss := float32(e.learn(tokens, labels))
					got := append(floatBits(e.program.Gradient()), math.Float32bits(loss))
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s: sharing memory changes the result", name)
					}
					if slices.ContainsFunc(e.program.Gradient(), func(g float32) bool { return g != g }) {
						t.Errorf("%s: a gradient is NaN", name)
					}
				}
			}
			if shared.program.Bytes() >= plain.program.Bytes() && len(net.Nodes) > 4 {
				t.Errorf("%s: %d bytes with shared memory, %d without", name, shared.program.Bytes(), plain.program.Bytes())
			}
			p := shared.program
			held := 4 * int64(len(p.arena)+len(p.values)+len(p.grads)+len(p.tokens)+len(p.filters))
			for _, f := range p.fixed {
				held += 4 * int64(len(*f.of))
			}
			for _, l := range p.holders {
				switch l := l.(type) {
				case *embedding:
					held += 4 * int64(cap(l.rows)+len(l.first)+len(l.next))
				case *recurrent:
					held += l.cell.Bytes()
				case *classifier:
					held += 4*int64(len(l.logits)+len(l.sums)) + 8*int64(len(l.losses)) + int64(len(l.hits))
				}
			}
			if p.Bytes() != held {
				t.Errorf("%s: Bytes is %d, %d are held", name, p.Bytes(), held)
			}
		}
	})
}

func TestTextRefusals(t *testing.T) {
	const v = 7
	lstm := recurrentNode("lstm", 3, 1, 0)
	linear := slices.IndexFunc(lstm.Cell.Nodes, func(n spec.CellNode) bool { return n.Op == spec.CellLinear })
	for want, net := range map[string]*spec.Network{
		"only the one that yields the logits": textNetwork(v, from("e", embeddingNode(v, 3), "input"),
			spec.Node{Op: spec.OpDense, Units: v, Tied: "e"}, relu, denseNode(v)),
		"two parameters would be called": textNetwork(v, embeddingNode(v, 3), from("a", lstm, "n0"),
			from("a."+lstm.Cell.Nodes[linear].Name, denseNode(3), "a"), denseNode(v)),
	} {
		_, err := Compile(net, 2, Options{Streams: 2, BatchNorm: testNorm})
		if failure, ok := err.(*FailedError); !ok || !strings.Contains(failure.Reason, want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	net := textNetwork(v, embeddingNode(v, 300), recurrentNode("lstm", 300, 1, 0), denseNode(v))
	_, err := Compile(net, 20, Options{Streams: 30, MemoryBytes: 1 << 20})
	if failure, ok := err.(*FailedError); !ok || !strings.Contains(failure.Reason, "MiB with windows of 20 steps of 30 streams, the limit is 1.0 MiB") {
		t.Errorf("error %v", err)
	}
}

// TestTextThreadsGiveTheSameBits: in windows so large that threads share every
// layer's work, no number of them changes a bit, and none allocates.
func TestTextThreadsGiveTheSameBits(t *testing.T) {
	const v, streams = 3001, 8
	untied := textNetwork(v, embeddingNode(v, 72), dropNode(0.2, true), recurrentNode("lstm", 72, 2, 0.2), dropNode(0.2, false), denseNode(v))
	tied := textNetwork(v, from("e", embeddingNode(v, 64), "input"), recurrentNode("gru", 64, 1, 0), spec.Node{Op: spec.OpDense, Units: v, Tied: "e"})
	everyLevel(t, func(t *testing.T) {
		for _, net := range []*spec.Network{untied, tied} {
			var want []uint32
			for threads := 1; threads <= 3; threads++ {
				e := newPassage(t, net, 12, streams, Options{Threads: threads}, 1)
				e.program.classifier.block = 70
				stepper := NewStepper(e.program, Optimizer{Name: "sgd", LR: 1})
				var got []uint32
				for _, steps := range []int{12, 9} {
					tokens, labels := e.draw(steps)
					got = append(got, math.Float32bits(float32(e.learn(tokens, labels))))
					got = append(got, floatBits(e.program.Gradient())...)
					stepper.Clip(0.5)
					stepper.Step(0.5)
				}
				got = append(got, floatBits(e.program.Learned())...)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d threads give other bits", threads)
				}
				labels := make([]int32, 9*streams)
				if count := testing.AllocsPerRun(2, func() {
					e.program.Forward(9, true)
					e.program.Backward(labels)
					stepper.Clip(0.5)
					stepper.Step(0.1)
				}); count != 0 {
					t.Errorf("%d threads: a step allocates %v times", threads, count)
				}
				e.program.Close()
			}
		}
	})
}
