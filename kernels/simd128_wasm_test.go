//go:build js && simd128 && !purego

package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A test binary with the tag has the level, unless its loader failed.
func TestSIMD128IsInUse(t *testing.T) {
	if Active() != SIMD128 {
		t.Errorf("level %s is in use", Active())
	}
}

// What is allocated after the kernels were instantiated lies in memory that they do not know from then.
func TestSIMD128SeesMemoryGrow(t *testing.T) {
	const n = 40 << 20
	x := make([]float32, n)
	x[0], x[n-1] = 3, 5
	Scale(x, 2)
	if x[0] != 6 || x[n-1] != 10 {
		t.Errorf("the ends are %v and %v, want 6 and 10", x[0], x[n-1])
	}
}

// odd returns n numbers, some of which are infinite, NaN, subnormal, or at the edge of what exp can take.
func odd(r *rand.Rand, n int) []float32 {
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.Float32frombits(0x7fc00005),
		1e-40, -1e-40, 88.7, 88.73, -87.3, -87.4, 1e6, -3e15, math.MaxFloat32}
	x := make([]float32, n)
	for i := range x {
		switch r.IntN(4) {
		case 0:
			x[i] = special[r.IntN(len(special))]
		case 1:
			x[i] = float32(r.NormFloat64() * 30)
		default:
			x[i] = float32(r.NormFloat64())
		}
	}
	return x
}

