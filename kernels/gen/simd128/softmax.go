package simd128

import "math"

var negativeInfinity = float32(math.Inf(-1))

// softmaxes writes the functions of softmax.go.
func (w *file) softmaxes() {
	w.function("largest", "x []float32", "x", "float32", "is largest", func(f *function) {
		x, top, v := f.param("x"), f.let(v128, floats(negativeInfinity)), f.variable(v128)
		larger := func(x code) { f.do(v.set(x), top.set(pick(v.get(), top.get(), greater(v.get(), top.get())))) }
		f.stream(f.param("len(x)"), []local{x}, func(n lanes) {
			load := load
			if n == 1 {
				load = loadSame // so that no lane is idle
			}
			larger(load(x.get(), 0))
		})
		for _, half := range [][4]byte{{2, 3, 0, 1}, {1, 0, 3, 2}} {
			larger(shuffle(top.get(), top.get(), half))
		}
		f.do(lane(top.get(), 0))
	})
	w.function("expSum", "dst, x []float32, shift float32", "x", "float64", "is expSum", func(f *function) {
		dst, x, sum, y := f.param("dst"), f.param("x"), f.variable(f64), f.variable(v128)
		stores := f.let(i32, dst.get())
		f.stream(f.param("len(x)"), []local{dst, x}, func(n lanes) {
			f.do(y.set(f.call(w.exp, sub(n.load(x.get(), 0), same(f.get("shift"))))))
			f.when(stores.get(), func() { f.do(n.store(dst.get(), 0, y.get())) }, nil)
			for i := range byte(n) {
				f.do(sum.set(addDouble(sum.get(), promote(lane(y.get(), i)))))
			}
		})
		f.do(sum.get())
	})
}
