package kernels

import (
	"fmt"
	"math"
	"testing"
)

// vectorValue is what a code computes of one element, in float64.
func vectorValue(code VectorCode, a, b, c float64) float64 {
	pick := func(holds bool) float64 {
		if holds {
			return a
		}
		return 0
	}
	switch code {
	case VectorCopy:
		return a
	case VectorNegate:
		return -a
	case VectorOneMinus:
		return 1 - a
	case VectorAdd:
		return a + b
	case VectorMul:
		return a * b
	case VectorMax:
		return max(a, b)
	case VectorRelu:
		return max(a, 0)
	case VectorTanh:
		return math.Tanh(a)
	case VectorSigmoid:
		return 1 / (1 + math.Exp(-a))
	case VectorSin:
		return math.Sin(a)
	case VectorReluGrad:
		return pick(b > 0)
	case VectorTanhGrad:
		return a * (1 - b*b)
	case VectorSigmoidGrad:
		return a * (b * (1 - b))
	case VectorSinGrad:
		return a * math.Cos(b)
	case VectorMaxGrad:
		return pick(b >= c)
	case VectorMaxGradSecond:
		return pick(!(b >= c))
	}
	panic(fmt.Sprint("no value of code ", code))
}

// chooses reports whether a code's value jumps where operands are equal.
func (c VectorCode) chooses() bool {
	return c == VectorReluGrad || c == VectorMaxGrad || c == VectorMaxGradSecond
}

// eachVectorKernel calls f with every code, and with every way to join operands and to store a result.
func eachVectorKernel(f func(code VectorCode, join int, add bool)) {
	for code := range vectorCodes {
		for join := range 3 {
			if join != unjoined && !code.joins() {
				continue
			}
			f(code, join, false)
			f(code, join, true)
		}
	}
}

// vectorOperands are dst and a, b and c of one kernel's call.
type vectorOperands struct {
	m  [4]*guarded
	ld [4]int
}

// newVectorOperands returns random operands whose rows are some elements apart. Where a code chooses, many are equal.
func newVectorOperands(t *testing.T, code VectorCode, rows, cols int) vectorOperands {
	r := newRand()
	var o vectorOperands
	for i, name := range []string{"dst", "a", "b", "c"} {
		o.ld[i] = cols + (i+cols)%4
		o.m[i] = newGuarded(t, r, name, max(0, (rows-1)*o.ld[i]+cols))
		if code.chooses() && i > 1 {
			for j := range o.m[i].x {
				o.m[i].x[j] = float32(r.IntN(3) - 1)
				o.m[i].was[j] = o.m[i].x[j]
			}
		}
	}
	return o
}

func (o *vectorOperands) call(code VectorCode, rows, cols, join int, add bool) {
	x, ld := o.m, o.ld
	active.Load().vector[code](x[0].x, x[1].x, x[2].x, x[3].x, rows, cols, ld[0], ld[1], ld[2], ld[3], join, add)
}

// betweenRows checks that what lies between the rows of a matrix has not been written.
func betweenRows(t *testing.T, m *guarded, cols, ld int) {
	t.Helper()
	for i, v := range m.x {
		if ld > 0 && i%ld >= cols && v != m.was[i] {
			t.Fatalf("%s: written between its rows, at %d", m.name, i)
		}
	}
}

func TestVectorKernels(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for cols := range 131 {
			rows := 1 + cols%5
			eachVectorKernel(func(code VectorCode, join int, add bool) {
				o := newVectorOperands(t, code, rows, cols)
				o.call(code, rows, cols, join, add)
				what := fmt.Sprintf("code %d, join %d, add %v, (%d, %d)", code, join, add, rows, cols)
				for i, m := range o.m {
					m.intact(i == 0)
				}
				betweenRows(t, o.m[0], cols, o.ld[0])
				for i := range rows * cols {
					v := func(k int) float64 { return float64(o.m[k].was[i/cols*o.ld[k]+i%cols]) }
					a, other := v(1), v(2)
					if code.operands() == 2 {
						other = v(3)
					}
					switch join {
					case joinSum:
						a += other
					case joinProduct:
						a *= other
					}
					want := vectorValue(code, a, v(2), v(3))
					if add {
						want += v(0)
					}
					near(t, what, i, o.m[0].x[i/cols*o.ld[0]+i%cols], want, 3, 1.5e-7)
				}
			})
		}
	})
}

