package child

import (
	"math/rand/v2"

	"github.com/espalier-nas/espalier/kernels"
)

// Program is a network compiled for batches of limited size, with its weights.
// A step allocates nothing. A program belongs to one goroutine at a time; with
// several threads it has goroutines of its own, until Close.
//
// One step is: fill Input, or Tokens, call Forward, then Loss or, in training,
// Backward.
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

	filtered           []filtered // in the order of the network's nodes
	filter, filterBack *sweep     // of filtered
	filters            []float32  // of filtered, then what those of packing share
	packing            []*conv    // pack their weights themselves
	inference          bool
	filtersStay        bool // until other weights are loaded: in inference

	streams    int     // that a text network reads; 0: an image network
	tokens     []int32 // (T, N)
	sumSteps   bool
	scattered  []*embedding // that alone learn their table
	recurrent  []*recurrent
	holders    []holder
	classifier *classifier // nil: output holds the logits; otherwise its input

	bytes  int64
	arena  []float32 // activations and gradients of activations
	values []float32 // learned parameters, those of roleWeight first; then statistics
	fixed  []fixed
	grads  []float32 // of the learned parameters
	sums   []float32 // of a convolution's blocks but the first, or its gradient at Winograd's points
	plan   sizes
}

// filtered is a layer with a weight that is packed, or evaluated at Winograd's
// points, before the first layer of a pass begins: all such layers side by side
// in training, once and for all in inference.
type filtered interface {
	filterLen() int              // numbers that it needs for that
	bindFilter(memory []float32) // gives them to it
	filterForward(s *kernels.Scratch)
	filterBackward(s *kernels.Scratch)
}

// holder is a layer that allocates memory of its own, once parameters have
// theirs.
type holder interface {
	bytes() int64
	allocate()
}

// sizes counts the numbers that a program needs.
type sizes struct {
	arena, weights, learned, statistics, indices, sums, filters int
	// Of the weights, those with scattered gradients come first, then those with
	// replaced ones.
	scattered, replaced int
	fixed               int
	others              int64 // bytes that holders allocate
}

// measure plans the memory of the program.
func (p *Program) measure(c *compiler) {
	z := sizes{arena: arrange(p.buffers, p.batch, !c.options.unshared), sums: c.sums}
	for _, q := range p.params {
		switch {
		case q.role == roleWeight:
			z.weights += q.size()
			z.learned += q.size()
			switch q.gradient {
			case scattered:
				z.scattered += q.size()
			case replaced:
				z.replaced += q.size()
			}
		case q.learned():
			z.learned += q.size()
		default:
			z.statistics += q.size()
		}
	}
	for _, l := range p.packing {
		z.filters = max(z.filters, l.filterLen())
	}
	for _, l := range p.filtered {
		z.filters += aligned(l.filterLen())
	}
	p.fixed, p.indices = c.fixed, c.indices
	for _, f := range p.fixed {
		z.fixed += f.size
	}
	for _, l := range p.holders {
		z.others += l.bytes()
	}
	for _, i := range p.indices {
		z.indices += i.size * p.batch
	}
	gradients := z.learned
	if c.options.Inference {
		gradients = 0
	}
	p.plan = z
	p.bytes = 4*(int64(z.arena)+int64(z.learned)+int64(gradients)+int64(z.statistics)+int64(z.indices)+int64(z.sums)+int64(z.filters)+int64(z.fixed)) + z.others
}

// allocate makes the program's memory: what measure has planned.
func (p *Program) allocate() {
	z := p.plan
	p.team = kernels.NewTeam(p.threads)
	p.sums, p.filters = make([]float32, z.sums), make([]float32, z.filters)
	at := 0
	for _, l := range p.filtered {
		length := l.filterLen()
		l.bindFilter(p.filters[at : at+length : at+length])
		at += aligned(length)
	}
	for _, l := range p.packing {
		l.bindFilter(p.filters[at : at+l.filterLen()])
	}
	p.arena = make([]float32, z.arena)
	bind(p.buffers, p.arena, p.batch)
	for _, i := range p.indices {
		*i.of = make([]int32, i.size*p.batch)
	}
	for _, f := range p.fixed {
		*f.of = make([]float32, f.size)
	}
	p.values = make([]float32, z.learned+z.statistics)
	if p.output.grad != nil {
		p.grads = make([]float32, z.learned)
	}
	p.place()
	for _, l := range p.holders {
		l.allocate()
	}
}

// place gives every parameter its part of values and grads.
func (p *Program) place() {
	z := p.plan
	table, last, weight, other, statistic := 0, z.scattered, z.scattered+z.replaced, z.weights, z.learned
	for _, q := range p.params {
		at := &other
		switch {
		case q.gradient == scattered:
			at = &table
		case q.gradient == replaced:
			at = &last
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
// until the next call of any method. For a text it may return nil: most of their
// logits are made together with the loss.
func (p *Program) Forward(n int, training bool) []float32 {
	if !p.filtersStay {
		p.filter.runParts(len(p.filtered), len(p.filtered))
		for _, l := range p.recurrent {
			l.cell.Pack(p.team)
		}
		p.filtersStay = p.inference
	}
	for _, s := range p.steps {
		s.forward(n, training)
	}
	if p.classifier != nil {
		return nil
	}
	return p.output.x(0, n)
}

// Loss is the sum of the cross-entropies of the n examples of the last Forward
// in nats, and how many of them have the label as their largest logit. A text
// has labels (T, N), the tokens that follow.
func (p *Program) Loss(labels []int32) (loss float64, correct int) {
	if p.classifier != nil {
		return p.classifier.loss(labels)
	}
	return kernels.SoftmaxCrossEntropy(nil, p.output.x(0, p.examples(labels)), labels, len(labels), p.output.channels, 1)
}

// examples is the number of examples, or time steps, that have the labels.
func (p *Program) examples(labels []int32) int { return len(labels) / max(1, p.streams) }

// Backward is Loss, followed by the gradient of the mean loss, or with
// Options.SumSteps of the loss summed over the steps and averaged over the
// streams, which replaces the contents of Gradient. The last Forward was one in
// training.
func (p *Program) Backward(labels []int32) (loss float64, correct int) {
	n := p.examples(labels)
	scale := 1 / float32(len(labels))
	if p.sumSteps {
		scale = 1 / float32(p.streams)
	}
	p.clear(p.grads[p.plan.scattered+p.plan.replaced:])
	if p.classifier != nil {
		loss, correct = p.classifier.lossAndGradient(labels, scale)
	} else {
		loss, correct = kernels.SoftmaxCrossEntropy(p.output.dx(0, n), p.output.x(0, n), labels, len(labels), p.output.channels, scale)
	}
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

// makeFilters and makeFiltersBack prepare the weights of the layers [from, to)
// of filtered for forward and backward.
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
