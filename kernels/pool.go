package kernels

// Pool is the geometry of a pooling layer. x is (Batch, InH, InW, C), y is (Batch, OutH, OutW, C),
// row-major. Output (oh, ow) sees the inputs oh*StrideH - PadTop + kh, ow*StrideW - PadLeft + kw
// for 0 <= kh < KernelH, 0 <= kw < KernelW that are inside the map.
type Pool struct {
	Batch, InH, InW, C int
	OutH, OutW         int
	KernelH, KernelW   int
	StrideH, StrideW   int
	PadTop, PadLeft    int
}

func (g *Pool) inLen() int  { return g.Batch * g.InH * g.InW * g.C }
func (g *Pool) outLen() int { return g.Batch * g.OutH * g.OutW * g.C }

// window returns the part of [0, in) that the kernel covers at output o; lo >= hi where it covers none.
func window(o, stride, pad, kernel, in int) (lo, hi int) {
	lo = o*stride - pad
	return max(lo, 0), min(lo+kernel, in)
}

// MaxPoolForward sets y to the largest input of each window, and argmax (as long as y) to its index in x.
// The first of equals wins; a NaN wins over everything. A window wholly in the padding
// gives 0 and the index -1.
func MaxPoolForward(g *Pool, y []float32, argmax []int32, x []float32) {
	check(g.inLen(), x)
	check(g.outLen(), y)
	if len(argmax) < g.outLen() {
		panic(msgShort)
	}
	t := active.Load()
	c := g.C
	o := 0
	for n := range g.Batch {
		for oh := range g.OutH {
			h0, h1 := window(oh, g.StrideH, g.PadTop, g.KernelH, g.InH)
			for ow := range g.OutW {
				w0, w1 := window(ow, g.StrideW, g.PadLeft, g.KernelW, g.InW)
				best, at := y[o:o+c], argmax[o:o+c]
				o += c
				if h0 >= h1 || w0 >= w1 {
					for i := range best {
						best[i], at[i] = 0, -1
					}
					continue
				}
				first := ((n*g.InH+h0)*g.InW + w0) * c
				copy(best, x[first:])
				for i := range at {
					at[i] = int32(first + i)
				}
				for h := h0; h < h1; h++ {
					for w := w0; w < w1; w++ {
						p := ((n*g.InH+h)*g.InW + w) * c
						t.larger(best, at, x[p:p+c], int32(p))
					}
				}
			}
		}
	}
}

// largerGeneric puts the elements of x that are larger than best's, or NaN, into best and their indices, from p, into at.
func largerGeneric(best []float32, at []int32, x []float32, p int32) {
	at, x = at[:len(best)], x[:len(best)]
	for i, v := range x {
		if v > best[i] || v != v {
			best[i], at[i] = v, p+int32(i)
		}
	}
}

// MaxPoolBackward adds
//
//	for i := range dy { if argmax[i] >= 0 { dx[argmax[i]] += dy[i] } }
func MaxPoolBackward(g *Pool, dx, dy []float32, argmax []int32) {
	n := g.outLen()
	check(g.inLen(), dx)
	check(n, dy)
	if len(argmax) < n {
		panic(msgShort)
	}
	for i, p := range argmax[:n] {
		if p >= 0 {
			dx[p] += dy[i]
		}
	}
}

// AvgPoolForward sets y to the mean of each window's inputs; padding is not counted. A window wholly in
// the padding gives 0.
func AvgPoolForward(g *Pool, y, x []float32) {
	check(g.inLen(), x)
	check(g.outLen(), y)
	t := active.Load()
	c := g.C
	o := 0
	for n := range g.Batch {
		for oh := range g.OutH {
			h0, h1 := window(oh, g.StrideH, g.PadTop, g.KernelH, g.InH)
			for ow := range g.OutW {
				w0, w1 := window(ow, g.StrideW, g.PadLeft, g.KernelW, g.InW)
				mean := y[o : o+c]
				o += c
				clear(mean)
				for h := h0; h < h1; h++ {
					for w := w0; w < w1; w++ {
						p := ((n*g.InH+h)*g.InW + w) * c
						t.add(mean, x[p:p+c])
					}
				}
				if taps := (h1 - h0) * (w1 - w0); h1 > h0 && w1 > w0 {
					t.scale(mean, 1/float32(taps))
				}
			}
		}
	}
}

// AvgPoolBackward adds each dy, divided by the number of its window's inputs, to all of them in dx.
func AvgPoolBackward(g *Pool, dx, dy []float32) {
	check(g.inLen(), dx)
	check(g.outLen(), dy)
	t := active.Load()
	c := g.C
	o := 0
	for n := range g.Batch {
		for oh := range g.OutH {
			h0, h1 := window(oh, g.StrideH, g.PadTop, g.KernelH, g.InH)
			for ow := range g.OutW {
				w0, w1 := window(ow, g.StrideW, g.PadLeft, g.KernelW, g.InW)
				d := dy[o : o+c]
				o += c
				alpha := 1 / float32((h1-h0)*(w1-w0))
				for h := h0; h < h1; h++ {
					for w := w0; w < w1; w++ {
						p := ((n*g.InH+h)*g.InW + w) * c
						t.addScaled(dx[p:p+c], alpha, d)
					}
				}
			}
		}
	}
}

// GlobalAvgPoolForward sets y (batch, channels) to the mean of x (batch, positions, channels) over the positions.
func GlobalAvgPoolForward(y, x []float32, batch, positions, channels int) {
	check(batch*channels, y)
	check(batch*positions*channels, x)
	t := active.Load()
	for n := range batch {
		mean := y[n*channels : (n+1)*channels]
		clear(mean)
		t.addColumnSums(mean, x[n*positions*channels:(n+1)*positions*channels], positions, channels)
		t.scale(mean, 1/float32(positions))
	}
}

// GlobalAvgPoolBackward adds dy (batch, channels), divided by positions, to every position
// of dx (batch, positions, channels).
func GlobalAvgPoolBackward(dx, dy []float32, batch, positions, channels int) {
	check(batch*channels, dy)
	check(batch*positions*channels, dx)
	t := active.Load()
	alpha := 1 / float32(positions)
	for n := range batch {
		d := dy[n*channels : (n+1)*channels]
		for p := n * positions; p < (n+1)*positions; p++ {
			t.addScaled(dx[p*channels:(p+1)*channels], alpha, d)
		}
	}
}
