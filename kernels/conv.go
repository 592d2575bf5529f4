package kernels

// Conv is the geometry of a convolution. x is (Batch, InH, InW, InC), w is (KernelH, KernelW, InC/Groups,
// OutC), y is (Batch, OutH, OutW, OutC), row-major. Output (oh, ow) sees the inputs
// oh*StrideH - PadTop + kh*DilationH, ow*StrideW - PadLeft + kw*DilationW; outside the map they are 0.
// Group g maps the input channels [g*InC/Groups, …) to the output channels [g*OutC/Groups, …).
type Conv struct {
	Batch, InH, InW, InC int
	OutH, OutW, OutC     int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Groups               int
	Frames               []Frame // of the parts of x, if some are smaller than the map; nil: none is
}

// Part is one of several maps that lie on each other in depth: X is (Batch, InH, InW, C), row-major, or as large as its
// frame. Together they are the map whose first channels are those of the first part. A convolution with more than one
// group takes a single part, without a frame.
type Part struct {
	X []float32
	C int
}

// Frame says where in the map a part of H rows and W columns lies: around it, its channels are 0.
type Frame struct{ H, W, Top, Left int }

// ConvForward overwrites y with the convolution of x, whose parts have InC channels together, with the weights w of which
// FilterForward has made u; in group q, which has in = InC/Groups channels,
//
//	y[n][oh][ow][o] = sum over kh, kw, c of
//		x[n][oh*StrideH-PadTop+kh*DilationH][ow*StrideW-PadLeft+kw*DilationW][q*in+c] * w[kh][kw][c][o]
//
// An epilogue that is not nil follows, by output channels. A row of taps that lies above or below the map is left out.
// To its left and right padding counts as zeros, which a NaN or an infinite weight turns to NaN; a depthwise
// convolution leaves that out, too. Around a part in a frame there is padding of this part; outputs that see nothing
// else of it leave it out.
func ConvForward(s *Scratch, g *Conv, y []float32, x []Part, u []float32, e *Epilogue) {
	t := active.Load()
	e.check(g.OutC)
	some := g.checkMaps(x, false, y)
	check(g.forwardLen(t), u)
	y = y[:g.outputs()]
	switch {
	case !some:
		clear(y)
	case g.depthwise():
		g.depthwiseForward(t, y, x[0].X, u, e)
		return
	case g.Frames == nil:
		g.forward(s, &filter{t: t, u: u}, y, x, 0, g.InC/g.Groups, g.all(), false, e)
		return
	default:
		clear(y)
		g.forwardFrames(s, &filter{t: t, u: u}, y, x)
	}
	e.apply(t, y, 0, g.Batch*g.OutH*g.OutW, g.OutC, g.OutC)
}

// forwardFrames adds what the parts in each frame contribute to y, or packs the filter for that.
func (g *Conv) forwardFrames(s *Scratch, f *filter, y []float32, x []Part) {
	for k, at := 0, 0; k < len(x); {
		stack, end := g.stack(x, k)
		if of := stack.seeing(); !of.empty() {
			stack.forward(s, f, y, x[k:end], at, g.InC, of, true, nil)
		}
		k, at = end, at+stack.InC
	}
}

// forward overwrites the outputs of a grid, or adds to them, or packs the filter for that; the weights have depth
// channels for each tap, of which those from first are used.
func (g *Conv) forward(s *Scratch, f *filter, y []float32, x []Part, first, depth int, of grid, add bool, e *Epilogue) {
	p := g.patches(x, of)
	b := operand{x: f.w, tapH: g.KernelW * depth * g.OutC, tapW: depth * g.OutC, channel: g.OutC, col: 1}
	parts := [...]Part{{X: y, C: g.OutC}}
	out := target{parts: parts[:], groups: g.Groups, start: of.top*g.OutW + of.left, image: g.OutH * g.OutW, row: g.OutW, col: 1}
	for q := range g.Groups {
		p.first, b.start, out.group = q*p.channels, first*g.OutC+q*(g.OutC/g.Groups), q
		f.through(s, &p, &b, &out, add, e)
	}
}

// ConvBackwardData adds the gradient of ConvForward's x, given that of y, to dx, whose parts are those of x; a part
// without X is left out. FilterBackward has made u of the weights w:
//
//	dx[n][h][w][q*in+c] += sum over kh, kw, o of group q, and the oh, ow that see (h, w) through (kh, kw), of
//		dy[n][oh][ow][o] * w[kh][kw][c][o]
//
// The inputs that have the same remainder modulo the strides see the same taps, and neighbours among them see
// neighbouring outputs: for each remainder this is a convolution, of stride 1, of dy with those taps, reversed.
// What ConvForward says of padding holds for the rows of dy.
func ConvBackwardData(s *Scratch, g *Conv, dx []Part, dy, u []float32) {
	t := active.Load()
	some := g.checkMaps(dx, true, dy)
	check(g.backwardLen(t, dx), u)
	switch {
	case !some:
	case !g.depthwise():
		g.backwardFrames(s, &filter{t: t, u: u}, dx, dy)
	case dx[0].X != nil:
		g.depthwiseBackwardData(t, dx[0].X, dy, u)
	}
}

