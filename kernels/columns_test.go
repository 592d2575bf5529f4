package kernels

import (
	"math"
	"testing"
)

// Every strip of 8, 4 and 1, several strips of the API's, and rows for several blocks.
var grids = [][2]int{{1, 1}, {1, 8}, {2, 3}, {3, 5}, {5, 12}, {7, 13}, {4, 16}, {33, 24}, {130, 31}, {700, 8}, {9, 32}, {10, 33}, {6, 36}, {150, 48}, {90, 100}, {4500, 1}, {1030, 20}}

func TestColumnSumsAndAddBias(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, g := range grids {
			rows, cols := g[0], g[1]
			x, sum, bias := newGuarded(t, r, "x", rows*cols), newGuarded(t, r, "sums", cols), newGuarded(t, r, "bias", cols)
			ColumnSums(sum.x, x.x, rows, cols)
			x.intact(false)
			sum.intact(true)
			want := newSums(sum.was)
			for i, v := range x.x {
				want.add(i%cols, v, 1)
			}
			want.near(t, "ColumnSums", sum.x)

			AddBias(x.x, bias.x, rows, cols)
			x.intact(true)
			bias.intact(false)
			for i, v := range x.x {
				near(t, "AddBias", i, v, float64(x.was[i])+float64(bias.x[i%cols]), 2, 1e-7)
			}
		}
		ColumnSums(nil, nil, 5, 0)
		AddBias(nil, nil, 5, 0)
		ColumnSums(make([]float32, 3), nil, 0, 3)
	})
}

func TestColumnSumsKeepDigits(t *testing.T) {
	const rows, cols = 100_000, 3
	x := make([]float32, rows*cols)
	Fill(x, 0.1)
	eachLevel(t, func(t *testing.T) {
		sums := make([]float32, cols)
		ColumnSums(sums, x, rows, cols)
		for _, v := range sums {
			if d := math.Abs(float64(v)/(rows*float64(float32(0.1))) - 1); d > 1e-5 {
				t.Errorf("sum %v, off by %.2g of it", v, d)
			}
		}
	})
}
