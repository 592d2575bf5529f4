package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// batchNorm is the definition, in float64, of one column.
type batchNorm struct {
	mean, invStd float64
	y            []float64
}

func newBatchNorm(x []float64, gamma, beta, eps float64) batchNorm {
	b := batchNorm{y: make([]float64, len(x))}
	for _, v := range x {
		b.mean += v / float64(len(x))
	}
	for _, v := range x {
		b.invStd += (v - b.mean) * (v - b.mean) / float64(len(x))
	}
	b.invStd = 1 / math.Sqrt(b.invStd+eps)
	for i, v := range x {
		b.y[i] = gamma*(v-b.mean)*b.invStd + beta
	}
	return b
}

func column(x []float32, c, cols int) []float64 {
	var out []float64
	for i := c; i < len(x); i += cols {
		out = append(out, float64(x[i]))
	}
	return out
}

// batchNormForward and batchNormBackward take the parts over all rows.
func batchNormForward(y, x, gamma, beta, mean, invStd []float32, rows, cols int, eps float32, relu bool) {
	squares := make([]float64, cols)
	BatchNormMoments(mean, squares, x, rows, cols)
	for c, v := range squares {
		invStd[c] = float32(1 / math.Sqrt(v/float64(rows)+float64(eps)))
	}
	BatchNormApply(y, x, gamma, beta, mean, invStd, rows, cols, relu)
}

func batchNormBackward(dx, dgamma, dbeta, dy, x, gamma, beta, mean, invStd []float32, rows, cols int, relu bool) {
	sums, products := make([]float64, cols), make([]float64, cols)
	BatchNormSums(sums, products, dy, x, gamma, beta, mean, invStd, rows, cols, relu)
	for c := range cols {
		dbeta[c] += float32(sums[c])
		dgamma[c] += float32(products[c] * float64(invStd[c]))
	}
	BatchNormData(dx, dy, x, gamma, beta, mean, invStd, sums, products, rows, cols, rows, relu, true)
}

func TestBatchNorm(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, g := range grids {
			for _, relu := range []bool{false, true} {
				t.Run(fmt.Sprintf("%dx%d_relu=%v", g[0], g[1], relu), func(t *testing.T) { testBatchNorm(t, g[0], g[1], relu) })
			}
		}
	})
}

func testBatchNorm(t *testing.T, rows, cols int, relu bool) {
	const eps = 1e-3
	r := newRand()
	n := rows * cols
	x, y, dy, dx := newGuarded(t, r, "x", n), newGuarded(t, r, "y", n), newGuarded(t, r, "dy", n), newGuarded(t, r, "dx", n)
	vector := func(name string) *guarded { return newGuarded(t, r, name, cols) }
	gamma, beta, mean, invStd, dgamma, dbeta := vector("gamma"), vector("beta"), vector("mean"), vector("invStd"), vector("dgamma"), vector("dbeta")
	batchNormForward(y.x, x.x, gamma.x, beta.x, mean.x, invStd.x, rows, cols, eps, relu)
	batchNormBackward(dx.x, dgamma.x, dbeta.x, dy.x, x.x, gamma.x, beta.x, mean.x, invStd.x, rows, cols, relu)
	for _, g := range []*guarded{y, dx, mean, invStd, dgamma, dbeta} {
		g.intact(true)
	}
	for _, g := range []*guarded{x, dy, gamma, beta} {
		g.intact(false)
	}

	for c := range cols {
		xs, ga, be := column(x.x, c, cols), float64(gamma.x[c]), float64(beta.x[c])
		want := newBatchNorm(xs, ga, be, eps)
		near(t, "mean", c, mean.x[c], want.mean, 1, 1e-6)
		near(t, "invStd", c, invStd.x[c], want.invStd, want.invStd, 1e-5)
		// The gradient of sum(y*d) by central differences of the definition; d is dy where relu lets it through.
		ds := column(dy.x, c, cols)
		for i, v := range want.y {
			got := float64(y.x[i*cols+c])
			if relu {
				v = max(v, 0)
				if got <= 0 {
					ds[i] = 0
				}
			}
			near(t, "y", i*cols+c, float32(got), v, 3, 3e-6)
		}
		loss := func(xs []float64, ga, be float64) (s float64) {
			for i, v := range newBatchNorm(xs, ga, be, eps).y {
				s += v * ds[i]
			}
			return s
		}
		const h = 1e-5
		size := math.Sqrt(float64(rows))
		near(t, "dgamma", c, dgamma.x[c], float64(dgamma.was[c])+(loss(xs, ga+h, be)-loss(xs, ga-h, be))/(2*h), size, 1e-5)
		near(t, "dbeta", c, dbeta.x[c], float64(dbeta.was[c])+(loss(xs, ga, be+h)-loss(xs, ga, be-h))/(2*h), size, 1e-5)
		for i := 0; i < rows; i += 1 + rows/5 {
			v := xs[i]
			xs[i] = v + h
			up := loss(xs, ga, be)
			xs[i] = v - h
			down := loss(xs, ga, be)
			xs[i] = v
			near(t, "dx", i*cols+c, dx.x[i*cols+c], float64(dx.was[i*cols+c])+(up-down)/(2*h), 1+want.invStd, 1e-5)
		}
	}
}

