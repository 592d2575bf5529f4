package main

import (
	"strings"
	"testing"
)

// multiply is the product in float32, its terms added one after the other, but without the last ones of each sum.
func multiply(o *operands, without int) {
	for i := range o.M {
		for j := range o.N {
			sum := float32(0)
			for l := range o.K - without {
				a, b := i*o.K+l, l*o.N+j
				if o.TransA {
					a = l*o.M + i
				}
				if o.TransB {
					b = j*o.K + l
				}
				sum += o.a[a] * o.b[b]
			}
			o.c[i*o.N+j] = sum
		}
	}
}

func TestWorstError(t *testing.T) {
	for _, s := range []shape{
		{M: 9, N: 7, K: 5},
		{M: 9, N: 7, K: 100, TransA: true},
		{M: 9, N: 7, K: 100, TransB: true},
		{M: 3, N: 2, K: 30000, TransA: true, TransB: true},
	} {
		o := newOperands(s)
		o.spoil()
		if _, err := o.worstError(); err == nil {
			t.Errorf("%v: a result that nobody wrote passes", s)
		}
		multiply(o, 0)
		if e, err := o.worstError(); err != nil || e > o.tolerance() {
			t.Errorf("%v: a good result has the error %g: %v", s, e, err)
		}
		multiply(o, 1)
		if _, err := o.worstError(); err == nil || !strings.Contains(err.Error(), "should be") {
			t.Errorf("%v: a missing term gives %v", s, err)
		}
	}
}
