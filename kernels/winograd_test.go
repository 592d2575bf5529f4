package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// winogradCase is a convolution whose input lies in parts.
type winogradCase struct {
	layer
	parts []int
}

var winogradCases = []winogradCase{
	{layer{batch: 1, h: 8, w: 8, in: 8, out: 8, kh: 3, kw: 3, same: true}, []int{8}},
	{layer{batch: 3, h: 9, w: 7, in: 24, out: 36, kh: 3, kw: 3, same: true}, []int{9, 15}},
	{layer{batch: 2, h: 32, w: 32, in: 10, out: 9, kh: 3, kw: 3, same: true}, []int{10}},
	{layer{batch: 2, h: 13, w: 10, in: 17, out: 48, kh: 5, kw: 5, same: true}, []int{1, 16}},
	{layer{batch: 2, h: 16, w: 16, in: 36, out: 24, kh: 7, kw: 7, same: true}, []int{36}},
	{layer{batch: 1, h: 11, w: 9, in: 9, out: 8, kh: 7, kw: 1, same: true}, []int{4, 5}},
	{layer{batch: 1, h: 11, w: 9, in: 9, out: 8, kh: 1, kw: 7, same: true}, []int{4, 5}},
	{layer{batch: 5, h: 6, w: 5, in: 12, out: 20, kh: 5, kw: 7, same: true}, []int{12}},
	{layer{batch: 2, h: 6, w: 14, in: 12, out: 20, kh: 3, kw: 1, same: true}, []int{12}},
	{layer{batch: 2, h: 10, w: 9, in: 8, out: 11, kh: 7, kw: 5}, []int{8}},
	{layer{batch: 2, h: 10, w: 9, in: 8, out: 11, kh: 1, kw: 3}, []int{8}},
	{layer{batch: 1, h: 2, w: 3, in: 8, out: 9, kh: 7, kw: 7, same: true}, []int{8}},
	{layer{batch: 1, h: 1, w: 1, in: 8, out: 8, kh: 3, kw: 5, same: true}, []int{8}},
	{layer{batch: 1, h: 8, w: 8, in: 150, out: 140, kh: 3, kw: 3, same: true}, []int{150}}, // several slabs
	{layer{batch: 1, h: 4, w: 6, in: 67, out: 65, kh: 5, kw: 3, same: true}, []int{66, 1}},
}

// winogradTol bounds the error, relative to the largest sum of the products' magnitudes.
const winogradTol = 4e-6

func TestWinograd(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, l := range winogradCases {
			t.Run(l.String(), func(t *testing.T) { testWinograd(t, l) })
		}
	})
}

// partsOf copies x, whose pixels have as many channels as the parts together, into guarded parts.
func partsOf(t *testing.T, x []float32, channels []int) (parts []Part, all []*guarded) {
	pixel := 0
	for _, c := range channels {
		pixel += c
	}
	first := 0
	for i, c := range channels {
		g := newGuarded(t, newRand(), fmt.Sprintf("part %d", i), len(x)/pixel*c)
		copyPixels(g.x, c, x[first:], pixel, c)
		g.was = slices.Clone(g.x)
		parts, all = append(parts, Part{g.x, c}), append(all, g)
		first += c
	}
	return parts, all
}

// together is the inverse of partsOf.
func together(parts []Part) []float32 {
	pixel := 0
	for _, p := range parts {
		pixel += p.C
	}
	x := make([]float32, len(parts[0].X)/parts[0].C*pixel)
	first := 0
	for _, p := range parts {
		for i := range len(p.X) / p.C {
			copy(x[i*pixel+first:], p.X[i*p.C:(i+1)*p.C])
		}
		first += p.C
	}
	return x
}

