package kernels

import "math"

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

// A view is what one output sees: the rows [top, bottom) and columns [left, right) of map n.
type view struct{ n, top, bottom, left, right int }

// taps returns how many inputs the view has; 0 for a window wholly in the padding.
func (v view) taps() int { return max(0, v.bottom-v.top) * max(0, v.right-v.left) }

// eachOutput calls f with the first element of every output in y and with what the output sees.
func (g *Pool) eachOutput(f func(o int, v view)) {
	o := 0
	for n := range g.Batch {
		for oh := range g.OutH {
			top := oh*g.StrideH - g.PadTop
			for ow := range g.OutW {
				left := ow*g.StrideW - g.PadLeft
				f(o, view{n, max(top, 0), min(top+g.KernelH, g.InH), max(left, 0), min(left+g.KernelW, g.InW)})
				o += g.C
			}
		}
	}
}

// eachInput calls f with the first element in x of every input that the view has.
func (g *Pool) eachInput(v view, f func(p int)) {
	for h := v.top; h < v.bottom; h++ {
		for w := v.left; w < v.right; w++ {
			f(((v.n*g.InH+h)*g.InW + w) * g.C)
		}
	}
}

// MaxPoolForward sets y to the largest input of each window, and argmax (as long as y) to its index in x.
// The first of equals wins; a NaN wins over everything. A window wholly in the padding
// gives 0 and the index -1.
func MaxPoolForward(g *Pool, y []float32, argmax []int32, x []float32) {
	if g.inLen() > math.MaxInt32 {
		panic("kernels: input of a max pool is too large for indices of 32 bits")
	}
	check(g.inLen(), x)
	check(g.outLen(), y)
	if len(argmax) < g.outLen() {
		panic(msgShort)
	}
	t := active.Load()
	c := g.C
	g.eachOutput(func(o int, v view) {
		best, at := y[o:o+c], argmax[o:o+c]
		if v.taps() == 0 {
			for i := range best {
				best[i], at[i] = 0, -1
			}
			return
		}
		first := ((v.n*g.InH+v.top)*g.InW + v.left) * c
		copy(best, x[first:])
		for i := range at {
			at[i] = int32(first + i)
		}
		g.eachInput(v, func(p int) { t.larger(best, at, x[p:p+c], int32(p)) })
	})
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
	g.eachOutput(func(o int, v view) {
		mean := y[o : o+c]
		clear(mean)
		g.eachInput(v, func(p int) { t.add(mean, x[p:p+c]) })
		t.scale(mean, 1/float32(max(1, v.taps())))
	})
}

// AvgPoolBackward adds each dy, divided by the number of its window's inputs, to all of them in dx.
func AvgPoolBackward(g *Pool, dx, dy []float32) {
	check(g.inLen(), dx)
	check(g.outLen(), dy)
	t := active.Load()
	c := g.C
	g.eachOutput(func(o int, v view) {
		d := dy[o : o+c]
		alpha := 1 / float32(v.taps())
		g.eachInput(v, func(p int) { t.addScaled(dx[p:p+c], alpha, d) })
	})
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
