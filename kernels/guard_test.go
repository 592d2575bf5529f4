package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// eachLevel runs f once per level of this machine, with that level in use.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	for _, l := range Levels() {
		t.Run(string(l), func(t *testing.T) {
			restore, err := Use(l)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			f(t)
		})
	}
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

const (
	guardLen = 33 // more than any vector or tile could overshoot
	guard    = -12345.75
)

// A guarded slice lies between guard values, its capacity cut to its length.
type guarded struct {
	t    *testing.T
	name string
	all  []float32
	x    []float32
	was  []float32
}

// newGuarded returns n random values in [-1, 1).
func newGuarded(t *testing.T, r *rand.Rand, name string, n int) *guarded {
	all := make([]float32, n+2*guardLen)
	Fill(all, guard)
	x := all[guardLen : guardLen+n : guardLen+n]
	for i := range x {
		x[i] = 2*r.Float32() - 1
	}
	return &guarded{t: t, name: name, all: all, x: x, was: append([]float32(nil), x...)}
}

// intact checks that the guards stand, and the values too unless they were to be written.
func (g *guarded) intact(written bool) {
	g.t.Helper()
	for i := range guardLen {
		if g.all[i] != guard || g.all[len(g.all)-1-i] != guard {
			g.t.Fatalf("%s: written outside its slice, %d from an end", g.name, i)
		}
	}
	for i, v := range g.x {
		if !written && math.Float32bits(v) != math.Float32bits(g.was[i]) {
			g.t.Fatalf("%s: operand changed at %d", g.name, i)
		}
	}
}

// near fails unless got is want up to tol times the magnitude size of the terms that were summed.
func near(t *testing.T, what string, i int, got float32, want, size, tol float64) {
	if d := math.Abs(float64(got) - want); !(d <= tol*max(size, 1e-30)) {
		t.Helper()
		t.Fatalf("%s: [%d] = %v, want %v, off by %.3g of a magnitude %.3g", what, i, got, want, d, size)
	}
}
