package simd128

// elementwise writes a function of slices, the first of which, dst, gives the length.
func (w *file) elementwise(name, list, doc string, slices []string, body func(f *function, n lanes, at []code)) {
	w.function(name, list, slices[0], "", doc, func(f *function) {
		var locals []local
		var at []code
		for _, s := range slices {
			locals = append(locals, f.param(s))
			at = append(at, f.get(s))
		}
		f.stream(f.param("len("+slices[0]+")"), locals, func(n lanes) { body(f, n, at) })
	})
}

// vectors writes the functions of vector.go.
func (w *file) vectors() {
	w.elementwise("add", "dst, x []float32", "adds x[i] to dst[i]", []string{"dst", "x"}, func(f *function, n lanes, at []code) {
		f.do(n.store(at[0], 0, add(n.load(at[0], 0), n.load(at[1], 0))))
	})
	w.elementwise("addScaled", "dst []float32, alpha float32, x []float32", "adds alpha*x[i] to dst[i]", []string{"dst", "x"}, func(f *function, n lanes, at []code) {
		f.do(n.store(at[0], 0, add(n.load(at[0], 0), mul(same(f.get("alpha")), n.load(at[1], 0)))))
	})
	w.elementwise("scale", "dst []float32, alpha float32", "multiplies dst[i] by alpha", []string{"dst"}, func(f *function, n lanes, at []code) {
		f.do(n.store(at[0], 0, mul(n.load(at[0], 0), same(f.get("alpha")))))
	})
	w.elementwise("mul", "dst, x, y []float32", "sets dst[i] to x[i]*y[i]", []string{"dst", "x", "y"}, func(f *function, n lanes, at []code) {
		f.do(n.store(at[0], 0, mul(n.load(at[1], 0), n.load(at[2], 0))))
	})
	w.elementwise("mulAdd", "dst, x, y []float32", "adds x[i]*y[i] to dst[i]", []string{"dst", "x", "y"}, func(f *function, n lanes, at []code) {
		f.do(n.store(at[0], 0, add(n.load(at[0], 0), mul(n.load(at[1], 0), n.load(at[2], 0)))))
	})
	w.function("dot", "x, y []float32", "x", "float32", "returns the sum of x[i]*y[i]", func(f *function) {
		x, y, count := f.param("x"), f.param("y"), f.param("len(x)")
		sum := f.variable(v128)
		// An idle lane adds 0*0 to a sum, which changes it only from -0 to 0; as sums begin with 0, they are never -0.
		f.stream(count, []local{x, y}, func(n lanes) {
			f.do(sum.set(add(sum.get(), mul(n.load(x.get(), 0), n.load(y.get(), 0)))))
		})
		s := sum.get()
		f.do(addFloat(addFloat(lane(s, 0), lane(s, 1)), addFloat(lane(s, 2), lane(s, 3))))
	})
}
