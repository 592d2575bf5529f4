package child

import (
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
