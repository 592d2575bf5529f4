package simd128

// packs writes the functions of pack.go.
func (w *file) packs() {
	w.function("packRows", "dst, src []float32, rows, step, cols, width int", "", "", "is packRows", (*function).packRows)
	w.function("transpose", "dst []float32, dstStep int, src []float32, srcStep, blocks int", "", "", "is packColumns' transpose, with n = 4", (*function).transpose)
}

func (f *function) packRows() {
	dst, src, rows := f.param("dst"), f.param("src"), f.param("rows")
	step := f.bytes("step")
	from, count := f.variable(i32), f.variable(i32)
	f.while(rows.get(), func() {
		f.do(from.set(src.get()), count.set(f.get("cols")))
		f.stream(count, []local{dst, from}, func(n lanes) { f.do(n.store(dst.get(), 0, n.load(from.get(), 0))) })
		f.do(count.set(minus(f.get("width"), f.get("cols"))))
		f.stream(count, []local{dst}, func(n lanes) { f.do(n.store(dst.get(), 0, zero())) })
		f.add(src, step.get())
		f.advance(rows, -1)
	})
}

func (f *function) transpose() {
	dst, src, blocks := f.param("dst"), f.param("src"), f.param("blocks")
	to, from := f.bytes("dstStep"), f.bytes("srcStep")
	at := f.variable(i32)
	f.while(blocks.get(), func() {
		var x [4]code
		f.do(at.set(src.get()))
		for i := range x {
			x[i] = f.vector(load(at.get(), 0))
			f.add(at, from.get())
		}
		even, odd := [4]byte{0, 4, 1, 5}, [4]byte{2, 6, 3, 7}
		a, b := f.vector(shuffle(x[0], x[2], even)), f.vector(shuffle(x[1], x[3], even))
		c, d := f.vector(shuffle(x[0], x[2], odd)), f.vector(shuffle(x[1], x[3], odd))
		for _, column := range []code{shuffle(a, b, even), shuffle(a, b, odd), shuffle(c, d, even), shuffle(c, d, odd)} {
			f.do(store(dst.get(), 0, column))
			f.add(dst, to.get())
		}
		f.advance(src, 16)
		f.advance(blocks, -1)
	})
}
