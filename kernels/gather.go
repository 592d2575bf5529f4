package kernels

// target is where the product of patches goes: maps that lie on each other in depth, of whose channels one group
// of several is meant. Position (n, r, q) is pixel start + n*image + r*row + q*col of every part. Parts without X
// are left out.
type target struct {
	parts                  []Part
	groups, group          int
	start, image, row, col int
}

// gather multiplies patches with the next product of a filter and overwrites out, or adds to it. An epilogue that is
// not nil follows; out then is a single part, whose positions are pixels one after the other.
func (s *Scratch) gather(f *filter, p *patches, out *target, add bool, e *Epilogue) {
	first := p.boxes()
	for rows, more := first, true; more; {
		next, another := p.nextBox(rows, first)
		last := e
		if another {
			last = nil
		}
		s.gatherBox(f, p, rows, out, add || rows != first, last)
		f.u = f.u[f.boxLen(rows, out):]
		rows, more = next, another
	}
}

// gatherBox multiplies one box's patches.
func (s *Scratch) gatherBox(f *filter, p *patches, rows box, out *target, add bool, e *Epilogue) {
	a := strand{box: rows}
	view := p.viewable(rows)
	var shape chunk // the shape for which the offset tables stand,
	channels := 0   // and the channels of the target for which they do
	first := p.chunks(rows, offsetLen)
	for c, more := first, true; more; c, more = p.nextChunk(c, first) {
		a.chunk = c
		if view {
			a.band = p.view(c, rows)
		} else {
			a.band = p.band(s.band, c, rows)
		}
		a.runs, a.perRow, a.runLen = a.band.taps(s.runs, p, rows)
		at, panels := out.start+c.image*out.image+c.row*out.row+c.col*out.col, f.u
		for _, part := range out.parts {
			count := part.C / out.groups
			if part.X == nil || count == 0 {
				panels = panels[f.t.panelsLen(rows.depth(), count):]
				continue
			}
			here := chunk{images: c.images, rows: c.rows, cols: c.cols}
			if here != shape || part.C != channels {
				shape, channels = here, part.C
				s.positions(p, &a.band, shape, out, channels)
			}
			y := part.X[at*channels+out.group*count:]
			panels = s.multiply(f.t, p, &a, panels, y, count, add)
			e.apply(f.t, y, out.group*count, c.positions(), count, channels)
		}
	}
}

// A strand is one chunk of the positions and one box of the taps and channels, with their band and the runs in it.
type strand struct {
	chunk          chunk
	box            box
	band           band
	runs           []int
	perRow, runLen int // runs that a row of taps has, and their length
}

// multiply multiplies a strand with cols packed columns of b and overwrites y, or adds to it. It returns the
// panels that follow. Rows of taps above and below the map are left out.
func (s *Scratch) multiply(t *table, p *patches, a *strand, panels, y []float32, cols int, add bool) []float32 {
	positions := a.chunk.images * a.chunk.cols // of one row
	end := a.chunk.row + a.chunk.rows
	for j := 0; j < cols; {
		tile := t.pick(cols - j)
		width := min(tile.n, cols-j)
		for r := a.chunk.row; r < end; {
			lo, hi, next := p.insideRows(r, end, a.box)
			i, m := (r-a.chunk.row)*positions, (next-r)*positions
			r = next
			if lo == hi {
				if !add {
					for _, at := range s.cOff[i : i+m] {
						clear(y[at+j:][:width])
					}
				}
				continue
			}
			b := panels[lo*a.box.tapsW*a.box.channels*tile.n:]
			tile.byRow(m, a.band.data, s.aOff[i:], a.runs[lo*a.perRow:hi*a.perRow], a.runLen, 0, b, tile.n, y[j:], s.cOff[i:], width, add)
		}
		panels = panels[a.box.depth()*tile.n:]
		j += width
	}
	return panels
}

// positions sets the offset tables to where a chunk's positions begin in its band and in a part of the target. The
// positions of a row of the grid, in all images, follow each other.
func (s *Scratch) positions(p *patches, a *band, c chunk, out *target, channels int) {
	i := 0
	for r := range c.rows {
		for n := range c.images {
			for q := range c.cols {
				s.aOff[i] = n*a.image + r*p.strideH*a.row + q*p.strideW*a.pixel
				s.cOff[i] = (n*out.image + r*out.row + q*out.col) * channels
				i++
			}
		}
	}
	for end := min(i+maxTile, len(s.aOff)); i < end; i++ {
		s.aOff[i], s.cOff[i] = s.aOff[i-1], s.cOff[i-1]
	}
}
