package simd128

import "math"

// activations writes the functions of activation.go: their algorithms and constants are those of its scalar functions. The
// private ones map vectors.
func (w *file) activations() {
	w.exp = w.unary(exp)
	w.tanh = w.unary(tanh)
	w.sigmoid = w.unary(func(f *function, x code) code {
		return div(floats(1), add(floats(1), f.call(w.exp, negate(x))))
	})
	w.sine = w.ofVectors(2, sine)
	w.elementwise("exp", "dst, x []float32", "sets dst[i] to exp(x[i])", []string{"dst", "x"}, func(f *function, n lanes, at []code) {
		f.do(n.store(at[0], 0, f.call(w.exp, n.load(at[1], 0))))
	})
}

// unary writes a private function of one vector to another, ofVectors one of several.
func (w *file) unary(body func(f *function, x code) code) *function {
	return w.ofVectors(1, func(f *function, x []code) code { return body(f, x[0]) })
}

func (w *file) ofVectors(params int, body func(f *function, x []code) code) *function {
	f := &function{results: []value{v128}, index: len(w.private)}
	w.private = append(w.private, f)
	var x []code
	for i := range params {
		f.params = append(f.params, v128)
		x = append(x, local(i).get())
	}
	f.do(body(f, x))
	return f
}

// horner returns c[0] + x*(c[1] + x*(c[2] + …)).
func horner(x code, c ...float32) code {
	last := len(c) - 1
	p := floats(c[last])
	for i := last - 1; i >= 0; i-- {
		p = add(mul(p, x), floats(c[i]))
	}
	return p
}

// reduceExp returns k = round(x/ln 2) as bits above the lowest 23, and e^r - 1 for r = x - k ln 2.
func reduceExp(f *function, x code) (power, em1 code) {
	const magic = 3 << 22 // adding it rounds to the nearest integer
	low := f.vector(add(mul(x, floats(1.44269504088896341)), floats(magic)))
	k := f.vector(sub(low, floats(magic)))
	r := f.vector(sub(sub(x, mul(k, floats(0.693359375))), mul(k, floats(-2.12194440054690583e-4))))
	q := horner(r, 0.499999981527, 0.166665435619, 0.0416672001344, 0.00836652856363, 0.00138825187516)
	return f.vector(shiftInt(low, 23)), f.vector(add(mul(q, mul(r, r)), r))
}

func exp(f *function, x code) code {
	power, em1 := reduceExp(f, x)
	y := addInt(add(floats(1), em1), power)
	y = andNot(y, less(x, floats(-87.33654)))
	y = pick(floats(float32(math.Inf(1))), y, greater(x, floats(88.72283)))
	return pick(x, y, unlike(x, x))
}

func tanh(f *function, x code) code {
	sign := bits32(1 << 31)
	t := f.vector(mul(floats(-2), andNot(x, sign)))
	t = f.vector(pick(floats(-30), t, less(t, floats(-30))))
	power, em1 := reduceExp(f, t)
	s := f.vector(addInt(power, floats(1))) // 2^k
	e := f.vector(add(mul(s, em1), sub(s, floats(1))))
	y := or(andNot(div(e, add(floats(2), e)), sign), and(x, sign))
	return pick(x, y, unlike(x, x))
}

// sine returns the sines of two vectors of float64.
func sine(f *function, x []code) code {
	const magic = 3 << 51
	var r, odd [2]code
	for i, x := range x {
		k := f.vector(sub64(add64(mul64(x, doubles(1/math.Pi)), doubles(magic)), doubles(magic)))
		r[i] = narrow64(sub64(x, mul64(k, doubles(math.Pi))))
		half := f.vector(mul64(k, doubles(0.5)))
		odd[i] = unlike64(half, sub64(add64(half, doubles(magic)), doubles(magic)))
	}
	y := f.vector(shuffle(r[0], r[1], [4]byte{0, 1, 4, 5}))
	y = f.vector(pick(floats(-math.Pi/2), y, less(y, floats(-math.Pi/2))))
	y = f.vector(pick(floats(math.Pi/2), y, greater(y, floats(math.Pi/2))))
	t := f.vector(mul(y, y))
	p := horner(t, -0.166666595212, 0.0083330654299, -0.000198095389723, 2.60563114262e-6)
	s := add(mul(p, mul(t, y)), y)
	return xor(s, and(shuffle(odd[0], odd[1], [4]byte{0, 2, 4, 6}), bits32(1<<31)))
}

// sin returns sin(x + shift).
func (w *file) sin(f *function, x code, shift float64) code {
	low, high := widenLow(x), widenLow(shuffle(x, x, [4]byte{2, 3, 2, 3}))
	if shift != 0 {
		low, high = add64(low, doubles(shift)), add64(high, doubles(shift))
	}
	return f.call(w.sine, low, high)
}

// relu returns x, or 0 where it is less.
func relu(x code) code { return andNot(x, less(x, zero())) }
