package child

import (
	"math"
	"math/rand/v2"
)

// Streams of random numbers of one child. Each is keyed by the child's seed,
// its own number and the epoch, so that no stream depends on how much of
// another was used.
const (
	streamInit uint64 = iota + 1
	streamOrder
	streamAugment
	streamDropout
)

// reseed starts the stream of an epoch (from 1; 0 before training) anew.
func reseed(g *rand.PCG, seed, stream uint64, epoch int) { g.Seed(seed, stream<<32|uint64(epoch)) }

// InitUniform sets all learned parameters, biases included, to numbers uniform in
// ±bound, as language models usually begin (Zaremba et al. 2014), and statistics
// as Init does.
func (p *Program) InitUniform(seed uint64, bound float64) {
	p.Init(seed)
	var g rand.PCG
	reseed(&g, seed, streamInit, 0)
	rng := rand.New(&g)
	for _, q := range p.params {
		if q.learned() {
			uniform(rng, q.value, float32(bound))
		}
	}
}

func uniform(rng *rand.Rand, x []float32, bound float32) {
	for i := range x {
		// The conversion forbids the compiler to fuse.
		x[i] = bound * (2*float32(rng.Float32()) - 1)
	}
}

// Init sets all parameters and statistics to their values before training:
// weights uniform in ±sqrt(6/fan-in), the variance 2/fan-in of He et al. 2015
// (uniform, since normal numbers need functions whose last bit depends on the
// processor), biases and beta 0, gamma 1, running mean 0 and variance 1.
func (p *Program) Init(seed uint64) {
	var g rand.PCG
	reseed(&g, seed, streamInit, 0)
	p.filtersStay = false
	rng := rand.New(&g)
	for _, q := range p.params {
		switch q.role {
		case roleWeight:
			uniform(rng, q.value, float32(math.Sqrt(6/float64(q.fanIn))))
		case roleOne, roleVar:
			for i := range q.value {
				q.value[i] = 1
			}
		default:
			clear(q.value)
		}
	}
}
