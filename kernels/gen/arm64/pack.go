package arm64

// packs writes the functions of pack.go.
func packs(w *file) {
	w.function("packRows", "func(dst, src []float32, rows, step, cols, width int)",
		"packRowsNEON sets dst[r*width+i] to src[r*step+i], or to 0 from cols on.", (*function).packRows)
	w.function("transpose", "func(dst []float32, dstStep int, src []float32, srcStep, blocks int)",
		"transposeNEON sets dst[(b*4+c)*dstStep+i] to src[i*srcStep+b*4+c] for i, c < 4 and b < blocks.", (*function).transpose)
}

func (f *function) packRows() {
	dst, src, rows, step := f.base("dst"), f.base("src"), f.integer("rows"), f.bytes("step")
	cols, empty, from, count := f.integer("cols"), f.integer("width"), f.general("row of src"), f.general("elements left")
	f.op("SUB %v, %v, %v", cols, empty, empty)
	zero := f.zero(1)
	row, end := f.label("row"), f.label("end")
	f.mark(row)
	f.op("SUBS $1, %v, %v", rows, rows)
	f.op("BLT %s", end)
	f.op("MOVD %v, %v", src, from)
	f.op("MOVD %v, %v", cols, count)
	f.stream([]lanes{8, 4, 1}, count, []general{from, dst}, func(n lanes) { f.save(f.load(n, from, 0), n, dst, 0) })
	f.op("MOVD %v, %v", empty, count)
	f.stream([]lanes{4, 1}, count, []general{dst}, func(n lanes) { f.save(zero, n, dst, 0) })
	f.op("ADD %v, %v, %v", step, src, src)
	f.op("B %s", row)
	f.mark(end)
}

func (f *function) transpose() {
	dst, dstStep, src, srcStep := f.base("dst"), f.bytes("dstStep"), f.base("src"), f.bytes("srcStep")
	blocks, from := f.integer("blocks"), f.general("row of src")
	x, t := f.vector(4), f.vector(4)
	block, end := f.label("block"), f.label("end")
	f.mark(block)
	f.op("SUBS $1, %v, %v", blocks, blocks)
	f.op("BLT %s", end)
	f.op("MOVD %v, %v", src, from)
	for i := range x {
		f.loadTo(x[i:i+1], 4, from, 0)
		f.op("ADD %v, %v, %v", srcStep, from, from)
	}
	f.comment("2 by 2 elements, then 2 by 2 pairs of them")
	for i := 0; i < 4; i += 2 {
		f.do("VTRN1", t[i:i+1], x[i:i+1], x[i+1:i+2])
		f.do("VTRN2", t[i+1:i+2], x[i:i+1], x[i+1:i+2])
	}
	for i := range 2 {
		f.do64("VTRN1", x[i:i+1], t[i:i+1], t[i+2:i+3])
		f.do64("VTRN2", x[i+2:i+3], t[i:i+1], t[i+2:i+3])
	}
	for i := range x {
		f.save(x[i:i+1], 4, dst, 0)
		f.op("ADD %v, %v, %v", dstStep, dst, dst)
	}
	f.op("ADD $16, %v, %v", src, src)
	f.op("B %s", block)
	f.mark(end)
}
