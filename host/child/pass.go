package child

import (
	"math/rand/v2"

	"github.com/espalier-nas/espalier/host/data"
)

// batches brings examples into a program, pass after pass.
type batches interface {
	// begin starts the pass of an epoch. What is left of another is dropped.
	begin(epoch int)
	// take puts the next batch into the program's input and returns its labels,
	// valid until the next call; none at the end of the pass.
	take() []int32
}

// imagePass brings images: in training each once, in an order of the epoch's
// own and at random places, otherwise as they are stored.
type imagePass struct {
	supply    *supply
	feed      *feeder
	order     []int // nil: as they are stored
	seed      uint64
	generator rand.PCG
	rng       *rand.Rand
}

func newImagePass(s *supply, images *data.Images, a Augment, training bool, seed uint64) *imagePass {
	b := &imagePass{supply: s, feed: newFeeder(images, a, training), seed: seed}
	if training {
		b.order = make([]int, images.N)
		b.rng = rand.New(&b.generator)
	}
	return b
}

func (b *imagePass) begin(epoch int) {
	if b.order != nil {
		b.shuffle(epoch)
		reseed(&b.generator, b.seed, streamAugment, epoch)
	}
	b.supply.begin(b.feed, b.order, b.rng)
}

func (b *imagePass) take() []int32 { return b.supply.take() }

// shuffle puts the images into the order of an epoch, which depends on no other
// epoch.
func (b *imagePass) shuffle(epoch int) {
	reseed(&b.generator, b.seed, streamOrder, epoch)
	for i := range b.order {
		b.order[i] = i
	}
	for i := len(b.order) - 1; i > 0; i-- {
		j := b.rng.IntN(i + 1)
		b.order[i], b.order[j] = b.order[j], b.order[i]
	}
}
