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
	notLessEqual = U8(0x16)
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

// reduceExp returns k = round(x/ln 2) and e^r - 1 for r = x - k ln 2.
func (w *writer) reduceExp(n lanes, x reg.VecVirtual) (k, em1 reg.VecVirtual) {
	k, r := w.vec(n), w.vec(n)
	w.Comment("k = round(x/ln 2); r = x - k*ln 2")
	w.VMULPS(w.float(n, "log2e", 1.44269504088896341), x, k)
	w.round(k, k)
	w.VMOVAPS(x, r)
	w.VFNMADD231PS(w.float(n, "ln2Hi", 0.693359375), k, r)
	w.VFNMADD231PS(w.float(n, "ln2Lo", -2.12194440054690583e-4), k, r)
	w.Comment("e^r - 1 = r + r*r*q(r)")
	q := w.horner(n, r, "exp", 0.499999981527, 0.166665435619, 0.0416672001344, 0.00836652856363, 0.00138825187516)
	square := w.vec(n)
	w.VMULPS(r, r, square)
	w.VFMADD213PS(r, square, q)
	return k, q
}

func (w *writer) exp(n lanes, x reg.VecVirtual) reg.VecVirtual {
	k, y := w.reduceExp(n, x)
	w.Comment("y = e^r; y *= 2^k, by adding to its exponent")
	w.VADDPS(w.float(n, "one", 1), y, y)
	w.VCVTPS2DQ(k, k)
	w.VPSLLD(U8(23), k, k)
	w.VPADDD(k, y, y)
	w.Comment("if x < expMin { y = 0 }; if x > expMax { y = +Inf }; if x is NaN { y = x }")
	w.drop(w.compare(n, less, w.float(n, "expMin", -87.33654), x), y)
	w.blend(w.compare(n, greater, w.float(n, "expMax", 88.72283), x), w.float(n, "infinity", math.Inf(1)), y)
	w.blend(w.compare(n, unordered, x, x), x, y)
	return y
}

// sigmoid bounds x where the result does not change any more, so that e^-x needs no further care on the side of 1. On
// that of 0 it becomes infinite by itself where the set can scale by powers of two.
func (w *writer) sigmoid(n lanes, x reg.VecVirtual) reg.VecVirtual {
	var low, tiny reg.Register
	if w.set == avx512 {
		low = w.still(n, "sigmoidInfinite", -89)
	} else {
		low = w.still(n, "sigmoidMin", -88.72283)
		tiny = w.compare(n, less, low, x)
	}
	w.Comment("x = min(max(x, low), sigmoidMax)")
	w.VMAXPS(x, low, x) // both keep NaN
	w.VMINPS(x, w.still(n, "sigmoidMax", 80), x)
	w.Comment("k = round(-x/ln 2); r = x + k*ln 2")
	k, shift := w.wholes(n, x, "minusLog2e", -1.44269504088896341)
	w.VFMADD231PS(w.float(n, "ln2Hi", 0.693359375), k, x)
	w.VFMADD231PS(w.float(n, "ln2Lo", -2.12194440054690583e-4), k, x)
	w.Comment("y = 2^k * e^-r")
	y := w.horner(n, x, "sigmoid", 1, -1, 0.499999981527, -0.166665435619, 0.0416672001344, -0.00836652856363, 0.00138825187516)
	if w.set == avx512 {
		w.VSCALEFPS(k, y, y)
	} else {
		w.VPSLLD(U8(23), shift, shift)
		w.VPADDD(shift, y, y)
	}
	w.Comment("y = 1 / (1+y)")
	one := w.still(n, "one", 1)
	w.VADDPS(one, y, y)
	w.VDIVPS(y, one, y)
	if tiny != nil {
		w.drop(tiny, y)
	}
	return y
}

// tanh is h/(1-h) for h = (1 - e^-2|x|)/2, of which g = (1 - e^-2r)/2 is the part that is not a power of two.
func (w *writer) tanh(n lanes, x reg.VecVirtual) reg.VecVirtual {
	r := w.vec(n)
	w.Comment("r = min(|x|, tanhMax)")
	w.VANDPS(w.resident(n, "magnitude", 0x7fffffff, 4), x, r)
	w.VMINPS(r, w.still(n, "tanhMax", 15), r) // keeps NaN
	w.Comment("k = round(-2r/ln 2); r += k*ln(2)/2")
	k, s := w.wholes(n, r, "minusTwoLog2e", -2*1.44269504088896341)
	w.VFMADD231PS(w.float(n, "halfLn2Hi", 0.693359375/2), k, r)
	w.VFMADD231PS(w.float(n, "halfLn2Lo", -2.12194440054690583e-4/2), k, r)
	w.Comment("g = r + r*r*q(r)")
	g, square := w.horner(n, r, "tanh", -2*0.499999981527, 4*0.166665435619, -8*0.0416672001344, 16*0.00836652856363, -32*0.00138825187516), w.vec(n)
	w.VMULPS(r, r, square)
	w.VFMADD213PS(r, square, g)
	w.Comment("s = 2^k; h = s*g + (1-s)/2")
	if w.set == avx512 {
		w.VSCALEFPS(k, w.still(n, "one", 1), s)
	} else {
		w.VPSLLD(U8(23), s, s)
		w.VPADDD(w.float(n, "one", 1), s, s)
	}
	h := w.constant(n, "halfFloat", 0.5)
	w.VFNMADD231PS(w.float(n, "halfFloat", 0.5), s, h)
	w.VFMADD231PS(s, g, h)
	w.Comment("y = h/(1-h) with the sign of x")
	w.VSUBPS(h, w.still(n, "one", 1), g)
	w.VDIVPS(g, h, h)
	if w.set == avx512 {
		w.VPTERNLOGD(U8(0xe4), w.resident(n, "magnitude", 0x7fffffff, 4), x, h)
	} else {
		w.VANDPS(w.float(n, "sign", math.Copysign(0, -1)), x, x)
		w.VORPS(x, h, h)
	}
	return h
}

// wholes returns k = round(x*scale), and a vector for 2^k, whose lowest bits are k's where the set cannot scale by powers of
// two: adding and subtracting 1.5 * 2^23 rounds.
func (w *writer) wholes(n lanes, x reg.VecVirtual, name string, scale float64) (k, low reg.VecVirtual) {
	k = w.vec(n)
	if w.set == avx512 {
		w.VMULPS(w.float(n, name, scale), x, k)
		w.round(k, k)
		return k, w.vec(n)
	}
	low = w.constant(n, "roundMagic", 3<<22)
	w.VFMADD231PS(w.float(n, name, scale), x, low)
	w.VSUBPS(w.float(n, "roundMagic", 3<<22), low, k)
	return k, low
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