// backwardFrames adds to the parts of dx, or packs the filter for that.
func (g *Conv) backwardFrames(s *Scratch, f *filter, dx []Part, dy []float32) {
	if g.Frames == nil {
		g.backwardData(s, f, dx, dy, 0, g.InC/g.Groups)
		return
	}
	for k, at := 0, 0; k < len(dx); {
		stack, end := g.stack(dx, k)
		stack.backwardData(s, f, dx[k:end], dy, at, g.InC)
		k, at = end, at+stack.InC
	}
}

// backwardData adds to parts whose weights are those from first of depth channels of each tap, or packs the filter for
// that.
func (g *Conv) backwardData(s *Scratch, f *filter, dx []Part, dy []float32, first, depth int) {
	tapH, tapW := g.KernelW*depth*g.OutC, depth*g.OutC
	from := [...]Part{{X: dy, C: g.OutC}}
	for h := range min(g.StrideH, g.InH) {
		lineH := seenBy(h, g.StrideH, g.DilationH, g.PadTop, g.KernelH)
		for v := range min(g.StrideW, g.InW) {
			lineW := seenBy(v, g.StrideW, g.DilationW, g.PadLeft, g.KernelW)
			if lineH.taps == 0 || lineW.taps == 0 {
				continue
			}
			p := patches{
				x: from[:], batch: g.Batch, height: g.OutH, width: g.OutW,
				rows: (g.InH - h + g.StrideH - 1) / g.StrideH, cols: (g.InW - v + g.StrideW - 1) / g.StrideW,
				tapsH: lineH.taps, tapsW: lineW.taps, channels: g.OutC / g.Groups,
				strideH: 1, strideW: 1, dilationH: lineH.dilation, dilationW: lineW.dilation,
				padTop: lineH.pad, padLeft: lineW.pad,
			}
			b := operand{x: f.w, tapH: -lineH.step * tapH, tapW: -lineW.step * tapW, channel: 1, col: g.OutC}
			out := target{parts: dx, groups: g.Groups, start: h*g.InW + v, image: g.InH * g.InW, row: g.StrideH * g.InW, col: g.StrideW}
			for q := range g.Groups {
				p.first, out.group = q*p.channels, q
				b.start = lineH.last*tapH + lineW.last*tapW + first*g.OutC + p.first
				f.through(s, &p, &b, &out, true, nil)
			}
		}
	}
}

// ConvBackwardWeights adds the gradient of ConvForward's w, given that of y, to dw:
//
//	dw[kh][kw][c][o] += sum over n, oh, ow of
//		x[n][oh*StrideH-PadTop+kh*DilationH][ow*StrideW-PadLeft+kw*DilationW][q*in+c] * dy[n][oh][ow][o]
//
// Padding counts as zeros, which a NaN or an infinite dy turns to NaN.
func ConvBackwardWeights(s *Scratch, g *Conv, dw, dy []float32, x []Part) {
	some := g.checkMaps(x, false, dy)
	check(g.weights(), dw)
	if !some {
		return
	}
	t := active.Load()
	if g.depthwise() {
		g.depthwiseBackwardWeights(t, dw, dy, x[0].X)
		return
	}
	if g.Frames == nil {
		g.backwardWeights(s, t, dw, dy, x, g.InC/g.Groups, g.all())
		return
	}
	for k, at := 0, 0; k < len(x); {
		stack, end := g.stack(x, k)
		if of := stack.seeing(); !of.empty() {
			stack.backwardWeights(s, t, dw[at*g.OutC:], dy, x[k:end], g.InC, of)
		}
		k, at = end, at+stack.InC
	}
}

// backwardWeights adds to the first of depth channels of each tap what the outputs of a grid contribute.
func (g *Conv) backwardWeights(s *Scratch, t *table, dw, dy []float32, x []Part, depth int, of grid) {
	p := g.patches(x, of)
	for q := range g.Groups {
		p.first = q * p.channels
		first := q * (g.OutC / g.Groups)
		from := gradient{x: dy[first:], row: g.OutW, image: g.OutH * g.OutW, start: of.top*g.OutW + of.left, cols: g.OutC / g.Groups, ld: g.OutC}
		s.correlate(t, &p, dw[first:], depth, &from)
	}
}

// A grid is a rectangle of outputs.
type grid struct{ top, left, rows, cols int }

// all is the grid of all outputs.
func (g *Conv) all() grid { return grid{0, 0, g.OutH, g.OutW} }

func (of grid) empty() bool { return of.rows*of.cols == 0 }

