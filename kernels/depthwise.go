package kernels

// A depthwise convolution has one input and one output channel per group. It has no inner dimension
// over channels for a matrix product to use, and works along them instead.

func (g *Conv) depthwise() bool { return g.Groups == g.InC && g.Groups == g.OutC && g.Groups > 1 }

// A pitch says where the elements of a map, or of the taps of w, are: those of a row and column begin at element
// start + row*row + col*col.
type pitch struct{ start, row, col int }

// A sweep is a depthwise convolution of one image: positions of y and taps of w that meet inside x.
type sweep struct {
	rows, cols dimension
	y, x, w    pitch
	channels   int
}

// sweep returns the convolution's own.
func (g *Conv) sweep() sweep {
	c := g.OutC
	return sweep{
		rows:     dimension{g.OutH, g.StrideH, g.PadTop, g.KernelH, g.DilationH, g.InH},
		cols:     dimension{g.OutW, g.StrideW, g.PadLeft, g.KernelW, g.DilationW, g.InW},
		y:        pitch{row: g.OutW * c, col: c},
		x:        pitch{row: g.InW * c, col: c},
		w:        pitch{row: g.KernelW * c, col: c},
		channels: c,
	}
}

func (g *Conv) depthwiseForward(t *table, y, x, w []float32, e *Epilogue) {
	in, out := g.InH*g.InW*g.InC, g.OutH*g.OutW*g.OutC
	s := g.sweep()
	for n := range g.Batch {
		image := y[n*out : (n+1)*out]
		s.gather(t, image, x[n*in:(n+1)*in], w, false)
		e.apply(t, image, 0, g.OutH*g.OutW, g.OutC, g.OutC)
	}
}

// depthwiseBackwardData does what ConvBackwardData says, with one sweep of dy for each remainder modulo the strides.
func (g *Conv) depthwiseBackwardData(t *table, dx, dy, w []float32) {
	in, out := g.InH*g.InW*g.InC, g.OutH*g.OutW*g.OutC
	forward := g.sweep()
	for h := range min(g.StrideH, g.InH) {
		rows := seenBy(h, g.StrideH, g.DilationH, g.PadTop, g.KernelH)
		for v := range min(g.StrideW, g.InW) {
			cols := seenBy(v, g.StrideW, g.DilationW, g.PadLeft, g.KernelW)
			if rows.taps == 0 || cols.taps == 0 {
				continue
			}
			at, from := forward.x, forward.w
			s := sweep{
				rows:     dimension{(g.InH - h + g.StrideH - 1) / g.StrideH, 1, rows.pad, rows.taps, rows.dilation, g.OutH},
				cols:     dimension{(g.InW - v + g.StrideW - 1) / g.StrideW, 1, cols.pad, cols.taps, cols.dilation, g.OutW},
				y:        pitch{h*at.row + v*at.col, g.StrideH * at.row, g.StrideW * at.col},
				x:        forward.y,
				w:        pitch{rows.last*from.row + cols.last*from.col, -rows.step * from.row, -cols.step * from.col},
				channels: forward.channels,
			}
			for n := range g.Batch {
				s.gather(t, dx[n*in:(n+1)*in], dy[n*out:(n+1)*out], w, true)
			}
		}
	}
}

func (g *Conv) depthwiseBackwardWeights(t *table, dw, dy, x []float32) {
	in, out := g.InH*g.InW*g.InC, g.OutH*g.OutW*g.OutC
	s := g.sweep()
	if s.rows.taps > s.cols.taps {
		s.transpose()
	}
	for n := range g.Batch {
		s.correlate(t, dw, dy[n*out:(n+1)*out], x[n*in:(n+1)*in])
	}
}

// transpose swaps rows and columns.
func (s *sweep) transpose() {
	s.rows, s.cols = s.cols, s.rows
	for _, p := range []*pitch{&s.y, &s.x, &s.w} {
		p.row, p.col = p.col, p.row
	}
}

// gather sets y, or adds to it, in pieces whose positions have the same taps inside the map.
func (s *sweep) gather(t *table, y, x, w []float32, add bool) {
	rows, cols := &s.rows, &s.cols
	for r, nextR := 0, 0; r < rows.count; r = nextR {
		next, upper, lower := rows.run(r)
		nextR = next
		for q, nextQ := 0, 0; q < cols.count; q = nextQ {
			next, left, right := cols.run(q)
			nextQ = next
			out := y[s.y.start+r*s.y.row+q*s.y.col:]
			if upper == lower || left == right {
				if !add {
					s.clear(out, nextR-r, nextQ-q)
				}
				continue
			}
			at := (r*rows.stride-rows.pad+upper*rows.dilation)*s.x.row + (q*cols.stride-cols.pad+left*cols.dilation)*s.x.col
			t.depthwise(out, x[at:], w, s.w.start+upper*s.w.row+left*s.w.col, nextR-r, nextQ-q, s.channels,
				s.y.row, s.y.col, rows.stride*s.x.row, cols.stride*s.x.col, lower-upper, right-left,
				rows.dilation*s.x.row, cols.dilation*s.x.col, s.w.row, s.w.col, add)
		}
	}
}

