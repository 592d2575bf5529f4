package kernels

import (
	"fmt"
	"math"
	"testing"
)

var pools = []Pool{
	{Batch: 2, InH: 4, InW: 6, C: 3, OutH: 2, OutW: 3, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2},
	{Batch: 1, InH: 5, InW: 7, C: 9, OutH: 5, OutW: 7, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1},
	{Batch: 2, InH: 6, InW: 5, C: 4, OutH: 3, OutW: 3, KernelH: 3, KernelW: 3, StrideH: 2, StrideW: 2, PadLeft: 1},
	{Batch: 1, InH: 3, InW: 3, C: 17, OutH: 1, OutW: 1, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1},
	{Batch: 1, InH: 2, InW: 2, C: 2, OutH: 4, OutW: 3, KernelH: 1, KernelW: 2, StrideH: 1, StrideW: 2, PadTop: 1, PadLeft: 2}, // windows in the padding
}

// eachWindow calls f with every output and the inputs that it sees: the definition.
func eachWindow(g Pool, f func(y int, xs []int)) {
	for n := range g.Batch {
		for oh := range g.OutH {
			for ow := range g.OutW {
				for c := range g.C {
					var xs []int
					for kh := range g.KernelH {
						for kw := range g.KernelW {
							h, w := oh*g.StrideH-g.PadTop+kh, ow*g.StrideW-g.PadLeft+kw
							if h >= 0 && h < g.InH && w >= 0 && w < g.InW {
								xs = append(xs, ((n*g.InH+h)*g.InW+w)*g.C+c)
							}
						}
					}
					f(((n*g.OutH+oh)*g.OutW+ow)*g.C+c, xs)
				}
			}
		}
	}
}

func TestPool(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, g := range pools {
			t.Run(fmt.Sprintf("%+v", g), func(t *testing.T) { testPool(t, g) })
		}
	})
}

func testPool(t *testing.T, g Pool) {
	r := newRand()
	nx, ny := g.Batch*g.InH*g.InW*g.C, g.Batch*g.OutH*g.OutW*g.C
	x, dy := newGuarded(t, r, "x", nx), newGuarded(t, r, "dy", ny)
	maxY, avgY, maxDX, avgDX := newGuarded(t, r, "max y", ny), newGuarded(t, r, "avg y", ny), newGuarded(t, r, "max dx", nx), newGuarded(t, r, "avg dx", nx)
	argmax := make([]int32, ny)
	MaxPoolForward(&g, maxY.x, argmax, x.x)
	MaxPoolBackward(&g, maxDX.x, dy.x, argmax)
	AvgPoolForward(&g, avgY.x, x.x)
	AvgPoolBackward(&g, avgDX.x, dy.x)
	for _, v := range []*guarded{maxY, avgY, maxDX, avgDX} {
		v.intact(true)
	}
	x.intact(false)
	dy.intact(false)

	wantMax, wantAvg, wantMaxDX, wantAvgDX := newSums(make([]float32, ny)), newSums(make([]float32, ny)), newSums(maxDX.was), newSums(avgDX.was)
	eachWindow(g, func(y int, xs []int) {
		best := -1
		for _, i := range xs {
			if best < 0 || x.x[i] > x.x[best] {
				best = i
			}
			wantAvg.add(y, x.x[i], 1/float32(len(xs)))
			wantAvgDX.add(i, dy.x[y], 1/float32(len(xs)))
		}
		if argmax[y] != int32(best) {
			t.Fatalf("argmax of %d is %d, want %d", y, argmax[y], best)
		}
		if best >= 0 {
			wantMax.add(y, x.x[best], 1)
			wantMaxDX.add(best, dy.x[y], 1)
		}
	})
	wantMax.near(t, "max y", maxY.x)
	wantAvg.near(t, "avg y", avgY.x)
	wantMaxDX.near(t, "max dx", maxDX.x)
	wantAvgDX.near(t, "avg dx", avgDX.x)
}

func TestMaxPoolKeepsNaN(t *testing.T) {
	g := Pool{Batch: 1, InH: 1, InW: 3, C: 1, OutH: 1, OutW: 1, KernelH: 1, KernelW: 3, StrideH: 1, StrideW: 1}
	for at := range 3 {
		x, y, argmax := []float32{1, 2, 3}, []float32{0}, []int32{0}
		x[at] = float32(math.NaN())
		MaxPoolForward(&g, y, argmax, x)
		if y[0] == y[0] || argmax[0] != int32(at) {
			t.Errorf("NaN at %d: largest is %v at %d", at, y[0], argmax[0])
		}
	}
}

func TestGlobalAvgPool(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, d := range [][3]int{{1, 1, 1}, {3, 4, 5}, {2, 49, 24}, {2, 1030, 9}} {
			batch, positions, channels := d[0], d[1], d[2]
			x, y := newGuarded(t, r, "x", batch*positions*channels), newGuarded(t, r, "y", batch*channels)
			dx, dy := newGuarded(t, r, "dx", len(x.x)), newGuarded(t, r, "dy", len(y.x))
			GlobalAvgPoolForward(y.x, x.x, batch, positions, channels)
			GlobalAvgPoolBackward(dx.x, dy.x, batch, positions, channels)
			want, wantDX := newSums(make([]float32, len(y.x))), newSums(dx.was)
			for i, v := range x.x {
				o := i/(positions*channels)*channels + i%channels
				want.add(o, v, 1/float32(positions))
				wantDX.add(i, dy.x[o], 1/float32(positions))
			}
			want.near(t, "y", y.x)
			wantDX.near(t, "dx", dx.x)
			y.intact(true)
			dx.intact(true)
			x.intact(false)
			dy.intact(false)
		}
	})
}
