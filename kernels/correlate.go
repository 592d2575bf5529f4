package kernels

// chunkDepth is how many positions correlate sums in registers. The rows of dy that one tile reads, and the
// channels of their band, then share the L1 cache.
const chunkDepth = maxDepth / 2

// gradient is where the dy of patches' positions is: the row of cols columns that belongs to position (n, r, q) is row
// start + n*image + r*row + q. Rows are ld apart.
type gradient struct {
	x                 []float32
	start, image, row int
	cols, ld          int
}

// correlate adds the product of the transposed patches with dy to dw, which has one row for each of depth channels of
// each tap; its rows are as far apart as those of dy.
func (s *Scratch) correlate(t *table, p *patches, dw []float32, depth int, dy *gradient) {
	first := p.wideBoxes(chunkDepth)
	for part, more := first, true; more; part, more = p.nextBox(part, first) {
		firstChunk := p.chunks(part, chunkDepth)
		for c, more := firstChunk, true; more; c, more = p.nextChunk(c, firstChunk) {
			a := p.band(s.band, c, part)
			runs, runLen := a.positionRows(s.runs, p, c)
			for j := 0; j < dy.cols; {
				tile := t.pick(dy.cols - j)
				width := min(tile.n, dy.cols-j)
				b, step := s.positionColumns(t, tile, dy, c, j, width)
				s.correlateBox(tile, p, &a, part, runs, runLen, b, step, dw[j:], depth, dy.ld, width)
				j += width
			}
		}
	}
}

// positionColumns returns width columns of dy, from column j, for the positions of a chunk, and the distance between
// their rows. They are copied if they do not lie one after the other, or if the tile would read past the end of dy.
func (s *Scratch) positionColumns(t *table, tile *tile, dy *gradient, c chunk, j, width int) (b []float32, step int) {
	from := func(n, r int) []float32 {
		return dy.x[(dy.start+(c.image+n)*dy.image+(c.row+r)*dy.row+c.col)*dy.ld+j:]
	}
	joined := c.positions() == c.cols || c.cols == dy.row && (c.images == 1 || c.rows*dy.row == dy.image)
	if b = from(0, 0); joined && (c.positions()-1)*dy.ld+tile.n <= len(b) {
		return b, dy.ld
	}
	to := s.panels
	for n := range c.images {
		for r := range c.rows {
			t.packRows(to, from(n, r), c.cols, dy.ld, width, tile.n)
			to = to[c.cols*tile.n:]
		}
	}
	return s.panels, tile.n
}

// correlateBox adds to one tile's width columns of dw.
func (s *Scratch) correlateBox(tile *tile, p *patches, a *band, part box, runs []int, runLen int, b []float32, step int, dw []float32, depth, ld, width int) {
	wide, channels := part.tapsW, part.channels
	if p.dilationW == 1 && channels == depth {
		wide, channels = 1, part.tapsW*channels // the rows of taps side by side follow each other in dw too
	}
	for h := range part.tapsH {
		for w := range wide {
			data := a.data[h*p.dilationH*a.row+w*p.dilationW*a.pixel:]
			at := (((part.h+h)*p.tapsW+part.w+w)*depth + part.c) * ld
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
