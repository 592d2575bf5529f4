package child

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// everyLevel runs f at every kernel level of this machine.
func everyLevel(t *testing.T, f func(t *testing.T)) {
	for _, level := range kernels.Levels() {
		t.Run(string(level), func(t *testing.T) {
			restore, err := kernels.Use(level)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			f(t)
		})
	}
}

var testNorm = BatchNorm{Epsilon: 1e-3, Momentum: 0.1}

// example is a program in the middle of training, with a batch.
type example struct {
	net     *spec.Network
	program *Program
	input   []float32 // the program's memory does not keep it
	labels  []int32
}

// newExample compiles net for batch examples and fills it with n of them and
// with parameters that are nothing special: biases are not 0, gammas not 1.
func newExample(t *testing.T, net *spec.Network, batch, n int, o Options, seed uint64) *example {
	t.Helper()
	o.BatchNorm = testNorm
	p, err := Compile(net, batch, o)
	if err != nil {
		t.Fatal(err)
	}
	if plan, _ := net.Infer(); p.Params() != plan.Params {
		t.Errorf("%d parameters, the plan has %d", p.Params(), plan.Params)
	}
	p.Init(seed)
	rng := rand.New(rand.NewPCG(seed, 99))
	for _, q := range p.params {
		if q.role != roleWeight {
			for i := range q.value {
				q.value[i] += 0.5 * rng.Float32()
			}
		}
	}
	in := net.Task.Input
	e := &example{net: net, program: p, input: make([]float32, n*in[0]*in[1]*in[2]), labels: make([]int32, n)}
	for i := range e.input {
		e.input[i] = float32(rng.NormFloat64())
	}
	for i := range e.labels {
		e.labels[i] = int32(rng.IntN(net.Task.Classes))
	}
	return e
}

// forward runs the program on the example's batch.
func (e *example) forward(training bool) []float32 {
	n := len(e.labels)
	copy(e.program.Input(n), e.input)
	return e.program.Forward(n, training)
}

// reference is the float64 twin of the program as it is after a forward pass.
func (e *example) reference(training bool) *reference {
	r := &reference{net: e.net, epsilon: testNorm.Epsilon, training: training, params: map[string][]float64{}, masks: map[string][]float64{}}
	for _, q := range e.program.params {
		r.params[q.name] = widen(q.value)
	}
	for name, l := range dropouts(e.net, e.program) {
		r.masks[name] = widen(l.mask.of(0, len(e.labels)))
	}
	for name, l := range means(e.net, e.program) {
		r.masks[name] = widen(l.weights.of(0, len(e.labels)))
	}
	return r
}

// dropouts pairs the program's dropout layers with their nodes, which come in
// the same order in the networks of these tests.
func dropouts(net *spec.Network, p *Program) map[string]*dropout {
	all := map[string]*dropout{}
	at := 0
	for _, s := range p.steps {
		if l, ok := s.layer.(*dropout); ok {
			for net.Nodes[at].Op != spec.OpDropout || net.Nodes[at].Rate == 0 {
				at++
			}
			all[net.Nodes[at].Name] = l
			at++
		}
	}
	return all
}

