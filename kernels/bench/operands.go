package main

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// operands are the matrices of one product, row-major and dense. All contestants use the same.
type operands struct {
	shape
	a, b, c []float32
}

// newOperands draws a and b uniformly from [-1, 1).
func newOperands(s shape) *operands {
	o := &operands{shape: s, a: make([]float32, s.M*s.K), b: make([]float32, s.K*s.N), c: make([]float32, s.M*s.N)}
	r := rand.New(rand.NewPCG(1, 2))
	for _, x := range [][]float32{o.a, o.b} {
		for i := range x {
			x[i] = 2*r.Float32() - 1
		}
	}
	return o
}

// spoil fills c with NaN, so that what a contestant does not write is found.
func (o *operands) spoil() {
	for i := range o.c {
		o.c[i] = float32(math.NaN())
	}
}

// samples is the number of elements of c that are recomputed.
const samples = 200

// worstError compares random elements of c with float64 sums, and returns the largest of
//
//	|c[i][j] - sum_l op(a)[i][l]*op(b)[l][j]| / sum_l |op(a)[i][l]*op(b)[l][j]|,
//
// and an error if that is more than rounding explains.
func (o *operands) worstError() (float64, error) {
	r := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	for range samples {
		i, j := r.IntN(o.M), r.IntN(o.N)
		sum, size := o.element(i, j)
		e := math.Abs(float64(o.c[i*o.N+j])-sum) / size
		if !(e <= o.tolerance()) {
			return e, fmt.Errorf("c[%d][%d] is %v, should be %v", i, j, o.c[i*o.N+j], sum)
		}
		worst = max(worst, e)
	}
	return worst, nil
}

// tolerance bounds worstError: K rounding errors of at most 2⁻²⁴ each, in random directions, add up to about √K of
// them (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 2.8).
func (o *operands) tolerance() float64 { return math.Ldexp(8+math.Sqrt(float64(o.K)), -24) }

// element returns an element of the product, and the sum of its terms' absolute values.
func (o *operands) element(i, j int) (sum, size float64) {
	a, stepA := o.a[i*o.K:], 1
	if o.TransA {
		a, stepA = o.a[i:], o.M
	}
	b, stepB := o.b[j:], o.N
	if o.TransB {
		b, stepB = o.b[j*o.K:], 1
	}
	for l := range o.K {
		x := float64(a[l*stepA]) * float64(b[l*stepB])
		sum += x
		size += math.Abs(x)
	}
	return sum, size
}