// dst may be any of the operands.
func TestVectorKernelsInPlace(t *testing.T) {
	const rows, cols = 3, 45
	eachLevel(t, func(t *testing.T) {
		eachVectorKernel(func(code VectorCode, join int, add bool) {
			for k := 1; k < 4; k++ {
				apart, place := newVectorOperands(t, code, rows, cols), newVectorOperands(t, code, rows, cols)
				for i := range rows {
					copy(apart.m[0].x[i*apart.ld[0]:][:cols], apart.m[k].x[i*apart.ld[k]:])
				}
				place.m[0], place.ld[0] = place.m[k], place.ld[k]
				apart.call(code, rows, cols, join, add)
				place.call(code, rows, cols, join, add)
				for i := range rows * cols {
					x, y := apart.m[0].x[i/cols*apart.ld[0]+i%cols], place.m[0].x[i/cols*place.ld[0]+i%cols]
					if x != y {
						t.Fatalf("code %d, join %d, add %v: element %d is %v, and %v where dst is operand %d", code, join, add, i, x, y, k)
					}
				}
			}
		})
	})
}

// What the codes make of NaN and infinity, wherever in a row they stand. A NaN does not choose.
func TestVectorKernelsNaNAndInf(t *testing.T) {
	const cols = 45
	nan, inf := math.NaN(), math.Inf(1)
	eachLevel(t, func(t *testing.T) {
		for _, c := range []struct {
			code          VectorCode
			a, b, c, want float64
		}{
			{VectorCopy, nan, 0, 0, nan}, {VectorNegate, nan, 0, 0, nan}, {VectorOneMinus, nan, 0, 0, nan},
			{VectorAdd, nan, 1, 0, nan}, {VectorAdd, 1, nan, 0, nan}, {VectorAdd, inf, -inf, 0, nan}, {VectorAdd, inf, 1, 0, inf},
			{VectorMul, nan, 0, 0, nan}, {VectorMul, 0, nan, 0, nan}, {VectorMul, 0, inf, 0, nan}, {VectorMul, -1, inf, 0, -inf},
			{VectorMax, nan, 1, 0, nan}, {VectorMax, 1, nan, 0, nan}, {VectorMax, nan, inf, 0, nan}, {VectorMax, -inf, 1, 0, 1},
			{VectorRelu, nan, 0, 0, nan}, {VectorRelu, -inf, 0, 0, 0}, {VectorTanh, nan, 0, 0, nan}, {VectorTanh, -inf, 0, 0, -1},
			{VectorSigmoid, nan, 0, 0, nan}, {VectorSigmoid, inf, 0, 0, 1}, {VectorSin, nan, 0, 0, nan}, {VectorSin, inf, 0, 0, nan},
			{VectorReluGrad, nan, 1, 0, nan}, {VectorReluGrad, nan, 0, 0, 0}, {VectorReluGrad, 1, nan, 0, 0}, {VectorReluGrad, inf, inf, 0, inf},
			{VectorTanhGrad, nan, 1, 0, nan}, {VectorTanhGrad, 0, nan, 0, nan}, {VectorTanhGrad, inf, 0.5, 0, inf},
			{VectorSigmoidGrad, nan, 1, 0, nan}, {VectorSigmoidGrad, 0, nan, 0, nan}, {VectorSigmoidGrad, inf, 0.5, 0, inf},
			{VectorSinGrad, nan, 1, 0, nan}, {VectorSinGrad, 0, nan, 0, nan}, {VectorSinGrad, 1, inf, 0, nan}, {VectorSinGrad, inf, 0, 0, inf},
			{VectorMaxGrad, nan, 1, 1, nan}, {VectorMaxGrad, nan, 0, 1, 0}, {VectorMaxGrad, 1, nan, 0, 0}, {VectorMaxGrad, 1, 0, nan, 0},
			{VectorMaxGradSecond, nan, 0, 1, nan}, {VectorMaxGradSecond, nan, 1, 1, 0}, {VectorMaxGradSecond, 1, nan, 0, 1}, {VectorMaxGradSecond, 1, 0, nan, 1},
		} {
			for at := range cols {
				var x [4][cols]float32
				for i, v := range []float64{0, c.a, c.b, c.c} {
					Fill(x[i][:], 0.5)
					x[i][at] = float32(v)
				}
				active.Load().vector[c.code](x[0][:], x[1][:], x[2][:], x[3][:], 1, cols, 0, 0, 0, 0, unjoined, false)
				for i, v := range x[0] {
					switch {
					case i != at:
						if !finite(v) {
							t.Fatalf("code %d: a special number at %d gives %v at %d", c.code, at, v, i)
						}
					case v != float32(c.want) && (v == v || c.want == c.want):
						t.Fatalf("code %d of %v, %v and %v is %v at place %d, want %v", c.code, c.a, c.b, c.c, v, at, c.want)
					}
				}
			}
		}
	})
}
