package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The comparisons; the last three hold for NaN.
const (
	less         = U8(0x11)
	greater      = U8(0x1e)
	notEqual     = U8(0x04)
	unordered    = U8(0x03)
	notLess      = U8(0x1d) // greater or equal
	notBelow     = U8(0x15) // greater or equal, or unordered
	notLessEqual = U8(0x16)
)

// The constants of exp, tanh and sigmoid, as in activation.go.
const (
	log2e = 1.44269504088896341
	ln2Hi = 0.693359375
	ln2Lo = -2.12194440054690583e-4

	expQ0 = 0.499999981527
	expQ1 = 0.166665435619
	expQ2 = 0.0416672001344
	expQ3 = 0.00836652856363
	expQ4 = 0.00138825187516
)

// activations writes the function of activation.go that is no code of a vector program. The algorithms and constants of
// all are those of its scalar functions, with fused multiply-adds.
func activations(w *writer) {
	w.elementwise("exp", "func(dst, x []float32)", "dst[i] = exp(x[i])", []string{"dst", "x"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) { w.save(n, w.exp(n, w.load(n, at[1])), at[0]) })
}

// constant loads copies of a constant.
func (w *writer) constant(n lanes, name string, v float64) reg.VecVirtual {
	r := w.vec(n)
	w.VMOVUPS(w.float(n, name, v), r)
	return r
}

// still returns a register with copies of a constant that stays as it is.
func (w *writer) still(n lanes, name string, v float64) reg.Register {
	if r, ok := w.float(n, name, v).(reg.Register); ok {
		return r
	}
	return w.constant(n, name, v)
}

// horner returns c[0] + x*(c[1] + x*(c[2] + …)).
func (w *writer) horner(n lanes, x reg.VecVirtual, name string, c ...float64) reg.VecVirtual {
	last := len(c) - 1
	p := w.constant(n, name+string(rune('0'+last)), c[last])
	for i := last - 1; i >= 0; i-- {
		w.VFMADD213PS(w.float(n, name+string(rune('0'+i)), c[i]), x, p)
	}
	return p
}

// exp is 2^k * e^r with k = round(x/ln 2) and r = x - k*ln 2.
func (w *writer) exp(n lanes, x reg.VecVirtual) reg.VecVirtual {
	r := w.vec(n)
	w.Comment("k = round(x/ln 2); r = x - k*ln 2")
	k, low := w.wholes(n, x, "log2e", log2e)
	w.VMOVAPS(x, r)
	w.VFNMADD231PS(w.float(n, "ln2Hi", ln2Hi), k, r)
	w.VFNMADD231PS(w.float(n, "ln2Lo", ln2Lo), k, r)
	y := w.horner(n, r, "exp", 1, 1, expQ0, expQ1, expQ2, expQ3, expQ4)
	w.Comment("y = 2^k * e^r; if x < expMin { y = 0 }; if x > expMax { y = +Inf }; if x is NaN { y = x }")
	least := w.float(n, "expMin", -87.33654)
	if w.set == avx512 {
		w.VSCALEFPS_Z(k, y, w.compare(n, notBelow, least, x), y)
	} else {
		w.power(n, y, k, low)
		w.drop(w.compare(n, less, least, x), y)
		w.blend(w.compare(n, unordered, x, x), x, y)
	}
	w.blend(w.compare(n, greater, w.float(n, "expMax", 88.72283), x), w.float(n, "infinity", math.Inf(1)), y)
	return y
}

