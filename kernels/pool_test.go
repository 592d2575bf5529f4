package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

var pools = []Pool{
	{Batch: 2, InH: 4, InW: 6, C: 3, OutH: 2, OutW: 3, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2},
	{Batch: 1, InH: 5, InW: 7, C: 9, OutH: 5, OutW: 7, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1},
	{Batch: 2, InH: 6, InW: 5, C: 4, OutH: 3, OutW: 3, KernelH: 3, KernelW: 3, StrideH: 2, StrideW: 2, PadLeft: 1},
	{Batch: 1, InH: 3, InW: 3, C: 17, OutH: 1, OutW: 1, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1},
	{Batch: 1, InH: 4, InW: 9, C: 29, OutH: 4, OutW: 9, KernelH: 2, KernelW: 5, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 2},
	{Batch: 1, InH: 9, InW: 8, C: 45, OutH: 3, OutW: 2, KernelH: 2, KernelW: 3, StrideH: 3, StrideW: 4},                       // gaps between windows
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

// Geometries that no list would think of.
func TestPoolRandom(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for range 100 {
			g := Pool{
				Batch: 1 + r.IntN(2), InH: 1 + r.IntN(7), InW: 1 + r.IntN(9), C: r.IntN(20),
				OutH: 1 + r.IntN(6), OutW: 1 + r.IntN(9), KernelH: 1 + r.IntN(4), KernelW: 1 + r.IntN(4),
				StrideH: 1 + r.IntN(4), StrideW: 1 + r.IntN(4), PadTop: r.IntN(5) - 1, PadLeft: r.IntN(5) - 1,
			}
			testPool(t, g)
			if t.Failed() {
				t.Fatalf("%+v", g)
			}
		}
	})
}

// A NaN wins over everything, and among equals the first.
func TestMaxPoolOfNaNAndEquals(t *testing.T) {
	g := Pool{Batch: 1, InH: 5, InW: 5, C: 29, OutH: 4, OutW: 4, KernelH: 2, KernelW: 2, StrideH: 1, StrideW: 1}
	values := []float32{float32(math.NaN()), float32(math.Inf(-1)), 0, 0, 1, 1}
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		x, y, argmax := make([]float32, 25*29), make([]float32, 16*29), make([]int32, 16*29)
		for range 20 {
			for i := range x {
				x[i] = values[r.IntN(len(values))]
			}
			MaxPoolForward(&g, y, argmax, x)
			eachWindow(g, func(o int, xs []int) {
				best := xs[0]
				for _, i := range xs {
					if x[i] != x[i] && x[best] == x[best] || x[i] > x[best] {
						best = i
					}
				}
				at := int(argmax[o])
				if x[best] != x[best] {
					if y[o] == y[o] || !slices.Contains(xs, at) || x[at] == x[at] {
						t.Fatalf("largest is %v at %d, want a NaN", y[o], at)
					}
				} else if y[o] != x[best] || at != best {
					t.Fatalf("largest is %v at %d, want %v at %d", y[o], at, x[best], best)
				}
			})
		}
	})
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
