package kernels

// target is where the product of patches goes: the element of position (n, r, q) and channel j is
// x[start + n*image + r*row + q*col + j].
type target struct {
	x                      []float32
	start, image, row, col int
	channels               int
}

// gather multiplies patches with b and overwrites out, or adds to it.
func (s *Scratch) gather(t *table, p *patches, b *operand, out *target, add bool) {
	first := p.boxes()
	for part, more := first, true; more; part, more = p.nextBox(part, first) {
		depth := part.depth()
		width := t.panelCols(depth, out.channels)
		for j := 0; j < out.channels; j += width {
			cols := min(width, out.channels-j)
			t.pack(s.panels, b, part, j, cols)
			s.gatherBox(t, p, part, out, j, cols, add || part != first)
		}
	}
}

// gatherBox multiplies one box's patches with the packed columns [j, j+cols).
func (s *Scratch) gatherBox(t *table, p *patches, part box, out *target, j, cols int, add bool) {
	depth, inside := part.depth(), p.inside(part)
	var filled chunk // the shape for which the offset tables stand
	first := p.chunks(part, offsetLen)
	for c, more := first, true; more; c, more = p.nextChunk(c, first) {
		var a band
		if inside {
			a = p.view(c, part)
		} else {
			a = p.band(s.band, c, part)
		}
		runs, runLen := a.taps(s.runs, p, part)
		if shape := (chunk{images: c.images, rows: c.rows, cols: c.cols}); shape != filled {
			s.positions(p, &a, shape, out)
			filled = shape
		}
		at := out.start + c.image*out.image + c.row*out.row + c.col*out.col
		panels := s.panels
		for k := 0; k < cols; {
			tile := t.pick(cols - k)
			width := min(tile.n, cols-k)
			tile.byRow(c.positions(), a.data, s.aOff, runs, runLen, panels, tile.n, out.x[at+j+k:], s.cOff, width, add)
			panels = panels[depth*tile.n:]
			k += width
		}
	}
}

// positions sets the offset tables to where a chunk's positions begin in its band and in the target.
func (s *Scratch) positions(p *patches, a *band, c chunk, out *target) {
	i := 0
	for n := range c.images {
		for r := range c.rows {
			for q := range c.cols {
				s.aOff[i] = n*a.image + r*p.strideH*a.row + q*p.strideW*a.pixel
				s.cOff[i] = n*out.image + r*out.row + q*out.col
				i++
			}
		}
	}
	for end := min(i+maxTile, len(s.aOff)); i < end; i++ {
		s.aOff[i], s.cOff[i] = s.aOff[i-1], s.cOff[i-1]
	}
}
