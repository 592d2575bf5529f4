package arm64

// stream writes the loop over count elements of slices, whose addresses it moves: so many at a time as widths says, the
// last of which is 1. body works on the n elements at the addresses.
func (f *function) stream(widths []lanes, count general, slices []general, body func(n lanes)) {
	for _, n := range widths {
		loop, end := f.label("loop"), f.label("end")
		f.op("SUBS $%d, %v, %v", n, count, count)
		f.op("BLT %s", end)
		f.mark(loop)
		f.scope(func() { body(n) })
		for _, s := range slices {
			f.op("ADD $%d, %v, %v", 4*n, s, s)
		}
		f.op("SUBS $%d, %v, %v", n, count, count)
		f.op("BGE %s", loop)
		f.mark(end)
		f.op("ADD $%d, %v, %v", n, count, count)
	}
}

// elementwise writes a function of slices, the first of which, dst, gives the length. params are float32.
func (w *file) elementwise(name, signature, doc string, widths []lanes, slices, params []string, body func(f *function, n lanes, at []general, p []vector)) {
	w.function(name, signature, doc, func(f *function) {
		count := f.length(slices[0])
		at := make([]general, len(slices))
		for i, s := range slices {
			at[i] = f.base(s)
		}
		values := make([]vector, len(params))
		for i, p := range params {
			values[i] = f.same(p)
		}
		f.stream(widths, count, at, func(n lanes) { body(f, n, at, values) })
	})
}

func vectors(w *file) {
	widths := []lanes{16, 4, 1}
	w.elementwise("add", "func(dst, x []float32)", "dst[i] += x[i]", widths, []string{"dst", "x"}, nil,
		func(f *function, n lanes, at []general, _ []vector) {
			d, x := f.load(n, at[0], 0), f.load(n, at[1], 0)
			f.do("FADD", d, d, x)
			f.save(d, n, at[0], 0)
		})
	w.elementwise("addScaled", "func(dst []float32, alpha float32, x []float32)", "dst[i] += alpha*x[i]", widths, []string{"dst", "x"}, []string{"alpha"},
		func(f *function, n lanes, at []general, p []vector) {
			d, x := f.load(n, at[0], 0), f.load(n, at[1], 0)
			f.do("VFMLA", d, x, p[0])
			f.save(d, n, at[0], 0)
		})
	w.elementwise("scale", "func(dst []float32, alpha float32)", "dst[i] *= alpha", widths, []string{"dst"}, []string{"alpha"},
		func(f *function, n lanes, at []general, p []vector) {
			d := f.load(n, at[0], 0)
			f.do("FMUL", d, d, p[0])
			f.save(d, n, at[0], 0)
		})
	w.elementwise("mul", "func(dst, x, y []float32)", "dst[i] = x[i]*y[i]", widths, []string{"dst", "x", "y"}, nil,
		func(f *function, n lanes, at []general, _ []vector) {
			x, y := f.load(n, at[1], 0), f.load(n, at[2], 0)
			f.do("FMUL", x, x, y)
			f.save(x, n, at[0], 0)
		})
	w.elementwise("mulAdd", "func(dst, x, y []float32)", "dst[i] += x[i]*y[i]", widths, []string{"dst", "x", "y"}, nil,
		func(f *function, n lanes, at []general, _ []vector) {
			d, x, y := f.load(n, at[0], 0), f.load(n, at[1], 0), f.load(n, at[2], 0)
			f.do("VFMLA", d, x, y)
			f.save(d, n, at[0], 0)
		})
	w.reduction("dot", "func(x, y []float32) float32", "returns the sum of x[i]*y[i]", []string{"x", "y"},
		func(f *function, n lanes, at []general, sums vector) {
			x, y := f.load(n, at[0], 0), f.load(n, at[1], 0)
			f.do("VFMLA", sums[:len(x)], x, y)
		})
}

// reduction writes a function that sums over slices of one length, in four vectors side by side.
func (w *file) reduction(name, signature, doc string, slices []string, add func(f *function, n lanes, at []general, sums vector)) {
	w.function(name, signature, doc, func(f *function) {
		count := f.length(slices[0])
		at := make([]general, len(slices))
		for i, s := range slices {
			at[i] = f.base(s)
		}
		sums := f.zero(4)
		// One by one, the upper lanes of what is added are 0.
		f.stream([]lanes{16, 4, 1}, count, at, func(n lanes) { add(f, n, at, sums) })
		f.total(sums)
		f.do("FADDP", sums[:1], sums[:1], sums[:1])
		f.do("FADDP", sums[:1], sums[:1], sums[:1])
		f.op("FMOVS F%d, %s", sums[0], f.argument("ret", "", 0))
	})
}

// total adds four vectors into the first.
func (f *function) total(sums vector) {
	f.do("FADD", sums[:1], sums[:1], sums[1:2])
	f.do("FADD", sums[2:3], sums[2:3], sums[3:4])
	f.do("FADD", sums[:1], sums[:1], sums[2:3])
}
