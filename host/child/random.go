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
			bound := float32(math.Sqrt(6 / float64(q.fanIn)))
			for i := range q.value {
				// The conversion forbids the compiler to fuse.
				q.value[i] = bound * (2*float32(rng.Float32()) - 1)
			}
		case roleOne, roleVar:
			for i := range q.value {
				q.value[i] = 1
			}
		default:
			clear(q.value)
		}
	}
}
