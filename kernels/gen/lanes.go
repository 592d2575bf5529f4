package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A set is an instruction set. One description of a function makes one function for each set.
type set struct {
	name   string  // ends the functions' names
	widths []lanes // how a loop takes its elements, the widest first
	halves []lanes // the same where they become float64
	steps  []lanes // the same where the rest comes often: what lies beyond a mask would hold up loads and stores there
}

var (
	avx2   = &set{"AVX2", []lanes{8, 4, 1}, []lanes{4, 1}, []lanes{8, 4, 1}}
	avx512 = &set{"AVX512", []lanes{16, -16}, []lanes{8, -8}, []lanes{16, 8, 4, 1}}
)

// lanes is how many elements an instruction works on: 16, 8, 4, or 1, and -16 or -8 for fewer than that, which the
// writer's mask selects. The rest of a vector register is 0 or idle, and results of it are dropped; so nothing past
// the end is read, and an element's bits do not depend on its place.
type lanes int

const constant = attr.RODATA | attr.NOPTR // data

func (n lanes) size() lanes { return max(n, -n) }

// full returns how many elements the widest vector has.
func (w *writer) full() lanes { return w.set.widths[0] }

func (w *writer) vec(n lanes) reg.VecVirtual {
	switch n.size() {
	case 16:
		return w.ZMM()
	case 8:
		return w.YMM()
	}
	return w.XMM()
}

// narrow returns the lower elements of a vector, as many as n says.
func narrow(n lanes, v reg.VecVirtual) reg.VecVirtual {
	switch n.size() {
	case 16:
		return v
	case 8:
		return v.AsY().(reg.VecVirtual)
	}
	return v.AsX().(reg.VecVirtual)
}

// selectRest makes the mask that selects the first count elements, count < 32.
func (w *writer) selectRest(count reg.GPVirtual) {
	bits := w.GP32()
	w.MOVL(I32(-1), bits)
	w.BZHIL(count.As32(), bits, bits)
	w.mask = w.K()
	w.KMOVD(bits, w.mask)
}

func (w *writer) load(n lanes, from Mem) reg.VecVirtual {
	v := w.vec(n)
	w.loadTo(n, from, v)
	return v
}

func (w *writer) loadTo(n lanes, from Mem, to reg.VecVirtual) {
	switch {
	case n < 0:
		w.VMOVUPS_Z(from, w.mask, to)
	case n == 1:
		w.VMOVSS(from, to)
	default:
		w.VMOVUPS(from, to)
	}
}

func (w *writer) save(n lanes, v reg.Register, to Mem) {
	switch {
	case n < 0:
		w.VMOVUPS(v, w.mask, to)
	case n == 1:
		w.VMOVSS(v, to)
	default:
		w.VMOVUPS(v, to)
	}
}

// zero returns a vector of zeros.
func (w *writer) zero(n lanes) reg.VecVirtual {
	v := w.vec(n)
	w.VXORPS(v, v, v)
	return v
}

// same returns a vector of one float32 parameter.
func (w *writer) same(n lanes, param string) reg.VecVirtual {
	v := w.vec(n)
	p, err := w.Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	w.VBROADCASTSS(p.Addr, v)
	return v
}

// compare returns where the predicate holds for x and y: as a vector of ones and zeros, or in a mask register.
func (w *writer) compare(n lanes, predicate U8, y Op, x reg.Register) reg.Register {
	if w.set == avx512 {
		mask := w.K()
		w.VCMPPS(predicate, y, x, mask)
		return mask
	}
	mask := w.vec(n)
	w.VCMPPS(predicate, y, x, mask)
	return mask
}

// blend puts v into to where mask says so.
func (w *writer) blend(mask reg.Register, v Op, to reg.Register) {
	if w.set == avx512 {
		w.VBLENDMPS(v, to, mask, to)
	} else {
		w.VBLENDVPS(mask, v, to, to)
	}
}

// keep sets v to 0 where mask does not say so.
func (w *writer) keep(mask, v reg.Register) {
	if w.set == avx512 {
		w.VMOVAPS_Z(v, mask, v)
	} else {
		w.VANDPS(mask, v, v)
	}
}

// drop sets v to 0 where mask says so.
func (w *writer) drop(mask, v reg.Register) {
	if w.set == avx512 {
		rest := w.K() // v exclusive or v under the mask would look to avo as if v were not read
		w.KNOTW(mask, rest)
		w.VMOVAPS_Z(v, rest, v)
	} else {
		w.VANDNPS(v, mask, v)
	}
}

// round sets to to x rounded to the nearest integers, halves to even, without raising the inexact flag.
func (w *writer) round(x, to reg.Register) {
	if w.set == avx512 {
		w.VRNDSCALEPS(U8(8), x, to)
	} else {
		w.VROUNDPS(U8(8), x, to)
	}
}

// float returns an operand that is a constant in each lane.
func (w *writer) float(n lanes, name string, v float64) Op {
	return w.resident(n, name, uint64(math.Float32bits(float32(v))), 4)
}

// double returns an operand that is a float64 constant in each lane of the vector in which n floats become float64.
func (w *writer) double(n lanes, name string, v float64) Op {
	return w.resident(2*n, name, math.Float64bits(v), 8)
}

// resident returns an operand of copies of a constant of the given size: in memory, or in a register that is loaded
// where the function begins if the set has 32 of them.
func (w *writer) resident(n lanes, name string, v uint64, size int) Op {
	from := w.bits(name, v, size)
	if w.set != avx512 {
		return from
	}
	for _, r := range w.residents[w.current] {
		if r.from == from {
			return narrow(n, r.to)
		}
	}
	r := resident{from: from, size: size, to: w.ZMM()}
	w.residents[w.current] = append(w.residents[w.current], r)
	return narrow(n, r.to)
}

// A resident is a constant that stays in a register.
type resident struct {
	from Mem
	size int
	to   reg.VecVirtual
}

// bits returns the address of 32 bytes of copies of a constant of the given size.
func (w *writer) bits(name string, v uint64, size int) Mem {
	if m, ok := w.consts[name]; ok {
		return m
	}
	m := w.StaticGlobal(name)
	w.DataAttributes(constant)
	for at := 0; at < 32; at += size {
		if size == 4 {
			w.AddDatum(at, U32(v))
		} else {
			w.AddDatum(at, U64(v))
		}
	}
	w.consts[name] = m
	return m
}

// stream writes the loop over count elements of slices. body gets the elements' address in each slice.
func (w *writer) stream(count reg.GPVirtual, slices []reg.GPVirtual, body func(n lanes, at []Mem)) {
	w.streamBy(w.set.widths, count, slices, body)
}

func (w *writer) streamBy(widths []lanes, count reg.GPVirtual, slices []reg.GPVirtual, body func(n lanes, at []Mem)) {
	index := w.GP64()
	w.XORQ(index, index)
	at := make([]Mem, len(slices))
	for i, s := range slices {
		at[i] = Mem{Base: s, Index: index, Scale: 4}
	}
	for _, n := range widths {
		loop, end := w.label("loop"), w.label("end")
		if n < 0 {
			w.TESTQ(count, count)
			w.JZ(LabelRef(end))
			w.selectRest(count)
			body(n, at)
			w.Label(end)
			continue
		}
		w.SUBQ(U8(n), count)
		w.JL(LabelRef(end))
		w.Label(loop)
		body(n, at)
		w.ADDQ(U8(n), index)
		w.SUBQ(U8(n), count)
		w.JGE(LabelRef(loop))
		w.Label(end)
		w.ADDQ(U8(n), count)
	}
}