// usual returns n normally distributed numbers.
func usual(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// alike runs f at levels generic and simd128, with the same random numbers, and compares the bits of what it returns; all NaN
// are alike.
func alike(t *testing.T, what string, f func(t *table, r *rand.Rand) [][]float32) {
	t.Helper()
	for seed := range uint64(40) {
		want := f(tables[0], rand.New(rand.NewPCG(seed, 1)))
		got := f(tables[len(tables)-1], rand.New(rand.NewPCG(seed, 1)))
		for k := range want {
			for i, w := range want[k] {
				g := got[k][i]
				if math.Float32bits(g) != math.Float32bits(w) && !(g != g && w != w) {
					t.Fatalf("%s: seed %d, result %d: [%d] of %d = %v, at level generic %v", what, seed, k, i, len(want[k]), g, w)
				}
			}
		}
	}
}

func TestSIMD128HasGenericsBits(t *testing.T) {
	for code := range vectorCodes {
		alike(t, "vector code", func(t *table, r *rand.Rand) [][]float32 {
			rows, cols, ld := 1+r.IntN(3), r.IntN(23), 23
			all := [][]float32{odd(r, rows*ld), odd(r, rows*ld), odd(r, rows*ld), odd(r, rows*ld)}
			join := unjoined
			if code.joins() {
				join = r.IntN(3)
			}
			t.vector[code](all[0], all[1], all[2], all[3], rows, cols, ld, ld, ld, ld, join, r.IntN(2) == 0)
			return all
		})
	}
	for name, f := range map[string]func(t *table, r *rand.Rand, n int) [][]float32{
		"add": func(t *table, r *rand.Rand, n int) [][]float32 {
			x := odd(r, n)
			t.add(x, odd(r, n))
			return [][]float32{x}
		},
		"addScaled": func(t *table, r *rand.Rand, n int) [][]float32 {
			x := odd(r, n)
			t.addScaled(x, 0.7, odd(r, n))
			return [][]float32{x}
		},
		"scale": func(t *table, r *rand.Rand, n int) [][]float32 {
			x := odd(r, n)
			t.scale(x, -0.3)
			return [][]float32{x}
		},
		"mul and mulAdd": func(t *table, r *rand.Rand, n int) [][]float32 {
			x, y := odd(r, n), odd(r, n)
			t.mul(x, x, y)
			t.mulAdd(y, x, x)
			return [][]float32{x, y}
		},
		"dot": func(t *table, r *rand.Rand, n int) [][]float32 {
			return [][]float32{{t.dot(usual(r, n), usual(r, n)), t.dot(odd(r, n), odd(r, n))}}
		},
		"exp": func(t *table, r *rand.Rand, n int) [][]float32 {
			x := odd(r, n)
			t.exp(x, x)
			return [][]float32{x}
		},
		"softmax": func(t *table, r *rand.Rand, n int) [][]float32 {
			x, y := usual(r, n), usual(r, n)
			sums := []float32{t.largest(x), t.largest(odd(r, n)) + 1, float32(t.expSum(y, x, 0.5)), float32(t.expSum(nil, odd(r, n), 1))}
			return [][]float32{x, y, sums}
		},
		"optimizers": func(t *table, r *rand.Rand, n int) [][]float32 {
			w, dw, m, v := odd(r, n), odd(r, n), odd(r, n), odd(r, n)
			t.sgd(w, dw, v, 0.1, 0.9, 1e-4, n%2 == 0)
			t.adam(w, dw, m, v, 0.01, 0.9, 0.999, 1e-8, 1e-4, 0.1, 0.001)
			return [][]float32{w, m, v}
		},
	} {
		alike(t, name, func(t *table, r *rand.Rand) [][]float32 { return f(t, r, r.IntN(40)) })
	}
}

func TestSIMD128HasGenericsColumns(t *testing.T) {
	alike(t, "columns", func(t *table, r *rand.Rand) [][]float32 {
		rows, cols, ld := r.IntN(20), 1+r.IntN(stripCols), stripCols
		x, dy, y, dx := odd(r, rows*ld), odd(r, rows*ld), odd(r, rows*ld), odd(r, rows*ld)
		v := usual(r, 8*ld)
		gamma, beta, mean, invStd := v[:ld], v[ld:2*ld], v[2*ld:3*ld], v[3*ld:4*ld]
		s := t.columnSums(x, rows, cols, ld)
		m, q := t.columnMoments(x, mean, rows, cols, ld)
		relu, add := r.IntN(2) == 0, r.IntN(2) == 0
		t.addBias(y, beta, rows, cols, ld)
		a, b := make([]float32, rows*ld), make([]float32, rows*ld)
		t.scaleShift(a, x, gamma, beta, rows, cols, ld, relu)
		t.normalize(b, x, gamma, beta, mean, invStd, rows, cols, ld, relu)
		sums, products := make([]float64, ld), make([]float64, ld)
		t.gradientSums(sums, products, dy, x, gamma, beta, mean, invStd, rows, cols, ld, relu)
		t.gradientData(dx, dy, x, beta, mean, strip(v[4*ld:]), strip(v[5*ld:]), strip(v[6*ld:]), rows, cols, ld, relu, add)
		var both [2 * stripCols]float32
		for i := range sums {
			both[2*i], both[2*i+1] = float32(sums[i]), float32(products[i])
		}
		return [][]float32{s[:], m[:], q[:], y, a, b, both[:], dx}
	})
}

func TestSIMD128HasGenericsProducts(t *testing.T) {
	s := NewScratch()
	use := func(tab *table) func() {
		before := active.Swap(tab)
		return func() { active.Store(before) }
	}
	alike(t, "products", func(tab *table, r *rand.Rand) [][]float32 {
		defer use(tab)()
		m, n, k := 1+r.IntN(30), 1+r.IntN(30), r.IntN(60)
		x, y, z := odd(r, m*k), usual(r, k*n), odd(r, m*n)
		transA, transB := r.IntN(2) == 0, r.IntN(2) == 0
		lda, ldb := k, n
		if transA {
			lda = m
		}
		if transB {
			ldb = k
		}
		Gemm(s, transA, transB, m, n, k, 1, x, lda, y, ldb, float32(r.IntN(2)), z, n)
		return [][]float32{z}
	})
	alike(t, "convolutions", func(tab *table, r *rand.Rand) [][]float32 {
		defer use(tab)()
		l := layer{batch: 2, h: 5 + r.IntN(6), w: 5 + r.IntN(6), in: 1 + r.IntN(9), out: 1 + r.IntN(9), kh: 1 + r.IntN(5), kw: 1 + r.IntN(5), sh: 1 + r.IntN(2), sw: 1 + r.IntN(2), same: true}
		if r.IntN(2) == 0 {
			l.out, l.groups = l.in, l.in
		}
		g := l.conv()
		x, y := odd(r, g.Batch*g.InH*g.InW*g.InC), make([]float32, g.Batch*g.OutH*g.OutW*g.OutC)
		w := usual(r, g.KernelH*g.KernelW*g.InC/max(1, g.Groups)*g.OutC)
		dx, dw := usual(r, len(x)), usual(r, len(w))
		convForward(s, g, y, whole(g, x), w)
		convBackwardData(s, g, whole(g, dx), y, w)
		ConvBackwardWeights(s, g, dw, y, whole(g, x))
		return [][]float32{y, dx, dw}
	})
	alike(t, "pools", func(tab *table, r *rand.Rand) [][]float32 {
		defer use(tab)()
		g := &Pool{Batch: 2, InH: 7, InW: 6, C: 1 + r.IntN(13), KernelH: 1 + r.IntN(4), KernelW: 1 + r.IntN(4), StrideH: 1 + r.IntN(2), StrideW: 1 + r.IntN(2), PadTop: r.IntN(2), PadLeft: r.IntN(2)}
		g.OutH, g.OutW = 1+(g.InH-1)/g.StrideH, 1+(g.InW-1)/g.StrideW
		x, dx, ax := odd(r, g.inLen()), odd(r, g.inLen()), odd(r, g.inLen())
		y, z, at := make([]float32, g.outLen()), make([]float32, g.outLen()), make([]int32, g.outLen())
		MaxPoolForward(g, y, at, x)
		MaxPoolBackward(g, dx, y, at)
		AvgPoolForward(g, z, x)
		AvgPoolBackward(g, ax, y)
		index := make([]float32, len(at))
		for i, v := range at {
			index[i] = float32(v)
		}
		return [][]float32{y, index, dx, z, ax}
	})
}

func TestSIMD128HasGenericsTransforms(t *testing.T) {
	check := func(what string, in, out int, pick func(t *table) transform) {
		alike(t, what, func(t *table, r *rand.Rand) [][]float32 {
			rows, cols := 1+r.IntN(3), 1+r.IntN(11)
			x, y := odd(r, in*100), usual(r, out*100)
			pick(t)(y, 100, 33, x, 100, 31, rows, cols)
			return [][]float32{y}
		})
	}
	adding := func(what string, in, out int, pick func(t *table) addingTransform) {
		for _, add := range []bool{false, true} {
			check(what, in, out, func(t *table) transform {
				f := pick(t)
				return func(dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int) {
					f(dst, dstStep, dstRow, src, srcStep, srcRow, rows, cols, add)
				}
			})
		}
	}
	for points, of := range map[int]func(t *table) *transforms{
		6: func(t *table) *transforms { return &t.winograd6 },
		8: func(t *table) *transforms { return &t.winograd8 },
	} {
		check("input", points, points, func(t *table) transform { return of(t).input })
		for size := range tables[0].winograd8.filter {
			if of(tables[0]).filter[size] != nil {
				check("filter", size, points, func(t *table) transform { return of(t).filter[size] })
				adding("output", points, size, func(t *table) addingTransform { return of(t).output[size] })
			}
		}
	}
}
