package arm64

// images writes the kernels of image.go. They multiply and add apart, in the order of the loop, so that they give its bits.
func images(w *file) {
	w.function("blendBytes", "func(dst []float32, a, b []uint8, t, shift, scale float32)",
		"blendBytesNEON is BlendBytes.", (*function).blendBytes)
	w.function("interpolate", "func(dst, src []float32, index, low []int32, weight []float32, step int)",
		"interpolateNEON is Interpolate.", (*function).interpolate)
}

func (f *function) blendBytes() {
	count, dst, a, b := f.length("dst"), f.base("dst"), f.base("a"), f.base("b")
	t, shift, scale := f.same("t"), f.same("shift"), f.same("scale")
	f.stream([]lanes{16, 4, 1}, count, []general{dst}, func(n lanes) {
		x, y := f.loadBytes(n, a), f.loadBytes(n, b)
		f.comment("dst[i] = (x + t*(y-x) - shift) * scale")
		f.do("FSUB", y, y, x)
		f.do("FMUL", y, y, t)
		f.do("FADD", x, x, y)
		f.do("FSUB", x, x, shift)
		f.do("FMUL", x, x, scale)
		f.save(x, n, dst, 0)
	})
}

// loadBytes reads n bytes as float32, and moves the address on.
func (f *function) loadBytes(n lanes, from general) vector {
	v := f.vector(n.registers())
	first := v[0]
	switch n {
	case 16:
		f.op("FMOVQ.P 16(%v), F%d", from, first)
		f.op("VUXTL2 V%d.B16, V%d.H8", first, v[2])
		f.op("VUXTL V%d.B8, V%d.H8", first, first)
		f.op("VUXTL2 V%d.H8, V%d.S4", v[2], v[3])
		f.op("VUXTL V%d.H4, V%d.S4", v[2], v[2])
		f.op("VUXTL2 V%d.H8, V%d.S4", first, v[1])
	case 4:
		f.op("FMOVS.P 4(%v), F%d", from, first)
		f.op("VUXTL V%d.B8, V%d.H8", first, first)
	default:
		f.scope(func() {
			one := f.general("byte")
			f.op("MOVBU.P 1(%v), %v", from, one)
			f.op("FMOVS %v, F%d", one, first)
		})
	}
	if n > 1 {
		f.op("VUXTL V%d.H4, V%d.S4", first, first)
	}
	f.do("UCVTF", v, v)
	return v
}

// interpolate finds the elements that 4 taps name in the 16 from the least of them on, by the places of their bytes.
func (f *function) interpolate() {
	count, dst, src, second := f.length("dst"), f.base("dst"), f.base("src"), f.general("&src[step]")
	index, low, weight := f.base("index"), f.base("low"), f.base("weight")
	f.op("MOVD %v, %v", src, second)
	f.advance(second, "step")
	place, from := f.general("index or low"), f.general("&src[low]")
	f.stream([]lanes{4, 1}, count, []general{dst, index, low, weight}, func(n lanes) {
		x, y := f.vector(1), f.vector(1)
		if n == 1 {
			f.op("MOVW (%v), %v", index, place)
			f.op("FMOVS (%v)(%v<<2), F%d", src, place, x[0])
			f.op("FMOVS (%v)(%v<<2), F%d", second, place, y[0])
		} else {
			bytes, least, window := f.load(n, index, 0), f.vector(1), f.vector(4)
			f.comment("bytes = 4*(index - low) + {0, 1, 2, 3}")
			f.op("MOVW (%v), %v", low, place)
			f.op("VDUP %v, V%d.S4", place, least[0])
			f.do("VSUB", bytes, bytes, least)
			f.do("MUL", bytes, bytes, f.bits("fours", 0x04040404, "S4"))
			f.do("VADD", bytes, bytes, f.bits("bytes", 0x03020100, "S4"))
			for _, half := range []struct {
				base general
				to   vector
			}{{src, x}, {second, y}} {
				f.op("ADD %v<<2, %v, %v", place, half.base, from)
				f.loadTo(window, 16, from, 0)
				f.op("VTBL V%d.B16, [V%d.B16, V%d.B16, V%d.B16, V%d.B16], V%d.B16", bytes[0],
					window[0], window[1], window[2], window[3], half.to[0])
			}
		}
		f.comment("dst[i] = x + weight[i]*(y-x)")
		f.do("FSUB", y, y, x)
		f.do("FMUL", y, y, f.load(n, weight, 0))
		f.do("FADD", x, x, y)
		f.save(x, n, dst, 0)
	})
}
