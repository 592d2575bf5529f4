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

func (w *writer) sigmoid(n lanes, x reg.VecVirtual) reg.VecVirtual {
	w.VXORPS(w.float(n, "sign", math.Copysign(0, -1)), x, x)
	y, one := w.exp(n, x), w.constant(n, "one", 1)
	w.VADDPS(one, y, y)
	w.VDIVPS(y, one, y)
	return y
}

func (w *writer) tanh(n lanes, x reg.VecVirtual) reg.VecVirtual {
	sign, t := w.vec(n), w.vec(n)
	w.Comment("t = max(-2|x|, tanhMin)")
	w.VANDPS(w.float(n, "sign", math.Copysign(0, -1)), x, sign)
	w.VXORPS(sign, x, t)
	w.VMULPS(w.float(n, "minusTwo", -2), t, t)
	w.VMAXPS(t, w.constant(n, "tanhMin", -30), t) // keeps NaN
	k, e := w.reduceExp(n, t)
	w.Comment("s = 2^k; e = s*e + (s-1), which is exp(-2|x|) - 1")
	w.VCVTPS2DQ(k, k)
	w.VPSLLD(U8(23), k, k)
	w.VPADDD(w.float(n, "one", 1), k, k)
	rest := w.vec(n)
	w.VSUBPS(w.float(n, "one", 1), k, rest)
	w.VFMADD213PS(rest, k, e)
	w.Comment("y = |e/(2+e)| with the sign of x")
	w.VADDPS(w.float(n, "two", 2), e, rest)
	w.VDIVPS(rest, e, e)
	w.VANDPS(w.resident(n, "magnitude", 0x7fffffff, 4), e, e)
	w.VORPS(sign, e, e)
	return e
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
