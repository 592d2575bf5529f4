package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// images writes the kernels of image.go. They multiply and add apart, in the order of the loop, so that they give its bits.
func images(w *writer) {
	w.blendBytesAVX2()
	w.interpolateAVX2()
	w.blendBytesAVX512()
}

const (
	blendBytesSignature  = "func(dst []float32, a, b []uint8, t, shift, scale float32)"
	blendBytesLoop       = "dst[i] = (a[i] + t*(b[i]-a[i]) - shift) * scale"
	interpolateSignature = "func(dst, src []float32, index, low []int32, weight []float32, step int)"
	interpolateLoop      = "dst[i] = src[index[i]] + weight[i]*(src[index[i]+step]-src[index[i]])"
)

func (w *writer) blendBytesAVX2() {
	w.function("blendBytesAVX2", blendBytesSignature, blendBytesLoop)
	count, a, b := w.GP64(), w.base("a"), w.base("b")
	w.Load(w.Param("dst").Len(), count)
	t, shift, scale := w.same(8, "t"), w.same(8, "shift"), w.same(8, "scale")
	w.stream(count, []reg.GPVirtual{w.base("dst")}, func(n lanes, at []Mem) {
		x := w.bytes(n, Mem{Base: a, Index: at[0].Index, Scale: 1})
		y := w.bytes(n, Mem{Base: b, Index: at[0].Index, Scale: 1})
		w.VSUBPS(x, y, y)
		w.VMULPS(narrow(n, t), y, y)
		w.VADDPS(y, x, x)
		w.VSUBPS(narrow(n, shift), x, x)
		w.VMULPS(narrow(n, scale), x, x)
		w.save(n, x, at[0])
	})
	w.done()
}

// bytes loads n bytes as numbers.
func (w *writer) bytes(n lanes, from Mem) reg.VecVirtual {
	v := w.vec(n)
	if n == 1 {
		one := w.GP32()
		w.MOVBLZX(from, one)
		w.VMOVD(one, v)
	} else {
		w.VPMOVZXBD(from, v)
	}
	w.VCVTDQ2PS(v, v)
	return v
}

// interpolateAVX2 finds the 8 elements that 8 taps name in the 16 from the least of them on: a permutation of each
// half, of which the fourth bit of the place chooses. To gather them would be slow on the many processors that guard
// against Gather Data Sampling (Intel-SA-00828).
func (w *writer) interpolateAVX2() {
	w.function("interpolateAVX2", interpolateSignature, interpolateLoop)
	count, src := w.GP64(), w.base("src")
	w.Load(w.Param("dst").Len(), count)
	step := w.long("step")
	w.Comment("second = src[step:]")
	second := w.GP64()
	w.LEAQ(Mem{Base: src, Index: step, Scale: 4}, second)
	slices := []reg.GPVirtual{w.base("dst"), w.base("index"), w.base("low"), w.base("weight")}
	w.streamBy([]lanes{8, 1}, count, slices, func(n lanes, at []Mem) {
		least := w.GP64()
		if n == 1 {
			w.MOVLQSX(at[1], least)
			x := w.load(1, Mem{Base: src, Index: least, Scale: 4})
			y := w.load(1, Mem{Base: second, Index: least, Scale: 4})
			w.between(x, y, at[3])
			w.save(1, x, at[0])
			return
		}
		w.Comment("place = index - low")
		w.MOVLQSX(at[2], least)
		place, high := w.YMM(), w.YMM()
		w.VPBROADCASTD(at[2], high)
		w.VMOVDQU(at[1], place)
		w.VPSUBD(high, place, place)
		w.VPSLLD(U8(28), place, high)
		x, y := w.pick(src, least, place, high), w.pick(second, least, place, high)
		w.between(x, y, at[3])
		w.save(8, x, at[0])
	})
	w.done()
}

// pick returns the elements at 8 places below 16, counted from from[least]; the sign of high tells those from 8 on.
func (w *writer) pick(from, least, place, high reg.Register) reg.VecVirtual {
	lower, upper := w.YMM(), w.YMM()
	w.VPERMPS(Mem{Base: from, Index: least, Scale: 4}, place, lower)
	w.VPERMPS(Mem{Base: from, Index: least, Scale: 4, Disp: 32}, place, upper)
	w.VBLENDVPS(high, upper, lower, lower)
	return lower
}

// between sets x to x + weight*(y-x).
func (w *writer) between(x, y reg.VecVirtual, weight Mem) {
	w.VSUBPS(x, y, y)
	if x.Size() == 16 {
		t := w.load(1, weight)
		w.VMULPS(t, y, y)
	} else {
		w.VMULPS(weight, y, y)
	}
	w.VADDPS(y, x, x)
}

func (w *writer) blendBytesAVX512() {
	w.function("blendBytesAVX512", blendBytesSignature, blendBytesLoop)
	dst, a, b := w.base("dst"), w.base("a"), w.base("b")
	t, shift, scale := w.same16("t"), w.same16("shift"), w.same16("scale")
	count, i, ones, mask := w.GP64(), w.GP64(), w.GP64(), w.K()
	w.Load(w.Param("dst").Len(), count)
	w.XORQ(i, i)
	w.MOVQ(I32(-1), ones)
	w.KMOVW(ones.As32(), mask)
	body := func() {
		x, y := w.ZMM(), w.ZMM()
		w.VPMOVZXBD_Z(Mem{Base: a, Index: i, Scale: 1}, mask, x)
		w.VPMOVZXBD_Z(Mem{Base: b, Index: i, Scale: 1}, mask, y)
		w.VCVTDQ2PS(x, x)
		w.VCVTDQ2PS(y, y)
		w.VSUBPS(x, y, y)
		w.VMULPS(t, y, y)
		w.VADDPS(y, x, x)
		w.VSUBPS(shift, x, x)
		w.VMULPS(scale, x, x)
		w.VMOVUPS(x, mask, Mem{Base: dst, Index: i, Scale: 4})
	}
	loop, rest, end := w.label("loop"), w.label("rest"), w.label("end")
	w.SUBQ(U8(16), count)
	w.JL(LabelRef(rest))
	w.Label(loop)
	body()
	w.ADDQ(U8(16), i)
	w.SUBQ(U8(16), count)
	w.JGE(LabelRef(loop))
	w.Label(rest)
	w.ADDQ(U8(16), count)
	w.JE(LabelRef(end))
	w.Comment("mask = 1<<count - 1")
	w.BZHIQ(count, ones, ones)
	w.KMOVW(ones.As32(), mask)
	body()
	w.Label(end)
	w.done()
}

// same16 returns a vector of 16 copies of one float32 parameter.
func (w *writer) same16(param string) reg.VecVirtual {
	v := w.ZMM()
	p, err := w.Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	w.VBROADCASTSS(p.Addr, v)
	return v
}
