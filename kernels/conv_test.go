package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// eachProduct calls f with the indices in x, w and y of every product of the convolution: the definition.
func eachProduct(g *Conv, f func(x, w, y int)) {
	in, out := g.InC/g.Groups, g.OutC/g.Groups
	for n := range g.Batch {
		for oh := range g.OutH {
			for ow := range g.OutW {
				for kh := range g.KernelH {
					for kw := range g.KernelW {
						h := oh*g.StrideH - g.PadTop + kh*g.DilationH
						w := ow*g.StrideW - g.PadLeft + kw*g.DilationW
						if h < 0 || h >= g.InH || w < 0 || w >= g.InW {
							continue
						}
						for o := range g.OutC {
							for c := range in {
								f(((n*g.InH+h)*g.InW+w)*g.InC+o/out*in+c, ((kh*g.KernelW+kw)*in+c)*g.OutC+o, ((n*g.OutH+oh)*g.OutW+ow)*g.OutC+o)
							}
						}
					}
				}
			}
		}
	}
}

// layer describes a convolution by what a network would say of it.
type layer struct {
	batch, h, w, in, out int
	kh, kw               int
	sh, sw, dh, dw       int // 0: 1
	groups               int // 0: 1
	same                 bool
}

func (l layer) String() string {
	return fmt.Sprintf("%dx%dx%dx%d_to_%d_k%dx%d_s%dx%d_d%dx%d_g%d_same=%v",
		l.batch, l.h, l.w, l.in, l.out, l.kh, l.kw, max(l.sh, 1), max(l.sw, 1), max(l.dh, 1), max(l.dw, 1), max(l.groups, 1), l.same)
}

func (l layer) conv() *Conv {
	one := func(v int) int { return max(v, 1) }
	g := &Conv{
		Batch: l.batch, InH: l.h, InW: l.w, InC: l.in, OutC: l.out, KernelH: l.kh, KernelW: l.kw,
		StrideH: one(l.sh), StrideW: one(l.sw), DilationH: one(l.dh), DilationW: one(l.dw), Groups: one(l.groups),
	}
	line := func(in, kernel, stride, dilation int) (out, pad int) {
		span := (kernel-1)*dilation + 1
		if !l.same {
			return (in-span)/stride + 1, 0
		}
		out = (in + stride - 1) / stride
		return out, max(0, (out-1)*stride+span-in) / 2
	}
	g.OutH, g.PadTop = line(l.h, l.kh, g.StrideH, g.DilationH)
	g.OutW, g.PadLeft = line(l.w, l.kw, g.StrideW, g.DilationW)
	return g
}

// whole is a map of a single part.
func whole(g *Conv, x []float32) []Part { return []Part{{X: x, C: g.InC}} }

