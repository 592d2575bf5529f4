package arm64

import "math"

// activations writes the function of activation.go that is no code of a vector program. The algorithms and constants of
// all are those of its scalar functions, with fused multiply-adds.
func activations(w *file) {
	w.elementwise("exp", "func(dst, x []float32)", "dst[i] = exp(x[i])", []lanes{8, 4, 1}, []string{"dst", "x"}, nil,
		func(f *function, n lanes, at []general, _ []vector) { f.save(f.exp(f.load(n, at[1], 0)), n, at[0], 0) })
}

// copies takes registers and fills them with a constant.
func (f *function) copies(constant vector, registers int) vector {
	v := f.vector(registers)
	f.copy(v, constant)
	return v
}

func (f *function) copy(to, from vector) { f.do("VORR", to, from, from) }

// horner returns c[0] + x*(c[1] + x*(c[2] + …)).
func (f *function) horner(x vector, name string, c ...float64) vector {
	term := func(i int) vector { return f.float(name+string(rune('0'+i)), c[i]) }
	last := len(c) - 1
	p, next, spare := term(last), f.like(x), f.like(x)
	for i := last - 1; i >= 0; i-- {
		f.copy(next, term(i))
		f.do("VFMLA", next, p, x)
		p, next, spare = next, spare, next
	}
	return p
}

// reduceExp returns k = round(x/ln 2) and e^r - 1 for r = x - k ln 2; x becomes r.
func (f *function) reduceExp(x vector) (k, em1 vector) {
	k = f.like(x)
	f.comment("k = round(x/ln 2); r = x - k*ln 2")
	f.do("FMUL", k, x, f.float("log2e", 1.44269504088896341))
	f.do("FRINTN", k, k)
	f.do("VFMLS", x, k, f.float("ln2Hi", 0.693359375))
	f.do("VFMLS", x, k, f.float("ln2Lo", -2.12194440054690583e-4))
	f.comment("e^r - 1 = r + r*r*q(r)")
	q := f.horner(x, "expQ", 0.499999981527, 0.166665435619, 0.0416672001344, 0.00836652856363, 0.00138825187516)
	square := f.like(x)
	f.do("FMUL", square, x, x)
	f.do("VFMLA", x, square, q)
	return k, x
}

// power adds the integer k to the exponents of y, which multiplies it by 2^k.
func (f *function) power(y, k vector) {
	f.do("FCVTNS", k, k)
	f.shift(k, 23)
	f.do("VADD", y, y, k)
}

func (f *function) shift(v vector, bits int) {
	for _, r := range v {
		f.op("VSHL $%d, V%d.S4, V%d.S4", bits, r, r)
	}
}

func (f *function) exp(x vector) vector {
	low, high := f.like(x), f.like(x)
	f.do("FCMGT", low, f.float("expMin", -87.33654), x)
	f.do("FCMGT", high, x, f.float("expMax", 88.72283))
	k, y := f.reduceExp(x)
	f.comment("y = e^r; y *= 2^k, by adding to its exponent")
	f.do("FADD", y, y, f.float("one", 1))
	f.power(y, k)
	f.comment("if x < expMin { y = 0 }; if x > expMax { y = +Inf }")
	f.do("BIC", y, y, low)
	f.do("VBIT", y, f.float("infinity", math.Inf(1)), high)
	return y
}

func (f *function) sigmoid(x vector) vector {
	f.do("FNEG", x, x)
	y, one := f.exp(x), f.float("one", 1)
	f.do("FADD", y, y, one)
	f.do("FDIV", y, one, y)
	return y
}

func (f *function) tanh(x vector) vector {
	t := f.like(x)
	f.comment("t = max(-2|x|, tanhMin)")
	f.do("FABS", t, x)
	f.do("FMUL", t, t, f.float("minusTwo", -2))
	f.do("FMAX", t, t, f.float("tanhMin", -30))
	k, e := f.reduceExp(t)
	f.comment("s = 2^k; e = s*e + (s-1), which is exp(-2|x|) - 1")
	one := f.float("one", 1)
	s, rest := f.copies(one, len(x)), f.like(x)
	f.power(s, k)
	f.do("FSUB", rest, s, one)
	f.do("VFMLA", rest, s, e)
	f.comment("y = |e/(2+e)| with the sign of x")
	f.do("FADD", s, rest, f.float("two", 2))
	f.do("FDIV", rest, rest, s)
	f.do("VBIT", rest, x, f.bits("sign", 1<<31, "S4"))
	return rest
}

func (f *function) relu(x vector) vector {
	negative := f.like(x) // not FMAX, which makes -0 a 0
	f.do("FCMLTZ", negative, x)
	f.do("BIC", x, x, negative)
	return x
}

// tanhSlope returns 1 - y*y.
func (f *function) tanhSlope(y vector) vector {
	slope := f.copies(f.float("one", 1), len(y))
	f.do("VFMLS", slope, y, y)
	return slope
}

// sigmoidSlope returns y * (1-y).
func (f *function) sigmoidSlope(y vector) vector {
	rest := f.like(y)
	f.do("FSUB", rest, f.float("one", 1), y)
	f.do("FMUL", rest, rest, y)
	return rest
}

// widen returns 4 elements as 64 bits each, in two registers.
func (f *function) widen(x vector) vector {
	d := f.vector(2)
	f.do("FCVTL", d[:1], x)
	f.do("FCVTL2", d[1:], x)
	return d
}

func (f *function) cos(x vector) vector {
	x = f.widen(x)
	f.do64("FADD", x, x, f.float64("π/2", math.Pi/2))
	return f.sin(x)
}

// sin returns the sines of 4 float64.
func (f *function) sin(x vector) vector {
	k, half, odd := f.like(x), f.like(x), f.like(x)
	f.comment("k = round(x/π); r = x - k*π; if k is odd { r = -r }")
	f.do64("FMUL", k, x, f.float64("1/π", 1/math.Pi))
	f.do64("FRINTN", k, k)
	f.do64("VFMLS", x, k, f.float64("π", math.Pi))
	f.do64("FMUL", half, k, f.float64("half", 0.5))
	f.do64("FRINTN", odd, half)
	f.do64("FCMEQ", odd, odd, half)
	f.do("BIC", odd, f.float64("sign", math.Copysign(0, -1)), odd)
	f.do("VEOR", x, x, odd)
	r := f.vector(1)
	f.do("FCVTN", r, x[:1])
	f.do("FCVTN2", r, x[1:])
	f.comment("r = min(max(r, -π/2), π/2)")
	f.do("FMAX", r, r, f.float("-π/2 float", -math.Pi/2))
	f.do("FMIN", r, r, f.float("π/2 float", math.Pi/2))
	f.comment("sin r = r + r*r*r*p(r*r)")
	square := f.vector(1)
	f.do("FMUL", square, r, r)
	p := f.horner(square, "sinP", -0.166666595212, 0.0083330654299, -0.000198095389723, 2.60563114262e-6)
	f.do("FMUL", square, square, r)
	f.do("VFMLA", r, square, p)
	return r
}
