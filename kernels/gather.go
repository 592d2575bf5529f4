package kernels

// target is where the product of patches goes: maps that lie on each other in depth, of whose channels one group
// of several is meant. Position (n, r, q) is pixel start + n*image + r*row + q*col of every part. Parts without X
// are left out.
type target struct {
	parts                  []Part
	groups, group          int
	start, image, row, col int
}

// columns returns how many columns of the product go to part k.
func (t *target) columns(k int) int {
	if t.parts[k].X == nil {
		return 0
	}
	return t.parts[k].C / t.groups
}

// A block is the columns of b that are packed at a time: all of the parts [from, to), or, where a single part has
// too many, count of them from first.
type block struct{ from, to, first, count int }

// gather multiplies patches with b and overwrites out, or adds to it.
func (s *Scratch) gather(t *table, p *patches, b *operand, out *target, add bool) {
	first := p.boxes()
	for rows, more := first, true; more; rows, more = p.nextBox(rows, first) {
		depth, adding, column := rows.depth(), add || rows != first, 0
		for k := 0; k < len(out.parts); {
			cols := out.columns(k)
			if t.panelsLen(depth, cols) > panelLen {
				for j := 0; j < cols; {
					piece := block{k, k + 1, j, t.prefix(cols-j, panelLen/depth)}
					t.pack(s.panels, b, rows, column+j, piece.count)
					s.gatherBox(t, p, rows, out, piece, adding)
					j += piece.count
				}
				column += out.parts[k].C
				k++
				continue
			}
			whole, used := block{from: k}, 0
			for ; k < len(out.parts); k++ {
				cols = out.columns(k)
				length := t.panelsLen(depth, cols)
				if used+length > panelLen {
					break
				}
				t.pack(s.panels[used:], b, rows, column, cols)
				used += length
				column += out.parts[k].C
			}
			if whole.to = k; used > 0 {
				s.gatherBox(t, p, rows, out, whole, adding)
			}
		}
	}
}

// gatherBox multiplies one box's patches with a packed block of b.
func (s *Scratch) gatherBox(t *table, p *patches, rows box, out *target, cols block, add bool) {
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
		at, panels := out.start+c.image*out.image+c.row*out.row+c.col*out.col, s.panels
		for k := cols.from; k < cols.to; k++ {
			count := out.columns(k)
			if cols.count > 0 {
				count = cols.count
			}
			if count == 0 {
				continue
			}
			here := chunk{images: c.images, rows: c.rows, cols: c.cols}
			if here != shape || out.parts[k].C != channels {
				shape, channels = here, out.parts[k].C
				s.positions(p, &a.band, shape, out, channels)
			}
			y := out.parts[k].X[at*channels+out.group*(channels/out.groups)+cols.first:]
			panels = s.multiply(t, p, &a, panels, y, count, add)
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
