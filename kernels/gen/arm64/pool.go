package arm64

// pools writes the kernel of pool.go.
func pools(w *file) {
	w.function("larger", "func(best []float32, at []int32, x []float32, p int32)",
		"largerNEON puts x[i] into best[i] and p+i into at[i], where x[i] > best[i] or is NaN.", (*function).larger)
}

func (f *function) larger() {
	count := f.length("best")
	slices := []general{f.base("best"), f.base("at"), f.base("x")}
	index, step := f.vector(1), f.general("p, then the step")
	f.comment("index = p, p+1, …")
	f.op("MOVW %s, %v", f.argument("p", "", 0), step)
	for i := range 4 {
		f.op("VMOV %v, V%d.S[%d]", step, index[0], i)
		f.op("ADD $1, %v, %v", step, step)
	}
	steps := map[lanes]vector{4: f.bits("step4", 4, "S4"), 1: f.bits("step1", 1, "S4")}
	f.stream([]lanes{4, 1}, count, slices, func(n lanes) {
		best, at, x := f.load(n, slices[0], 0), f.load(n, slices[1], 0), f.load(n, slices[2], 0)
		mask, number := f.vector(1), f.vector(1)
		f.do("FCMGT", mask, x, best)
		f.do("VBIT", best, x, mask)
		f.do("VBIT", at, index, mask)
		f.comment("where x is NaN")
		f.do("FCMEQ", number, x, x)
		f.do("VBIF", best, x, number)
		f.do("VBIF", at, index, number)
		f.save(best, n, slices[0], 0)
		f.save(at, n, slices[1], 0)
		f.do("VADD", index, index, steps[n])
	})
}
