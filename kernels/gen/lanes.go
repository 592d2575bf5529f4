package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is how many elements an instruction works on: 8, 4, or 1. One by one, the rest of a vector register
// is 0 or idle, and results of it are dropped; so nothing past the end is read, and an element's bits do
// not depend on its place.
type lanes int

const constant = attr.RODATA | attr.NOPTR // data

var widths = []lanes{8, 4, 1}

func (w *writer) vec(n lanes) reg.VecVirtual {
	if n == 8 {
		return w.YMM()
	}
	return w.XMM()
}

// narrow returns the lower n elements of a vector of 8.
func narrow(n lanes, v reg.VecVirtual) reg.VecVirtual {
	if n == 8 {
		return v
	}
	return v.AsX().(reg.VecVirtual)
}

func (w *writer) load(n lanes, from Mem) reg.VecVirtual {
	v := w.vec(n)
	if n == 1 {
		w.VMOVSS(from, v)
	} else {
		w.VMOVUPS(from, v)
	}
	return v
}

func (w *writer) save(n lanes, v reg.Register, to Mem) {
	if n == 1 {
		w.VMOVSS(v, to)
	} else {
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

// float returns the address of 8 copies of a constant.
func (w *writer) float(name string, v float64) Mem {
	return w.bits(name, uint64(math.Float32bits(float32(v))), 4)
}

// double returns the address of 4 copies of a float64 constant.
func (w *writer) double(name string, v float64) Mem {
	return w.bits(name, math.Float64bits(v), 8)
}

// bits returns the address of 32 bytes of copies of a constant of the given size.
func (w *writer) bits(name string, v uint64, size int) Mem {
	if m, ok := w.consts[name]; ok {
		return m
	}
	m := w.StaticGlobal(name)
	w.DataAttributes(attr.RODATA | attr.NOPTR)
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

// stream writes the loop over count elements of slices: 8 at a time, then 4, then 1. body gets the elements'
// address in each slice.
func (w *writer) stream(count reg.GPVirtual, slices []reg.GPVirtual, body func(n lanes, at []Mem)) {
	w.streamBy(widths, count, slices, body)
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
