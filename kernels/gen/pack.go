package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packs writes the functions of pack.go.
func packs(w *writer) {
	w.packRows()
	w.transpose()
}

// packRows has a loop for each number of vectors that a row can have.
func (w *writer) packRows() {
	w.function("packRows"+w.set.name, "func(dst, src []float32, rows, step, cols, width int)",
		"packRows"+w.set.name+" sets dst[r*width+i] to src[r*step+i], or to 0 from cols on.")
	n := w.full()
	most := 48 / int(n)
	dst, src, rows, step := w.base("dst"), w.base("src"), w.long("rows"), w.long("step")
	w.SHLQ(U8(2), step)
	cols := w.long("cols")
	ahead := w.GP64()
	w.MOVQ(step, ahead)
	w.SHLQ(U8(4), ahead)
	for vectors := 1; vectors <= most; vectors++ {
		next, loop, end := w.label("next"), w.label("loop"), w.label("end")
		width := w.long("width")
		w.CMPQ(width, U8(n)*U8(vectors))
		w.JNE(LabelRef(next))
		load := w.parts(vectors, cols)
		w.Label(loop)
		w.DECQ(rows)
		w.JL(LabelRef(end))
		for i := range vectors {
			w.PREFETCHT0(Mem{Base: src, Index: ahead, Scale: 1, Disp: 4 * int(n) * i})
			v := w.vec(n)
			load(i, Mem{Base: src, Disp: 4 * int(n) * i}, v)
			w.save(n, v, Mem{Base: dst, Disp: 4 * int(n) * i})
		}
		w.ADDQ(step, src)
		w.ADDQ(U32(4*int(n)*vectors), dst)
		w.JMP(LabelRef(loop))
		w.Label(end)
		w.done()
		w.Label(next)
	}
	w.done()
}

// parts returns what loads the vectors of a row with cols elements, and zeros beyond.
func (w *writer) parts(vectors int, cols reg.GPVirtual) func(i int, from Mem, v reg.VecVirtual) {
	n := int(w.full())
	if w.set == avx512 {
		masks := w.masks(vectors)
		return func(i int, from Mem, v reg.VecVirtual) { w.VMOVUPS_Z(from, masks[i], v) }
	}
	var masks []reg.VecVirtual
	for i := range vectors {
		left, mask, x := w.GP64(), w.YMM(), w.XMM()
		w.LEAQ(Mem{Base: cols, Disp: -n * i}, left)
		w.VMOVD(left.As32(), x)
		w.VPBROADCASTD(x, mask)
		w.VPCMPGTD(w.series(), mask, mask)
		masks = append(masks, mask)
	}
	return func(i int, from Mem, v reg.VecVirtual) { w.VMASKMOVPS(from, masks[i], v) }
}

// transpose copies square blocks, as large as a vector.
func (w *writer) transpose() {
	w.function("transpose"+w.set.name, "func(dst []float32, dstStep int, src []float32, srcStep, blocks int)",
		"transpose"+w.set.name+" sets dst[(b*n+c)*dstStep+i] to src[i*srcStep+b*n+c] for i, c < n, the length of a vector, and b < blocks.")
	n := int(w.full())
	dst, src, blocks := w.base("dst"), w.base("src"), w.long("blocks")
	dstStep, srcStep := w.long("dstStep"), w.long("srcStep")
	w.SHLQ(U8(2), dstStep)
	w.SHLQ(U8(2), srcStep)
	loop, end := w.label("loop"), w.label("end")
	w.Label(loop)
	w.DECQ(blocks)
	w.JL(LabelRef(end))
	from := w.GP64()
	w.MOVQ(src, from)
	rows := make([]reg.VecVirtual, n)
	for i := range rows {
		rows[i] = w.load(w.full(), Mem{Base: from})
		w.ADDQ(srcStep, from)
	}
	rows = w.transposeRegisters(rows)
	for _, v := range rows {
		w.save(w.full(), v, Mem{Base: dst})
		w.ADDQ(dstStep, dst)
	}
	w.ADDQ(U8(4*n), src)
	w.JMP(LabelRef(loop))
	w.Label(end)
	w.done()
}

// transposeRegisters transposes blocks of 4 by 4 elements within the quarters, or halves, of registers, then these.
func (w *writer) transposeRegisters(rows []reg.VecVirtual) []reg.VecVirtual {
	n := w.full()
	pair := func(f func(...Op), a, b reg.VecVirtual) reg.VecVirtual {
		v := w.vec(n)
		f(b, a, v)
		return v
	}
	var quads [][]reg.VecVirtual // of each 4 rows: quad q has, in quarter b, the elements 4*b+q
	for i := 0; i < len(rows); i += 4 {
		low := []reg.VecVirtual{pair(w.VUNPCKLPS, rows[i], rows[i+1]), pair(w.VUNPCKLPS, rows[i+2], rows[i+3])}
		high := []reg.VecVirtual{pair(w.VUNPCKHPS, rows[i], rows[i+1]), pair(w.VUNPCKHPS, rows[i+2], rows[i+3])}
		quads = append(quads, []reg.VecVirtual{
			pair(w.VUNPCKLPD, low[0], low[1]), pair(w.VUNPCKHPD, low[0], low[1]),
			pair(w.VUNPCKLPD, high[0], high[1]), pair(w.VUNPCKHPD, high[0], high[1]),
		})
	}
	out := make([]reg.VecVirtual, len(rows))
	for q := range 4 {
		if n == 8 {
			out[q], out[4+q] = w.shuffle(0x20, quads[0][q], quads[1][q]), w.shuffle(0x31, quads[0][q], quads[1][q])
			continue
		}
		a, b := w.shuffle(0x88, quads[0][q], quads[1][q]), w.shuffle(0x88, quads[2][q], quads[3][q])
		c, d := w.shuffle(0xdd, quads[0][q], quads[1][q]), w.shuffle(0xdd, quads[2][q], quads[3][q])
		out[q], out[4+q], out[8+q], out[12+q] = w.shuffle(0x88, a, b), w.shuffle(0x88, c, d), w.shuffle(0xdd, a, b), w.shuffle(0xdd, c, d)
	}
	return out
}

// shuffle picks quarters, or halves, of two registers.
func (w *writer) shuffle(pick int, a, b reg.VecVirtual) reg.VecVirtual {
	v := w.vec(w.full())
	if w.set == avx512 {
		w.VSHUFF32X4(U8(pick), b, a, v)
	} else {
		w.VPERM2F128(U8(pick), b, a, v)
	}
	return v
}
