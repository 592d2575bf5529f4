package simd128

import (
	"fmt"

	"github.com/espalier-nas/espalier/kernels/gen/toomcook"
)

// winograd writes the transforms of winograd.go, for the sizes that package kernels uses. They add products in the
// order of the generic ones, and share nothing between pairs of points, which would round differently.
func (w *file) winograd() {
	for _, points := range []struct {
		pairs []float64 // ± each, beside 0 and infinity
		sizes []int
	}{{[]float64{1, 2}, []int{3, 4}}, {[]float64{1, 2, 0.5}, []int{2, 4, 5, 7}}} {
		n := 2*len(points.pairs) + 2
		w.transform(fmt.Sprintf("winogradInput%d", n), n, n, false, func(m *matrix) { toomcook.Input(m, points.pairs, m.identity(n)) })
		for _, size := range points.sizes {
			w.transform(fmt.Sprintf("winogradFilter%dx%d", n, size), size, n, false, func(m *matrix) { toomcook.Filter(m, points.pairs, m.identity(size)) })
			w.transform(fmt.Sprintf("winogradOutput%dx%d", n, size), n, size, true, func(m *matrix) { toomcook.Output(m, points.pairs, m.identity(n), size) })
		}
	}
}

// A matrix is what toomcook's arithmetic makes of the unit vectors: each result as coefficients of the operands.
type matrix [8]*coefficients

type coefficients [8]float64

func (m *matrix) identity(n int) []*coefficients {
	var all []*coefficients
	for i := range n {
		unit := &coefficients{}
		unit[i] = 1
		all = append(all, unit)
	}
	return all
}

func (m *matrix) Add(x, y *coefficients) *coefficients {
	v := *x
	m.AddScaled(&v, 1, y)
	return &v
}

func (m *matrix) Subtract(x, y *coefficients) *coefficients {
	v := *x
	m.AddScaled(&v, -1, y)
	return &v
}

func (m *matrix) Scale(c float64, x *coefficients) *coefficients {
	v := &coefficients{}
	m.AddScaled(v, c, x)
	return v
}

func (m *matrix) AddScaled(y *coefficients, c float64, x *coefficients) {
	for i, v := range x {
		y[i] += float64(c * v)
	}
}

func (m *matrix) SubtractScaled(y *coefficients, c float64, x *coefficients) { m.AddScaled(y, -c, x) }

func (m *matrix) Result(i int, v *coefficients) {
	result := *v
	m[i] = &result
}

// transform writes a function that maps in vectors, which are srcStep apart, to out vectors, dstStep apart, for each of
// rows rows of cols elements.
func (w *file) transform(name string, in, out int, adds bool, fill func(m *matrix)) {
	m := &matrix{}
	fill(m)
	list := "dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int"
	if adds {
		list += ", add bool"
	}
	w.function(name, list, "", "", "is that transform of package kernels", func(f *function) {
		dst, src, rows := f.param("dst"), f.param("src"), f.param("rows")
		dstStep, dstRow, srcStep, srcRow := f.bytes("dstStep"), f.bytes("dstRow"), f.bytes("srcStep"), f.bytes("srcRow")
		to, from, at, count := f.variable(i32), f.variable(i32), f.variable(i32), f.variable(i32)
		x, y := f.vectors(in), f.variable(v128)
		factors := map[float32]local{0: f.let(v128, zero())}
		for _, c := range m[:out] {
			for _, v := range c {
				if _, ok := factors[float32(v)]; !ok {
					factors[float32(v)] = f.let(v128, floats(float32(v)))
				}
			}
		}
		f.while(rows.get(), func() {
			f.do(to.set(dst.get()), from.set(src.get()), count.set(f.get("cols")))
			f.stream(count, []local{to, from}, func(n lanes) {
				f.do(at.set(from.get()))
				for _, l := range x {
					f.do(l.set(n.load(at.get(), 0)))
					f.add(at, srcStep.get())
				}
				f.do(at.set(to.get()))
				for _, c := range m[:out] {
					start := factors[0].get()
					if adds {
						f.do(y.set(start))
						f.when(f.get("add"), func() { f.do(y.set(n.load(at.get(), 0))) }, nil)
						start = y.get()
					}
					f.do(n.store(at.get(), 0, c.combine(start, x, factors)))
					f.add(at, dstStep.get())
				}
			})
			f.add(dst, dstRow.get())
			f.add(src, srcRow.get())
			f.advance(rows, -1)
		})
	})
}

// combine returns y plus the products of coefficients and vectors, in their order.
func (c *coefficients) combine(y code, x []local, factors map[float32]local) code {
	for i, l := range x {
		switch v := float32(c[i]); v {
		case 0:
		case 1:
			y = add(y, l.get())
		case -1:
			y = sub(y, l.get())
		default:
			y = add(y, mul(factors[v].get(), l.get()))
		}
	}
	return y
}