func (s *sweep) clear(y []float32, rows, cols int) {
	for r := range rows {
		for q := range cols {
			clear(y[r*s.y.row+q*s.y.col:][:s.channels])
		}
	}
}

// tapLine is how many taps of a row of them correlate takes at a time.
const tapLine = 4

// correlate adds the gradient of the taps to dw, given that of y.
func (s *sweep) correlate(t *table, dw, dy, x []float32) {
	for h := range s.rows.taps {
		top, bottom := s.rows.meeting(h)
		if top == bottom {
			continue
		}
		for v, taps := 0, 0; v < s.cols.taps; v += taps {
			left := s.cols.taps - v
			pieces := (left + tapLine - 1) / tapLine
			taps = (left + pieces - 1) / pieces // five are better three and two than four and one
			lo, hi := 0, s.cols.count           // the positions that meet all these taps
			for k := range taps {
				first, end := s.cols.meeting(v + k)
				lo, hi = max(lo, first), min(hi, end)
			}
			hi = max(lo, hi)
			s.correlateLine(t, dw, dy, x, h, v, taps, top, bottom, lo, hi)
			for k := range taps {
				first, end := s.cols.meeting(v + k)
				s.correlateLine(t, dw, dy, x, h, v+k, 1, top, bottom, first, min(lo, end))
				s.correlateLine(t, dw, dy, x, h, v+k, 1, top, bottom, max(hi, first), end)
			}
		}
	}
}

// correlateLine adds what the positions [top, bottom) × [lo, hi) contribute to the taps (h, v), (h, v+1), …
func (s *sweep) correlateLine(t *table, dw, dy, x []float32, h, v, taps, top, bottom, lo, hi int) {
	if lo >= hi {
		return
	}
	rows, cols := &s.rows, &s.cols
	at := (top*rows.stride-rows.pad+h*rows.dilation)*s.x.row + (lo*cols.stride-cols.pad+v*cols.dilation)*s.x.col
	t.depthwiseWeights(dw[h*s.w.row+v*s.w.col:], dy[top*s.y.row+lo*s.y.col:], x[at:], taps, s.w.col, cols.dilation*s.x.col,
		bottom-top, hi-lo, s.channels, s.y.row, s.y.col, rows.stride*s.x.row, cols.stride*s.x.col)
}

// depthwise sets, or adds to, y, where neighbours are yRow and yCol apart, and so on; nothing is 0 in number:
//
//	for r := range rows { for q := range cols { for c := range channels {
//		y[r*yRow+q*yCol+c] (+)= sum over h < tapsH, v < tapsW of
//			x[r*xRow+q*xCol+h*tapRow+v*tapCol+c] * w[wAt+h*wRow+v*wCol+c]
//	}}}
type depthwise func(y, x, w []float32, wAt, rows, cols, channels, yRow, yCol, xRow, xCol, tapsH, tapsW, tapRow, tapCol, wRow, wCol int, add bool)

// depthwiseWeights adds, for at most tapLine taps; nothing is 0 in number:
//
//	for k := range taps { for r := range rows { for q := range cols { for c := range channels {
//		dw[k*wTap+c] += dy[r*dyRow+q*dyCol+c] * x[r*xRow+q*xCol+k*xTap+c]
//	}}}}
type depthwiseWeights func(dw, dy, x []float32, taps, wTap, xTap, rows, cols, channels, dyRow, dyCol, xRow, xCol int)

// depthwiseBy returns depthwise made of a vector operation.
func depthwiseBy(mulAdd func(dst, x, y []float32)) depthwise {
	return func(y, x, w []float32, wAt, rows, cols, channels, yRow, yCol, xRow, xCol, tapsH, tapsW, tapRow, tapCol, wRow, wCol int, add bool) {
		for r := range rows {
			for q := range cols {
				out := y[r*yRow+q*yCol:][:channels]
				if !add {
					clear(out)
				}
				for h := range tapsH {
					for v := range tapsW {
						mulAdd(out, x[r*xRow+q*xCol+h*tapRow+v*tapCol:], w[wAt+h*wRow+v*wCol:])
					}
				}
			}
		}
	}
}

// depthwiseWeightsBy returns depthwiseWeights made of a vector operation.
func depthwiseWeightsBy(mulAdd func(dst, x, y []float32)) depthwiseWeights {
	return func(dw, dy, x []float32, taps, wTap, xTap, rows, cols, channels, dyRow, dyCol, xRow, xCol int) {
		for r := range rows {
			for q := range cols {
				for k := range taps {
					mulAdd(dw[k*wTap:][:channels], dy[r*dyRow+q*dyCol:], x[r*xRow+q*xCol+k*xTap:])
				}
			}
		}
	}
}
