package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// conv is a convolution: x is (N, H, W, C), in one piece or several that lie on
// each other in depth, the weight is (KH, KW, C/groups, F), y is (N, OH, OW, F).
//
// Why is the gradient of the weight summed in blocks of examples? So that
// several threads can work on it, and yet its bits not depend on how many: the
// blocks are the same for any number of threads, and their sums are added in
// order. The first block is summed in place, the others beside each other.
// Winograd's method needs no blocks, since different points are found apart.
//
// Why does a layer pack its weight itself in training, but not evaluate it at
// Winograd's points? Packing takes little time, and what is packed is then in
// the cache, in memory that all layers share. The evaluation takes longer, so
// the threads do it for several layers side by side.
type conv struct {
	ins      []piece
	out      *tensor
	geometry kernels.Conv
	weight   *param
	ending
	x, dx  [][]kernels.Part // of the inputs, for each part of a sweep
	passes bool             // some input has a gradient

	winograd *kernels.Winograd // nil where it cannot be used, or would not pay
	filter   []float32         // the weight, packed, or at Winograd's points, for the pass under way
	packs    bool              // the layer packs its weight itself, just before it is needed

	n      int    // examples of the pass under way
	blocks int    // into which they, or Winograd's points, are divided for the gradient of the weight
	shards int    // into which they are divided for the gradients of the inputs
	apply  *sweep // examples
	back   *sweep // the blocks, then the shards
	sum    *sweep // the numbers of the weight and the bias

	passBack *sweep // examples of a shard, for back

	measures     *batchNorm // reads the output, whose blocks are measured while they are in the cache; may be nil
	applyMeasure *sweep     // blocks of measures
}

const (
	// blockPositions are so many that adding a block's sum costs little beside
	// finding it.
	blockPositions = 8192
	maxBlocks      = 8
	// shardPositions are so many that what a thread does before and after its
	// products costs little beside them.
	shardPositions = 2048
)

func (c *compiler) conv(n *spec.Node, in, out *tensor) *step {
	l := &conv{ins: pieces([]*tensor{in}, in.height, in.width), out: out, geometry: geometry(n, in, out)}
	if framed(l.ins, in.height, in.width) {
		for _, p := range l.ins {
			l.geometry.Frames = append(l.geometry.Frames, kernels.Frame{H: p.height, W: p.width, Top: p.top, Left: p.left})
		}
	}
	p := c.program
	l.apply, l.back, l.sum, l.passBack = p.sweep(l.applyTo), p.sweep(l.backTo), p.sweep(l.addSums), p.sweep(l.passBackTo)
	l.applyMeasure = p.sweep(l.applyMeasureTo)
	l.passBack.grain = max(1, shardPositions/out.positions(1))
	for range maxBlocks + partsPerThread*p.maxThreads {
		var x, dx []kernels.Part
		for _, piece := range l.ins {
			x, dx = append(x, kernels.Part{C: piece.channels}), append(dx, kernels.Part{C: piece.channels})
			l.passes = l.passes || piece.grad != nil
		}
		l.x, l.dx = append(l.x, x), append(l.dx, dx)
	}
	depth := in.channels / n.Groups
	l.weight = c.weight(n.Name, n.Kernel[0]*n.Kernel[1]*depth, n.Kernel[0], n.Kernel[1], depth, n.Filters)
	if n.Bias {
		l.bias = c.param(n.Name+".bias", roleZero, n.Filters)
	}
	var parts []int
	for _, piece := range l.ins {
		parts = append(parts, piece.channels)
	}
	l.winograd = c.winograd(&l.geometry, parts)
	if l.packs = l.winograd == nil && !c.options.Inference; l.packs {
		p.packing = append(p.packing, l)
	} else {
		p.filtered = append(p.filtered, l)
	}
	if !c.options.Inference {
		c.sums = max(c.sums, l.sumsLen(p.batch))
	}
	return &step{layer: l, inputs: tensors(l.ins), output: out, keepInputs: true, learns: true, passBack: l.passBack}
}