// means pairs the program's means with drop-path with their nodes: both are in
// the order of the plan.
func means(net *spec.Network, p *Program) map[string]*mean {
	var layers []*mean
	for _, s := range p.steps {
		if l, ok := s.layer.(*mean); ok && l.rate != 0 {
			layers = append(layers, l)
		}
	}
	all := map[string]*mean{}
	plan, _ := net.Infer()
	for _, node := range plan.Nodes {
		if n := net.Nodes[node.Index]; n.Op == spec.OpMean && n.Rate != 0 {
			all[n.Name], layers = layers[0], layers[1:]
		}
	}
	return all
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// check holds the program against its float64 twin: logits in training and in
// evaluation, running statistics, the loss, and the gradient of every parameter
// tensor against central differences of the twin's loss.
func (e *example) check(t *testing.T) {
	t.Helper()
	n := len(e.labels)
	before := map[string][]float32{}
	for _, q := range e.program.params {
		before[q.name] = append([]float32(nil), q.value...)
	}
	near(t, "logits in evaluation", e.forward(false), e.reference(false).logits(widen(e.input)).data, 1e-4)
	got := append([]float32(nil), e.forward(true)...)
	twin := e.reference(true)
	near(t, "logits in training", got, twin.logits(widen(e.input)).data, 1e-4)
	e.checkStatistics(t, twin, before)

	loss, _ := e.program.Backward(e.labels)
	want := twin.loss(widen(e.input), e.labels)
	if math.Abs(loss/float64(n)-want) > 1e-4*(1+math.Abs(want)) {
		t.Errorf("loss is %v, want %v", loss/float64(n), want)
	}
	e.checkGradients(t, twin)
}

// checkStatistics expects running statistics one step on from before.
func (e *example) checkStatistics(t *testing.T, twin *reference, before map[string][]float32) {
	t.Helper()
	for i := range e.net.Nodes {
		node := &e.net.Nodes[i]
		if _, live := twin.values[node.Name]; node.Op != spec.OpBatchNorm || !live {
			continue
		}
		x := twin.values[node.Inputs[0]]
		mean, variance := moments(x)
		rows := float64(len(x.data) / x.c)
		for c := range mean {
			mean[c] = 0.9*float64(before[node.Name+".mean"][c]) + 0.1*mean[c]
			old := float64(before[node.Name+".variance"][c])
			if rows == 1 { // nothing is known of the variance
				variance[c] = old
				continue
			}
			variance[c] = 0.9*old + 0.1*variance[c]*rows/(rows-1)
		}
		near(t, node.Name+".mean", e.tensor(node.Name+".mean").value, mean, 1e-4)
		near(t, node.Name+".variance", e.tensor(node.Name+".variance").value, variance, 1e-4)
	}
}

func (e *example) tensor(name string) *param {
	for _, q := range e.program.params {
		if q.name == name {
			return q
		}
	}
	return nil
}

// checkGradients compares at most 8 numbers of each parameter tensor. The
// step of the differences is small enough that no ReLU or pool changes sides
// between them, and float64 wide enough for it.
func (e *example) checkGradients(t *testing.T, twin *reference) {
	t.Helper()
	const h = 1e-6
	input := widen(e.input)
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
		stride := (len(q.value) + 7) / 8
		for i := 0; i < len(q.value); i += stride {
			w := &twin.params[q.name][i]
			old := *w
			*w = old + h
			up := twin.loss(input, e.labels)
			*w = old - h
			down := twin.loss(input, e.labels)
			*w = old
			want, got := (up-down)/(2*h), float64(q.grad[i])
			if d := math.Abs(got - want); !(d <= 2e-4*math.Abs(want)+2e-5*largest) {
				t.Errorf("d%s[%d] is %v, central difference %v", q.name, i, got, want)
			}
		}
	}
}

// near reports numbers that differ by more than tolerance times the largest.
func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	largest := 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range want {
		if d := math.Abs(float64(got[i]) - v); !(d <= tolerance*largest) {
			t.Errorf("%s[%d] is %v, want %v", what, i, got[i], v)
			return
		}
	}
}

