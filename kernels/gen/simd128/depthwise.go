package simd128

// depthwises writes the functions of depthwise.go.
func (w *file) depthwises() {
	w.function("depthwise", "y, x, w []float32, wAt, rows, cols, channels, yRow, yCol, xRow, xCol, tapsH, tapsW, tapRow, tapCol, wRow, wCol int, add bool", "", "",
		"is depthwise", (*function).depthwise)
	w.function("depthwiseWeights", "dw, dy, x []float32, taps, wTap, xTap, rows, cols, channels, dyRow, dyCol, xRow, xCol int", "", "",
		"is depthwiseWeights", (*function).depthwiseWeights)
}

// walk moves addresses by so many bytes with each of count steps, in a loop whose body does not change them.
func (f *function) walk(count code, from, at, step []local, body func()) {
	left := f.let(i32, count)
	for i, l := range at {
		f.do(l.set(from[i].get()))
	}
	f.while(left.get(), func() {
		body()
		for i, l := range at {
			f.add(l, step[i].get())
		}
		f.advance(left, -1)
	})
}

// addresses returns so many variables.
func (f *function) addresses(n int) []local {
	all := make([]local, n)
	for i := range all {
		all[i] = f.variable(i32)
	}
	return all
}

func (f *function) depthwise() {
	step := map[string]local{}
	for _, s := range []string{"yRow", "yCol", "xRow", "xCol", "tapRow", "tapCol", "wRow", "wCol"} {
		step[s] = f.bytes(s)
	}
	taps := f.let(i32, plus(f.get("w"), shifted(f.get("wAt"), 2)))
	row, col := f.addresses(2), f.addresses(3)
	lines, tap, sum := f.addresses(2), f.addresses(2), f.variable(v128)
	count := f.variable(i32)
	y, x, w := col[0], col[1], col[2]
	f.walk(f.get("rows"), []local{f.param("y"), f.param("x")}, row, []local{step["yRow"], step["xRow"]}, func() {
		at := []local{f.variable(i32), f.variable(i32)}
		f.walk(f.get("cols"), row, at, []local{step["yCol"], step["xCol"]}, func() {
			f.do(y.set(at[0].get()), x.set(at[1].get()), w.set(taps.get()), count.set(f.get("channels")))
			f.stream(count, col, func(n lanes) {
				f.when(f.get("add"), func() { f.do(sum.set(n.load(y.get(), 0))) }, func() { f.do(sum.set(zero())) })
				f.walk(f.get("tapsH"), []local{x, w}, lines, []local{step["tapRow"], step["wRow"]}, func() {
					f.walk(f.get("tapsW"), lines, tap, []local{step["tapCol"], step["wCol"]}, func() {
						f.do(sum.set(add(sum.get(), mul(n.load(tap[0].get(), 0), n.load(tap[1].get(), 0)))))
					})
				})
				f.do(n.store(y.get(), 0, sum.get()))
			})
		})
	})
}

func (f *function) depthwiseWeights() {
	step := map[string]local{}
	for _, s := range []string{"wTap", "xTap", "dyRow", "dyCol", "xRow", "xCol"} {
		step[s] = f.bytes(s)
	}
	tap, row, col, sum := f.addresses(2), f.addresses(2), f.addresses(2), f.variable(v128)
	dw, dy, x := f.variable(i32), f.variable(i32), f.variable(i32)
	f.walk(f.get("taps"), []local{f.param("dw"), f.param("x")}, tap, []local{step["wTap"], step["xTap"]}, func() {
		count := f.let(i32, f.get("channels"))
		f.do(dw.set(tap[0].get()), x.set(tap[1].get()), dy.set(f.get("dy")))
		f.stream(count, []local{dw, dy, x}, func(n lanes) {
			f.do(sum.set(n.load(dw.get(), 0)))
			f.walk(f.get("rows"), []local{dy, x}, row, []local{step["dyRow"], step["xRow"]}, func() {
				f.walk(f.get("cols"), row, col, []local{step["dyCol"], step["xCol"]}, func() {
					f.do(sum.set(add(sum.get(), mul(n.load(col[0].get(), 0), n.load(col[1].get(), 0)))))
				})
			})
			f.do(n.store(dw.get(), 0, sum.get()))
		})
	})
}