// The parts that work on each row by itself give the same bits for some rows at a time.
func TestBatchNormOfSomeRows(t *testing.T) {
	const rows, cols, from = 37, 45, 13
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		x, dy, gamma, beta := newGuarded(t, r, "x", rows*cols).x, newGuarded(t, r, "dy", rows*cols).x, newGuarded(t, r, "gamma", cols).x, newGuarded(t, r, "beta", cols).x
		mean, invStd, y, dx := make([]float32, cols), make([]float32, cols), make([]float32, rows*cols), make([]float32, rows*cols)
		batchNormForward(y, x, gamma, beta, mean, invStd, rows, cols, 1e-3, true)
		sums, products := make([]float64, cols, cols+8), make([]float64, cols, cols+8)
		BatchNormSums(sums, products, dy, x, gamma, beta, mean, invStd, rows, cols, true)
		for _, s := range [][]float64{sums[cols : cols+8], products[cols : cols+8]} {
			if !slices.Equal(s, make([]float64, 8)) {
				t.Fatalf("written past the sums: %v", s)
			}
		}
		BatchNormData(dx, dy, x, gamma, beta, mean, invStd, sums, products, rows, cols, rows, true, false)

		const at = from * cols
		part, fresh := newGuarded(t, r, "y", (rows-from)*cols), newGuarded(t, r, "dx", (rows-from)*cols)
		added := newGuarded(t, r, "dx", (rows-from)*cols)
		BatchNormApply(part.x, x[at:], gamma, beta, mean, invStd, rows-from, cols, true)
		inPlace := slices.Clone(dy[at:])
		BatchNormData(inPlace, inPlace, x[at:], gamma, beta, mean, invStd, sums, products, rows-from, cols, rows, true, false)
		BatchNormData(fresh.x, dy[at:], x[at:], gamma, beta, mean, invStd, sums, products, rows-from, cols, rows, true, false)
		BatchNormData(added.x, dy[at:], x[at:], gamma, beta, mean, invStd, sums, products, rows-from, cols, rows, true, true)
		for _, g := range []*guarded{part, fresh, added} {
			g.intact(true)
		}
		if !slices.Equal(part.x, y[at:]) || !slices.Equal(fresh.x, dx[at:]) || !slices.Equal(inPlace, dx[at:]) {
			t.Error("other bits than in all rows")
		}
		for i, v := range added.x {
			near(t, "dx", i, v, float64(added.was[i])+float64(dx[at+i]), 10, 1e-6)
		}
	})
}

func TestBatchNormInPlace(t *testing.T) {
	const rows, cols = 37, 21
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		x, gamma, beta := newGuarded(t, r, "x", rows*cols), newGuarded(t, r, "gamma", cols), newGuarded(t, r, "beta", cols)
		mean, invStd, y := make([]float32, cols), make([]float32, cols), make([]float32, rows*cols)
		batchNormForward(y, x.x, gamma.x, beta.x, mean, invStd, rows, cols, 1e-5, true)
		batchNormForward(x.x, x.x, gamma.x, beta.x, mean, invStd, rows, cols, 1e-5, true)
		for i, v := range x.x {
			if v != y[i] {
				t.Fatalf("[%d] = %v in place, %v apart", i, v, y[i])
			}
		}
	})
}

func TestBatchNormInfer(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, g := range grids {
			for _, relu := range []bool{false, true} {
				rows, cols := g[0], g[1]
				x, y := newGuarded(t, r, "x", rows*cols), newGuarded(t, r, "y", rows*cols)
				scale, shift := newGuarded(t, r, "scale", cols), newGuarded(t, r, "shift", cols)
				BatchNormInfer(y.x, x.x, scale.x, shift.x, rows, cols, relu)
				y.intact(true)
				x.intact(false)
				for i, v := range y.x {
					want := float64(x.x[i])*float64(scale.x[i%cols]) + float64(shift.x[i%cols])
					if relu {
						want = max(want, 0)
					}
					near(t, "y", i, v, want, 2, 2e-7)
				}
			}
		}
	})
}

func TestBatchNormSpreadsNaN(t *testing.T) {
	const rows, cols = 20, 13
	eachLevel(t, func(t *testing.T) {
		for bad := range cols {
			x, y := make([]float32, rows*cols), make([]float32, rows*cols)
			for i := range x {
				x[i] = float32(i)
			}
			x[7*cols+bad] = float32(math.NaN())
			ones, zeros, mean, invStd := make([]float32, cols), make([]float32, cols), make([]float32, cols), make([]float32, cols)
			Fill(ones, 1)
			batchNormForward(y, x, ones, zeros, mean, invStd, rows, cols, 1e-5, true)
			for i, v := range y {
				if finite(v) != (i%cols != bad) {
					t.Fatalf("NaN in column %d: [%d] = %v", bad, i, v)
				}
			}
		}
	})
}
