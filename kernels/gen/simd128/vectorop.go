package simd128

import "math"

// vectorOps writes the functions of vectorop.go.
func (w *file) vectorOps() {
	one := floats(1)
	for _, op := range []struct {
		name, doc string
		reads     int // operands
		joins     bool
		body      func(f *function, x []code) code
	}{
		{"Copy", "a", 1, false, func(_ *function, x []code) code { return x[0] }},
		{"Negate", "-a", 1, false, func(_ *function, x []code) code { return negate(x[0]) }},
		{"OneMinus", "1 - a", 1, false, func(_ *function, x []code) code { return sub(one, x[0]) }},
		{"Add", "a + b", 2, false, func(_ *function, x []code) code { return add(x[0], x[1]) }},
		{"Mul", "a * b", 2, false, func(_ *function, x []code) code { return mul(x[0], x[1]) }},
		{"Max", "max(a, b)", 2, false, func(_ *function, x []code) code { return maximum(x[0], x[1]) }},
		{"Relu", "max(a, 0)", 1, true, func(_ *function, x []code) code { return relu(x[0]) }},
		{"Tanh", "tanh(a)", 1, true, func(f *function, x []code) code { return f.call(w.tanh, x[0]) }},
		{"Sigmoid", "1 / (1+exp(-a))", 1, true, func(f *function, x []code) code { return f.call(w.sigmoid, x[0]) }},
		{"Sin", "sin(a)", 1, true, func(f *function, x []code) code { return w.sin(f, x[0], 0) }},
		{"ReluGrad", "a if b > 0, else 0", 2, true, func(_ *function, x []code) code { return and(x[0], greater(x[1], zero())) }},
		{"TanhGrad", "a * (1 - b*b)", 2, true, func(_ *function, x []code) code { return mul(x[0], sub(one, mul(x[1], x[1]))) }},
		{"SigmoidGrad", "a * (b * (1-b))", 2, true, func(_ *function, x []code) code { return mul(x[0], mul(x[1], sub(one, x[1]))) }},
		{"SinGrad", "a * cos(b)", 2, true, func(f *function, x []code) code { return mul(x[0], w.sin(f, x[1], math.Pi/2)) }},
		{"MaxGrad", "a if b >= c, else 0", 3, false, func(_ *function, x []code) code { return and(x[0], notLess(x[1], x[2])) }},
		{"MaxGradSecond", "0 if b >= c, else a", 3, false, func(_ *function, x []code) code { return andNot(x[0], notLess(x[1], x[2])) }},
	} {
		w.function("vector"+op.name, "dst, a, b, c []float32, rows, cols, ldDst, ldA, ldB, ldC int, join int, add bool", "", "",
			"sets dst to "+op.doc+", or adds that", func(f *function) { f.vectorOp(op.reads, op.joins, op.body) })
	}
}

// vectorOp writes the loop over rows, and over each row's elements.
func (f *function) vectorOp(reads int, joins bool, body func(f *function, x []code) code) {
	operands := reads
	if joins {
		operands++
	}
	var bases, at, steps []local
	for i, name := range []string{"dst", "a", "b", "c"}[:1+operands] {
		bases, at = append(bases, f.param(name)), append(at, f.variable(i32))
		steps = append(steps, f.bytes([]string{"ldDst", "ldA", "ldB", "ldC"}[i]))
	}
	x := f.vectors(reads)
	result, count, rows := f.variable(v128), f.variable(i32), f.param("rows")
	f.while(rows.get(), func() {
		for i, l := range at {
			f.do(l.set(bases[i].get()))
		}
		f.do(count.set(f.get("cols")))
		f.stream(count, at, func(n lanes) {
			var operand []code
			for i, l := range x {
				f.do(l.set(n.load(at[1+i].get(), 0)))
				operand = append(operand, l.get())
			}
			if joins {
				other := n.load(at[operands].get(), 0)
				f.when(f.get("join"), func() {
					f.when(equal(f.get("join"), integer(1)), func() { f.do(x[0].set(add(x[0].get(), other))) },
						func() { f.do(x[0].set(mul(x[0].get(), other))) })
				}, nil)
			}
			f.do(result.set(body(f, operand)))
			f.when(f.get("add"), func() { f.do(result.set(add(n.load(at[0].get(), 0), result.get()))) }, nil)
			f.do(n.store(at[0].get(), 0, result.get()))
		})
		for i, l := range bases {
			f.add(l, steps[i].get())
		}
		f.advance(rows, -1)
	})
}
