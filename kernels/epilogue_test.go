package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// newEpilogues draws one of each kind for rows of cols numbers.
func newEpilogues(t *testing.T, r *rand.Rand, cols int) []*Epilogue {
	scale, shift := newGuarded(t, r, "scale", cols).x, newGuarded(t, r, "shift", cols).x
	return []*Epilogue{
		nil, {Shift: shift}, {Relu: true}, {Scale: scale, Shift: shift}, {Shift: shift, Relu: true}, {Scale: scale, Shift: shift, Relu: true},
	}
}

// after does to y (rows, cols) what e says, in passes of their own.
func (e *Epilogue) after(y []float32, rows, cols int) {
	switch {
	case e == nil:
		return
	case e.Scale != nil:
		BatchNormInfer(y, y, e.Scale, e.Shift, rows, cols, e.Relu)
	case e.Shift != nil:
		AddBias(y, e.Shift, rows, cols)
	}
	if e.Relu {
		Relu(y[:rows*cols], y)
	}
}

// Epilogues of convolutions, in boxes, chunks, groups, frames or none of these, give the bits of passes that follow.
func TestConvEpilogue(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r, s := newRand(), NewScratch()
		test := func(g *Conv, x []Part) {
			nw, ny := g.weights(), g.outputs()
			w, y := newGuarded(t, r, "w", nw).x, newGuarded(t, r, "y", ny)
			u := packed(g.FilterLen(x), func(u []float32) { g.FilterForward(u, x, w) })
			for i, e := range newEpilogues(t, r, g.OutC) {
				want := make([]float32, ny)
				ConvForward(s, g, want, x, u, nil)
				e.after(want, ny/g.OutC, g.OutC)
				ConvForward(s, g, y.x, x, u, e)
				if y.intact(true); !slices.Equal(y.x, want) {
					t.Fatalf("%+v: epilogue %d differs", *g, i)
				}
			}
		}
		for _, l := range append(depthwiseLayers, layers...) {
			g := l.conv()
			test(g, whole(g, newGuarded(t, r, "x", g.Batch*g.InH*g.InW*g.InC).x))
			if g.Groups == 1 && g.InC > 1 {
				f := newFramed(t, r, g)
				test(g, f.parts)
			}
		}
		test(&Conv{Batch: 2, OutC: 3, OutH: 2, OutW: 1, InH: 2, InW: 1, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1}, nil)
	})
}

func TestWinogradEpilogue(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r, s := newRand(), NewScratch()
		for _, l := range winogradCases {
			g := l.conv()
			c, _ := NewWinograd(g, l.parts)
			x, _ := partsOf(t, newGuarded(t, r, "x", g.Batch*g.InH*g.InW*g.InC).x, l.parts)
			u, want, y := make([]float32, c.FilterLen()), make([]float32, g.outputs()), newGuarded(t, r, "y", g.outputs())
			c.FilterForward(s, u, newGuarded(t, r, "w", g.weights()).x)
			for i, e := range newEpilogues(t, r, g.OutC) {
				c.Forward(s, g.Batch, want, x, u, nil)
				e.after(want, g.outputs()/g.OutC, g.OutC)
				c.Forward(s, g.Batch, y.x, x, u, e)
				if y.intact(true); !slices.Equal(y.x, want) {
					t.Fatalf("%v: epilogue %d differs", l, i)
				}
			}
		}
	})
}
