// Package toomcook computes the transforms of Winograd's convolutions (Lavin & Gray, 2016), by the points of Toom and
// Cook: 0, some pairs ±a, and infinity. What they map, and to what, is said in package kernels' transform.go. They are
// written for vectors of any machine; pairs share what they have in common.
package toomcook

import "math"

// Arithmetic is what a machine can do with its vectors V.
type Arithmetic[V any] interface {
	Add(x, y V) V                       // returns x + y
	Subtract(x, y V) V                  // returns x - y
	Scale(c float64, x V) V             // returns c*x
	AddScaled(y V, c float64, x V)      // y += c*x
	SubtractScaled(y V, c float64, x V) // y -= c*x
	Result(i int, v V)                  // takes v, which is not used any more, as element i of the result
}

// Input maps the values x at places to points.
func Input[V any](m Arithmetic[V], pairs []float64, x []V) {
	// The polynomial that is 0 at all points but a is t(t±a)Q(t²), where Q is the product of t² - b² over the other pairs.
	n := len(x)
	all := every(2, product(pairs))
	m.Result(0, sum(m, x[:n-1], all))
	for i, a := range pairs {
		q := every(2, product(without(pairs, i)))
		both(m, 1+2*i, sum(m, x[2:n-1], q), sum(m, x[1:n-2], q), a)
	}
	m.Result(n-1, sum(m, x[1:], all))
}

// Filter maps two or more taps x to points.
func Filter[V any](m Arithmetic[V], pairs []float64, x []V) {
	m.Result(0, m.Scale(1/product(pairs)[0], x[0]))
	for i, a := range pairs {
		scale := 2 * a * a
		for _, b := range without(pairs, i) {
			scale *= a*a - b*b
		}
		var c [2][]float64 // for even and odd powers of a
		for k := range x {
			v := math.Pow(a, float64(k)) / scale
			c[k%2], c[1-k%2] = append(c[k%2], v), append(c[1-k%2], 0)
		}
		both(m, 1+2*i, sum(m, x, c[0]), sum(m, x, c[1]), 1)
	}
	m.Result(1+2*len(pairs), m.Scale(1, x[len(x)-1]))
}

// Output maps the values x at points to size places.
func Output[V any](m Arithmetic[V], pairs []float64, x []V, size int) {
	var sums, differences []V
	for i := range pairs {
		plus, minus := x[1+2*i], x[2+2*i]
		sums, differences = append(sums, m.Add(plus, minus)), append(differences, m.Subtract(plus, minus))
	}
	for j := range size {
		from, c := sums, make([]float64, len(pairs))
		if j%2 == 1 {
			from = differences
		}
		for i, a := range pairs {
			c[i] = math.Pow(a, float64(j))
		}
		v := sum(m, from, c)
		if j == 0 {
			m.AddScaled(v, 1, x[0])
		}
		if j == size-1 {
			m.AddScaled(v, 1, x[len(x)-1])
		}
		m.Result(j, v)
	}
}

// both gives even + a*odd to result i and even - a*odd to the next.
func both[V any](m Arithmetic[V], i int, even, odd V, a float64) {
	if a == 1 {
		m.Result(i, m.Add(even, odd))
		m.Result(i+1, m.Subtract(even, odd))
		return
	}
	plus := m.Scale(1, even)
	m.AddScaled(plus, a, odd)
	m.Result(i, plus)
	m.SubtractScaled(even, a, odd)
	m.Result(i+1, even)
}

// sum returns the sum of c[k]*x[k], the last one first; zeros are left out.
func sum[V any](m Arithmetic[V], x []V, c []float64) (v V) {
	begun := false
	for k := len(c) - 1; k >= 0; k-- {
		switch {
		case c[k] == 0:
		case !begun:
			v, begun = m.Scale(c[k], x[k]), true
		default:
			m.AddScaled(v, c[k], x[k])
		}
	}
	return v
}

// product returns the coefficients of the product of (t² - b²) for b in pairs, lowest first, odd ones left out.
func product(pairs []float64) []float64 {
	c := []float64{1}
	for _, b := range pairs {
		next := make([]float64, len(c)+1)
		for k, v := range c {
			next[k] -= b * b * v
			next[k+1] += v
		}
		c = next
	}
	return c
}

// every returns c with step-1 zeros between its elements.
func every(step int, c []float64) []float64 {
	out := make([]float64, (len(c)-1)*step+1)
	for k, v := range c {
		out[k*step] = v
	}
	return out
}

func without(pairs []float64, i int) []float64 {
	return append(append([]float64(nil), pairs[:i]...), pairs[i+1:]...)
}
