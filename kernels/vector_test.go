package kernels

import (
	"math"
	"testing"
)

// lengths holds every remainder modulo the vectors' and unrolled loops' lengths, and some more.
var lengths = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 31, 32, 33, 37, 44, 63, 64, 65, 71, 129, 1003}

// An elementwise operation: op gets dst and two operands, of which it may use fewer; want is what
// one element becomes.
type elementwise struct {
	name string
	op   func(dst, x, y []float32)
	want func(d, x, y float64) float64
}

var elementwiseOps = []elementwise{
	{"Fill", func(d, _, _ []float32) { Fill(d, 0.5) }, func(_, _, _ float64) float64 { return 0.5 }},
	{"Add", func(d, x, _ []float32) { Add(d, x) }, func(d, x, _ float64) float64 { return d + x }},
	{"AddScaled", func(d, x, _ []float32) { AddScaled(d, -0.75, x) }, func(d, x, _ float64) float64 { return d - 0.75*x }},
	{"Scale", func(d, _, _ []float32) { Scale(d, 1.5) }, func(d, _, _ float64) float64 { return 1.5 * d }},
	{"Mul", Mul, func(_, x, y float64) float64 { return x * y }},
	{"MulAdd", MulAdd, func(d, x, y float64) float64 { return d + x*y }},
	{"Relu", func(d, x, _ []float32) { Relu(d, x) }, func(_, x, _ float64) float64 { return max(x, 0) }},
	{"Exp", func(d, x, _ []float32) { Exp(d, x) }, func(_, x, _ float64) float64 { return math.Exp(x) }},
	{"OneMinus", func(d, x, _ []float32) { OneMinus(d, x) }, func(_, x, _ float64) float64 { return 1 - x }},
	{"Tanh", func(d, x, _ []float32) { Tanh(d, x) }, func(_, x, _ float64) float64 { return math.Tanh(x) }},
	{"Sigmoid", func(d, x, _ []float32) { Sigmoid(d, x) }, func(_, x, _ float64) float64 { return 1 / (1 + math.Exp(-x)) }},
	{"Sin", func(d, x, _ []float32) { Sin(d, x) }, func(_, x, _ float64) float64 { return math.Sin(x) }},
	{"ReluBackward", ReluBackward, func(d, x, y float64) float64 {
		if y > 0 {
			return d + x
		}
		return d
	}},
	{"TanhBackward", TanhBackward, func(d, x, y float64) float64 { return d + x*(1-y*y) }},
	{"SigmoidBackward", SigmoidBackward, func(d, x, y float64) float64 { return d + x*(y*(1-y)) }},
	{"SinBackward", SinBackward, func(d, x, y float64) float64 { return d + x*math.Cos(y) }},
}

func TestElementwise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, op := range elementwiseOps {
			t.Run(op.name, func(t *testing.T) {
				r := newRand()
				for _, n := range lengths {
					// Operands may be longer than dst.
					d, x, y := newGuarded(t, r, "dst", n), newGuarded(t, r, "x", n+n%2), newGuarded(t, r, "y", n+n%3)
					op.op(d.x, x.x, y.x)
					d.intact(true)
					x.intact(false)
					y.intact(false)
					for i, v := range d.x {
						near(t, op.name, i, v, op.want(float64(d.was[i]), float64(x.x[i]), float64(y.x[i])), 3, 1.5e-7)
					}
				}
			})
		}
	})
}

// An element's bits must not depend on its place.
func TestElementwiseIgnoresPlace(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, op := range elementwiseOps {
			r := newRand()
			d, x, y := newGuarded(t, r, "dst", 29), newGuarded(t, r, "x", 29), newGuarded(t, r, "y", 29)
			op.op(d.x, x.x, y.x)
			for i := range d.x {
				one := []float32{d.was[i]}
				op.op(one, x.x[i:], y.x[i:])
				if one[0] != d.x[i] {
					t.Errorf("%s: %v alone, %v at place %d", op.name, one[0], d.x[i], i)
				}
			}
		}
	})
}

// In place: dst is the first operand.
func TestElementwiseAliases(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, op := range elementwiseOps {
			r := newRand()
			x, y := newGuarded(t, r, "x", 45), newGuarded(t, r, "y", 45)
			want := append([]float32(nil), x.x...)
			op.op(want, x.was, y.x)
			op.op(x.x, x.x, y.x)
			for i, v := range x.x {
				if v != want[i] {
					t.Errorf("%s: [%d] = %v in place, %v apart", op.name, i, v, want[i])
				}
			}
		}
	})
}

func TestDot(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, n := range lengths {
			x, y := newGuarded(t, r, "x", n), newGuarded(t, r, "y", n)
			dot := newSums(make([]float32, 1))
			for i := range n {
				dot.add(0, x.x[i], y.x[i])
			}
			dot.near(t, "Dot", []float32{Dot(x.x, y.x)})
			x.intact(false)
			y.intact(false)
		}
	})
}

// Every operation passes on a NaN or an infinity of the operands it sums or multiplies, wherever it is.
func TestNaNAndInfSpread(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	const n = 45
	eachLevel(t, func(t *testing.T) {
		for at := range n {
			for _, bad := range []float32{nan, inf} {
				x, y := make([]float32, n), make([]float32, n)
				Fill(x, 0.5)
				Fill(y, 0.5)
				x[at] = bad
				if v := Dot(x, y); finite(v) {
					t.Fatalf("Dot of %v at %d is %v", bad, at, v)
				}
				for _, name := range []string{"Add", "AddScaled", "Mul", "MulAdd", "Relu", "ReluBackward", "TanhBackward", "SigmoidBackward", "SinBackward", "Exp"} {
					d := make([]float32, n)
					find(name).op(d, x, y)
					for i, v := range d {
						if finite(v) != (i != at) {
							t.Fatalf("%s with %v at %d: [%d] = %v", name, bad, at, i, v)
						}
					}
				}
			}
			for _, name := range []string{"Relu", "Exp", "Tanh", "Sigmoid", "Sin"} {
				x := make([]float32, n)
				x[at] = nan
				find(name).op(x, x, nil)
				for i, v := range x {
					if (v != v) != (i == at) {
						t.Fatalf("%s with NaN at %d: [%d] = %v", name, at, i, v)
					}
				}
			}
		}
	})
}

func find(name string) elementwise {
	for _, op := range elementwiseOps {
		if op.name == name {
			return op
		}
	}
	panic("no operation " + name)
}

func finite(v float32) bool { return v-v == 0 }
