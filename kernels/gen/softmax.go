package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// softmaxes writes the kernels of softmax.go.
func softmaxes(w *writer) {
	w.largest()
	w.expSum()
}

func (w *writer) largest() {
	w.function("largest"+w.set.name, "func(x []float32) float32", "largest"+w.set.name+" returns the largest element, or -Inf; a NaN does not count.")
	full, count := w.full(), w.GP64()
	w.Load(w.Param("x").Len(), count)
	x, lowest := w.base("x"), w.constant(w.full(), "minusInfinity", math.Inf(-1))
	tops := make([]reg.VecVirtual, side)
	for i := range tops {
		tops[i] = w.vec(full)
		w.VMOVAPS(lowest, tops[i])
	}
	loop, end := w.label("wide"), w.label("endWide")
	w.SUBQ(U8(full*side), count)
	w.JL(LabelRef(end))
	w.Label(loop)
	for i, top := range tops {
		w.VMAXPS(top, w.load(full, Mem{Base: x, Disp: 4 * int(full) * i}), top) // keeps top where x is NaN
	}
	w.ADDQ(U32(4*full*side), x)
	w.SUBQ(U8(full*side), count)
	w.JGE(LabelRef(loop))
	w.Label(end)
	w.ADDQ(U8(full*side), count)
	rest := w.XMM()
	w.VMOVAPS(narrow(4, lowest), rest)
	w.stream(count, []reg.GPVirtual{x}, func(n lanes, at []Mem) {
		switch n {
		case full:
			w.VMAXPS(tops[0], w.load(n, at[0]), tops[0])
		case -full:
			w.VMAXPS(tops[0], w.load(n, at[0]), w.mask, tops[0])
		case 4:
			w.VMAXPS(rest, w.load(n, at[0]), rest)
		default:
			v := w.XMM()
			w.VBROADCASTSS(at[0], v)
			w.VMAXPS(rest, v, rest)
		}
	})
	larger := func(x, to reg.Register) { w.VMAXPS(x, to, to) }
	larger(tops[1], tops[0])
	larger(tops[3], tops[2])
	larger(tops[2], tops[0])
	top, other := w.quarters(tops[0], larger), w.XMM()
	larger(rest, top)
	w.VPERMILPS(U8(0b1110), top, other)
	larger(other, top)
	w.VPERMILPS(U8(0b01), top, other)
	larger(other, top)
	w.Store(top, w.ReturnIndex(0))
	w.done()
}

func (w *writer) expSum() {
	w.function("expSum"+w.set.name, "func(dst, x []float32, shift float32) float64",
		"expSum"+w.set.name+" sets dst[i] = exp(x[i] - shift), unless dst is nil, and returns the sum.")
	full, count, dst := w.full(), w.GP64(), w.base("dst")
	w.Load(w.Param("x").Len(), count)
	shift := w.same(full, "shift")
	lower, upper, rest := w.zero(full), w.zero(full), w.zero(1) // sums in float64, of each vector's halves
	w.stream(count, []reg.GPVirtual{w.base("x")}, func(n lanes, at []Mem) {
		sumOnly := w.label("sumOnly")
		x := w.load(n, at[0])
		w.VSUBPS(narrow(n, shift), x, x)
		y := w.exp(n, x)
		w.TESTQ(dst, dst)
		w.JZ(LabelRef(sumOnly))
		w.save(n, y, Mem{Base: dst, Index: at[0].Index, Scale: 4})
		w.Label(sumOnly)
		if n < 0 {
			w.VMOVAPS_Z(y, w.mask, y)
		}
		if n == 1 {
			w.VCVTSS2SD(y, y, y)
			w.VADDSD(y, rest, rest)
			return
		}
		double := w.vec(full)
		w.VCVTPS2PD(narrow(full/2, y), double)
		w.VADDPD(double, lower, lower)
		if n.size() == full {
			half := w.vec(full / 2)
			if w.set == avx512 {
				w.VEXTRACTF64X4(U8(1), y, half)
			} else {
				w.VEXTRACTF128(U8(1), y, half)
			}
			w.VCVTPS2PD(half, double)
			w.VADDPD(double, upper, upper)
		}
	})
	w.VADDPD(upper, lower, lower)
	sum := w.quarters(lower, func(x, to reg.Register) { w.VADDPD(x, to, to) })
	w.VHADDPD(sum, sum, sum)
	w.VADDSD(rest, sum, sum)
	w.Store(sum, w.ReturnIndex(0))
	w.done()
}
