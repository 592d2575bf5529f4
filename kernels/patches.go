package kernels

// patches is the matrix that a convolution multiplies, without the copy (im2col) ever being made: one row
// per position of a grid, one column per tap and channel. Position (n, r, q) and tap (h, w) meet at row
// r*strideH - padTop + h*dilationH and column q*strideW - padLeft + w*dilationW of map n; outside, it is 0.
type patches struct {
	x                    []Part // (batch, height, width, C), of which the channels from first are used
	first                int
	batch, height, width int
	rows, cols           int // of the grid
	tapsH, tapsW         int
	channels             int
	strideH, strideW     int
	dilationH, dilationW int
	padTop, padLeft      int
}

// A box is a part of the taps and channels, beginning at tap (h, w) and channel c.
type box struct {
	h, w, c                int
	tapsH, tapsW, channels int
}

func (b box) depth() int { return b.tapsH * b.tapsW * b.channels }

// A chunk is a part of the positions, beginning at (image, row, col).
type chunk struct {
	image, row, col    int
	images, rows, cols int
}

func (c chunk) positions() int { return c.images * c.rows * c.cols }

// extent returns how many inputs in a line are spanned by taps taps at count positions.
func extent(count, stride, taps, dilation int) int { return (count-1)*stride + (taps-1)*dilation + 1 }

// mostCount is the inverse: how many positions, up to count but at least one, span no more than room inputs.
func mostCount(count, room, stride, taps, dilation int) int {
	return max(1, min(count, (room-extent(1, stride, taps, dilation))/stride+1))
}

// boxes returns the first of the boxes into which the taps and channels are cut: a box has at most maxDepth
// columns and one position of it fits the band.
func (p *patches) boxes() box {
	b := box{tapsH: p.tapsH, tapsW: p.tapsW, channels: p.channels}
	for b.depth() > maxDepth || extent(1, 1, b.tapsH, p.dilationH)*extent(1, 1, b.tapsW, p.dilationW)*b.channels > bandLen {
		switch {
		case b.channels > 8:
			b.channels = (b.channels + 1) / 2
		case b.tapsH > 1:
			b.tapsH = (b.tapsH + 1) / 2
		default: // 8 channels of one tap fit
			b.tapsW = (b.tapsW + 1) / 2
		}
	}
	return b
}

// wideBoxes returns the first of the boxes for a product by columns, a row of which is a channel: where boxes has few
// channels, more, as many as fit the band with what so many positions need of all taps.
func (p *patches) wideBoxes(positions int) box {
	b := p.boxes()
	if b.channels == p.channels || b.channels >= manyRows {
		return b
	}
	cols := min(p.cols, positions)
	rows := min(p.rows, positions/cols)
	images := min(p.batch, max(1, positions/(cols*p.rows)))
	pixels := images * extent(rows, p.strideH, p.tapsH, p.dilationH) * extent(cols, p.strideW, p.tapsW, p.dilationW)
	switch most := bandLen / pixels; {
	case most >= p.channels:
		return box{tapsH: p.tapsH, tapsW: p.tapsW, channels: p.channels}
	case most >= manyRows:
		return box{tapsH: p.tapsH, tapsW: p.tapsW, channels: most - most%manyRows}
	}
	return b
}

// manyRows are so many that tiles have few rows to spare, and a multiple of most tiles' rows.
const manyRows = 24

// nextBox returns the box that follows b, if first is the first one.
func (p *patches) nextBox(b, first box) (next box, ok bool) {
	switch {
	case b.c+first.channels < p.channels:
		b.c += first.channels
	case b.w+first.tapsW < p.tapsW:
		b.c, b.w = 0, b.w+first.tapsW
	case b.h+first.tapsH < p.tapsH:
		b.c, b.w, b.h = 0, 0, b.h+first.tapsH
	default:
		return b, false
	}
	b.channels = min(first.channels, p.channels-b.c)
	b.tapsW = min(first.tapsW, p.tapsW-b.w)
	b.tapsH = min(first.tapsH, p.tapsH-b.h)
	return b, true
}

// chunks returns the first of the chunks into which the positions are cut: at most limit positions, and
// what they need of box b fits the band. It is whole images, or whole rows of an image, or a part of a row.
func (p *patches) chunks(b box, limit int) chunk {
	c := chunk{images: 1, rows: 1}
	high := extent(1, p.strideH, b.tapsH, p.dilationH)
	c.cols = mostCount(min(p.cols, limit), bandLen/(high*b.channels), p.strideW, b.tapsW, p.dilationW)
	if c.cols < p.cols {
		return c
	}
	line := extent(c.cols, p.strideW, b.tapsW, p.dilationW) * b.channels
	c.rows = mostCount(min(p.rows, max(1, limit/c.cols)), bandLen/line, p.strideH, b.tapsH, p.dilationH)
	if c.rows < p.rows {
		return c
	}
	image := extent(c.rows, p.strideH, b.tapsH, p.dilationH) * line
	c.images = max(1, min(p.batch, limit/c.positions(), bandLen/image))
	return c
}