// sigmoid is 1 / (1 + 2^k * e^-r) with k = round(-x/ln 2) and r = x + k*ln 2. It bounds x to where the result changes, so
// that the power needs no further care, but for results that are no normal numbers.
func (w *writer) sigmoid(n lanes, x reg.VecVirtual) reg.VecVirtual {
	var least, tiny reg.Register
	if w.set == avx512 {
		least = w.still(n, "sigmoidZero", -89) // the power is infinite
	} else {
		least = w.still(n, "sigmoidMin", -88.72283)
		tiny = w.compare(n, less, least, x)
	}
	w.Comment("x = min(max(x, least), sigmoidMax)")
	w.VMAXPS(x, least, x) // both keep NaN
	w.VMINPS(x, w.still(n, "sigmoidMax", 80), x)
	w.Comment("k = round(-x/ln 2); r = x + k*ln 2")
	k, low := w.wholes(n, x, "minusLog2e", -log2e)
	w.VFMADD231PS(w.float(n, "ln2Hi", ln2Hi), k, x)
	w.VFMADD231PS(w.float(n, "ln2Lo", ln2Lo), k, x)
	y, one := w.horner(n, x, "sigmoid", 1, -1, expQ0, -expQ1, expQ2, -expQ3, expQ4), w.still(n, "one", 1)
	w.Comment("y = 1 / (1 + 2^k * e^-r)")
	w.power(n, y, k, low)
	w.VADDPS(one, y, y)
	w.VDIVPS(y, one, y)
	if tiny != nil {
		w.drop(tiny, y)
	}
	return y
}

// tanh is h/(1-h) for h = (1 - e^-2|x|)/2, with e^-2|x| = 2^k * e^-2r and g = (1 - e^-2r)/2.
func (w *writer) tanh(n lanes, x reg.VecVirtual) reg.VecVirtual {
	r := w.vec(n)
	w.Comment("r = min(|x|, tanhMax)")
	w.VANDPS(w.resident(n, "magnitude", 0x7fffffff, 4), x, r)
	w.VMINPS(r, w.still(n, "tanhMax", 15), r) // keeps NaN
	w.Comment("k = round(-2r/ln 2); r += k*ln(2)/2")
	k, low := w.wholes(n, r, "minusTwoLog2e", -2*log2e)
	w.VFMADD231PS(w.float(n, "halfLn2Hi", ln2Hi/2), k, r)
	w.VFMADD231PS(w.float(n, "halfLn2Lo", ln2Lo/2), k, r)
	w.Comment("g = r + r*r*q(r)")
	g, square := w.horner(n, r, "tanh", -2*expQ0, 4*expQ1, -8*expQ2, 16*expQ3, -32*expQ4), w.vec(n)
	w.VMULPS(r, r, square)
	w.VFMADD213PS(r, square, g)
	w.Comment("s = 2^k; h = s*g + (1-s)/2")
	s, h := w.constant(n, "one", 1), w.constant(n, "halfFloat", 0.5)
	w.power(n, s, k, low)
	w.VFNMADD231PS(w.float(n, "halfFloat", 0.5), s, h)
	w.VFMADD231PS(s, g, h)
	w.Comment("y = h/(1-h) with the sign of x")
	w.VSUBPS(h, w.still(n, "one", 1), g)
	w.VDIVPS(g, h, h)
	if w.set == avx512 {
		w.VPTERNLOGD(U8(0xe4), w.resident(n, "magnitude", 0x7fffffff, 4), x, h) // of h where magnitude has ones, of x elsewhere
	} else {
		w.VANDPS(w.float(n, "sign", math.Copysign(0, -1)), x, x)
		w.VORPS(x, h, h)
	}
	return h
}

// wholes returns k = round(x*scale) and, for sets that do not scale by powers of two, a vector whose lowest bits are k's:
// what adding 1.5 * 2^23 gives.
func (w *writer) wholes(n lanes, x reg.VecVirtual, name string, scale float64) (k, low reg.VecVirtual) {
	k = w.vec(n)
	if w.set == avx512 {
		w.VMULPS(w.float(n, name, scale), x, k)
		w.round(k, k)
		return k, nil
	}
	low = w.constant(n, "roundMagic", 3<<22)
	w.VFMADD231PS(w.float(n, name, scale), x, low)
	w.VSUBPS(w.float(n, "roundMagic", 3<<22), low, k)
	return k, low
}

