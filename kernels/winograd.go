package kernels

// Winograd is a convolution of stride 1 by Winograd's minimal filtering (Lavin & Gray, 2016; Winograd, 1980): tiles
// of the input and the filter are evaluated at points, where a convolution is a product, and results are mapped
// back. With n points, n-r+1 outputs take n multiplications in place of (n-r+1)*r, along each axis of the kernel.
//
// It computes what ConvForward and the others do; its results have a larger rounding error, whose root mean
// square is a few times that of the plain sum's (see TestWinogradAccuracy). A number that is not finite turns
// all outputs of its tile to NaN.
//
// A Winograd holds no data and can be used by several goroutines.
type Winograd struct {
	inH, inW, outH, outW int
	h, w                 axis
	padTop, padLeft      int
	in, out              []slab // of the forward pass
	inC, outC            int
	block                int // tiles that are worked on at a time
}

// axis is one dimension of a tile: its points make step outputs of taps taps. One tap needs no transform.
type axis struct{ points, taps, step int }

func axisOf(taps int) (a axis, ok bool) {
	switch taps {
	case 1:
		return axis{1, 1, 1}, true
	case 3:
		return axis{6, 3, 4}, true
	case 5:
		return axis{8, 5, 4}, true
	case 7:
		return axis{8, 7, 2}, true
	}
	return axis{}, false
}

func (a axis) tiles(outputs int) int { return (outputs + a.step - 1) / a.step }

// plain reports whether points are places.
func (a axis) plain() bool { return a.points == 1 }

// of returns the transforms along the axis.
func (a axis) of(t *table) *transforms {
	if a.points == 6 {
		return &t.winograd6
	}
	return &t.winograd8
}

// slab is a piece of the depth of a map: channels of one part, which has depth of them, from first. at is its first channel in
// the whole map.
type slab struct{ part, depth, first, channels, at int }

const (
	slabChannels = 64      // at most
	blockLen     = 1 << 17 // numbers at all points of the tiles that are worked on at a time: half a megabyte
	lineLen      = 1 << 16 // of the lines of one row of tiles
)

// NewWinograd returns the method for the geometry g, whose Batch does not matter, and an input of parts with the
// given channels; or false if it cannot, or should not, be used.
func NewWinograd(g *Conv, parts []int) (*Winograd, bool) {
	h, okH := axisOf(g.KernelH)
	w, okW := axisOf(g.KernelW)
	if !okH || !okW || h.plain() && w.plain() || g.Groups != 1 || g.InC < 8 || g.OutC < 8 ||
		g.StrideH != 1 || g.StrideW != 1 || g.DilationH != 1 || g.DilationW != 1 ||
		g.PadTop < 0 || g.PadTop >= g.KernelH || g.PadLeft < 0 || g.PadLeft >= g.KernelW {
		return nil, false
	}
	c := &Winograd{
		inH: g.InH, inW: g.InW, outH: g.OutH, outW: g.OutW, h: h, w: w, padTop: g.PadTop, padLeft: g.PadLeft,
		in: slabs(parts), out: slabs([]int{g.OutC}), inC: g.InC, outC: g.OutC,
	}
	most := 0
	for _, all := range [][]slab{c.in, c.out} {
		for _, s := range all {
			most = max(most, s.channels)
		}
	}
	c.block = min(offsetLen, blockLen/(c.points()*most))
	wide := max(w.tiles(g.OutW), w.tiles(g.InW))
	if wide > c.block || h.points*(wide*w.step+w.points)*most > lineLen {
		return nil, false
	}
	return c, true
}

// slabs cuts parts into pieces of at most slabChannels channels.
func slabs(parts []int) []slab {
	var all []slab
	at := 0
	for i, c := range parts {
		pieces := (c + slabChannels - 1) / slabChannels
		size := (c + pieces - 1) / max(pieces, 1)
		for first := 0; first < c; first += size {
			all = append(all, slab{i, c, first, min(size, c-first), at + first})
		}
		at += c
	}
	return all
}

func (c *Winograd) points() int { return c.h.points * c.w.points }

// FilterLen returns how many numbers a transformed filter has, at any level, for Forward or BackwardData.
func (c *Winograd) FilterLen() int {
	most := 0
	for _, t := range tables {
		most = max(most, c.filterLen(t, c.in, c.out), c.filterLen(t, c.out, c.in))
	}
	return most
}

func (c *Winograd) filterLen(t *table, from, to []slab) int {
	n := 0
	for _, f := range from {
		for _, o := range to {
			n += c.points() * t.panelsLen(f.channels, o.channels)
		}
	}
	return n
}

// GradientLen returns how many numbers the gradient of a transformed filter has.
func (c *Winograd) GradientLen() int { return c.points() * c.inC * c.outC }

