package toomcook

import (
	"math"
	"math/rand/v2"
	"testing"
)

// numbers does the arithmetic on single numbers.
type numbers struct{ result []float64 }

func (n *numbers) Add(x, y *float64) *float64                       { v := *x + *y; return &v }
func (n *numbers) Subtract(x, y *float64) *float64                  { v := *x - *y; return &v }
func (n *numbers) Scale(c float64, x *float64) *float64             { v := c * *x; return &v }
func (n *numbers) AddScaled(y *float64, c float64, x *float64)      { *y += c * *x }
func (n *numbers) SubtractScaled(y *float64, c float64, x *float64) { *y -= c * *x }

func (n *numbers) Result(i int, v *float64) {
	n.result[i] = *v
	*v = math.NaN() // nobody uses it any more
}

// run returns what transform makes of x.
func run(x []float64, results int, transform func(m *numbers, x []*float64)) []float64 {
	m := &numbers{make([]float64, results)}
	for i := range m.result {
		m.result[i] = math.NaN()
	}
	var vectors []*float64
	for _, v := range x {
		vectors = append(vectors, &v)
	}
	transform(m, vectors)
	return m.result
}

// The product at the points is the convolution: y_j = sum over k of g_k * d_(j+k).
func TestConvolution(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, pairs := range [][]float64{{1}, {1, 2}, {1, 2, 0.5}} {
		n := 2*len(pairs) + 2
		for taps := 2; taps <= n; taps++ {
			size := n - taps + 1
			d, g := make([]float64, n), make([]float64, taps)
			for i := range d {
				d[i] = r.NormFloat64()
			}
			for i := range g {
				g[i] = r.NormFloat64()
			}
			points := run(d, n, func(m *numbers, x []*float64) { Input(m, pairs, x) })
			for i, u := range run(g, n, func(m *numbers, x []*float64) { Filter(m, pairs, x) }) {
				points[i] *= u
			}
			y := run(points, size, func(m *numbers, x []*float64) { Output(m, pairs, x, size) })
			for j, got := range y {
				want := 0.0
				for k, v := range g {
					want += v * d[j+k]
				}
				if !(math.Abs(got-want) < 1e-12) {
					t.Errorf("points ±%v, %d taps: y[%d] = %v, want %v", pairs, taps, j, got, want)
				}
			}
		}
	}
}
