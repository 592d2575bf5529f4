package kernels

// Points returns how many points there are, which the gradient of the filter can be split by.
func (c *Winograd) Points() int { return c.points() }

// Correlate sets g, of GradientLen numbers, to the gradient of the filter at the points [first, end), for batch
// examples. Different points can be worked on side by side; AddGradient follows.
func (c *Winograd) Correlate(s *Scratch, batch int, g, dy []float32, x []Part, first, end int) {
	s.whole[0] = Part{dy, c.outC}
	p := c.forward(batch, s.whole[:], x)
	checkParts(p.in, p.from, batch*c.inH*c.inW)
	check(batch*c.outH*c.outW*c.outC, dy)
	check(c.GradientLen(), g)
	if first < 0 || end > c.points() {
		panic("kernels: points that there are not")
	}
	tilesH, tilesW := c.h.tiles(c.outH), c.w.tiles(c.outW)
	rows := batch * tilesH
	for row := 0; row < rows; row += c.block / tilesW {
		count := min(c.block/tilesW, rows-row)
		at := 0
		for _, to := range p.to {
			l := c.tiling(p.out[0], to, c.outH, c.outW, c.h.step, c.w.step)
			l.down, l.across = c.h.of(p.t).filter[c.h.step], c.w.of(p.t).filter[c.w.step]
			l.first, l.end = first, end
			for i := range count {
				image, top := (row+i)/tilesH, (row+i)%tilesH*c.h.step
				l.transform(s, s.sums[i*tilesW*l.c:], count*tilesW*l.c, image, top, 0, tilesW)
			}
			for _, from := range p.from {
				p.input(s, from, row, count)
				p.correlate(s, g[at:], from.channels, to.channels, count*tilesW, first, end, row > 0)
				at += c.points() * from.channels * to.channels
			}
		}
	}
}

// correlate sets, or adds to, the products at the points [first, end): g (from, to), or transposed where that
// leaves fewer lanes empty, of s.points (tiles, from), transposed, and s.sums (tiles, to).
func (p *pass) correlate(s *Scratch, g []float32, from, to, tiles, first, end int, add bool) {
	a, b, rows, cols := s.points, s.sums, from, to
	if p.t.crosswise(from, to) {
		a, b, rows, cols = b, a, to, from
	}
	s.runs[0] = 0
	for f := first; f < end; f++ {
		x, y := a[f*tiles*rows:], b[f*tiles*cols:]
		for j := 0; j < cols; {
			tile := p.t.pick(cols - j)
			width := min(tile.n, cols-j)
			for i := 0; i < rows; i += tile.columns {
				tile.byColumn(min(tile.columns, rows-i), x[i:], rows, s.runs[:1], tiles, y[j:], cols, g[(f*rows+i)*cols+j:], cols, width, add)
			}
			j += width
		}
	}
}

// crosswise reports whether the gradient between slabs is better computed transposed.
func (t *table) crosswise(from, to int) bool {
	return t.panelsLen(1, from)*to < t.panelsLen(1, to)*from
}

// AddGradient adds g, found at all points, to dw, as ConvBackwardWeights does.
func (c *Winograd) AddGradient(s *Scratch, dw, g []float32) {
	check(c.h.taps*c.w.taps*c.inC*c.outC, dw)
	check(c.GradientLen(), g)
	t := active.Load()
	for _, to := range c.out {
		for _, from := range c.in {
			rows, cols, cross := from.channels, to.channels, t.crosswise(from.channels, to.channels)
			if cross {
				rows, cols = cols, rows
			}
			for i := 0; i < rows; {
				count := min(c.rowsAtATime(cols), rows-i)
				c.interpolate(t, s, g[i*cols:], rows*cols, count*cols)
				for tap := range c.h.taps * c.w.taps {
					x := s.points[tap*count*cols:]
					at := (tap*c.inC+from.at)*c.outC + to.at
					if cross {
						addTransposed(dw[at+i:], c.outC, x, count, cols)
						continue
					}
					for r := range count {
						t.add(dw[at+(i+r)*c.outC:][:cols], x[r*cols:])
					}
				}
				i += count
			}
			g = g[c.points()*rows*cols:]
		}
	}
}

// interpolate sets s.points (taps, size) to the places that belong to g, whose points are step apart.
func (c *Winograd) interpolate(t *table, s *Scratch, g []float32, step, size int) {
	down, across := c.h.of(t).output[c.h.taps%8], c.w.of(t).output[c.w.taps%8]
	if c.w.plain() {
		down(s.points, size, 0, g, step, 0, 1, size, false)
		return
	}
	wide := c.w.points * size
	if c.h.plain() {
		for j := range c.w.points {
			copy(s.places[j*size:][:size], g[j*step:])
		}
	} else {
		down(s.places, wide, size, g, c.w.points*step, step, c.w.points, size, false)
	}
	for i := range c.h.taps {
		across(s.points[i*c.w.taps*size:], size, 0, s.places[i*wide:], size, 0, 1, size, false)
	}
}

// addTransposed adds x (rows, cols), transposed, to dw.
func addTransposed(dw []float32, ld int, x []float32, rows, cols int) {
	for i := range rows {
		for j, v := range x[i*cols:][:cols] {
			dw[j*ld+i] += v
		}
	}
}
