package cell

import (
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// formula is a cell written by hand, of one stream: it makes of x, h and c the next h and c. w(name, v) is the
// linear node name of v, without a bias; b(name) is its bias.
type formula func(w func(name string, v []float64) []float64, b func(name string) []float64, x, h, c []float64) (hNext, cNext []float64)

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

var formulas = map[string]formula{
	"lstm": func(w func(string, []float64) []float64, b func(string) []float64, x, h, c []float64) (hNext, cNext []float64) {
		pre := func(gate string) []float64 {
			z, u, bias := w("x_"+gate, x), w("h_"+gate, h), b("x_"+gate)
			for i := range z {
				z[i] += u[i] + bias[i]
			}
			return z
		}
		i, f, g, o := pre("i"), pre("f"), pre("g"), pre("o")
		for k := range h {
			ck := logistic(f[k])*c[k] + logistic(i[k])*math.Tanh(g[k])
			cNext, hNext = append(cNext, ck), append(hNext, logistic(o[k])*math.Tanh(ck))
		}
		return hNext, cNext
	},
	"gru": func(w func(string, []float64) []float64, b func(string) []float64, x, h, _ []float64) (hNext, cNext []float64) {
		xr, hr, br := w("x_r", x), w("h_r", h), b("x_r")
		xz, hz, bz := w("x_z", x), w("h_z", h), b("x_z")
		xn, hn, bn, d := w("x_n", x), w("h_n", h), b("x_n"), b("h_n")
		for k := range h {
			r, z := logistic(xr[k]+hr[k]+br[k]), logistic(xz[k]+hz[k]+bz[k])
			n := math.Tanh(xn[k] + bn[k] + r*(hn[k]+d[k]))
			hNext = append(hNext, (1-z)*n+z*h[k])
		}
		return hNext, nil
	},
	"rhn-2": func(w func(string, []float64) []float64, b func(string) []float64, x, h, _ []float64) (hNext, cNext []float64) {
		xm, hm, bm := w("x_m1", x), w("h_m1", h), b("x_m1")
		xt, ht, bt := w("x_t1", x), w("h_t1", h), b("x_t1")
		s := make([]float64, len(h))
		for k := range h {
			t := logistic(xt[k] + ht[k] + bt[k])
			s[k] = math.Tanh(xm[k]+hm[k]+bm[k])*t + h[k]*(1-t)
		}
		sm, st, bm, bt := w("s_m2", s), w("s_t2", s), b("s_m2"), b("s_t2")
		for k := range h {
			t := logistic(st[k] + bt[k])
			hNext = append(hNext, math.Tanh(sm[k]+bm[k])*t+s[k]*(1-t))
		}
		return hNext, nil
	},
	"nascell": func(w func(string, []float64) []float64, _ func(string) []float64, x, h, c []float64) (hNext, cNext []float64) {
		var u, r [8][]float64
		for i := range u {
			u[i], r[i] = w("u"+string(rune('0'+i)), x), w("r"+string(rune('0'+i)), h)
		}
		for k := range h {
			sum := func(i int) float64 { return u[i][k] + r[i][k] }
			n8 := math.Tanh(logistic(sum(0)) * max(sum(1), 0))
			n9 := math.Tanh(logistic(sum(2)) + max(u[3][k]*r[3][k], 0))
			n10 := math.Tanh(math.Tanh(sum(4)) * logistic(sum(5)))
			n11 := logistic(math.Tanh(sum(6)) + logistic(sum(7)))
			n12 := math.Tanh(n8+c[k]) * n9
			cNext = append(cNext, n12)
			hNext = append(hNext, math.Tanh(n12*math.Tanh(n10+n11)))
		}
		return hNext, cNext
	},
}

// TestFormulas compares the named cells with their formulas, written by hand: values, and all gradients by central
// differences of the formula.
func TestFormulas(t *testing.T) {
	for name, f := range formulas {
		t.Run(name, func(t *testing.T) {
			c := newTrial(t, named(t, name), Options{In: 3, Units: 4, Batch: 1, Steps: 3}, false, 1, 8)
			for _, g := range c.grads {
				clear(g)
			}
			clear(c.dx)
			c.forward()
			c.backward()
			x, weights := wide(c.x), map[string][]float64{}
			for i, p := range c.layer.Params() {
				weights[p.Name] = wide(c.values[i])
			}
			run := func() (y []float64, h, state []float64) {
				h = wide(c.before[0])
				if len(c.before) > 1 {
					state = wide(c.before[1])
				}
				for step := range c.steps {
					w := func(name string, v []float64) []float64 {
						z := make([]float64, 4)
						for i := range v {
							for k := range z {
								z[k] += v[i] * weights[name][i*4+k]
							}
						}
						return z
					}
					h, state = f(w, func(name string) []float64 { return weights[name+".bias"] }, x[step*3:][:3], h, state)
					y = append(y, h...)
				}
				return y, h, state
			}
			y, h, state := run()
			near(t, "y", wide(c.y), y, 1e-5)
			near(t, "h", wide(c.layer.States()[0]), h, 1e-5)
			if state != nil {
				near(t, "c", wide(c.layer.States()[1]), state, 1e-5)
			}
			slopes := func(values []float64) []float64 {
				const eps = 1e-5
				var all []float64
				for i, v := range values {
					d := 0.0
					for _, sign := range []float64{1, -1} {
						values[i] = v + sign*eps
						y, _, _ := run()
						for j := range y {
							d += sign * y[j] * float64(c.dy[j])
						}
					}
					values[i] = v
					all = append(all, d/(2*eps))
				}
				return all
			}
			near(t, "dx", wide(c.dx), slopes(x), 1e-5)
			for i, p := range c.layer.Params() {
				near(t, "gradient of "+p.Name, wide(c.grads[i]), slopes(weights[p.Name]), 1e-5)
			}
		})
	}
}

// TestNames compiles every named cell, and compares their sizes with the published counts of weights.
func TestNames(t *testing.T) {
	const in, n = 30, 20
	for name, want := range map[string]int64{"lstm": 4 * (in + n + 1) * n, "gru": 3*(in+n+1)*n + n, "rhn-4": 2*in*n + 4*2*(n+1)*n, "nascell": 8 * (in + n) * n} {
		c := named(t, name)
		if c.Name != name {
			t.Errorf("%s is named %q", name, c.Name)
		}
		plan, err := c.Infer(in, n)
		if err != nil || plan.Params != want || len(plan.Nodes) != len(c.Nodes) {
			t.Errorf("%s: %+v, %v; want %d parameters and no dead node", name, plan, err, want)
		}
		l, err := Compile(c, Options{In: in, Units: n, Batch: 1, Steps: 1})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, p := range l.Params() {
			sum += p.Rows * p.Cols
		}
		if int64(sum) != want {
			t.Errorf("%s: Params has %d numbers, want %d", name, sum, want)
		}
	}
	for _, name := range Names() {
		if _, err := Named(strings.Replace(name, "D", "10", 1)); err != nil {
			t.Error(err)
		}
	}
	deepest := named(t, "rhn-50")
	if len(deepest.Nodes) > spec.MaxCellNodes {
		t.Errorf("the deepest network has %d nodes", len(deepest.Nodes))
	}
	for name, want := range map[string]string{
		"transformer": `no cell is named "transformer"; the named ones are lstm, gru, rhn-D, nascell`,
		"rhn-0":       `the depth of "rhn-0" must be a number from 1 to 50`, "rhn-x": "must be a number", "rhn-51": "must be a number",
	} {
		if _, err := Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}