// TestOperations checks every operation in every shape that it can take, each
// before a convolution and after one, so that it both yields and passes on
// gradients.
func TestOperations(t *testing.T) {
	window := func(op spec.Op, h, w int, f func(n *spec.Node)) spec.Node {
		return with(spec.Node{Op: op, Kernel: [2]int{h, w}, Filters: map[spec.Op]int{spec.OpConv2D: 6}[op]}, f)
	}
	stride := func(h, w int) func(n *spec.Node) { return func(n *spec.Node) { n.Stride = [2]int{h, w} } }
	valid := func(h, w int) func(n *spec.Node) {
		return func(n *spec.Node) { n.Padding, n.Stride = spec.Valid, [2]int{h, w} }
	}
	plain := func(*spec.Node) {}
	ops := map[string]spec.Node{
		"conv 1x1":          window(spec.OpConv2D, 1, 1, plain),
		"conv 3x3":          window(spec.OpConv2D, 3, 3, plain),
		"conv even 2x4":     window(spec.OpConv2D, 2, 4, plain),
		"conv 7x1 > map":    window(spec.OpConv2D, 7, 1, plain),
		"conv bias":         window(spec.OpConv2D, 3, 1, func(n *spec.Node) { n.Bias = true }),
		"conv stride 2x3":   window(spec.OpConv2D, 3, 5, stride(2, 3)),
		"conv 1x1 stride 3": window(spec.OpConv2D, 1, 1, stride(3, 3)),
		"conv valid":        window(spec.OpConv2D, 3, 2, valid(1, 1)),
		"conv valid stride": window(spec.OpConv2D, 2, 3, valid(2, 3)),
		"conv dilation":     window(spec.OpConv2D, 3, 3, func(n *spec.Node) { n.Dilation = [2]int{2, 3} }),
		"conv all": window(spec.OpConv2D, 3, 2, func(n *spec.Node) {
			n.Dilation, n.Stride, n.Groups, n.Padding, n.Bias = [2]int{2, 1}, [2]int{1, 2}, 3, spec.Valid, true
		}),
		"conv groups":       window(spec.OpConv2D, 3, 3, func(n *spec.Node) { n.Groups = 2 }),
		"conv depthwise":    window(spec.OpConv2D, 3, 3, func(n *spec.Node) { n.Groups = 6 }),
		"batchnorm":         norm,
		"relu":              relu,
		"tanh":              actNode(spec.FuncTanh),
		"sigmoid":           actNode(spec.FuncSigmoid),
		"sin":               actNode(spec.FuncSin),
		"identity":          actNode(spec.FuncIdentity),
		"maxpool 2x2":       window(spec.OpMaxPool, 2, 2, stride(2, 2)),
		"maxpool 3x2 over":  window(spec.OpMaxPool, 3, 2, stride(1, 2)),
		"maxpool valid":     window(spec.OpMaxPool, 2, 3, valid(2, 1)),
		"avgpool 2x2":       window(spec.OpAvgPool, 2, 2, stride(2, 2)),
		"avgpool 3x3 over":  window(spec.OpAvgPool, 3, 3, stride(2, 1)),
		"avgpool valid":     window(spec.OpAvgPool, 3, 2, valid(1, 2)),
		"dense on a map":    denseNode(5),
		"dense without":     {Op: spec.OpDense, Units: 4},
		"dropout":           {Op: spec.OpDropout, Rate: 0.3},
		"dropout off":       {Op: spec.OpDropout},
		"concat with self":  {Op: spec.OpConcat, Inputs: []string{"front", "front"}},
		"add with self":     {Op: spec.OpAdd, Inputs: []string{"front", "front"}},
		"product with self": {Op: spec.OpElemMult, Inputs: []string{"front", "front", "front"}},
		"mean with self":    {Op: spec.OpMean, Inputs: []string{"front", "front"}},
		"drop-path":         {Op: spec.OpMean, Inputs: []string{"front", "front", "front"}, Rate: 0.4},
		"one minus":         {Op: spec.OpOneMinus},
		"pad":               {Op: spec.OpPad, Filters: 11},
		"pad by nothing":    {Op: spec.OpPad, Filters: 6},
		"concat with input": {Op: spec.OpConcat, Inputs: []string{"input", "front"}},
	}
	everyLevel(t, func(t *testing.T) {
		for name, op := range ops {
			t.Run(name, func(t *testing.T) {
				front := with(convNode(6, 3, 3), func(n *spec.Node) { n.Name = "front" })
				for seed, net := range []*spec.Network{
					network(7, 5, 3, 3, front, op, convNode(4, 3, 3), global, denseNode(3)),
					network(6, 9, 6, 3, with(convNode(6, 2, 2), func(n *spec.Node) { n.Name, n.Bias = "front", true }), norm, relu, op, flatten, denseNode(3)),
				} {
					newExample(t, net, 4, 3, Options{}, uint64(seed)).check(t)
				}
			})
		}
	})
}

