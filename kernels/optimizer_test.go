package kernels

import (
	"math"
	"testing"
)

func TestSGD(t *testing.T) {
	const lr, mu, decay = 0.1, 0.9, 0.01
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, n := range lengths {
			for _, nesterov := range []bool{false, true} {
				w, dw, v := newGuarded(t, r, "w", n), newGuarded(t, r, "dw", n), newGuarded(t, r, "v", n)
				SGD(w.x, dw.x, v.x, lr, mu, decay, nesterov)
				w.intact(true)
				v.intact(true)
				dw.intact(false)
				for i := range n {
					g := float64(dw.x[i]) + decay*float64(w.was[i])
					u := mu*float64(v.was[i]) + g
					near(t, "v", i, v.x[i], u, 2, 2e-7)
					if nesterov {
						u = g + mu*u
					}
					near(t, "w", i, w.x[i], float64(w.was[i])-lr*u, 1.5, 2e-7)
				}
			}
		}
	})
}

func TestAdam(t *testing.T) {
	const lr, beta1, beta2, eps, decay = 0.01, 0.9, 0.999, 1e-8, 0.02
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, n := range lengths {
			w, dw, m, v := newGuarded(t, r, "w", n), newGuarded(t, r, "dw", n), newGuarded(t, r, "m", n), newGuarded(t, r, "v", n)
			Mul(v.x, v.x, v.x)
			copy(v.was, v.x)
			c1, c2 := 1-math.Pow(beta1, 3), 1-math.Pow(beta2, 3)
			Adam(w.x, dw.x, m.x, v.x, lr, beta1, beta2, eps, decay, float32(c1), float32(c2))
			for _, g := range []*guarded{w, m, v} {
				g.intact(true)
			}
			dw.intact(false)
			for i := range n {
				g := float64(dw.x[i]) + decay*float64(w.was[i])
				mi := beta1*float64(m.was[i]) + (1-beta1)*g
				vi := beta2*float64(v.was[i]) + (1-beta2)*g*g
				near(t, "m", i, m.x[i], mi, 2, 2e-7)
				near(t, "v", i, v.x[i], vi, 2, 2e-7)
				// The step is compared from the m and v that were stored, since a small v magnifies its rounding.
				step := lr / c1 * float64(m.x[i]) / (math.Sqrt(float64(v.x[i])/c2) + eps)
				near(t, "w", i, w.x[i], float64(w.was[i])-step, 1+20*math.Abs(step), 2e-7)
			}
		}
	})
}

// A first Adam step is the rate times the gradient's sign, whatever its size.
func TestAdamFirstStep(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		w, m, v := make([]float32, 3), make([]float32, 3), make([]float32, 3)
		Adam(w, []float32{1e-4, -1, 1e4}, m, v, 0.5, 0.9, 0.999, 1e-12, 0, 1-float32(0.9), 1-float32(0.999))
		for i, want := range []float64{-0.5, 0.5, -0.5} {
			near(t, "w", i, w[i], want, 0.5, 1e-4)
		}
	})
}
