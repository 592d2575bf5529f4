package child

import (
	"math"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// batchNorm normalises every channel over the batch and all positions, then
// scales by gamma and shifts by beta (Ioffe & Szegedy 2015), and applies the
// ReLU that follows it if nobody else reads what is between. x and y are
// (N, H, W, C).
//
// Its sums are those of blocks of examples, which are the same for any number
// of threads, added in order.
type batchNorm struct {
	in, out           *tensor
	relu              bool
	epsilon, momentum float32
	gamma, beta       *param
	mean, variance    *param    // running statistics
	batchMean, invStd []float32 // (C), of the batch: forward's, for backward
	scale, shift      []float32 // (C), of evaluation

	block          int       // examples of a block; the last may have fewer
	means          []float32 // (blocks, C)
	sums, products []float64 // (blocks, C); the batch's take the place of the first block's

	n                      int    // examples of the pass under way
	measured               bool   // by the convolution that has made the input
	early                  bool   // in evaluation, the layer that makes the input applies it
	measure, measureBack   *sweep // blocks
	apply, infer, passBack *sweep // examples
}

// normPositions make a block.
const normPositions = 2048

func (c *compiler) batchNorm(n *spec.Node, in, out *tensor) *step {
	channels := in.channels
	l := &batchNorm{
		in: in, out: out,
		epsilon: float32(c.options.BatchNorm.Epsilon), momentum: float32(c.options.BatchNorm.Momentum),
		gamma:     c.param(n.Name+".gamma", roleOne, channels),
		beta:      c.param(n.Name+".beta", roleZero, channels),
		mean:      c.param(n.Name+".mean", roleMean, channels),
		variance:  c.param(n.Name+".variance", roleVar, channels),
		batchMean: make([]float32, channels), invStd: make([]float32, channels),
		scale: make([]float32, channels), shift: make([]float32, channels),
		block: max(1, normPositions/in.positions(1)),
	}
	p := c.program
	if size := l.blocks(p.batch) * channels; !c.options.Inference {
		l.means, l.sums, l.products = make([]float32, size), make([]float64, size), make([]float64, size)
	}
	if maker := c.makers[in.value]; maker != nil {
		if convolution, ok := maker.layer.(*conv); ok {
			convolution.measures = l
		}
	}
	l.measure, l.measureBack = p.sweep(l.measureFrom), p.sweep(l.measureBackFrom)
	l.apply, l.infer, l.passBack = p.sweep(l.applyTo), p.sweep(l.inferTo), p.backward(in.size(), l.passBackTo)
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: true, passBack: l.passBack}
}

// blocks is the number of blocks of n examples.
func (l *batchNorm) blocks(n int) int { return (n + l.block - 1) / l.block }

// examples are those of block b, [from, to).
func (l *batchNorm) examples(b int) (from, to int) { return b * l.block, min((b+1)*l.block, l.n) }

// begin notes that n examples come, and returns the number of blocks.
func (l *batchNorm) begin(n int) int {
	l.n = n
	return l.blocks(n)
}

func (l *batchNorm) forward(n int, training bool) {
	l.begin(n)
	if !training {
		if !l.early {
			l.fold(nil)
			l.infer.run(n, l.in.size())
		}
		return
	}
	if !l.measured {
		l.measure.run(l.blocks(n), l.block*l.in.size())
	}
	l.measured = false
	l.combine()
	l.track(l.in.positions(n))
	l.apply.run(n, l.in.size())
}

func (l *batchNorm) measureFrom(_ *kernels.Scratch, _, from, to int) {
	c := l.in.channels
	for b := from; b < to; b++ {
		first, last := l.examples(b)
		kernels.BatchNormMoments(l.means[b*c:(b+1)*c], l.sums[b*c:(b+1)*c], l.in.x(first, last), l.in.positions(last-first), c)
	}
}