// TestFirstOperation checks operations that read the network's input, whose
// gradient nobody wants.
func TestFirstOperation(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		newExample(t, network(5, 6, 2, 3, flatten, denseNode(3)), 3, 3, Options{}, 1).check(t)
		// Batch normalisation of a single row: its variance is 0.
		newExample(t, network(2, 2, 2, 3, flatten, denseNode(4), norm, relu, denseNode(3)), 3, 1, Options{}, 1).check(t)
		for i, first := range []spec.Node{convNode(4, 3, 3), norm, relu, denseNode(3), {Op: spec.OpMaxPool, Kernel: [2]int{2, 2}}} {
			newExample(t, network(5, 6, 2, 3, first, flatten, denseNode(3)), 3, 3, Options{}, uint64(i)).check(t)
		}
	})
}

// TestJoins checks concatenations of maps of different sizes, sums, and values
// that many read.
func TestJoins(t *testing.T) {
	half := func(n spec.Node, h, w int) spec.Node { n.Stride = [2]int{h, w}; return n }
	nets := map[string]*spec.Network{
		"sizes": network(8, 7, 2, 3,
			from("a", convNode(3, 3, 3), "input"),
			from("b", half(convNode(4, 3, 3), 2, 2), "a"),
			from("c", half(convNode(2, 1, 1), 3, 1), "a"),
			from("d", spec.Node{Op: spec.OpConcat}, "b", "a", "input", "c"),
			from("e", norm, "d"), relu, convNode(4, 2, 2), global, denseNode(3)),
		"parts": network(6, 5, 2, 3,
			from("a", convNode(3, 3, 3), "input"),
			from("b", norm, "a"),
			from("c", relu, "b"),
			from("d", spec.Node{Op: spec.OpConcat}, "c", "input", "c", "a"), // read by two, c and a in others too
			from("e", convNode(4, 3, 3), "d"),
			from("f", convNode(4, 2, 1), "d"),
			from("g", actNode(spec.FuncIdentity), "d"),
			from("h", spec.Node{Op: spec.OpDropout, Rate: 0.3}, "e"),
			from("i", relu, "f"),
			from("j", spec.Node{Op: spec.OpConcat}, "g", "h", "i", "b"), // nested, by way of an alias
			from("k", half(convNode(4, 3, 2), 2, 1), "j"),
			from("l", spec.Node{Op: spec.OpConcat}, "k", "j"), // of two sizes
			from("m", convNode(3, 2, 2), "l"),
			global, denseNode(3)),
		"parts for Winograd": network(8, 7, 2, 3,
			from("a", convNode(9, 3, 3), "input"),
			from("b", relu, "a"),
			from("c", spec.Node{Op: spec.OpConcat}, "b", "input", "a", "b"),
			from("d", with(convNode(8, 3, 5), func(n *spec.Node) { n.Bias = true }), "c"),
			from("e", norm, "d"),
			from("f", spec.Node{Op: spec.OpConcat}, "c", "e"),
			from("g", convNode(8, 7, 1), "f"),
			from("h", relu, "g"),
			from("i", with(convNode(10, 1, 3), func(n *spec.Node) { n.Padding = spec.Valid }), "h"),
			from("j", half(convNode(8, 3, 3), 2, 3), "f"),
			from("k", spec.Node{Op: spec.OpConcat}, "i", "j", "f"), // of several sizes, and yet whole
			from("l", convNode(9, 3, 3), "k"),
			from("m", spec.Node{Op: spec.OpConcat}, "j", "l", "i"), // of several sizes
			global, denseNode(3)),
		"not in parts": network(6, 5, 2, 3,
			from("a", convNode(3, 3, 3), "input"),
			from("b", spec.Node{Op: spec.OpConcat}, "a", "input", "a"), // read by a group, a pool and a convolution
			from("c", with(convNode(4, 3, 3), func(n *spec.Node) { n.Groups = 2 }), "b"),
			from("d", convNode(2, 3, 3), "b"),
			from("e", spec.Node{Op: spec.OpConcat}, "b", "c", "d"),
			from("f", convNode(2, 3, 3), "e"),
			from("g", spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{2, 2}}, "b"),
			from("h", spec.Node{Op: spec.OpConcat}, "f", "g"),
			from("i", flatten, "h"),
			denseNode(3)),
		"gates": network(6, 5, 2, 3, // as in a highway network
			from("x", convNode(4, 3, 3), "input"),
			from("h", with(convNode(4, 3, 3), func(n *spec.Node) { n.Bias = true }), "x"),
			from("i", relu, "h"),
			from("z", convNode(4, 1, 1), "x"),
			from("t", actNode(spec.FuncSigmoid), "z"),
			from("c", spec.Node{Op: spec.OpOneMinus}, "t"),
			from("a", spec.Node{Op: spec.OpElemMult}, "t", "i"),
			from("b", spec.Node{Op: spec.OpElemMult}, "c", "x"),
			from("y", spec.Node{Op: spec.OpAdd}, "a", "b"),
			from("w", spec.Node{Op: spec.OpElemMult}, "y", "c", "x", "i"),
			from("r", relu, "w"),
			global, denseNode(3)),
		"fractal": network(6, 5, 2, 3,
			from("a", convNode(4, 3, 3), "input"),
			from("b", convNode(4, 3, 3), "input"),
			from("c", spec.Node{Op: spec.OpMean, Rate: 0.5}, "a", "b"),
			from("d", norm, "c"), // overwrites nothing that others read
			from("e", relu, "d"),
			from("f", convNode(2, 3, 3), "e"),
			from("g", spec.Node{Op: spec.OpPad, Filters: 4}, "f"),
			from("h", spec.Node{Op: spec.OpMean}, "g", "c", "a", "e"),
			from("i", spec.Node{Op: spec.OpMean, Rate: 0.3}, "h", "g", "a"),
			global, denseNode(3)),
		"padded input": network(6, 5, 2, 3,
			from("a", spec.Node{Op: spec.OpPad, Filters: 5}, "input"),
			from("b", spec.Node{Op: spec.OpOneMinus}, "a"),
			from("c", convNode(5, 3, 3), "input"),
			from("d", spec.Node{Op: spec.OpMean, Rate: 0.4}, "a", "c", "b"),
			from("e", spec.Node{Op: spec.OpElemMult}, "a", "d"),
			from("f", spec.Node{Op: spec.OpConcat}, "e", "a", "input"),
			from("g", convNode(3, 3, 3), "f"),
			global, denseNode(3)),
		"fan-out": network(6, 6, 1, 4,
			from("a", convNode(4, 3, 3), "input"),
			from("b", norm, "a"),
			from("c", relu, "b"),
			from("d", actNode(spec.FuncTanh), "b"),
			from("e", spec.Node{Op: spec.OpAdd}, "a", "b", "c", "d"),
			from("f", relu, "a"),
			from("g", spec.Node{Op: spec.OpConcat}, "e", "f", "c"),
			global, denseNode(4)),
		"dead ends": network(6, 6, 1, 2,
			from("a", convNode(4, 3, 3), "input"),
			from("dead", convNode(5, 3, 3), "a"),
			from("dead too", norm, "dead"),
			from("b", relu, "a"),
			from("c", global, "b"), denseNode(2)),
	}
	everyLevel(t, func(t *testing.T) {
		for name, net := range nets {
			t.Run(name, func(t *testing.T) { newExample(t, net, 3, 3, Options{winograd: true}, 5).check(t) })
		}
	})
}

func TestRandomNetworks(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for seed := range uint64(50) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				net := randomNet(rand.New(rand.NewPCG(seed, 7)))
				newExample(t, net, 4, 2+int(seed%3), Options{}, seed).check(t)
			})
		}
	})
}
