package arm64

const vectorSignature = "func(dst, a, b, c []float32, rows, cols, ldDst, ldA, ldB, ldC int, join int, add bool)"

// vectorOp is the kernel of a code: body returns what is to be set or added, or two factors of it.
type vectorOp struct {
	name, doc string
	reads     int // operands
	joins     bool
	widths    []lanes
	body      func(f *function, x []vector) (v, factor vector)
}

// vectorOps writes the functions of vectorop.go, with the bodies of the activations.
func vectorOps(w *file) {
	unary := func(body func(f *function, a vector) vector) func(f *function, x []vector) (v, factor vector) {
		return func(f *function, x []vector) (v, factor vector) { return body(f, x[0]), nil }
	}
	slope := func(body func(f *function, y vector) vector) func(f *function, x []vector) (v, factor vector) {
		return func(f *function, x []vector) (v, factor vector) { return x[0], body(f, x[1]) }
	}
	long, medium, short := []lanes{16, 4, 1}, []lanes{8, 4, 1}, []lanes{4, 1}
	for _, op := range []vectorOp{
		{"Copy", "a", 1, false, long, unary(func(_ *function, a vector) vector { return a })},
		{"Negate", "-a", 1, false, long, unary(func(f *function, a vector) vector {
			f.do("FNEG", a, a)
			return a
		})},
		{"OneMinus", "1 - a", 1, false, long, unary(func(f *function, a vector) vector {
			f.do("FSUB", a, f.float("one", 1), a)
			return a
		})},
		{"Add", "a + b", 2, false, long, func(f *function, x []vector) (v, factor vector) {
			f.do("FADD", x[0], x[0], x[1])
			return x[0], nil
		}},
		{"Mul", "a * b", 2, false, long, func(_ *function, x []vector) (v, factor vector) { return x[0], x[1] }},
		{"Max", "max(a, b)", 2, false, long, func(f *function, x []vector) (v, factor vector) {
			f.do("FMAX", x[0], x[0], x[1])
			return x[0], nil
		}},
		{"Relu", "max(a, 0)", 1, true, long, unary((*function).relu)},
		{"Tanh", "tanh(a)", 1, true, medium, unary((*function).tanh)},
		{"Sigmoid", "1 / (1+exp(-a))", 1, true, medium, unary((*function).sigmoid)},
		{"Sin", "sin(a)", 1, true, short, unary(func(f *function, a vector) vector { return f.sin(f.widen(a)) })},
		{"ReluGrad", "a if b > 0, else 0", 2, true, long, func(f *function, x []vector) (v, factor vector) {
			f.do("FCMGTZ", x[1], x[1])
			f.do("VAND", x[0], x[0], x[1])
			return x[0], nil
		}},
		{"TanhGrad", "a * (1 - b*b)", 2, true, medium, slope((*function).tanhSlope)},
		{"SigmoidGrad", "a * (b * (1-b))", 2, true, medium, slope((*function).sigmoidSlope)},
		{"SinGrad", "a * cos(b)", 2, true, short, slope((*function).cos)},
		{"MaxGrad", "a if b >= c, else 0", 3, false, medium, func(f *function, x []vector) (v, factor vector) {
			f.do("FCMGE", x[1], x[1], x[2])
			f.do("VAND", x[0], x[0], x[1])
			return x[0], nil
		}},
		{"MaxGradSecond", "0 if b >= c, else a", 3, false, medium, func(f *function, x []vector) (v, factor vector) {
			f.do("FCMGE", x[1], x[1], x[2])
			f.do("BIC", x[0], x[0], x[1])
			return x[0], nil
		}},
	} {
		w.vectorOp(op)
	}
}

// vectorOp writes the loop over rows, and over each row's elements.
func (w *file) vectorOp(op vectorOp) {
	w.function("vector"+op.name, vectorSignature, "dst = "+op.doc+", or dst += that", func(f *function) {
		names, lds := []string{"dst", "a", "b", "c"}, []string{"ldDst", "ldA", "ldB", "ldC"}
		count := 1 + op.reads
		var join general
		if op.joins {
			count++
			join = f.integer("join")
		}
		add, rows, left := f.flag("add"), f.integer("rows"), f.general("left")
		var bases, at, steps []general
		for i, name := range names[:count] {
			bases = append(bases, f.base(name))
			at = append(at, f.general("&"+name+", moving"))
			steps = append(steps, f.bytes(lds[i]))
		}
		row, end := f.label("row"), f.label("endRows")
		f.op("SUBS $1, %v, %v", rows, rows)
		f.op("BLT %s", end)
		f.mark(row)
		f.loadInteger("cols", left)
		for i, base := range bases {
			f.op("MOVD %v, %v", base, at[i])
			f.op("ADD %v, %v, %v", steps[i], base, base)
		}
		f.stream(op.widths, left, at, func(n lanes) {
			x := make([]vector, op.reads)
			for i := range x {
				x[i] = f.load(n, at[1+i], 0)
			}
			if op.joins {
				f.join(n, join, x[0], at[count-1])
			}
			v, factor := op.body(f, x)
			f.put(n, add, v, factor, at[0])
		})
		f.op("SUBS $1, %v, %v", rows, rows)
		f.op("BGE %s", row)
		f.mark(end)
	})
}

// join makes x the sum or the product of x and what is at an address, if join says so.
func (f *function) join(n lanes, join general, x vector, at general) {
	sum, joined := f.label("sum"), f.label("joined")
	f.op("CMP $1, %v", join)
	f.op("BLT %s", joined)
	f.scope(func() {
		y := f.load(n, at, 0)
		f.op("BEQ %s", sum)
		f.do("FMUL", x, x, y)
		f.op("JMP %s", joined)
		f.mark(sum)
		f.do("FADD", x, x, y)
	})
	f.mark(joined)
}

// put sets what is at an address to v, times factor unless that is nil, or adds it.
func (f *function) put(n lanes, add general, v, factor vector, at general) {
	set, done := f.label("set"), f.label("put")
	f.op("CBZ %v, %s", add, set)
	d := f.load(n, at, 0)
	if factor == nil {
		f.do("FADD", v, v, d)
		f.mark(set)
		f.save(v, n, at, 0)
		return
	}
	f.do("VFMLA", d, v, factor)
	f.save(d, n, at, 0)
	f.op("JMP %s", done)
	f.mark(set)
	f.do("FMUL", v, v, factor)
	f.save(v, n, at, 0)
	f.mark(done)
}