// combine makes the moments of the batch from those of its blocks (Chan, Golub
// & LeVeque 1983).
func (l *batchNorm) combine() {
	channels, blocks, rows := l.in.channels, l.blocks(l.n), float64(l.in.positions(l.n))
	for c := range channels {
		sum := 0.0
		for b := range blocks {
			first, last := l.examples(b)
			sum += float64(float64(l.in.positions(last-first)) * float64(l.means[b*channels+c]))
		}
		mean, squares := sum/rows, 0.0
		for b := range blocks {
			first, last := l.examples(b)
			d := float64(l.means[b*channels+c]) - mean
			squares += l.sums[b*channels+c] + float64(float64(l.in.positions(last-first))*float64(d*d))
		}
		l.batchMean[c] = float32(mean)
		l.invStd[c] = float32(1 / math.Sqrt(squares/rows+float64(l.epsilon)))
	}
}

func (l *batchNorm) applyTo(_ *kernels.Scratch, _, from, to int) {
	kernels.BatchNormApply(l.out.x(from, to), l.in.x(from, to), l.gamma.value, l.beta.value, l.batchMean, l.invStd,
		l.in.positions(to-from), l.in.channels, l.relu)
}

func (l *batchNorm) inferTo(_ *kernels.Scratch, _, from, to int) {
	kernels.BatchNormInfer(l.out.x(from, to), l.in.x(from, to), l.scale, l.shift, l.in.positions(to-from), l.in.channels, l.relu)
}

// track moves the running statistics towards those of a batch of that many
// rows. The running variance is the unbiased one, the batch's is biased. A
// single row, as of the last image of an epoch in maps of one position, tells
// nothing about the variance and leaves it as it is.
func (l *batchNorm) track(rows int) {
	unbias := float64(rows) / float64(rows-1)
	for i, mean := range l.batchMean {
		l.mean.value[i] += float32(l.momentum * (mean - l.mean.value[i]))
		if rows == 1 {
			continue
		}
		inv := float64(l.invStd[i])
		variance := float32(unbias * max(1/float64(inv*inv)-float64(l.epsilon), 0))
		l.variance.value[i] += float32(l.momentum * (variance - l.variance.value[i]))
	}
}

// fold turns the running statistics, gamma and beta into y = x*scale + shift,
// where bias, if not nil, is yet to be added to x.
func (l *batchNorm) fold(bias []float32) {
	for i, gamma := range l.gamma.value {
		std := math.Sqrt(float64(l.variance.value[i]) + float64(l.epsilon))
		mean := l.mean.value[i]
		if bias != nil {
			mean -= bias[i]
		}
		l.scale[i] = float32(float64(gamma) / std)
		l.shift[i] = l.beta.value[i] - float32(mean*l.scale[i])
	}
}

func (l *batchNorm) backward(n int) {
	l.n = n
	l.measureBack.run(l.blocks(n), l.block*l.in.size())
	channels := l.in.channels
	for b := 1; b < l.blocks(n); b++ {
		for c := range channels {
			l.sums[c] += l.sums[b*channels+c]
			l.products[c] += l.products[b*channels+c]
		}
	}
	for c := range channels {
		l.beta.grad[c] += float32(l.sums[c])
		l.gamma.grad[c] += float32(l.products[c] * float64(l.invStd[c]))
	}
	if l.in.grad != nil {
		l.passBack.run(n, l.in.size())
	}
}

func (l *batchNorm) measureBackFrom(_ *kernels.Scratch, _, from, to int) {
	c := l.in.channels
	for b := from; b < to; b++ {
		first, last := l.examples(b)
		kernels.BatchNormSums(l.sums[b*c:(b+1)*c], l.products[b*c:(b+1)*c], l.out.dx(first, last), l.in.kept(first, last),
			l.gamma.value, l.beta.value, l.batchMean, l.invStd, l.in.positions(last-first), c, l.relu)
	}
}

// passBackTo turns the gradient of the output into that of the input, in place,
// or adds it to what other readers of the input pass back.
func (l *batchNorm) passBackTo(_ *kernels.Scratch, _, from, to int) {
	kernels.BatchNormData(l.in.dx(from, to), l.out.dx(from, to), l.in.kept(from, to), l.gamma.value, l.beta.value, l.batchMean, l.invStd,
		l.sums, l.products, l.in.positions(to-from), l.in.channels, l.in.positions(l.n), l.relu, l.in.grad != l.out.grad)
}
