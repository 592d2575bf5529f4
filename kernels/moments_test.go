package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// The parts of batch normalisation, taken over all rows or, where that makes no difference, over some at a time, give
// the bits of the whole.
func TestBatchNormInParts(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, g := range grids {
			for _, relu := range []bool{false, true} {
				t.Run(fmt.Sprintf("%dx%d_relu=%v", g[0], g[1], relu), func(t *testing.T) { testBatchNormInParts(t, g[0], g[1], relu) })
			}
		}
	})
}

func testBatchNormInParts(t *testing.T, rows, cols int, relu bool) {
	eps := float32(1e-3)
	r := newRand()
	n := rows * cols
	vector := func(name string) []float32 { return newGuarded(t, r, name, cols).x }
	x, dy, gamma, beta := newGuarded(t, r, "x", n).x, newGuarded(t, r, "dy", n).x, vector("gamma"), vector("beta")
	wantY, wantMean, wantInv := make([]float32, n), make([]float32, cols), make([]float32, cols)
	BatchNormForward(wantY, x, gamma, beta, wantMean, wantInv, rows, cols, eps, relu)
	wantX, wantGamma, wantBeta := make([]float32, n), make([]float32, cols), make([]float32, cols)
	BatchNormBackward(wantX, wantGamma, wantBeta, dy, x, wantY, gamma, wantMean, wantInv, rows, cols, relu)

	mean, squares := newGuarded(t, r, "mean", cols), make([]float64, cols)
	BatchNormMoments(mean.x, squares, x, rows, cols)
	invStd := make([]float32, cols)
	for c, v := range squares {
		invStd[c] = float32(1 / math.Sqrt(v/float64(rows)+float64(eps)))
	}
	y := newGuarded(t, r, "y", n)
	sums, products := make([]float64, cols), make([]float64, cols)
	readY := y.x
	if !relu {
		readY = nil
	}
	part := func(x []float32, r, height int) []float32 {
		if x == nil {
			return nil
		}
		return x[r*cols : (r+height)*cols]
	}
	for r, height := 0, rows/3; r < rows; r, height = r+height, rows-height {
		BatchNormApply(part(y.x, r, height), part(x, r, height), gamma, beta, mean.x, invStd, height, cols, relu)
	}
	BatchNormSums(sums, products, dy, x, readY, mean.x, rows, cols, relu)
	dx, inPlace := newGuarded(t, r, "dx", n), newGuarded(t, r, "dx in place", n)
	copy(inPlace.x, dy)
	for r, height := 0, rows/3; r < rows; r, height = r+height, rows-height {
		for _, g := range []struct{ dx, dy []float32 }{{dx.x, dy}, {inPlace.x, inPlace.x}} {
			BatchNormData(part(g.dx, r, height), part(g.dy, r, height), part(x, r, height), part(readY, r, height), gamma, mean.x, invStd,
				sums, products, height, cols, rows, relu)
		}
	}
	dgamma, dbeta := make([]float32, cols), make([]float32, cols)
	for c := range cols {
		dgamma[c], dbeta[c] = float32(products[c]*float64(invStd[c])), float32(sums[c])
	}
	for _, v := range []*guarded{mean, y, dx, inPlace} {
		v.intact(true)
	}
	for _, pair := range []struct {
		name      string
		got, want []float32
	}{
		{"mean", mean.x, wantMean}, {"invStd", invStd, wantInv}, {"y", y.x, wantY}, {"dgamma", dgamma, wantGamma},
		{"dbeta", dbeta, wantBeta}, {"dx", dx.x, wantX}, {"dx in place", inPlace.x, wantX},
	} {
		if !slices.Equal(pair.got, pair.want) {
			t.Errorf("another %s", pair.name)
		}
	}
}