// power multiplies y by 2^k, for k and low as wholes returns them: by adding to its exponent.
func (w *writer) power(n lanes, y, k, low reg.VecVirtual) {
	if w.set == avx512 {
		w.VSCALEFPS(k, y, y)
		return
	}
	w.VPSLLD(U8(23), low, low)
	w.VPADDD(low, y, y)
}

func (w *writer) relu(n lanes, x reg.VecVirtual) reg.VecVirtual {
	// MAXPS returns its last operand, here x, if that is NaN or both are zeros.
	zero := w.zero(n)
	w.VMAXPS(x, zero, x)
	return x
}

// tanhSlope returns 1 - y*y.
func (w *writer) tanhSlope(n lanes, y reg.VecVirtual) reg.VecVirtual {
	w.VFNMADD213PS(w.float(n, "one", 1), y, y)
	return y
}

// sigmoidSlope returns y * (1-y).
func (w *writer) sigmoidSlope(n lanes, y reg.VecVirtual) reg.VecVirtual {
	rest := w.constant(n, "one", 1)
	w.VSUBPS(y, rest, rest)
	w.VMULPS(rest, y, y)
	return y
}

// widen returns a vector of float64; Sin's reduction takes them, half as many elements at a time.
func (w *writer) widen(x reg.VecVirtual) reg.VecVirtual {
	wide := w.vec(w.full())
	w.VCVTPS2PD(x, wide)
	return wide
}

func (w *writer) cos(n lanes, x reg.VecVirtual) reg.VecVirtual {
	wide := w.widen(x)
	w.VADDPD(w.double(n, "halfPi", math.Pi/2), wide, wide)
	return w.sin(n, wide)
}

// sin returns the sines of a vector of float64.
func (w *writer) sin(n lanes, x reg.VecVirtual) reg.VecVirtual {
	k, r := w.vec(w.full()), w.vec(n)
	w.Comment("k = round(x/π); r = x - k*π; if k is odd { r = -r }")
	w.VMULPD(w.double(n, "inversePi", 1/math.Pi), x, k)
	if w.set == avx512 {
		w.VRNDSCALEPD(U8(8), k, k)
	} else {
		w.VROUNDPD(U8(8), k, k)
	}
	w.VFNMADD231PD(w.double(n, "pi", math.Pi), k, x)
	half, odd := w.vec(w.full()), w.vec(w.full())
	w.VMULPD(w.double(n, "half", 0.5), k, half)
	if w.set == avx512 {
		isOdd := w.K()
		w.VRNDSCALEPD(U8(8), half, odd)
		w.VCMPPD(notEqual, half, odd, isOdd)
		w.VXORPD(w.double(n, "signDouble", math.Copysign(0, -1)), x, isOdd, x)
		w.VCVTPD2PS(x, r)
	} else {
		w.VROUNDPD(U8(8), half, odd)
		w.VCMPPD(notEqual, half, odd, odd)
		w.VANDPD(w.double(n, "signDouble", math.Copysign(0, -1)), odd, odd)
		w.VXORPD(odd, x, x)
		w.VCVTPD2PSY(x, r)
	}
	w.Comment("r = min(max(r, -π/2), π/2)")
	w.VMAXPS(r, w.constant(n, "minusHalfPiFloat", -math.Pi/2), r) // both keep NaN
	w.VMINPS(r, w.constant(n, "halfPiFloat", math.Pi/2), r)
	w.Comment("sin r = r + r*r*r*p(r*r)")
	square := w.vec(n)
	w.VMULPS(r, r, square)
	p := w.horner(n, square, "sin", -0.166666595212, 0.0083330654299, -0.000198095389723, 2.60563114262e-6)
	w.VMULPS(r, square, square)
	w.VFMADD213PS(r, square, p)
	return p
}