var layers = []layer{
	{batch: 1, h: 1, w: 1, in: 1, out: 1, kh: 1, kw: 1},
	{batch: 2, h: 5, w: 4, in: 3, out: 8, kh: 3, kw: 3, same: true},
	{batch: 3, h: 7, w: 6, in: 3, out: 36, kh: 3, kw: 3, sh: 2, sw: 2, same: true},
	{batch: 2, h: 8, w: 8, in: 24, out: 24, kh: 3, kw: 3, same: true},
	{batch: 1, h: 9, w: 7, in: 36, out: 12, kh: 5, kw: 7, same: true},
	{batch: 2, h: 6, w: 9, in: 5, out: 7, kh: 1, kw: 7, same: true},
	{batch: 2, h: 9, w: 6, in: 5, out: 7, kh: 7, kw: 1, same: true},
	{batch: 2, h: 9, w: 11, in: 4, out: 17, kh: 3, kw: 2, same: true},
	{batch: 2, h: 9, w: 11, in: 4, out: 25, kh: 2, kw: 4, sh: 1, sw: 2, same: true},
	{batch: 2, h: 11, w: 10, in: 4, out: 9, kh: 3, kw: 3, dh: 2, dw: 3, same: true},
	{batch: 1, h: 13, w: 12, in: 6, out: 5, kh: 3, kw: 3, sh: 2, sw: 3, dh: 2, dw: 2, same: true},
	{batch: 1, h: 12, w: 12, in: 2, out: 3, kh: 3, kw: 4, sh: 4, sw: 2, dh: 2, dw: 3, same: true},
	{batch: 1, h: 12, w: 12, in: 2, out: 3, kh: 2, kw: 2, sh: 3, sw: 3, same: true},
	{batch: 2, h: 9, w: 8, in: 6, out: 10, kh: 3, kw: 3},
	{batch: 2, h: 9, w: 8, in: 6, out: 10, kh: 3, kw: 3, sh: 2, sw: 2},
	{batch: 2, h: 9, w: 8, in: 6, out: 10, kh: 2, kw: 3, dh: 2, dw: 2},
	{batch: 3, h: 6, w: 6, in: 20, out: 33, kh: 1, kw: 1},
	{batch: 3, h: 7, w: 7, in: 20, out: 48, kh: 1, kw: 1, sh: 2, sw: 2},
	{batch: 2, h: 6, w: 5, in: 12, out: 18, kh: 3, kw: 3, groups: 3, same: true},
	{batch: 2, h: 6, w: 5, in: 12, out: 12, kh: 1, kw: 1, groups: 2},
	{batch: 2, h: 6, w: 5, in: 11, out: 11, kh: 3, kw: 3, groups: 11, same: true},
	{batch: 2, h: 6, w: 5, in: 5, out: 10, kh: 3, kw: 3, groups: 5, sh: 2, same: true},
	{batch: 1, h: 4, w: 4, in: 130, out: 50, kh: 3, kw: 3, same: true},            // several boxes
	{batch: 1, h: 30, w: 30, in: 1, out: 2, kh: 25, kw: 29},                       // boxes of taps
	{batch: 1, h: 2, w: 603, in: 2, out: 3, kh: 1, kw: 600},                       // boxes of a row of taps
	{batch: 1, h: 5, w: 4, in: 64, out: 150, kh: 3, kw: 3, same: true},            // several parts of b
	{batch: 1, h: 60, w: 50, in: 24, out: 3, kh: 3, kw: 3, same: true},            // chunks of rows
	{batch: 1, h: 3, w: 2200, in: 2, out: 3, kh: 3, kw: 3, same: true},            // chunks of a row
	{batch: 9, h: 20, w: 20, in: 2, out: 3, kh: 3, kw: 3, same: true},             // chunks of images
	{batch: 3, h: 40, w: 60, in: 2, out: 5, kh: 3, kw: 3, same: true},             // a smaller chunk, then a whole one again
	{batch: 1, h: 150, w: 300, in: 9, out: 2, kh: 2, kw: 2, dh: 140, dw: 290},     // a span that fills the band
	{batch: 1, h: 3, w: 3, in: 4, out: 6, kh: 7, kw: 7, same: true},               // more padding than map
	{batch: 1, h: 2, w: 2, in: 3, out: 3, kh: 3, kw: 3, sh: 5, sw: 5, same: true}, // strides longer than the map
}

// convForward is ConvForward with weights that are not packed.
func convForward(s *Scratch, g *Conv, y []float32, x []Part, w []float32) {
	ConvForward(s, g, y, x, packed(g.forwardLen(active.Load()), func(u []float32) { g.FilterForward(u, x, w) }), nil)
}

// convBackwardData is ConvBackwardData with weights that are not packed.
func convBackwardData(s *Scratch, g *Conv, dx []Part, dy, w []float32) {
	ConvBackwardData(s, g, dx, dy, packed(g.backwardLen(active.Load(), dx), func(u []float32) { g.FilterBackward(u, dx, w) }))
}

// packed is what pack makes of NaN.
func packed(n int, pack func(u []float32)) []float32 {
	u := make([]float32, n)
	Fill(u, float32(math.NaN()))
	pack(u)
	return u
}

const productTol = 3e-6 // of the sum of the products' magnitudes

func TestConv(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, l := range layers {
			t.Run(l.String(), func(t *testing.T) { testConv(t, l.conv()) })
		}
	})
}

func testConv(t *testing.T, g *Conv) {
	r := newRand()
	s := NewScratch()
	nx, nw, ny := g.Batch*g.InH*g.InW*g.InC, g.KernelH*g.KernelW*(g.InC/g.Groups)*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
	x, w, y := newGuarded(t, r, "x", nx), newGuarded(t, r, "w", nw), newGuarded(t, r, "y", ny)
	dx, dw, dy := newGuarded(t, r, "dx", nx), newGuarded(t, r, "dw", nw), newGuarded(t, r, "dy", ny)

	convForward(s, g, y.x, whole(g, x.x), w.x)
	convBackwardData(s, g, whole(g, dx.x), dy.x, w.x)
	ConvBackwardWeights(s, g, dw.x, dy.x, whole(g, x.x))

	wantY, wantX, wantW := newSums(make([]float32, ny)), newSums(dx.was), newSums(dw.was)
	eachProduct(g, func(i, j, k int) {
		wantY.add(k, x.x[i], w.x[j])
		wantX.add(i, dy.x[k], w.x[j])
		wantW.add(j, dy.x[k], x.x[i])
	})
	wantY.near(t, "y", y.x)
	wantX.near(t, "dx", dx.x)
	wantW.near(t, "dw", dw.x)
	for _, v := range []*guarded{y, dx, dw} {
		v.intact(true)
	}
	for _, v := range []*guarded{x, w, dy} {
		v.intact(false)
	}
}

// sums holds float64 sums of products and of their magnitudes.
type sums struct{ sum, size []float64 }