// pass is Forward, or BackwardData, which is a convolution of dy with the reversed filter.
type pass struct {
	*Winograd
	t                    *table
	inH, inW, outH, outW int
	padTop, padLeft      int
	from, to             []slab
	in, out              []Part
	batch                int
	epilogue             *Epilogue // by output channels; may be nil
}

func (c *Winograd) forward(batch int, y, x []Part) pass {
	return pass{c, active.Load(), c.inH, c.inW, c.outH, c.outW, c.padTop, c.padLeft, c.in, c.out, x, y, batch, nil}
}

func (c *Winograd) backward(batch int, dx, dy []Part) pass {
	return pass{c, active.Load(), c.outH, c.outW, c.inH, c.inW, c.h.taps - 1 - c.padTop, c.w.taps - 1 - c.padLeft,
		c.out, c.in, dy, dx, batch, nil}
}

// Forward overwrites y, as ConvForward does, for batch examples; u is what FilterForward has made of the weights. An
// epilogue that is not nil follows.
func (c *Winograd) Forward(s *Scratch, batch int, y []float32, x []Part, u []float32, e *Epilogue) {
	s.whole[0] = Part{y, c.outC}
	p := c.forward(batch, s.whole[:], x)
	p.epilogue = e
	p.check(u)
	e.check(c.outC)
	p.run(s, u, false)
}

// BackwardData adds to dx, as ConvBackwardData does, for batch examples; u is what FilterBackward has made of the weights.
func (c *Winograd) BackwardData(s *Scratch, batch int, dx []Part, dy, u []float32) {
	s.whole[0] = Part{dy, c.outC}
	p := c.backward(batch, dx, s.whole[:])
	p.check(u)
	p.run(s, u, true)
}

// check panics unless the maps are as large, and in as many parts, as the method expects; those that are left out may be nil.
func (p *pass) check(u []float32) {
	check(p.filterLen(p.t, p.from, p.to), u)
	checkParts(p.in, p.from, p.batch*p.inH*p.inW)
	checkParts(p.out, p.to, p.batch*p.outH*p.outW)
}

func checkParts(parts []Part, slabs []slab, pixels int) {
	for _, s := range slabs {
		if s.part >= len(parts) || parts[s.part].C != s.depth {
			panic("kernels: parts that the method was not made for")
		}
		if x := parts[s.part].X; x != nil {
			check(pixels*s.depth, x)
		}
	}
}

// run convolves block by block of rows of tiles.
func (p *pass) run(s *Scratch, u []float32, add bool) {
	tilesW := p.w.tiles(p.outW)
	rows := p.batch * p.h.tiles(p.outH)
	for row := 0; row < rows; row += p.block / tilesW {
		count := min(p.block/tilesW, rows-row)
		at := 0
		for j, to := range p.to {
			for i, from := range p.from {
				if len(p.from) > 1 || j == 0 {
					p.input(s, from, row, count)
				}
				if p.out[to.part].X != nil {
					p.multiply(s, u[at:], from.channels, to.channels, count*tilesW, i > 0)
				}
				at += p.points() * p.t.panelsLen(from.channels, to.channels)
			}
			if p.out[to.part].X != nil {
				p.output(s, to, row, count, add)
			}
		}
	}
}

// multiply sets, or adds to, the products at all points: s.sums (tiles, to) of s.points (tiles, from) and u.
func (p *pass) multiply(s *Scratch, u []float32, from, to, tiles int, add bool) {
	for i := range s.aOff[:tiles+maxTile] {
		s.aOff[i], s.cOff[i] = min(i, tiles-1)*from, i*to
	}
	s.runs[0] = 0
	for f := range p.points() {
		for j := 0; j < to; {
			tile := p.t.pick(to - j)
			width := min(tile.n, to-j)
			tile.byRow(tiles, s.points[f*tiles*from:], s.aOff, s.runs[:1], from, 0, u, tile.n, s.sums[f*tiles*to+j:], s.cOff, width, add)
			u = u[from*tile.n:]
			j += width
		}
	}
}

// input sets s.points to the input of count rows of tiles at all points: (points, tiles, channels).
func (p *pass) input(s *Scratch, from slab, row, count int) {
	l := p.tiling(p.in[from.part], from, p.inH, p.inW, p.h.points, p.w.points)
	l.down, l.across = p.h.of(p.t).input, p.w.of(p.t).input
	tilesH, tilesW := p.h.tiles(p.outH), p.w.tiles(p.outW)
	for i := range count {
		image, top := (row+i)/tilesH, (row+i)%tilesH*p.h.step-p.padTop
		l.transform(s, s.points[i*tilesW*l.c:], count*tilesW*l.c, image, top, p.padLeft, tilesW)
	}
}

