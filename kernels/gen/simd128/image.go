package simd128

// images writes the functions of image.go.
func (w *file) images() {
	w.function("blendBytes", "dst []float32, a, b []uint8, t, shift, scale float32", "dst", "", "is blendBytes", func(f *function) {
		dst, a, b, count := f.param("dst"), f.param("a"), f.param("b"), f.param("len(dst)")
		x, y := f.variable(v128), f.variable(v128)
		for _, n := range []lanes{4, 1} {
			pixels := func(at local) code {
				if n == 1 {
					return floatOfInt(sameInt(loadByte(at.get())))
				}
				return floatOfInt(widenBytes(loadFirst(at.get(), 0)))
			}
			f.while(notLessInt(count.get(), integer(int(n))), func() {
				f.do(x.set(pixels(a)), y.set(mul(same(f.get("t")), sub(pixels(b), x.get()))))
				f.do(n.store(dst.get(), 0, mul(sub(add(x.get(), y.get()), same(f.get("shift"))), same(f.get("scale")))))
				f.advance(dst, 4*int(n))
				f.advance(a, int(n))
				f.advance(b, int(n))
				f.advance(count, -int(n))
			})
		}
	})
	w.function("interpolate", "dst, src []float32, index, low []int32, weight []float32, step int", "dst", "", "is interpolate", func(f *function) {
		dst, index, weight, count := f.param("dst"), f.param("index"), f.param("weight"), f.param("len(dst)")
		second := f.let(i32, plus(f.get("src"), shifted(f.get("step"), 2)))
		x, y, at := f.variable(v128), f.variable(v128), f.variable(i32)
		f.stream(count, []local{dst, index, weight}, func(n lanes) {
			for i := range int(n) {
				f.do(at.set(shifted(loadInt(index.get(), 4*i), 2)))
				f.do(x.set(loadLane(plus(f.get("src"), at.get()), x.get(), byte(i))))
				f.do(y.set(loadLane(plus(second.get(), at.get()), y.get(), byte(i))))
			}
			f.do(n.store(dst.get(), 0, add(x.get(), mul(n.load(weight.get(), 0), sub(y.get(), x.get())))))
		})
	})
}
