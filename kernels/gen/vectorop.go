package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const vectorSignature = "func(dst, a, b, c []float32, rows, cols, ldDst, ldA, ldB, ldC int, join int, add bool)"

// vectorOp is the kernel of a code: body returns what is to be set or added, or two factors of it.
type vectorOp struct {
	name, doc string
	reads     int // operands
	joins     bool
	widths    []lanes
	body      func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual)
}

// vectorOps writes the functions of vectorop.go, with the bodies of the activations.
func vectorOps(w *writer) {
	unary := func(body func(n lanes, a reg.VecVirtual) reg.VecVirtual) func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
		return func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) { return body(n, x[0]), nil }
	}
	slope := func(body func(n lanes, y reg.VecVirtual) reg.VecVirtual) func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
		return func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) { return x[0], body(n, x[1]) }
	}
	full, half := w.set.widths, w.set.halves
	for _, op := range []vectorOp{
		{"Copy", "a", 1, false, full, unary(func(_ lanes, a reg.VecVirtual) reg.VecVirtual { return a })},
		{"Negate", "-a", 1, false, full, unary(func(n lanes, a reg.VecVirtual) reg.VecVirtual {
			w.VXORPS(w.float(n, "sign", math.Copysign(0, -1)), a, a)
			return a
		})},
		{"OneMinus", "1 - a", 1, false, full, unary(func(n lanes, a reg.VecVirtual) reg.VecVirtual {
			one := w.constant(n, "one", 1)
			w.VSUBPS(a, one, one)
			return one
		})},
		{"Add", "a + b", 2, false, full, func(_ lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
			w.VADDPS(x[0], x[1], x[1])
			return x[1], nil
		}},
		{"Mul", "a * b", 2, false, full, func(_ lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) { return x[0], x[1] }},
		{"Max", "max(a, b)", 2, false, full, func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
			m := w.vec(n)
			w.VMAXPS(x[1], x[0], m) // b if either is NaN
			w.blend(w.compare(n, unordered, x[0], x[0]), x[0], m)
			return m, nil
		}},
		{"Relu", "max(a, 0)", 1, true, full, unary(w.relu)},
		{"Tanh", "tanh(a)", 1, true, full, unary(w.tanh)},
		{"Sigmoid", "1 / (1+exp(-a))", 1, true, full, unary(w.sigmoid)},
		{"Sin", "sin(a)", 1, true, half, unary(func(n lanes, a reg.VecVirtual) reg.VecVirtual { return w.sin(n, w.widen(a)) })},
		{"ReluGrad", "a if b > 0, else 0", 2, true, full, func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
			w.keep(w.compare(n, greater, w.zero(n), x[1]), x[0])
			return x[0], nil
		}},
		{"TanhGrad", "a * (1 - b*b)", 2, true, full, slope(w.tanhSlope)},
		{"SigmoidGrad", "a * (b * (1-b))", 2, true, full, slope(w.sigmoidSlope)},
		{"SinGrad", "a * cos(b)", 2, true, half, slope(w.cos)},
		{"MaxGrad", "a if b >= c, else 0", 3, false, full, func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
			w.keep(w.compare(n, notLess, x[2], x[1]), x[0])
			return x[0], nil
		}},
		{"MaxGradSecond", "0 if b >= c, else a", 3, false, full, func(n lanes, x []reg.VecVirtual) (v, factor reg.VecVirtual) {
			w.drop(w.compare(n, notLess, x[2], x[1]), x[0])
			return x[0], nil
		}},
	} {
		w.vectorOp(op)
	}
}

// vectorOp writes the loop over rows, and over each row's elements.
func (w *writer) vectorOp(op vectorOp) {
	w.function("vector"+op.name+w.set.name, vectorSignature, "dst = "+op.doc+", or dst += that")
	names, lds := []string{"dst", "a", "b", "c"}, []string{"ldDst", "ldA", "ldB", "ldC"}
	count := 1 + op.reads
	var join reg.GPVirtual
	if op.joins {
		count++
		join = w.long("join")
	}
	add := w.GP8()
	w.Load(w.Param("add"), add)
	var bases []reg.GPVirtual
	for _, name := range names[:count] {
		bases = append(bases, w.base(name))
	}
	rows, left := w.long("rows"), w.GP64()
	row, end := w.label("row"), w.label("endRows")
	w.SUBQ(U8(1), rows)
	w.JL(LabelRef(end))
	w.Label(row)
	w.loadLong("cols", left)
	w.streamBy(op.widths, left, bases, func(n lanes, at []Mem) {
		x := make([]reg.VecVirtual, op.reads)
		for i := range x {
			x[i] = w.load(n, at[1+i])
		}
		if op.joins {
			w.join(n, join, x[0], at[count-1])
		}
		v, factor := op.body(n, x)
		w.put(n, add, v, factor, at[0])
	})
	for i, base := range bases {
		ld := w.long(lds[i])
		w.LEAQ(Mem{Base: base, Index: ld, Scale: 4}, base)
	}
	w.SUBQ(U8(1), rows)
	w.JGE(LabelRef(row))
	w.Label(end)
	w.done()
}

// join makes x the sum or the product of x and what is at an address, if join says so.
func (w *writer) join(n lanes, join reg.GPVirtual, x reg.VecVirtual, at Mem) {
	joined, sum, plain := w.label("join"), w.label("sum"), w.label("plain")
	w.TESTQ(join, join)
	w.JNZ(LabelRef(joined))
	w.Label(plain)
	w.aside(func() {
		w.Label(joined)
		y := w.load(n, at)
		w.CMPQ(join, U8(1))
		w.JE(LabelRef(sum))
		w.VMULPS(y, x, x)
		w.JMP(LabelRef(plain))
		w.Label(sum)
		w.VADDPS(y, x, x)
		w.JMP(LabelRef(plain))
	})
}

// put sets what is at an address to v, times factor unless that is nil, or adds it.
func (w *writer) put(n lanes, add reg.GPVirtual, v, factor reg.VecVirtual, at Mem) {
	adds, set, done := w.label("add"), w.label("set"), w.label("done")
	w.TESTB(add, add)
	w.JNZ(LabelRef(adds))
	if factor == nil {
		w.Label(set)
		w.save(n, v, at)
		w.aside(func() {
			w.Label(adds)
			w.VADDPS(w.load(n, at), v, v)
			w.JMP(LabelRef(set))
		})
		return
	}
	product := w.vec(n)
	w.VMULPS(v, factor, product)
	w.save(n, product, at)
	w.Label(done)
	w.aside(func() {
		w.Label(adds)
		d := w.load(n, at)
		w.VFMADD231PS(v, factor, d)
		w.save(n, d, at)
		w.JMP(LabelRef(done))
	})
}
