package arm64

import "math"

// softmaxes writes the kernels of softmax.go.
func softmaxes(w *file) {
	w.function("largest", "func(x []float32) float32",
		"largestNEON returns the largest element, or -Inf; a NaN does not count.", (*function).largest)
	w.function("expSum", "func(dst, x []float32, shift float32) float64",
		"expSumNEON sets dst[i] = exp(x[i] - shift), unless dst is nil, and returns the sum.", (*function).expSum)
}

func (f *function) largest() {
	count, x := f.length("x"), f.base("x")
	tops := f.copies(f.float("-Inf", math.Inf(-1)), side)
	raise := func(top, v vector) { // not FMAX, which keeps NaN
		f.scope(func() {
			larger := f.like(v)
			f.do("FCMGT", larger, v, top)
			f.do("VBIT", top, v, larger)
		})
	}
	f.stream([]lanes{16, 4, 1}, count, []general{x}, func(n lanes) {
		v := f.vector(n.registers())
		if n == 1 {
			f.op("VLD1R (%v), [V%d.S4]", x, v[0])
		} else {
			f.loadTo(v, n, x, 0)
		}
		raise(tops[:len(v)], v)
	})
	raise(tops[:2], tops[2:])
	raise(tops[:1], tops[1:2])
	f.do("FMAXP", tops[:1], tops[:1], tops[:1])
	f.do("FMAXP", tops[:1], tops[:1], tops[:1])
	f.op("FMOVS F%d, %s", tops[0], f.argument("ret", "", 0))
}

func (f *function) expSum() {
	count, x, dst, to := f.length("x"), f.base("x"), f.base("dst"), f.general("&dst[i]")
	f.op("MOVD %v, %v", dst, to)
	shift, sums := f.same("shift"), f.zero(side)
	f.stream([]lanes{8, 4, 1}, count, []general{x, to}, func(n lanes) {
		y := f.load(n, x, 0)
		f.do("FSUB", y, y, shift)
		f.scope(func() { f.exp(y) })
		sumOnly := f.label("sumOnly")
		f.op("CBZ %v, %s", dst, sumOnly)
		f.save(y, n, to, 0)
		f.mark(sumOnly)
		f.comment("sums of 64 bits")
		if n == 1 {
			f.op("FCVTSD F%d, F%d", y[0], y[0])
			f.do64("FADD", sums[:1], sums[:1], y)
			return
		}
		for i := range y {
			double := f.widen(y[i : i+1])
			f.do64("FADD", sums[2*i:2*i+2], sums[2*i:2*i+2], double)
		}
	})
	f.do64("FADD", sums[:2], sums[:2], sums[2:])
	f.do64("FADD", sums[:1], sums[:1], sums[1:2])
	f.do64("FADDP", sums[:1], sums[:1], sums[:1])
	f.op("FMOVD F%d, %s", sums[0], f.argument("ret", "", 0))
}