// geometry is that of the convolution n.
func geometry(n *spec.Node, in, out *tensor) kernels.Conv {
	_, top := spec.Window(in.height, n.Kernel[0], n.Stride[0], n.Dilation[0], n.Padding)
	_, left := spec.Window(in.width, n.Kernel[1], n.Stride[1], n.Dilation[1], n.Padding)
	return kernels.Conv{
		InH: in.height, InW: in.width, InC: in.channels,
		OutH: out.height, OutW: out.width, OutC: out.channels,
		KernelH: n.Kernel[0], KernelW: n.Kernel[1],
		StrideH: n.Stride[0], StrideW: n.Stride[1],
		DilationH: n.Dilation[0], DilationW: n.Dilation[1],
		PadTop: top, PadLeft: left, Groups: n.Groups,
	}
}

// winograd is Winograd's method for a geometry; nil if it should not be used.
func (c *compiler) winograd(g *kernels.Conv, parts []int) *kernels.Winograd {
	if g.Frames != nil {
		return nil
	}
	if w, ok := kernels.NewWinograd(g, parts); ok && (w.Pays() || c.options.winograd) {
		return w
	}
	return nil
}

// countBlocks depends on nothing but the shape of the output, unless the result
// does not depend on the blocks. The gradients of the inputs take about as long
// as that of the weight, so Winograd's points are divided for half the threads.
func (l *conv) countBlocks(n int) int {
	if l.winograd != nil {
		return max(1, min((l.back.program.threads+1)/2, maxBlocks, l.winograd.Points()))
	}
	return max(1, min(l.out.positions(n)/blockPositions, maxBlocks, n))
}

// sumsLen is how many numbers the gradient of the weight needs for a while.
func (l *conv) sumsLen(n int) int {
	if l.winograd != nil {
		return l.winograd.GradientLen()
	}
	return (l.countBlocks(n) - 1) * l.sumSize()
}

// countShards is the number of parts in which the outputs, or the gradients of
// the inputs, are found.
func (l *conv) countShards(n int) int {
	threads := l.apply.program.threads
	if threads == 1 {
		return 1
	}
	return min(max(threads, l.out.positions(n)/shardPositions), partsPerThread*threads, n)
}

// sumSize is the number of learned numbers.
func (l *conv) sumSize() int {
	size := l.weight.size()
	if l.bias != nil {
		size += l.bias.size()
	}
	return size
}

// sums is where block b's gradients are summed.
func (l *conv) sums(b int) (weight, bias []float32) {
	if b == 0 {
		if l.bias != nil {
			bias = l.bias.grad
		}
		return l.weight.grad, bias
	}
	all := l.apply.program.sums[(b-1)*l.sumSize():][:l.sumSize()]
	return all[:l.weight.size()], all[l.weight.size():]
}

func (l *conv) forward(n int, training bool) {
	shards := l.countShards(n)
	l.begin(l.out, training)
	if l.packs {
		l.filterForward(nil)
	}
	if training && l.measures != nil && l.measures.begin(n) >= shards {
		l.applyMeasure.runParts(l.measures.blocks(n), shards)
		l.measures.measured = true
		return
	}
	l.apply.runParts(n, shards)
}

// applyMeasureTo convolves the examples of blocks of the batch normalisation
// and measures them.
func (l *conv) applyMeasureTo(s *kernels.Scratch, part, from, to int) {
	for b := from; b < to; b++ {
		first, last := l.measures.examples(b)
		l.applyTo(s, part, first, last)
		l.measures.measureFrom(s, part, b, b+1)
	}
}

func (l *conv) backward(n int) {
	l.n, l.blocks, l.shards = n, l.countBlocks(n), 0
	if l.passes {
		l.shards = l.countShards(n)
	}
	if l.packs {
		l.filterBackward(nil)
	}
	l.back.runParts(l.blocks+l.shards, l.blocks+l.shards)
	switch {
	case l.winograd != nil:
		p := l.back.program
		l.winograd.AddGradient(p.team.Scratch(), l.weight.grad, p.sums)
	case l.blocks > 1:
		l.sum.run(l.sumSize(), 2*l.blocks)
	}
}

func (l *conv) filterLen() int {
	if l.winograd != nil {
		return l.winograd.FilterLen()
	}
	return l.geometry.FilterLen(l.x[0])
}

