package kernels

// chunkDepth is how many positions correlate sums in registers. The rows of dy that one tile reads, and the
// channels of their band, then share the L1 cache.
const chunkDepth = maxDepth / 2

// correlate adds the product of the transposed patches with dy to dw. dy has one row of cols columns per
// position, dw one per tap and channel; their rows are ld apart.
func (s *Scratch) correlate(t *table, p *patches, dw, dy []float32, cols, ld int) {
	first := p.boxes()
	for part, more := first, true; more; part, more = p.nextBox(part, first) {
		firstChunk := p.chunks(part, chunkDepth)
		for c, more := firstChunk, true; more; c, more = p.nextChunk(c, firstChunk) {
			a := p.band(s.band, c, part)
			runs, runLen := a.positionRows(s.runs, p, c)
			from := ((c.image*p.rows+c.row)*p.cols + c.col) * ld
			for j := 0; j < cols; {
				tile := t.pick(cols - j)
				width := min(tile.n, cols-j)
				b, step := dy[from+j:], ld
				if last := (c.positions() - 1) * ld; last+tile.n > len(b) {
					// The tile would read past the end of dy.
					for l := range c.positions() {
						copy(s.panels[l*tile.n:(l+1)*tile.n], b[l*ld:])
					}
					b, step = s.panels, tile.n
				}
				s.correlateBox(tile, p, &a, part, runs, runLen, b, step, dw[j:], ld, width)
				j += width
			}
		}
	}
}

// correlateBox adds to one tile's width columns of dw.
func (s *Scratch) correlateBox(tile *tile, p *patches, a *band, part box, runs []int, runLen int, b []float32, step int, dw []float32, ld, width int) {
	wide, channels := part.tapsW, part.channels
	if p.dilationW == 1 && channels == p.channels {
		wide, channels = 1, part.tapsW*channels // the rows of taps side by side follow each other in dw too
	}
	for h := range part.tapsH {
		for w := range wide {
			data := a.data[h*p.dilationH*a.row+w*p.dilationW*a.pixel:]
			at := (((part.h+h)*p.tapsW+part.w+w)*p.channels + part.c) * ld
			for i := 0; i < channels; i += tile.columns {
				tile.byColumn(min(tile.columns, channels-i), data[i:], p.strideW*a.pixel, runs, runLen, b, step, dw[at+i*ld:], ld, width, true)
			}
		}
	}
}

// positionRows sets runs to where the chunk's rows of positions begin in its band. Rows without a gap between
// them make one run.
func (a *band) positionRows(runs []int, p *patches, c chunk) (used []int, runLen int) {
	if run := c.cols * p.strideW * a.pixel; p.strideH*a.row == run && (c.images == 1 || a.image == c.rows*run) {
		runs[0] = 0
		return runs[:1], c.positions()
	}
	for n := range c.images {
		for r := range c.rows {
			runs[n*c.rows+r] = n*a.image + r*p.strideH*a.row
		}
	}
	return runs[:c.images*c.rows], c.cols
}
