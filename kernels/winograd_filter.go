package kernels

// FilterForward sets u, for Forward, to the weights w, (KernelH, KernelW, InC, OutC), at all points.
func (c *Winograd) FilterForward(s *Scratch, u, w []float32) {
	p := c.forward(0, nil, nil)
	p.filter(s, u, w, false)
}

// FilterBackward sets u, for BackwardData, to the weights w of the reversed filter at all points.
func (c *Winograd) FilterBackward(s *Scratch, u, w []float32) {
	p := c.backward(0, nil, nil)
	p.filter(s, u, w, true)
}

// filter packs the filter at each point, for each pair of slabs, in the order in which run reads it.
func (p *pass) filter(s *Scratch, u, w []float32, reverse bool) {
	check(p.h.taps*p.w.taps*p.inC*p.outC, w)
	check(p.filterLen(p.t, p.from, p.to), u)
	for _, to := range p.to {
		for _, from := range p.from {
			size := p.t.panelsLen(from.channels, to.channels)
			for d := 0; d < from.channels; {
				rows := min(p.rowsAtATime(to.channels), from.channels-d)
				p.taps(s.places, w, from.at+d, rows, to, reverse)
				p.evaluate(s, rows*to.channels)
				for f := range p.points() {
					p.t.packPart(u[f*size:], s.points[f*rows*to.channels:], from.channels, d, rows, to.channels)
				}
				d += rows
			}
			u = u[p.points()*size:]
		}
	}
}

// rowsAtATime returns how many rows of cols numbers at all points fit in a buffer.
func (c *Winograd) rowsAtATime(cols int) int {
	return blockLen / (max(c.h.points, c.h.taps) * max(c.w.points, c.w.taps) * cols)
}

// taps copies, for each tap, the weights from channels [d, d+rows) of the input of the pass to those of a slab of its
// output: dst is (taps, rows, to). Reversed, the pass goes from the filter's outputs to its inputs.
func (p *pass) taps(dst, w []float32, d, rows int, to slab, reverse bool) {
	n, cols := p.h.taps*p.w.taps, to.channels
	for tap := range n {
		out := dst[tap*rows*cols:]
		if !reverse {
			copyPixels(out[:rows*cols], cols, w[(tap*p.inC+d)*p.outC+to.at:], p.outC, cols)
			continue
		}
		for j := range cols {
			for i, v := range w[((n-1-tap)*p.inC+to.at+j)*p.outC+d:][:rows] {
				out[i*cols+j] = v
			}
		}
	}
}

// evaluate sets s.points (points, size) to s.places (taps, size) at all points.
func (p *pass) evaluate(s *Scratch, size int) {
	down, across := p.h.of(p.t).filter[p.h.taps%8], p.w.of(p.t).filter[p.w.taps%8]
	wide := p.w.taps * size
	switch {
	case p.w.plain():
		down(s.points, size, 0, s.places, size, 0, 1, size)
		return
	case p.h.plain():
		copy(s.sums, s.places[:wide])
	default:
		down(s.sums, wide, 0, s.places, wide, 0, 1, wide)
	}
	for i := range p.h.points {
		across(s.points[i*p.w.points*size:], size, 0, s.sums[i*wide:], size, 0, 1, size)
	}
}

// packPart packs x (rows, cols) as rows [l, l+rows) of a matrix of depth rows.
func (t *table) packPart(panels, x []float32, depth, l, rows, cols int) {
	for j := 0; j < cols; {
		n := t.pick(cols - j).n
		width := min(n, cols-j)
		t.packRows(panels[l*n:], x[j:], rows, cols, width, n)
		panels = panels[depth*n:]
		j += width
	}
}