// seeing is the grid of the outputs whose windows meet the map, if the map has numbers.
func (g *Conv) seeing() grid {
	if g.InH*g.InW*g.InC == 0 {
		return grid{}
	}
	top, bottom := touching(g.OutH, g.StrideH, g.PadTop, g.KernelH, g.DilationH, g.InH)
	left, right := touching(g.OutW, g.StrideW, g.PadLeft, g.KernelW, g.DilationW, g.InW)
	return grid{top, left, bottom - top, right - left}
}

// touching returns the outputs [first, last) in a line whose windows, from their first tap to their last, meet the inputs.
func touching(outputs, stride, pad, taps, dilation, inputs int) (first, last int) {
	first = min(outputs, max(0, (pad-(taps-1)*dilation+stride-1)/stride))
	last = min(outputs, max(0, (inputs-1+pad+stride)/stride))
	return first, max(first, last)
}

// stack returns the convolution of the parts [k, end) alone, which are those of one frame from part k.
func (g *Conv) stack(x []Part, k int) (of Conv, end int) {
	of = *g
	f := g.Frames[k]
	of.Frames, of.InH, of.InW, of.InC = nil, f.H, f.W, 0
	of.PadTop, of.PadLeft = g.PadTop+f.Top, g.PadLeft+f.Left
	for end = k; end < len(x) && g.Frames[end] == f; end++ {
		of.InC += x[end].C
	}
	return of, end
}

// checkMaps panics if the geometry or the length of a map is wrong; it reports whether there is anything to do. Parts
// without X are right if some may be left out.
func (g *Conv) checkMaps(x []Part, leftOut bool, y []float32) bool {
	g.check(x)
	for k, part := range x {
		size := g.Batch * g.InH * g.InW
		if g.Frames != nil {
			size = g.Batch * g.Frames[k].H * g.Frames[k].W
		}
		if part.X != nil || !leftOut {
			check(size*part.C, part.X)
		}
	}
	check(g.outputs(), y)
	return g.Batch*g.InH*g.InW*g.InC > 0 && g.weights() > 0 && g.outputs() > 0
}

// check panics if the geometry is wrong, or the parts do not suit it.
func (g *Conv) check(x []Part) {
	if g.Groups < 1 || g.InC%g.Groups != 0 || g.OutC%g.Groups != 0 {
		panic("kernels: Groups must divide InC and OutC")
	}
	if g.StrideH < 1 || g.StrideW < 1 || g.DilationH < 1 || g.DilationW < 1 {
		panic("kernels: stride and dilation must be positive")
	}
	if g.Groups > 1 && len(x) != 1 {
		panic("kernels: a convolution with groups takes a single part")
	}
	if g.Frames != nil && (len(g.Frames) != len(x) || g.Groups > 1) {
		panic("kernels: frames must be those of the parts, and of a single group")
	}
	channels := 0
	for k, part := range x {
		if g.Frames != nil {
			if f := g.Frames[k]; f.H < 0 || f.W < 0 || f.Top < 0 || f.Left < 0 || f.Top+f.H > g.InH || f.Left+f.W > g.InW {
				panic("kernels: a frame reaches over the edge of the map")
			}
		}
		channels += part.C
	}
	if channels != g.InC {
		panic("kernels: the parts do not have InC channels together")
	}
}

// patches are the rows of x that the outputs of a grid see, for the first group.
func (g *Conv) patches(x []Part, of grid) patches {
	return patches{
		x: x, batch: g.Batch, height: g.InH, width: g.InW,
		rows: of.rows, cols: of.cols, tapsH: g.KernelH, tapsW: g.KernelW, channels: g.InC / g.Groups,
		strideH: g.StrideH, strideW: g.StrideW, dilationH: g.DilationH, dilationW: g.DilationW,
		padTop: g.PadTop - of.top*g.StrideH, padLeft: g.PadLeft - of.left*g.StrideW,
	}
}

func (g *Conv) outputs() int { return g.Batch * g.OutH * g.OutW * g.OutC }

// weights is the length of w.
func (g *Conv) weights() int { return g.KernelH * g.KernelW * (g.InC / g.Groups) * g.OutC }

// A line describes, along one dimension, the outputs that see the inputs with one remainder modulo the
// stride: input number i of them sees output i - pad + t*dilation through tap last - t*step, 0 <= t < taps.
type line struct{ taps, last, step, dilation, pad int }

// seenBy returns the line of the inputs with the given remainder. Output o sees input o*stride - pad + k*dilation
// through tap k, so tap k counts if stride divides remainder + pad - k*dilation.
func seenBy(remainder, stride, dilation, pad, kernel int) line {
	common := gcd(stride, dilation)
	l := line{step: stride / common, dilation: dilation / common}
	for k := range kernel {
		if (remainder+pad-k*dilation)%stride == 0 {
			l.taps++
			l.last = k
		}
	}
	l.pad = -(remainder + pad - l.last*dilation) / stride
	return l
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
