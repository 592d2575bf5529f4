package kernels

import (
	"math"
	"testing"
)

// The error bounds of the documentation, over numbers that are dense in every binade and over even grids.
func TestActivationErrors(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, f := range []struct {
		name     string
		op       func(dst, x []float32)
		want     func(float64) float64
		lo, hi   float64
		relative bool
		bound    float64
	}{
		{"exp", Exp, math.Exp, -87.336, 88.7228, true, 1e-7},
		{"tanh", Tanh, math.Tanh, -12, 12, true, 2e-7},
		{"sigmoid", Sigmoid, sigmoid, -87, 120, true, 2e-7},
		{"sin", Sin, math.Sin, -20, 20, false, 1.3e-7},
		{"far sin", Sin, math.Sin, -1e6, 1e6, false, 1.3e-7},
	} {
		eachLevel(t, func(t *testing.T) {
			in, out := make([]float32, 4096), make([]float32, 4096)
			next := samples(float32(f.lo), float32(f.hi))
			worst, at := 0.0, float32(0)
			for n := next(in); n > 0; n = next(in) {
				f.op(out[:n], in[:n])
				for i, x := range in[:n] {
					want := f.want(float64(x))
					d := math.Abs(float64(out[i]) - want)
					if f.relative && want != 0 {
						d /= math.Abs(want)
					}
					if !(d <= worst) {
						worst, at = d, x
					}
				}
			}
			t.Logf("%s: largest error %.3g, at %v", f.name, worst, at)
			if !(worst <= f.bound) {
				t.Errorf("%s: error %.3g at %v, promised are %.3g", f.name, worst, at, f.bound)
			}
		})
	}
}

// samples returns a function that fills its argument with numbers in [lo, hi]: 300,000 evenly spaced ones, and 500
// of each binade of both signs. It returns how many it filled in, 0 at the end.
func samples(lo, hi float32) func([]float32) int {
	const even, dense = 300_000, 500
	k := 0
	number := func(k int) float32 {
		if k < even {
			return lo + float32(float64(k)/(even-1)*(float64(hi)-float64(lo)))
		}
		k -= even
		binade, step := uint32(k/(2*dense)), uint32(k/2%dense)
		return math.Float32frombits(uint32(k%2)<<31 | binade<<23 | step*(1<<23/dense))
	}
	return func(dst []float32) int {
		n := 0
		for ; n < len(dst) && k < even+255*2*dense; k++ {
			if x := number(k); x >= lo && x <= hi {
				dst[n] = x
				n++
			}
		}
		return n
	}
}

func TestActivationExtremes(t *testing.T) {
	inf := math.Inf(1)
	eachLevel(t, func(t *testing.T) {
		for _, c := range []struct {
			name    string
			op      func(dst, x []float32)
			x, want float64
		}{
			{"exp", Exp, inf, inf}, {"exp", Exp, -inf, 0}, {"exp", Exp, 88.73, inf}, {"exp", Exp, -87.4, 0}, {"exp", Exp, 0, 1},
			{"exp", Exp, 3e38, inf}, {"exp", Exp, -3e38, 0},
			{"tanh", Tanh, inf, 1}, {"tanh", Tanh, -inf, -1}, {"tanh", Tanh, 0, 0}, {"tanh", Tanh, 20, 1}, {"tanh", Tanh, 1e-40, 1e-40},
			{"sigmoid", Sigmoid, inf, 1}, {"sigmoid", Sigmoid, -inf, 0}, {"sigmoid", Sigmoid, 0, 0.5}, {"sigmoid", Sigmoid, -89, 0},
			{"sin", Sin, 0, 0}, {"sin", Sin, 1e-40, 1e-40},
			{"relu", Relu, inf, inf}, {"relu", Relu, -inf, 0}, {"relu", Relu, -1e-40, 0},
		} {
			x := make([]float32, 13)
			Fill(x, float32(c.x))
			c.op(x, x)
			for i, v := range x {
				if v != float32(c.want) {
					t.Errorf("%s(%v) = %v at place %d, want %v", c.name, c.x, v, i, c.want)
				}
			}
		}
		zero := []float32{float32(math.Copysign(0, -1))}
		for name, op := range map[string]func(dst, x []float32){"tanh": Tanh, "relu": Relu} {
			y := make([]float32, 1)
			if op(y, zero); y[0] != 0 || !math.Signbit(float64(y[0])) {
				t.Errorf("%s(-0) = %v", name, y[0])
			}
		}
		for _, x := range []float32{float32(inf), -float32(inf)} {
			if y := []float32{x}; true {
				if Sin(y, y); y[0] == y[0] {
					t.Errorf("sin(%v) = %v", x, y[0])
				}
			}
		}
		for x := float32(1e6); x < 1e38; x *= 1.7 {
			if y := []float32{x}; true {
				if Sin(y, y); !(y[0] >= -1 && y[0] <= 1) {
					t.Errorf("sin(%v) = %v", x, y[0])
				}
			}
		}
	})
}

func TestReluBackwardStopsAtZero(t *testing.T) {
	nan := float32(math.NaN())
	eachLevel(t, func(t *testing.T) {
		dx, dy := make([]float32, 9), []float32{nan, nan, nan, nan, nan, nan, nan, nan, nan}
		y := []float32{0, -1, float32(math.Copysign(0, -1)), nan, 0, 0, 0, 0, nan}
		ReluBackward(dx, dy, y)
		for i, v := range dx {
			if v != 0 {
				t.Errorf("gradient %v passes y = %v", v, y[i])
			}
		}
	})
}