// output maps s.sums back to places and writes, or adds, them.
func (p *pass) output(s *Scratch, to slab, row, count int, add bool) {
	tilesH, tilesW := p.h.tiles(p.outH), p.w.tiles(p.outW)
	step := count * tilesW * to.channels // from point to point
	places := s.sums
	if !p.h.plain() {
		places = s.places
		wide := p.w.points * step
		p.h.of(p.t).output[p.h.step](places, wide, 0, s.sums, wide, 0, 1, wide, false)
	}
	y := p.out[to.part]
	for i := range count {
		image, top := (row+i)/tilesH, (row+i)%tilesH*p.h.step
		lines := min(p.h.step, p.outH-top)
		at := (image*p.outH+top)*p.outW*y.C + to.first
		for line := range lines {
			p.outputLine(s, y.X[at+line*p.outW*y.C:], y.C, places[line*p.w.points*step+i*tilesW*to.channels:], step, to.channels, add)
		}
		p.epilogue.apply(p.t, y.X[at:], to.at, lines*p.outW, to.channels, y.C)
	}
}

// outputLine writes, or adds, one line of pixels, which are pixel apart in y; x has c channels of each tile, at points
// that are step apart.
func (p *pass) outputLine(s *Scratch, y []float32, pixel int, x []float32, step, c int, add bool) {
	if p.w.plain() {
		p.t.putPixels(y, pixel, x, c, p.outW, add)
		return
	}
	f := p.w.of(p.t).output[p.w.step]
	whole := p.outW / p.w.step
	f(y, pixel, p.w.step*pixel, x, step, c, whole, c, add)
	if rest := p.outW - whole*p.w.step; rest > 0 {
		f(s.edge, c, 0, x[whole*c:], step, 0, 1, c, false)
		p.t.putPixels(y[whole*p.w.step*pixel:], pixel, s.edge, c, rest, add)
	}
}

// putPixels writes, or adds, x (pixels, c) to pixels of y.
func (t *table) putPixels(y []float32, pixel int, x []float32, c, pixels int, add bool) {
	if c == pixel {
		c, pixels = c*pixels, 1
	}
	for i := range pixels {
		if to, from := y[i*pixel:][:c], x[i*c:]; add {
			t.add(to, from)
		} else {
			copy(to, from)
		}
	}
}

// tiling is a slab of a map whose tiles are evaluated at points: each has tall times wide pixels.
type tiling struct {
	*Winograd
	part          Part
	slab          slab
	c             int // channels
	height, width int
	tall, wide    int
	down, across  transform
	first, end    int // points that are wanted
}

func (c *Winograd) tiling(part Part, of slab, height, width, tall, wide int) tiling {
	return tiling{
		Winograd: c, part: part, slab: of, c: of.channels,
		height: height, width: width, tall: tall, wide: wide, end: c.points(),
	}
}

// transform evaluates a row of tiles at points that are step apart in dst. The first tile begins at pixel (top, -left) of an image.
func (l *tiling) transform(s *Scratch, dst []float32, step, image, top, left, tiles int) {
	if l.w.plain() {
		l.lines(s, dst, step, image, top, tiles)
		return
	}
	long := (tiles-1)*l.w.step + l.wide // pixels of a line
	line := long * l.c
	seen := min(l.width, long-left)
	for i := range l.h.points {
		clear(s.lines[i*line:][:left*l.c])
		clear(s.lines[i*line+(left+seen)*l.c:][:(long-left-seen)*l.c])
	}
	l.lines(s, s.lines[left*l.c:], line, image, top, seen)
	for i := l.first / l.w.points; i*l.w.points < l.end; i++ {
		l.across(dst[i*l.w.points*step:], step, l.c, s.lines[i*line:], l.c, l.w.step*l.c, tiles, l.c)
	}
}

// lines transforms the first seen pixels of lines along the height, to lines that are step apart in dst.
func (l *tiling) lines(s *Scratch, dst []float32, step, image, top, seen int) {
	src, pixel := l.part.X, l.part.C
	line := l.width * pixel
	from := (image*l.height+top)*line + l.slab.first
	if top < 0 || top+l.tall > l.height {
		for i := range l.tall {
			to := s.edge[i*seen*l.c:][:seen*l.c]
			if y := top + i; y < 0 || y >= l.height {
				clear(to)
			} else {
				copyPixels(to, l.c, src[from+i*line:], pixel, l.c)
			}
		}
		src, pixel, line, from = s.edge, l.c, seen*l.c, 0
	}
	rows, cols := seen, l.c
	if pixel == l.c {
		rows, cols = 1, seen*l.c
	}
	if l.h.plain() {
		copyPixels(dst[:seen*l.c], l.c, src[from:], pixel, l.c)
		return
	}
	l.down(dst, step, l.c, src[from:], line, pixel, rows, cols)
}
