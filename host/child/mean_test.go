package child

import (
	"math"
	"slices"
	"testing"
)

// TestDropPath: each input is left out as often as the rate says, never all of
// them, and the others share the weight.
func TestDropPath(t *testing.T) {
	const draws = 20_000
	for _, rate := range []float64{0.15, 0.5, 0.999} {
		weights := make([]float32, 3)
		dropped := make([]float64, len(weights))
		for i := range uint64(draws) {
			drawPaths(weights, rate, 7, i)
			kept := 0
			for k, w := range weights {
				if w == 0 {
					dropped[k]++
				} else {
					kept++
				}
			}
			for _, w := range weights {
				if w != 0 && w != 1/float32(kept) {
					t.Fatalf("rate %v: weights %v", rate, weights)
				}
			}
			if kept == 0 {
				t.Fatalf("rate %v: all inputs are left out", rate)
			}
		}
		// All are left out with the probability rate^3; then one of the three is not.
		want := rate - math.Pow(rate, 3)/3
		for k, n := range dropped {
			if share := n / draws; math.Abs(share-want) > 0.015 {
				t.Errorf("rate %v: input %d is left out with a share of %v, want %v", rate, k, share, want)
			}
		}
	}
	a, b := make([]float32, 64), make([]float32, 64)
	drawPaths(a, 0.5, 7, 1)
	drawPaths(b, 0.5, 7, 1)
	if !slices.Equal(a, b) {
		t.Error("the same seed draws other paths")
	}
	if drawPaths(b, 0.5, 8, 1); slices.Equal(a, b) {
		t.Error("another seed draws the same paths")
	}
}
