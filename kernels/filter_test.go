package kernels

import (
	"slices"
	"testing"
)

// FilterLen is room for either pass, and packing writes no further than the pass reads.
func TestFilterLen(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, l := range append(depthwiseLayers, layers...) {
			g := l.conv()
			x := whole(g, nil)
			if g.Groups == 1 && g.InC > 1 {
				x = newFramed(t, r, g).parts
			}
			w := newGuarded(t, r, "w", g.weights())
			level := active.Load()
			for _, n := range []int{g.forwardLen(level), g.backwardLen(level, x)} {
				if n < g.weights() || n > g.FilterLen(x) {
					t.Errorf("%s: %d numbers of %d weights, at most %d", l, n, g.weights(), g.FilterLen(x))
				}
			}
			forward, backward := newGuarded(t, r, "forward", g.forwardLen(level)), newGuarded(t, r, "backward", g.backwardLen(level, x))
			g.FilterForward(forward.x, x, w.x)
			g.FilterBackward(backward.x, x, w.x)
			for _, v := range []*guarded{forward, backward} {
				v.intact(true)
			}
			w.intact(false)
		}
	})
}

// Packed weights do not depend on the batch.
func TestFilterOfAnyBatch(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, l := range layers {
			g := l.conv()
			none := *g
			none.Batch = 0
			w, x := newGuarded(t, r, "w", g.weights()).x, whole(g, nil)
			for _, filter := range []func(g *Conv, u []float32){
				func(g *Conv, u []float32) { g.FilterForward(u, x, w) },
				func(g *Conv, u []float32) { g.FilterBackward(u, x, w) },
			} {
				u, v := make([]float32, g.FilterLen(x)), make([]float32, g.FilterLen(x))
				filter(g, u)
				filter(&none, v)
				if !slices.Equal(u, v) {
					t.Fatalf("%s: another filter without a batch", l)
				}
			}
		}
	})
}
