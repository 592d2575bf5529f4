package kernels

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// framed is a convolution of parts that lie in frames.
type framed struct {
	g     *Conv
	parts []Part
	maps  []*guarded // the parts'
	x     []float32  // the whole map, 0 around the parts
	at    [][]int    // where in x each number of a part is
}

// newFramed draws what lies in the map of g, which has a single group.
func newFramed(t *testing.T, r *rand.Rand, g *Conv) *framed {
	f := &framed{g: g, x: make([]float32, g.Batch*g.InH*g.InW*g.InC)}
	first := 0
	for _, c := range cut(r, g.InC) {
		frame := Frame{H: g.InH, W: g.InW}
		switch n := len(g.Frames); {
		case n > 0 && r.IntN(3) == 0:
			frame = g.Frames[n-1]
		case r.IntN(3) > 0:
			frame.H, frame.W = r.IntN(g.InH+1), r.IntN(g.InW+1)
			frame.Top, frame.Left = r.IntN(g.InH-frame.H+1), r.IntN(g.InW-frame.W+1)
		}
		v := newGuarded(t, r, fmt.Sprintf("part in %+v", frame), g.Batch*frame.H*frame.W*c)
		at := make([]int, len(v.x))
		for i := range v.x {
			n, h, w := i/c/frame.W/frame.H, i/c/frame.W%frame.H, i/c%frame.W
			at[i] = ((n*g.InH+frame.Top+h)*g.InW+frame.Left+w)*g.InC + first + i%c
			f.x[at[i]] = v.x[i]
		}
		g.Frames = append(g.Frames, frame)
		f.parts, f.maps, f.at = append(f.parts, Part{X: v.x, C: c}), append(f.maps, v), append(f.at, at)
		first += c
	}
	return f
}

// Parts in frames give what the map gives in which they lie.
func TestConvFrames(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, l := range layers {
			if g := l.conv(); g.Groups == 1 && g.InC > 1 {
				newFramed(t, r, g).test(t, r)
			}
			if t.Failed() {
				t.Fatal(l)
			}
		}
		for range 100 {
			g := &Conv{
				Batch: 1 + r.IntN(3), InH: 1 + r.IntN(9), InW: 1 + r.IntN(9), InC: 1 + r.IntN(20), OutC: 1 + r.IntN(40), Groups: 1,
				KernelH: 1 + r.IntN(4), KernelW: 1 + r.IntN(4), StrideH: 1 + r.IntN(3), StrideW: 1 + r.IntN(3),
				DilationH: 1 + r.IntN(3), DilationW: 1 + r.IntN(3), PadTop: r.IntN(6) - 1, PadLeft: r.IntN(6) - 1,
				OutH: 1 + r.IntN(7), OutW: 1 + r.IntN(7),
			}
			if newFramed(t, r, g).test(t, r); t.Failed() {
				t.Fatalf("%+v", *g)
			}
		}
	})
}

func (f *framed) test(t *testing.T, r *rand.Rand) {
	g, s := f.g, NewScratch()
	nw, ny := g.KernelH*g.KernelW*g.InC*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
	w, y, dw, dy := newGuarded(t, r, "w", nw), newGuarded(t, r, "y", ny), newGuarded(t, r, "dw", nw), newGuarded(t, r, "dy", ny)
	wantY, wantX, wantW := newSums(make([]float32, ny)), newSums(f.x), newSums(dw.was)
	eachProduct(g, func(i, j, k int) {
		wantY.add(k, f.x[i], w.x[j])
		wantX.add(i, dy.x[k], w.x[j])
		wantW.add(j, dy.x[k], f.x[i])
	})
	convForward(s, g, y.x, f.parts, w.x)
	wantY.near(t, "y", y.x)
	ConvBackwardWeights(s, g, dw.x, dy.x, f.parts)
	wantW.near(t, "dw", dw.x)
	for _, v := range f.maps {
		v.intact(false)
	}
	without := r.IntN(len(f.parts) + 1)
	if without < len(f.parts) {
		f.parts[without].X = nil
	}
	convBackwardData(s, g, f.parts, dy.x, w.x)
	for k, v := range f.maps {
		v.intact(k != without)
		for i, at := range f.at[k] {
			if k != without {
				near(t, v.name, i, v.x[i], wantX.sum[at], wantX.size[at], productTol)
			}
		}
	}
	for _, v := range []*guarded{y, dw} {
		v.intact(true)
	}
	for _, v := range []*guarded{w, dy} {
		v.intact(false)
	}
}