func (l *conv) bindFilter(memory []float32) { l.filter = memory }

func (l *conv) filterForward(s *kernels.Scratch) {
	if l.winograd != nil {
		l.winograd.FilterForward(s, l.filter, l.weight.value)
	} else {
		l.geometry.FilterForward(l.filter, l.x[0], l.weight.value)
	}
}

func (l *conv) filterBackward(s *kernels.Scratch) {
	switch {
	case !l.passes:
	case l.winograd != nil:
		l.winograd.FilterBackward(s, l.filter, l.weight.value)
	default:
		l.geometry.FilterBackward(l.filter, l.x[0], l.weight.value)
	}
}

func (l *conv) applyTo(s *kernels.Scratch, part, from, to int) {
	g, x, y := l.geometry, l.x[part], l.to.x(from, to)
	g.Batch = to - from
	for i, in := range l.ins {
		x[i].X = in.x(from, to)
	}
	if l.winograd != nil {
		l.winograd.Forward(s, g.Batch, y, x, l.filter, &l.epilogue)
	} else {
		kernels.ConvForward(s, &g, y, x, l.filter, &l.epilogue)
	}
}

func (l *conv) backTo(s *kernels.Scratch, part, from, to int) {
	for i := from; i < to; i++ {
		switch {
		case i < l.blocks && l.winograd != nil:
			l.learnPoints(s, part, i)
		case i < l.blocks:
			l.learn(s, part, i)
		default:
			l.passBack.work(s, part, (i-l.blocks)*l.n/l.shards, (i-l.blocks+1)*l.n/l.shards)
		}
	}
}

// learn sums the gradients of the weight and the bias over a block.
func (l *conv) learn(s *kernels.Scratch, part, block int) {
	from, to := block*l.n/l.blocks, (block+1)*l.n/l.blocks
	g, x, dy := l.geometry, l.x[part], l.out.dx(from, to)
	g.Batch = to - from
	for i, in := range l.ins {
		x[i].X = in.kept(from, to)
	}
	weight, bias := l.sums(block)
	if block > 0 {
		clear(weight)
		clear(bias)
	}
	kernels.ConvBackwardWeights(s, &g, weight, dy, x)
	if l.bias != nil {
		kernels.ColumnSums(bias, dy, l.out.positions(g.Batch), g.OutC)
	}
}

// learnPoints finds the gradient of the weight at a block of Winograd's points;
// with the first, that of the bias.
func (l *conv) learnPoints(s *kernels.Scratch, part, block int) {
	x, dy, points := l.x[part], l.out.dx(0, l.n), l.winograd.Points()
	for i, in := range l.ins {
		x[i].X = in.kept(0, l.n)
	}
	l.winograd.Correlate(s, l.n, l.back.program.sums, dy, x, block*points/l.blocks, (block+1)*points/l.blocks)
	if block == 0 && l.bias != nil {
		kernels.ColumnSums(l.bias.grad, dy, l.out.positions(l.n), l.out.channels)
	}
}

// passBackTo adds to the gradients of the inputs.
func (l *conv) passBackTo(s *kernels.Scratch, part, from, to int) {
	g, dx := l.geometry, l.dx[part]
	g.Batch = to - from
	for i, in := range l.ins {
		if in.grad != nil {
			dx[i].X = in.dx(from, to)
		}
	}
	if l.winograd != nil {
		l.winograd.BackwardData(s, g.Batch, dx, l.out.dx(from, to), l.filter)
	} else {
		kernels.ConvBackwardData(s, &g, dx, l.out.dx(from, to), l.filter)
	}
}

// addSums adds the numbers [from, to) of the blocks' sums to the gradients.
func (l *conv) addSums(_ *kernels.Scratch, _, from, to int) {
	size := l.weight.size()
	for b := 1; b < l.blocks; b++ {
		weight, bias := l.sums(b)
		if first, last := min(from, size), min(to, size); first < last {
			kernels.Add(l.weight.grad[first:last], weight[first:last])
		}
		if first, last := max(from-size, 0), max(to-size, 0); first < last {
			kernels.Add(l.bias.grad[first:last], bias[first:last])
		}
	}
}