func newSums(start []float32) *sums {
	s := &sums{sum: make([]float64, len(start)), size: make([]float64, len(start))}
	for i, v := range start {
		s.sum[i], s.size[i] = float64(v), math.Abs(float64(v))
	}
	return s
}

func (s *sums) add(i int, a, b float32) {
	p := float64(a) * float64(b)
	s.sum[i] += p
	s.size[i] += math.Abs(p)
}

func (s *sums) near(t *testing.T, name string, got []float32) {
	t.Helper()
	for i := range got {
		near(t, name, i, got[i], s.sum[i], s.size[i], productTol)
	}
}

// Without a channel, or a map, to sum over, a convolution is 0 and has no gradient.
func TestConvOfNothing(t *testing.T) {
	s := NewScratch()
	for _, g := range []Conv{
		{Batch: 1, OutC: 3, OutH: 2, OutW: 1, InH: 2, InW: 1, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1},
		{Batch: 1, OutC: 3, OutH: 2, OutW: 1, InC: 2, InW: 1, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1},
	} {
		y, w := []float32{1, 2, 3, 4, 5, 6}, []float32{7, 7, 7, 7, 7, 7}
		convBackwardData(s, &g, whole(&g, nil), y, w)
		ConvBackwardWeights(s, &g, w, y, whole(&g, nil))
		convForward(s, &g, y, whole(&g, nil), w)
		if !slices.Equal(y, make([]float32, 6)) || !slices.Equal(w, []float32{7, 7, 7, 7, 7, 7}) {
			t.Errorf("%+v: y is %v, dw %v", g, y, w)
		}
	}
}

// Geometries that no list would think of.
func TestConvRandom(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for range 150 {
			groups := 1 + r.IntN(3)
			g := &Conv{
				Batch: 1 + r.IntN(3), InH: 1 + r.IntN(9), InW: 1 + r.IntN(9),
				InC: groups * (1 + r.IntN(7)), OutC: groups * (1 + r.IntN(19)), Groups: groups,
				KernelH: 1 + r.IntN(4), KernelW: 1 + r.IntN(4), StrideH: 1 + r.IntN(4), StrideW: 1 + r.IntN(4),
				DilationH: 1 + r.IntN(3), DilationW: 1 + r.IntN(3), PadTop: r.IntN(6) - 1, PadLeft: r.IntN(6) - 1,
				OutH: 1 + r.IntN(7), OutW: 1 + r.IntN(7),
			}
			testConv(t, g)
			if t.Failed() {
				t.Fatalf("%+v", *g)
			}
		}
	})
}

// What an earlier call left in the buffers, and elements that a tile reads but does not want, must not reach a result.
func TestConvKeepsNaNApart(t *testing.T) {
	g := layer{batch: 2, h: 7, w: 6, in: 5, out: 11, kh: 3, kw: 3, sh: 2, same: true}.conv()
	nx, nw, ny := g.Batch*g.InH*g.InW*g.InC, g.KernelH*g.KernelW*g.InC*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
	nan := float32(math.NaN())
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		s := NewScratch()
		x, w, y := newGuarded(t, r, "x", nx).x, newGuarded(t, r, "w", nw).x, make([]float32, ny)
		dx, dw := make([]float32, nx), make([]float32, nw)
		for at := -1; at < nx; at += 13 {
			Fill(s.band, nan)
			Fill(s.panels, nan)
			if at >= 0 {
				x[at] = nan
			}
			seen := make([]bool, ny)
			eachProduct(g, func(i, _, k int) { seen[k] = seen[k] || i == at })
			convForward(s, g, y, whole(g, x), w)
			for i, v := range y {
				if finite(v) == seen[i] {
					t.Fatalf("NaN in x at %d: y[%d] = %v", at, i, v)
				}
			}
			if at >= 0 {
				x[at] = 0.5
			}
		}
		for at := -1; at < ny; at += 7 {
			Fill(s.band, nan)
			Fill(s.panels, nan)
			Fill(y, 0.25)
			clear(dx)
			clear(dw)
			if at >= 0 {
				y[at] = nan
			}
			seenX, seenW := make([]bool, nx), make([]bool, nw)
			eachProduct(g, func(i, j, k int) {
				seenX[i] = seenX[i] || k == at
				seenW[j] = seenW[j] || at >= 0 && j%g.OutC == at%g.OutC
			})
			convBackwardData(s, g, whole(g, dx), y, w)
			ConvBackwardWeights(s, g, dw, y, whole(g, x))
			for i, v := range dx {
				if finite(v) == seenX[i] {
					t.Fatalf("NaN in dy at %d: dx[%d] = %v", at, i, v)
				}
			}
			for i, v := range dw {
				if finite(v) == seenW[i] {
					t.Fatalf("NaN in dy at %d: dw[%d] = %v", at, i, v)
				}
			}
		}
	})
}
