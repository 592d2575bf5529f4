package kernels

import (
	"math"
	"testing"
)

// A mean that is large beside the deviations, and one that moves while the rows go by, must cost no digits.
func TestMomentsKeepDigits(t *testing.T) {
	const rows, cols = 3000, 133
	drifts := map[string]func(row int) float64{
		"none":     func(int) float64 { return 0 },
		"far":      func(int) float64 { return 1e4 },
		"linear":   func(row int) float64 { return float64(row) },
		"one step": func(row int) float64 { return 1e5 * float64(row/1700) },
		"outlier":  func(row int) float64 { return 1e6 * float64(1/(row+1)) },
		"blocks":   func(row int) float64 { return 1e3 * float64(row/sumRows%2) },
	}
	eachLevel(t, func(t *testing.T) {
		for name, drift := range drifts {
			r := newRand()
			x := make([]float32, rows*cols)
			for i := range x {
				x[i] = float32(drift(i/cols) + 0.1*r.NormFloat64())
			}
			mean, squares := newGuarded(t, r, "mean", cols), make([]float64, cols)
			BatchNormMoments(mean.x, squares, x, rows, cols)
			mean.intact(true)
			for c := range cols {
				var wantMean, want float64
				for _, v := range column(x, c, cols) {
					wantMean += v / rows
				}
				for _, v := range column(x, c, cols) {
					want += (v - wantMean) * (v - wantMean)
				}
				near(t, name+": mean", c, mean.x[c], wantMean, math.Abs(wantMean)+0.1, 3e-6)
				if d := math.Abs(squares[c]/want - 1); d > 1e-5 {
					t.Fatalf("%s: squares of column %d are %v, want %v, off by %.2g of it", name, c, squares[c], want, d)
				}
			}
		}
	})
}
