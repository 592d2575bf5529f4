package arm64

// images writes the kernel of image.go that works on bytes.
func images(w *file) {
	w.function("blendBytes", "func(dst []float32, a, b []uint8, t, shift, scale float32)",
		"blendBytesNEON is BlendBytes. Nothing is fused.", (*function).blendBytes)
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
