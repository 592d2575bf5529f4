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
type batchNorm struct {
	in, out           *tensor
	relu              bool
	epsilon, momentum float32
	gamma, beta       *param
	mean, variance    *param    // running statistics
	batchMean, invStd []float32 // (C), of the batch: forward's, for backward
	scale, shift      []float32 // (C), of evaluation
	unwanted          *buffer   // takes the gradient of an input that needs none
}

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
	}
	s := &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: true}
	if in.grad == nil {
		l.unwanted = newBuffer(in.value.size)
		s.discarded = l.unwanted
	}
	return s
}

func (l *batchNorm) forward(n int, training bool) {
	rows, cols := l.in.positions(n), l.in.channels
	if !training {
		l.fold()
		kernels.BatchNormInfer(l.out.x(n), l.in.x(n), l.scale, l.shift, rows, cols, l.relu)
		return
	}
	kernels.BatchNormForward(l.out.x(n), l.in.x(n), l.gamma.value, l.beta.value, l.batchMean, l.invStd, rows, cols, l.epsilon, l.relu)
	l.track(rows)
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

// fold turns the running statistics, gamma and beta into y = x*scale + shift.
func (l *batchNorm) fold() {
	for i, gamma := range l.gamma.value {
		std := math.Sqrt(float64(l.variance.value[i]) + float64(l.epsilon))
		l.scale[i] = float32(float64(gamma) / std)
		l.shift[i] = l.beta.value[i] - float32(l.mean.value[i]*l.scale[i])
	}
}

func (l *batchNorm) backward(n int) {
	dx := l.unwanted
	if dx == nil {
		dx = l.in.grad
	}
	kernels.BatchNormBackward(dx.of(n), l.gamma.grad, l.beta.grad, l.out.dx(n), l.in.kept(n), l.out.kept(n),
		l.gamma.value, l.batchMean, l.invStd, l.in.positions(n), l.in.channels, l.relu)
}
