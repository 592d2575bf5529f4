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

// A run is outputs that follow each other in a row and whose windows have the same taps inside the map: rows × cols
// of them, 0 for windows wholly in the padding. The windows begin at element first of x, and the outputs at
// element out of y.
type run struct{ out, outputs, first, rows, cols int }

// eachRun calls f with every run: the windows that are cut off at the left or right one by one, the others of a row
// together.
func (g *Pool) eachRun(f func(r run)) {
	rows := dimension{g.OutH, g.StrideH, g.PadTop, g.KernelH, 1, g.InH}
	cols := dimension{g.OutW, g.StrideW, g.PadLeft, g.KernelW, 1, g.InW}
	for n := range g.Batch {
		for oh := range g.OutH {
			_, upper, lower := rows.run(oh)
			for ow, next := 0, 0; ow < g.OutW; ow = next {
				end, left, right := cols.run(ow)
				next = end
				r := run{out: ((n*g.OutH+oh)*g.OutW + ow) * g.C, outputs: end - ow}
				if upper < lower && left < right {
					h, w := oh*g.StrideH-g.PadTop+upper, ow*g.StrideW-g.PadLeft+left
					r.first = ((n*g.InH+h)*g.InW + w) * g.C
					r.rows, r.cols = lower-upper, right-left
				}
				f(r)
			}
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
	if g.C == 0 {
		return
	}
	t := active.Load()
	g.eachRun(func(r run) {
		y, at := y[r.out:r.out+r.outputs*g.C], argmax[r.out:r.out+r.outputs*g.C]
		if r.rows == 0 {
			clear(y)
			for i := range at {
				at[i] = -1
			}
			return
		}
		t.maxPool(y, at, x[r.first:], r.first, r.outputs, g.C, g.StrideW*g.C, r.rows, r.cols, g.InW*g.C)
	})
}

// comparedTaps is how many taps of a window are compared with the argmax, to add to all of them at a time. With more taps
// it is faster to go where the argmax says, one by one.
const comparedTaps = 9

// MaxPoolBackward adds, for argmax as MaxPoolForward has set it,
//
//	for i := range dy { if argmax[i] >= 0 { dx[argmax[i]] += dy[i] } }
func MaxPoolBackward(g *Pool, dx, dy []float32, argmax []int32) {
	n := g.outLen()
	check(g.inLen(), dx)
	check(n, dy)
	if len(argmax) < n {
		panic(msgShort)
	}
	if g.C == 0 {
		return
	}
	add := active.Load().maxPoolBackward
	if g.KernelH*g.KernelW > comparedTaps {
		add = maxPoolBackwardGeneric
	}
	g.eachRun(func(r run) {
		if r.rows > 0 {
			add(dx[r.first:], dy[r.out:], argmax[r.out:], r.first, r.outputs, g.C, g.StrideW*g.C, r.rows, r.cols, g.InW*g.C)
		}
	})
}

// AvgPoolForward sets y to the mean of each window's inputs; padding is not counted. A window wholly in
// the padding gives 0.
func AvgPoolForward(g *Pool, y, x []float32) {
	check(g.inLen(), x)
	check(g.outLen(), y)
	if g.C == 0 {
		return
	}
	t := active.Load()
	g.eachRun(func(r run) {
		if r.rows == 0 {
			clear(y[r.out : r.out+r.outputs*g.C])
			return
		}
		t.avgPool(y[r.out:], x[r.first:], 1/float32(r.rows*r.cols), r.outputs, g.C, g.StrideW*g.C, r.rows, r.cols, g.InW*g.C)
	})
}

// AvgPoolBackward adds each dy, divided by the number of its window's inputs, to all of them in dx.
func AvgPoolBackward(g *Pool, dx, dy []float32) {
	check(g.inLen(), dx)
	check(g.outLen(), dy)
	if g.C == 0 {
		return
	}
	t := active.Load()
	g.eachRun(func(r run) {
		if r.rows > 0 {
			t.avgPoolBackward(dx[r.first:], dy[r.out:], 1/float32(r.rows*r.cols), r.outputs, g.C, g.StrideW*g.C, r.rows, r.cols, g.InW*g.C)
		}
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
	if batch*positions*channels > 0 {
		active.Load().avgPoolBackward(dx, dy, 1/float32(positions), batch, channels, positions*channels, 1, positions, 0)
	}
}

// The kernels of a run take its outputs and its taps (tapsH, tapsW), and how far apart windows (step) and rows of taps
// (row) are in the map, whose elements channels apart are neighbours. The map begins with the first tap of the first
// window, whose index is first. Channels, outputs and taps are positive.
//
//	maxPool          sets y to the largest tap and at to its index
//	maxPoolBackward  adds dy to the tap whose index is in at
//	avgPool          sets y to alpha times the sum of the taps
//	avgPoolBackward  adds alpha*dy to every tap
type (
	maxPool func(y []float32, at []int32, x []float32, first, outputs, channels, step, tapsH, tapsW, row int)
	avgPool func(y, x []float32, alpha float32, outputs, channels, step, tapsH, tapsW, row int)
)

// maxPoolBy returns maxPool made of larger, which puts x[i] into best[i] and p+i into at[i] where x[i] > best[i] or is NaN.
func maxPoolBy(larger func(best []float32, at []int32, x []float32, p int32)) maxPool {
	return func(y []float32, at []int32, x []float32, first, outputs, channels, step, tapsH, tapsW, row int) {
		for o := range outputs {
			best, where := y[o*channels:][:channels], at[o*channels:][:channels]
			copy(best, x[o*step:])
			for c := range where {
				where[c] = int32(first + o*step + c)
			}
			for h := range tapsH {
				for w := range tapsW {
					p := o*step + h*row + w*channels
					larger(best, where, x[p:p+channels], int32(first+p))
				}
			}
		}
	}
}

func largerGeneric(best []float32, at []int32, x []float32, p int32) {
	at, x = at[:len(best)], x[:len(best)]
	for i, v := range x {
		if v > best[i] || v != v {
			best[i], at[i] = v, p+int32(i)
		}
	}
}

func maxPoolBackwardGeneric(dx, dy []float32, at []int32, first, outputs, channels, _, _, _, _ int) {
	for i, p := range at[:outputs*channels] {
		dx[int(p)-first] += dy[i]
	}
}

// avgPoolBy returns avgPool made of vector operations.
func avgPoolBy(add func(dst, x []float32), scale func(dst []float32, alpha float32)) avgPool {
	return func(y, x []float32, alpha float32, outputs, channels, step, tapsH, tapsW, row int) {
		for o := range outputs {
			mean := y[o*channels:][:channels]
			clear(mean)
			for h := range tapsH {
				for w := range tapsW {
					add(mean, x[o*step+h*row+w*channels:])
				}
			}
			scale(mean, alpha)
		}
	}
}

// avgPoolBackwardBy returns avgPoolBackward made of a vector operation.
func avgPoolBackwardBy(addScaled func(dst []float32, alpha float32, x []float32)) avgPool {
	return func(dx, dy []float32, alpha float32, outputs, channels, step, tapsH, tapsW, row int) {
		for o := range outputs {
			for h := range tapsH {
				for w := range tapsW {
					p := o*step + h*row + w*channels
					addScaled(dx[p:p+channels], alpha, dy[o*channels:])
				}
			}
		}
	}
}
