package child

import (
	"math/rand/v2"

	"github.com/espalier-nas/espalier/kernels"
)

// Program is a network compiled for batches of limited size, with its weights.
// A step allocates nothing. A program belongs to one goroutine at a time; with
// several threads it has goroutines of its own, until Close.
//
// One step is: fill Input, call Forward, then Loss or, in training, Backward.
type Program struct {
	id            string // of the network
	batch         int
	steps         []*step
	buffers       []*buffer
	input, output *tensor
	params        []*param // in the order of the network's nodes
	indices       []indices
	dropping      rand.PCG // of dropout

	threads, maxThreads int
	team                *kernels.Team
	clearing            *sweep // of the numbers of cleared
	cleared             []float32

	filtered           []*conv // with Winograd's method
	filter, filterBack *sweep  // of filtered
	filters            []float32
	inference          bool
	filtersStay        bool // until other weights are loaded: in inference

	bytes  int64
	arena  []float32 // activations and gradients of activations
	values []float32 // learned parameters, those of roleWeight first; then statistics
	grads  []float32 // of the learned parameters
	sums   []float32 // of a convolution's blocks but the first, or its gradient at Winograd's points
	plan   sizes
}

// sizes counts the numbers that a program needs.
type sizes struct{ arena, weights, learned, statistics, indices, sums, filters int }

// measure plans the memory of the program.
func (p *Program) measure(c *compiler) {
	z := sizes{arena: arrange(p.buffers, p.batch, !c.options.unshared), sums: c.sums}
	for _, q := range p.params {
		switch {
		case q.role == roleWeight:
			z.weights += q.size()
			z.learned += q.size()
		case q.learned():
			z.learned += q.size()
		default:
			z.statistics += q.size()
		}
	}
	for _, l := range p.filtered {
		z.filters += aligned(l.winograd.FilterLen())
	}
	p.indices = c.indices
	for _, i := range p.indices {
		z.indices += i.size * p.batch
	}
	gradients := z.learned
	if c.options.Inference {
		gradients = 0
	}
	p.plan = z
	p.bytes = 4 * (int64(z.arena) + int64(z.learned) + int64(gradients) + int64(z.statistics) + int64(z.indices) + int64(z.sums) + int64(z.filters))
}

// allocate makes the program's memory: what measure has planned.
func (p *Program) allocate() {
	z := p.plan
	p.team = kernels.NewTeam(p.threads)
	p.sums, p.filters = make([]float32, z.sums), make([]float32, z.filters)
	at := 0
	for _, l := range p.filtered {
		length := l.winograd.FilterLen()
		l.filter = p.filters[at : at+length : at+length]
		at += aligned(length)
	}
	p.arena = make([]float32, z.arena)
	bind(p.buffers, p.arena, p.batch)
	for _, i := range p.indices {
		*i.of = make([]int32, i.size*p.batch)
	}
	p.values = make([]float32, z.learned+z.statistics)
	if p.output.grad != nil {
		p.grads = make([]float32, z.learned)
	}
	weight, other, statistic := 0, z.weights, z.learned
	for _, q := range p.params {
		at := &other
		switch {
		case q.role == roleWeight:
			at = &weight
		case !q.learned():
			at = &statistic
		}
		from, to := *at, *at+q.size()
		q.value = p.values[from:to:to]
		if q.learned() && p.grads != nil {
			q.grad = p.grads[from:to:to]
		}
		*at = to
	}
}

// SetThreads has n threads work on the next batches, but at least one and at
// most Options.MaxThreads.
func (p *Program) SetThreads(n int) {
	if n = max(1, min(n, p.maxThreads)); n != p.threads {
		p.team.Close()
		p.threads, p.team = n, kernels.NewTeam(n)
	}
}

// Close ends the program's goroutines, if it has several threads. The program
// must not be used afterwards.
func (p *Program) Close() { p.team.Close() }

// Bytes is the memory that the program holds, the few megabytes of the kernels'
// buffers, which each thread has, aside.
func (p *Program) Bytes() int64 { return p.bytes }

// Params is the number of learned numbers.
func (p *Program) Params() int64 { return int64(p.plan.learned) }

// Input is where the caller puts the first n examples, (n, H, W, C), before
// every Forward: the memory holds other values in between.
func (p *Program) Input(n int) []float32 { return p.input.x(0, n) }

// Learned holds all learned parameters, Gradient their gradients in the same
// order.
func (p *Program) Learned() []float32  { return p.values[:p.plan.learned] }
func (p *Program) Gradient() []float32 { return p.grads }

// Forward computes the logits of the first n examples, (n, classes), valid
// until the next call of any method.
func (p *Program) Forward(n int, training bool) []float32 {
	if !p.filtersStay {
		p.filter.runParts(len(p.filtered), len(p.filtered))
		p.filtersStay = p.inference
	}
	for _, s := range p.steps {
		s.forward(n, training)
	}
	return p.output.x(0, n)
}

// Loss is the sum of the cross-entropies of the n examples of the last Forward
// in nats, and how many of them have the label as their largest logit.
func (p *Program) Loss(labels []int32) (loss float64, correct int) {
	n := len(labels)
	return kernels.SoftmaxCrossEntropy(nil, p.output.x(0, n), labels, n, p.output.size(), 1)
}

// Backward is Loss, followed by the gradient of the mean loss, which replaces
// the contents of Gradient. The last Forward was one in training.
func (p *Program) Backward(labels []int32) (loss float64, correct int) {
	n := len(labels)
	loss, correct = kernels.SoftmaxCrossEntropy(p.output.dx(0, n), p.output.x(0, n), labels, n, p.output.size(), 1/float32(n))
	p.clear(p.grads)
	p.filterBack.runParts(len(p.filtered), len(p.filtered))
	for i := len(p.steps) - 1; i >= 0; i-- {
		if s := p.steps[i]; s.trains() {
			s.backwardAll(p, n)
		}
	}
	return loss, correct
}

// clear sets x to 0.
func (p *Program) clear(x []float32) {
	p.cleared = x
	p.clearing.run(len(x), 1)
}

func (p *Program) clearPart(_ *kernels.Scratch, _, from, to int) { clear(p.cleared[from:to]) }

// makeFilters evaluates the weights of the convolutions [from, to) of filtered
// at Winograd's points.
func (p *Program) makeFilters(s *kernels.Scratch, _, from, to int) {
	for _, l := range p.filtered[from:to] {
		l.filterForward(s)
	}
}

func (p *Program) makeFiltersBack(s *kernels.Scratch, _, from, to int) {
	for _, l := range p.filtered[from:to] {
		l.filterBackward(s)
	}
}
