package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// split cuts the map x into parts of the given channels, each between guards.
func split(t *testing.T, r *rand.Rand, g *Conv, x []float32, channels []int) (parts []Part, guards []*guarded) {
	first := 0
	for _, c := range channels {
		v := newGuarded(t, r, fmt.Sprintf("part at %d", first), g.Batch*g.InH*g.InW*c)
		for i := range g.Batch * g.InH * g.InW {
			copy(v.x[i*c:(i+1)*c], x[i*g.InC+first:])
		}
		copy(v.was, v.x)
		parts, guards = append(parts, Part{X: v.x, C: c}), append(guards, v)
		first += c
	}
	return parts, guards
}

// cut draws how many channels each of the parts of a map has.
func cut(r *rand.Rand, channels int) (parts []int) {
	for channels > 0 {
		c := min(channels, r.IntN(1+channels*2/3+1))
		parts = append(parts, c)
		channels -= c
	}
	return parts
}

// A map in parts gives the bits of the map in one piece, wherever columns keep their places in the tiles.
func TestConvParts(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, l := range layers {
			g := l.conv()
			if g.Groups > 1 || g.InC == 1 {
				continue
			}
			for range 3 {
				if testConvParts(t, r, g, cut(r, g.InC)); t.Failed() {
					t.Fatal(l)
				}
			}
		}
	})
}

func testConvParts(t *testing.T, r *rand.Rand, g *Conv, channels []int) {
	s := NewScratch()
	nx, nw, ny := g.Batch*g.InH*g.InW*g.InC, g.KernelH*g.KernelW*g.InC*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
	x, w, dy := newGuarded(t, r, "x", nx).x, newGuarded(t, r, "w", nw).x, newGuarded(t, r, "dy", ny).x
	parts, guards := split(t, r, g, x, channels)

	y, wantY := newGuarded(t, r, "y", ny), make([]float32, ny)
	convForward(s, g, wantY, whole(g, x), w)
	convForward(s, g, y.x, parts, w)
	if !slices.Equal(y.x, wantY) {
		t.Errorf("parts %v: another y", channels)
	}
	dw, wantW := newGuarded(t, r, "dw", nw), make([]float32, nw)
	copy(wantW, dw.x)
	ConvBackwardWeights(s, g, wantW, dy, whole(g, x))
	ConvBackwardWeights(s, g, dw.x, dy, parts)
	if !slices.Equal(dw.x, wantW) {
		t.Errorf("parts %v: another dw", channels)
	}
	for _, v := range guards {
		v.intact(false)
	}

	want := newSums(x)
	eachProduct(g, func(i, j, k int) { want.add(i, dy[k], w[j]) })
	without := r.IntN(len(parts) + 1)
	if without < len(parts) {
		parts[without].X = nil
	}
	convBackwardData(s, g, parts, dy, w)
	got := slices.Clone(x)
	first := 0
	for k, v := range guards {
		v.intact(k != without)
		for i := range g.Batch * g.InH * g.InW {
			for c := range channels[k] {
				at := i*g.InC + first + c
				got[at] = v.x[i*channels[k]+c]
				if k == without {
					want.sum[at] = float64(x[at])
				}
			}
		}
		first += channels[k]
	}
	want.near(t, fmt.Sprintf("dx of parts %v without %d", channels, without), got)
	y.intact(true)
	dw.intact(true)
}

// An example's bits do not depend on the others of the batch.
func TestConvOfOneImage(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		s := NewScratch()
		for _, l := range layers {
			g := l.conv()
			if g.Batch == 1 {
				continue
			}
			nx, nw, ny := g.InH*g.InW*g.InC, g.KernelH*g.KernelW*(g.InC/g.Groups)*g.OutC, g.OutH*g.OutW*g.OutC
			x, w, y := newGuarded(t, r, "x", g.Batch*nx).x, newGuarded(t, r, "w", nw).x, make([]float32, g.Batch*ny)
			dx := make([]float32, len(x))
			convForward(s, g, y, whole(g, x), w)
			convBackwardData(s, g, whole(g, dx), y, w)
			one := *g
			one.Batch = 1
			y1, dx1 := make([]float32, ny), make([]float32, nx)
			for n := range g.Batch {
				convForward(s, &one, y1, whole(g, x[n*nx:]), w)
				if !slices.Equal(y1, y[n*ny:(n+1)*ny]) {
					t.Fatalf("%s: another y of image %d alone", l, n)
				}
				clear(dx1)
				convBackwardData(s, &one, whole(g, dx1), y1, w)
				if !slices.Equal(dx1, dx[n*nx:(n+1)*nx]) {
					t.Fatalf("%s: another dx of image %d alone", l, n)
				}
			}
		}
	})
}

// A weight that is NaN reaches what sees the map, or the padding beside it, through the weight's row of taps, and
// nothing that sees only padding above or below the map through it.
func TestConvRowsOfPadding(t *testing.T) {
	nan := float32(math.NaN())
	for _, l := range []layer{
		{batch: 3, h: 5, w: 4, in: 3, out: 7, kh: 7, kw: 3, same: true},
		{batch: 2, h: 9, w: 5, in: 2, out: 3, kh: 3, kw: 3, dh: 3, same: true},
		{batch: 2, h: 8, w: 5, in: 70, out: 3, kh: 4, kw: 3, sh: 2, same: true},
	} {
		g := l.conv()
		eachLevel(t, func(t *testing.T) {
			r := newRand()
			s := NewScratch()
			nx, nw, ny := g.Batch*g.InH*g.InW*g.InC, g.KernelH*g.KernelW*g.InC*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
			x, w, y := newGuarded(t, r, "x", nx).x, newGuarded(t, r, "w", nw).x, make([]float32, ny)
			dx := make([]float32, nx)
			for kh := range g.KernelH {
				o, c := r.IntN(g.OutC), r.IntN(g.InC)
				at := ((kh*g.KernelW+r.IntN(g.KernelW))*g.InC+c)*g.OutC + o
				was := w[at]
				w[at] = nan
				convForward(s, g, y, whole(g, x), w)
				for i, v := range y {
					h := i/g.OutC/g.OutW%g.OutH*g.StrideH - g.PadTop + kh*g.DilationH
					if reached := i%g.OutC == o && h >= 0 && h < g.InH; reached == finite(v) {
						t.Fatalf("%s: NaN in w[%d]: y[%d] = %v", l, at, i, v)
					}
				}
				Fill(y, 0.5)
				clear(dx)
				convBackwardData(s, g, whole(g, dx), y, w)
				for i, v := range dx {
					h := i/g.InC/g.InW%g.InH + g.PadTop - kh*g.DilationH
					if reached := i%g.InC == c && h >= 0 && h%g.StrideH == 0 && h/g.StrideH < g.OutH; reached == finite(v) {
						t.Fatalf("%s: NaN in w[%d]: dx[%d] = %v", l, at, i, v)
					}
				}
				w[at] = was
			}
		})
	}
}