func testWinograd(t *testing.T, l winogradCase) {
	g := l.conv()
	c, ok := NewWinograd(g, l.parts)
	if !ok {
		t.Fatal("not taken")
	}
	r, s := newRand(), NewScratch()
	for _, b := range [][]float32{s.points, s.sums, s.places, s.lines, s.edge} {
		Fill(b, float32(math.NaN()))
	}
	nx, nw, ny := g.Batch*g.InH*g.InW*g.InC, g.KernelH*g.KernelW*g.InC*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
	x, w, y := newGuarded(t, r, "x", nx), newGuarded(t, r, "w", nw), newGuarded(t, r, "y", ny)
	dx, dw, dy := newGuarded(t, r, "dx", nx), newGuarded(t, r, "dw", nw), newGuarded(t, r, "dy", ny)
	u, h := newGuarded(t, r, "u", c.FilterLen()), newGuarded(t, r, "g", c.GradientLen())
	xs, inputs := partsOf(t, x.x, l.parts)
	dxs, gradients := partsOf(t, dx.x, l.parts)

	c.FilterForward(s, u.x, w.x)
	c.Forward(s, g.Batch, y.x, xs, u.x, nil)
	c.FilterBackward(s, u.x, w.x)
	c.BackwardData(s, g.Batch, dxs, dy.x, u.x)
	backwardWeights(s, c, g.Batch, dw.x, dy.x, xs, h.x)

	wantY, wantX, wantW := newSums(make([]float32, ny)), newSums(dx.was), newSums(dw.was)
	eachProduct(g, func(i, j, k int) {
		wantY.add(k, x.x[i], w.x[j])
		wantX.add(i, dy.x[k], w.x[j])
		wantW.add(j, dy.x[k], x.x[i])
	})
	wantY.nearLargest(t, "y", y.x)
	wantX.nearLargest(t, "dx", together(dxs))
	wantW.nearLargest(t, "dw", dw.x)
	for _, v := range append(gradients, y, dw, u, h) {
		v.intact(true)
	}
	for _, v := range append(inputs, x, w, dy) {
		v.intact(false)
	}
}

// backwardWeights adds the gradient found at all points.
func backwardWeights(s *Scratch, c *Winograd, batch int, dw, dy []float32, x []Part, g []float32) {
	c.Correlate(s, batch, g, dy, x, 0, c.Points())
	c.AddGradient(s, dw, g)
}

func (s *sums) nearLargest(t *testing.T, name string, got []float32) {
	t.Helper()
	largest := slices.Max(s.size)
	for i := range got {
		near(t, name, i, got[i], s.sum[i], largest, winogradTol)
	}
}

// The root mean square error of the method is a few times that of the plain sum.
func TestWinogradAccuracy(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, k := range []struct {
			kh, kw int
			most   float64 // of the plain sum's
		}{{3, 3, 8}, {5, 5, 8}, {7, 7, 8}, {3, 7, 8}, {7, 1, 5}} {
			g := layer{batch: 1, h: 12, w: 12, in: 48, out: 16, kh: k.kh, kw: k.kw, same: true}.conv()
			c, _ := NewWinograd(g, []int{48})
			r, s := newRand(), NewScratch()
			x, w := make([]float32, 12*12*48), make([]float32, k.kh*k.kw*48*16)
			for i := range x {
				x[i] = max(0, float32(r.NormFloat64())) // as after a ReLU
			}
			for i := range w {
				w[i] = float32(r.NormFloat64())
			}
			y, plain, u := make([]float32, 12*12*16), make([]float32, 12*12*16), make([]float32, c.FilterLen())
			c.FilterForward(s, u, w)
			c.Forward(s, 1, y, whole(g, x), u, nil)
			want := make([]float64, len(y))
			eachProduct(g, func(i, j, k int) {
				want[k] += float64(x[i]) * float64(w[j])
				plain[k] += float32(x[i] * w[j])
			})
			square := func(y []float32) (sum float64) {
				for i, v := range y {
					sum += (float64(v) - want[i]) * (float64(v) - want[i])
				}
				return math.Sqrt(sum)
			}
			if ratio := square(y) / square(plain); ratio > k.most {
				t.Errorf("%dx%d: the error is %.1f times that of the plain sum, want at most %v", k.kh, k.kw, ratio, k.most)
			} else {
				t.Logf("%dx%d: %.1f times the plain sum's error", k.kh, k.kw, ratio)
			}
		}
	})
}

