package kernels

// The weights of a convolution are packed once for all its products: for each box of each group, remainder and frame, in
// the order in which a pass walks through them, the panels of all columns. A depthwise convolution reads them as they
// are.

// FilterLen returns how many numbers the packed weights take, at any level, for ConvForward or ConvBackwardData. Only
// the channels of x's parts matter here and below.
func (g *Conv) FilterLen(x []Part) int {
	most := 0
	for _, t := range tables {
		most = max(most, g.forwardLen(t), g.backwardLen(t, x))
	}
	return most
}

func (g *Conv) forwardLen(t *table) int {
	if g.depthwise() {
		return g.weights()
	}
	return g.KernelH * g.KernelW * g.InC * t.panelsLen(1, g.OutC/g.Groups)
}

// backwardLen has each tap once, since it is seen by the inputs with one remainder.
func (g *Conv) backwardLen(t *table, x []Part) int {
	if g.depthwise() {
		return g.weights()
	}
	cols := 0
	for _, part := range x {
		cols += t.panelsLen(1, part.C/g.Groups)
	}
	return g.KernelH * g.KernelW * g.OutC * cols
}

// FilterForward packs the weights w, (KernelH, KernelW, InC/Groups, OutC), for ConvForward at the level in use.
func (g *Conv) FilterForward(u []float32, x []Part, w []float32) {
	t := active.Load()
	g.check(x)
	check(g.weights(), w)
	check(g.forwardLen(t), u)
	f := &filter{t: t, u: u, w: w}
	switch {
	case g.depthwise():
		copy(u, w[:g.weights()])
	case g.Frames == nil:
		g.forward(nil, f, nil, x, 0, g.InC/g.Groups, g.all(), false, nil)
	default:
		g.forwardFrames(nil, f, nil, x)
	}
}

// FilterBackward packs the weights w for ConvBackwardData at the level in use.
func (g *Conv) FilterBackward(u []float32, x []Part, w []float32) {
	t := active.Load()
	g.check(x)
	check(g.weights(), w)
	check(g.backwardLen(t, x), u)
	if g.depthwise() {
		copy(u, w[:g.weights()])
		return
	}
	g.backwardFrames(nil, &filter{t: t, u: u, w: w}, x, nil)
}

// A filter is what is left of the packed weights u during a pass. If there are weights w, the pass packs them.
type filter struct {
	t    *table
	u, w []float32
}

// through does the next product of the pass, with b, or packs b for it.
func (f *filter) through(s *Scratch, p *patches, b *operand, out *target, add bool, e *Epilogue) {
	if f.w == nil {
		s.gather(f, p, out, add, e)
		return
	}
	first := p.boxes()
	for rows, more := first, true; more; rows, more = p.nextBox(rows, first) {
		column := 0
		for _, part := range out.parts {
			cols := part.C / out.groups
			f.t.pack(f.u, b, rows, column, cols)
			f.u = f.u[f.t.panelsLen(rows.depth(), cols):]
			column += part.C
		}
	}
}

// boxLen is how many numbers the panels of a box take.
func (f *filter) boxLen(rows box, out *target) int {
	n := 0
	for _, part := range out.parts {
		n += f.t.panelsLen(rows.depth(), part.C/out.groups)
	}
	return n
}
