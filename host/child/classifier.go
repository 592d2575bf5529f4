package child

import (
	"slices"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// classifier is the dense layer that yields a language model's logits, together
// with their softmax cross-entropy. x is (T, N, C), the weight is (C, V), or a
// table (V, C) of an embedding that the layer is tied to; the bias (V).
//
//	z = x W + b, loss = sum of -log softmax(z)[label], dz = scale (softmax(z) - one-hot)
//	dx = dz Wᵀ, dW += xᵀ dz, db += dz summed over the positions
//
// Why in blocks of positions? A window's logits are much the largest value of a
// small child: 28 MB with 700 positions and 10,000 words. They are made,
// compared with the labels, turned into their gradient where they lie, and used
// up before the next block's. A small block takes less memory and stays nearer in
// the cache, but each passes over the whole weight and its gradient. Measured with
// 700 positions, 200 channels and 10,000 words on a Zen 5 with 32 MiB of L3 cache:
// 62.6, 53.5, 51.5 and 49.7 ms a window in blocks of 96, 240, 350 and 700 on one
// thread, 32.6, 29.6, 27.4 and 26.9 on two. Online softmax (Milakov & Gimelshein
// 2018) would hold no logits at all, but makes each of them twice: a third more
// multiplications.
//
// Why is the weight not packed once for all blocks? Packing takes a fifteenth of
// the time of a product with a block, and what a product packs itself is in the
// L2 cache when it is read: with two blocks nothing is gained.
type classifier struct {
	program      *Program
	in           *tensor
	weight, bias *param // bias may be nil
	tied         bool
	words        int // V

	block  int       // positions
	logits []float32 // (block, V)
	sums   []float32 // (groups, V): of the logits' gradients over the positions of each group; nil without a bias
	losses []float64 // of each position of a block
	hits   []bool    // whether the label has the largest logit

	labels []int32 // of the block under way
	scale  float32 // of dz; 0: only the loss is wanted
	judge  *sweep  // groups of positions of the block
}

// blockNumbers is how many logits a block has at most, 32 MiB, or if memory is
// short fewNumbers, 2 MiB, unless a block would have fewer than fewPositions.
// groupPositions are compared with their labels by one thread.
const (
	blockNumbers   = 1 << 23
	fewNumbers     = 1 << 19
	fewPositions   = 48
	groupPositions = 32
)

func (c *compiler) classifier(n *spec.Node, in *tensor) *classifier {
	p := c.program
	l := &classifier{program: p, in: in, words: n.Units, tied: n.Tied != ""}
	if l.tied {
		l.weight = c.tables[n.Tied]
		p.scattered = slices.DeleteFunc(p.scattered, func(e *embedding) bool { return e.table == l.weight })
	} else {
		l.weight = c.weight(n.Name, in.channels, in.channels, n.Units)
	}
	l.weight.gradient = replaced
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Units)
	}
	numbers := blockNumbers
	if c.restore {
		numbers = fewNumbers
	}
	positions := in.positions(p.batch)
	blocks := (positions-1)/max(fewPositions, numbers/l.words) + 1
	l.block = (positions-1)/blocks + 1
	l.judge = p.sweep(l.judgeTo)
	p.holders = append(p.holders, l)
	return l
}

// bytes is the memory of a block.
func (l *classifier) bytes() int64 {
	n := int64(l.block) * (4*int64(l.words) + 8 + 1)
	if l.bias != nil {
		n += 4 * int64(groups(l.block)) * int64(l.words)
	}
	return n
}

func (l *classifier) allocate() {
	l.logits = make([]float32, l.block*l.words)
	l.losses, l.hits = make([]float64, l.block), make([]bool, l.block)
	if l.bias != nil {
		l.sums = make([]float32, groups(l.block)*l.words)
	}
}

// groups is how many groups so many positions make.
func groups(positions int) int { return (positions-1)/groupPositions + 1 }

// loss is the sum of the cross-entropies of the positions and how many of them
// have the label as their largest logit.
func (l *classifier) loss(labels []int32) (loss float64, correct int) {
	l.scale = 0
	for at := 0; at < len(labels); at += l.block {
		l.forward(at, labels[at:min(at+l.block, len(labels))])
		loss, correct = l.count(loss, correct)
	}
	return loss, correct
}

// lossAndGradient is loss, and replaces the gradient of the input and of the
// weight by that of scale times the loss; to that of the bias it adds.
func (l *classifier) lossAndGradient(labels []int32, scale float32) (loss float64, correct int) {
	l.scale = scale
	for at := 0; at < len(labels); at += l.block {
		l.forward(at, labels[at:min(at+l.block, len(labels))])
		loss, correct = l.count(loss, correct)
		l.backward(at)
	}
	return loss, correct
}

// forward makes the logits of the positions from at on, and compares them with
// their labels.
func (l *classifier) forward(at int, labels []int32) {
	rows, c, words := len(labels), l.in.channels, l.words
	l.labels = labels
	distance := words
	if l.tied {
		distance = c
	}
	x := l.in.value.floats[at*c:]
	var bias kernels.Epilogue
	if l.bias != nil {
		bias.Shift = l.bias.value
	}
	l.program.team.GemmEpilogue(false, l.tied, rows, words, c, 1, x, c, l.weight.value, distance, 0, l.logits, words, &bias)
	l.judge.run(groups(rows), 2*words*groupPositions)
}

// judgeTo turns the logits of some groups into their gradient, and sums it up
// while it is in the cache.
func (l *classifier) judgeTo(_ *kernels.Scratch, _, from, to int) {
	for g := from; g < to; g++ {
		var sum []float32
		if l.scale != 0 && l.bias != nil {
			sum = l.sums[g*l.words:][:l.words]
			clear(sum)
		}
		for i := g * groupPositions; i < min((g+1)*groupPositions, len(l.labels)); i++ {
			z := l.logits[i*l.words:][:l.words]
			dz := z
			if l.scale == 0 {
				dz = nil
			}
			loss, correct := kernels.SoftmaxCrossEntropy(dz, z, l.labels[i:i+1], 1, l.words, l.scale)
			l.losses[i], l.hits[i] = loss, correct == 1
			if sum != nil {
				kernels.Add(sum, dz)
			}
		}
	}
}

// count adds up what forward has found, in the order of the positions.
func (l *classifier) count(loss float64, correct int) (float64, int) {
	for i := range l.labels {
		loss += l.losses[i]
		if l.hits[i] {
			correct++
		}
	}
	return loss, correct
}

// backward passes the gradient of the logits on.
func (l *classifier) backward(at int) {
	rows, c, words := len(l.labels), l.in.channels, l.words
	x, dx := l.in.value.floats[at*c:], l.in.grad.floats[at*c:]
	team, w, dw, dz := l.program.team, l.weight.value, l.weight.grad, l.logits
	add := float32(1)
	if at == 0 {
		add = 0
	}
	if l.tied {
		team.Gemm(true, false, words, c, rows, 1, dz, words, x, c, add, dw, c)
		team.Gemm(false, false, rows, c, words, 1, dz, words, w, c, 0, dx, c)
	} else {
		team.Gemm(true, false, c, words, rows, 1, x, c, dz, words, add, dw, words)
		team.Gemm(false, true, rows, c, words, 1, dz, words, w, words, 0, dx, c)
	}
	if l.bias != nil {
		for g := range groups(rows) {
			kernels.Add(l.bias.grad, l.sums[g*words:][:words])
		}
	}
}