// nextChunk returns the chunk that follows c, if first is the first one.
func (p *patches) nextChunk(c, first chunk) (next chunk, ok bool) {
	switch {
	case c.col+first.cols < p.cols:
		c.col += first.cols
	case c.row+first.rows < p.rows:
		c.col, c.row = 0, c.row+first.rows
	case c.image+first.images < p.batch:
		c.col, c.row, c.image = 0, 0, c.image+first.images
	default:
		return c, false
	}
	c.cols = min(first.cols, p.cols-c.col)
	c.rows = min(first.rows, p.rows-c.row)
	c.images = min(first.images, p.batch-c.image)
	return c, true
}

// A band is what one chunk needs of one box: x's element (n, h, w, c) relative to the chunk's first
// position and the box's first tap and channel is data[n*image + h*row + w*pixel + c].
type band struct {
	data              []float32
	image, row, pixel int
}

// band packs the band of a chunk and a box, zeros outside the map included.
func (p *patches) band(buf []float32, c chunk, b box) band {
	high := extent(c.rows, p.strideH, b.tapsH, p.dilationH)
	wide := extent(c.cols, p.strideW, b.tapsW, p.dilationW)
	out := band{data: buf, pixel: b.channels, row: wide * b.channels, image: high * wide * b.channels}
	top := c.row*p.strideH - p.padTop + b.h*p.dilationH
	left := c.col*p.strideW - p.padLeft + b.w*p.dilationW
	lo, hi := min(max(-left, 0), wide), max(min(p.width-left, wide), 0)
	for n := range c.images {
		for h := range high {
			line := buf[n*out.image+h*out.row:][:out.row]
			if y := top + h; y < 0 || y >= p.height || lo >= hi {
				clear(line)
			} else {
				clear(line[:lo*out.pixel])
				at := ((c.image+n)*p.height+y)*p.width + left + lo
				p.copyParts(line[lo*out.pixel:hi*out.pixel], at, p.first+b.c, out.pixel)
				clear(line[hi*out.pixel:])
			}
		}
	}
	return out
}

// copyParts fills dst with the channels [first, first+channels) of the pixels from at.
func (p *patches) copyParts(dst []float32, at, first, channels int) {
	begin := 0 // of the part among all channels
	for _, part := range p.x {
		if from, to := max(first-begin, 0), min(first-begin+channels, part.C); from < to {
			copyPixels(dst[begin+from-first:], channels, part.X[at*part.C+from:], part.C, to-from)
		}
		begin += part.C
	}
}

// copyPixels copies the first channels of pixels of x, which are pixel apart, to those of dst, which are wide apart; dst
// says how many.
func copyPixels(dst []float32, wide int, x []float32, pixel, channels int) {
	if channels == wide && channels == pixel {
		copy(dst, x)
		return
	}
	for i, at := 0, 0; i < len(dst); i, at = i+wide, at+pixel {
		copy(dst[i:i+channels], x[at:])
	}
}

// viewable reports whether the bands of box b need no copy: there is one part, and no position of the grid sees
// padding through b.
func (p *patches) viewable(b box) bool {
	top, left := b.h*p.dilationH-p.padTop, b.w*p.dilationW-p.padLeft
	return len(p.x) == 1 && top >= 0 && top+extent(p.rows, p.strideH, b.tapsH, p.dilationH) <= p.height &&
		left >= 0 && left+extent(p.cols, p.strideW, b.tapsW, p.dilationW) <= p.width
}

// view returns the band of a chunk and a viewable box, which is x itself.
func (p *patches) view(c chunk, b box) band {
	pixel := p.x[0].C
	out := band{pixel: pixel, row: p.width * pixel, image: p.height * p.width * pixel}
	top := c.row*p.strideH - p.padTop + b.h*p.dilationH
	left := c.col*p.strideW - p.padLeft + b.w*p.dilationW
	out.data = p.x[0].X[c.image*out.image+top*out.row+left*out.pixel+p.first+b.c:]
	return out
}

// insideRows returns which rows of taps of box b, [lo, hi), the positions of row r see inside the map, and the
// next row, up to end, that may see others.
func (p *patches) insideRows(r, end int, b box) (lo, hi, next int) {
	top := r*p.strideH - p.padTop + b.h*p.dilationH
	lo = min(b.tapsH, max(0, (p.dilationH-1-top)/p.dilationH))
	hi = max(lo, min(b.tapsH, (p.height-top+p.dilationH-1)/p.dilationH))
	if lo == 0 && hi == b.tapsH {
		last := (p.height - 1 + p.padTop - (b.h+b.tapsH-1)*p.dilationH) / p.strideH
		return lo, hi, min(last+1, end)
	}
	return lo, hi, r + 1
}

// taps sets runs to where the taps of box b begin in its band, perRow for each of its rows of taps. Taps that
// follow each other make one run.
func (b band) taps(runs []int, p *patches, of box) (used []int, perRow, runLen int) {
	wide, runLen := of.tapsW, of.channels
	if p.dilationW == 1 && of.channels == b.pixel {
		wide, runLen = 1, of.tapsW*of.channels
	}
	for h := range of.tapsH {
		for w := range wide {
			runs[h*wide+w] = h*p.dilationH*b.row + w*p.dilationW*b.pixel
		}
	}
	return runs[:of.tapsH*wide], wide, runLen
}