// An example's results are the same alone, and points can be worked on in any groups.
func TestWinogradParts(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		l := layer{batch: 5, h: 9, w: 10, in: 12, out: 20, kh: 3, kw: 5, same: true}
		g := l.conv()
		c, _ := NewWinograd(g, []int{12})
		r, s := newRand(), NewScratch()
		nx, nw, ny := g.InH*g.InW*g.InC, g.KernelH*g.KernelW*g.InC*g.OutC, g.OutH*g.OutW*g.OutC
		x, w, dy := newGuarded(t, r, "x", 5*nx).x, newGuarded(t, r, "w", nw).x, newGuarded(t, r, "dy", 5*ny).x
		u, h := make([]float32, c.FilterLen()), make([]float32, c.GradientLen())
		y, dx, dw := make([]float32, 5*ny), make([]float32, 5*nx), make([]float32, nw)
		y1, dx1, dw1 := make([]float32, 5*ny), make([]float32, 5*nx), make([]float32, nw)
		c.FilterForward(s, u, w)
		c.Forward(s, 5, y, whole(g, x), u, nil)
		for n := range 5 {
			c.Forward(s, 1, y1[n*ny:], whole(g, x[n*nx:]), u, nil)
		}
		c.FilterBackward(s, u, w)
		c.BackwardData(s, 5, whole(g, dx), dy, u)
		for n := range 5 {
			c.BackwardData(s, 1, whole(g, dx1[n*nx:]), dy[n*ny:], u)
		}
		backwardWeights(s, c, 5, dw, dy, whole(g, x), h)
		for first := 0; first < c.Points(); first += 7 {
			c.Correlate(s, 5, h, dy, whole(g, x), first, min(first+7, c.Points()))
		}
		c.AddGradient(s, dw1, h)
		if !slices.Equal(y, y1) || !slices.Equal(dx, dx1) || !slices.Equal(dw, dw1) {
			t.Error("the results depend on how the work was divided")
		}
	})
}

// A number that is not finite reaches every output that sees it, and none of another image.
func TestWinogradSpreadsNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		g := layer{batch: 2, h: 9, w: 9, in: 8, out: 8, kh: 3, kw: 3, same: true}.conv()
		c, _ := NewWinograd(g, []int{8})
		r, s := newRand(), NewScratch()
		x, w, y := newGuarded(t, r, "x", 2*9*9*8).x, newGuarded(t, r, "w", 9*8*8).x, make([]float32, 2*9*9*8)
		u := make([]float32, c.FilterLen())
		c.FilterForward(s, u, w)
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
			for at := 0; at < 9*9*8; at += 11 {
				was := x[at]
				x[at] = bad
				c.Forward(s, 2, y, whole(g, x), u, nil)
				eachProduct(g, func(i, _, k int) {
					if i == at && finite(y[k]) {
						t.Fatalf("%v at %d: y[%d] is %v", bad, at, k, y[k])
					}
				})
				for k, v := range y[9*9*8:] {
					if !finite(v) {
						t.Fatalf("%v at %d: y[%d] of the other image is %v", bad, at, k, v)
					}
				}
				x[at] = was
			}
		}
	})
}

func TestWinogradRefuses(t *testing.T) {
	good := layer{batch: 1, h: 8, w: 8, in: 8, out: 8, kh: 3, kw: 3, same: true}
	for name, change := range map[string]func(g *Conv){
		"stride":       func(g *Conv) { g.StrideH = 2 },
		"dilation":     func(g *Conv) { g.DilationW = 2 },
		"groups":       func(g *Conv) { g.Groups = 2 },
		"even kernel":  func(g *Conv) { g.KernelW = 4 },
		"plain kernel": func(g *Conv) { g.KernelH, g.KernelW = 1, 1 },
		"padding":      func(g *Conv) { g.PadTop = 3 },
		"crop":         func(g *Conv) { g.PadLeft = -1 },
		"few channels": func(g *Conv) { g.InC = 3 },
		"wide map":     func(g *Conv) { g.InW, g.OutW = 5000, 5000 },
	} {
		g := good.conv()
		change(g)
		if _, ok := NewWinograd(g, []int{g.InC}); ok {
			t.Errorf("%s: taken", name)
		}
	}
}
