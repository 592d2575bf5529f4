package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise writes a function of slices, the first of which, dst, gives the length.
func (w *writer) elementwise(name, signature, doc string, slices []string, params []string, body func(n lanes, at []Mem, p []reg.VecVirtual)) {
	w.function(name, signature, doc)
	count := w.GP64()
	w.Load(w.Param(slices[0]).Len(), count)
	bases := make([]reg.GPVirtual, len(slices))
	for i, s := range slices {
		bases[i] = w.base(s)
	}
	values := make([]reg.VecVirtual, len(params))
	for i, p := range params {
		values[i] = w.same(8, p)
	}
	w.stream(count, bases, func(n lanes, at []Mem) {
		p := make([]reg.VecVirtual, len(values))
		for i, v := range values {
			p[i] = narrow(n, v)
		}
		body(n, at, p)
	})
	w.done()
}

func vectors(w *writer) {
	w.elementwise("addAVX2", "func(dst, x []float32)", "dst[i] += x[i]", []string{"dst", "x"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) {
			v, d := w.load(n, at[1]), w.load(n, at[0])
			w.VADDPS(v, d, d)
			w.save(n, d, at[0])
		})
	w.elementwise("addScaledAVX2", "func(dst []float32, alpha float32, x []float32)", "dst[i] += alpha*x[i]", []string{"dst", "x"}, []string{"alpha"},
		func(n lanes, at []Mem, p []reg.VecVirtual) {
			v, d := w.load(n, at[1]), w.load(n, at[0])
			w.VFMADD231PS(v, p[0], d)
			w.save(n, d, at[0])
		})
	w.elementwise("scaleAVX2", "func(dst []float32, alpha float32)", "dst[i] *= alpha", []string{"dst"}, []string{"alpha"},
		func(n lanes, at []Mem, p []reg.VecVirtual) {
			d := w.load(n, at[0])
			w.VMULPS(d, p[0], d)
			w.save(n, d, at[0])
		})
	w.elementwise("mulAVX2", "func(dst, x, y []float32)", "dst[i] = x[i]*y[i]", []string{"dst", "x", "y"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) {
			v, u := w.load(n, at[1]), w.load(n, at[2])
			w.VMULPS(v, u, u)
			w.save(n, u, at[0])
		})
	w.elementwise("mulAddAVX2", "func(dst, x, y []float32)", "dst[i] += x[i]*y[i]", []string{"dst", "x", "y"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) {
			v, u, d := w.load(n, at[1]), w.load(n, at[2]), w.load(n, at[0])
			w.VFMADD231PS(v, u, d)
			w.save(n, d, at[0])
		})
	w.reduction("dotAVX2", "func(x, y []float32) float32", "returns the sum of x[i]*y[i]", []string{"x", "y"},
		func(n lanes, at []Mem, sum reg.VecVirtual) {
			v, u := w.load(n, at[0]), w.load(n, at[1])
			w.VFMADD231PS(v, u, sum)
		})
	w.reduction("sumAVX2", "func(x []float32) float32", "returns the sum of x[i]", []string{"x"},
		func(n lanes, at []Mem, sum reg.VecVirtual) {
			v := w.load(n, at[0])
			w.VADDPS(v, sum, sum)
		})
}

// reduction writes a function that sums over slices of one length, in four vectors side by side.
func (w *writer) reduction(name, signature, doc string, slices []string, add func(n lanes, at []Mem, sum reg.VecVirtual)) {
	w.function(name, signature, doc)
	const side = 4
	count := w.GP64()
	w.Load(w.Param(slices[0]).Len(), count)
	at := make([]Mem, len(slices))
	for i, s := range slices {
		at[i] = Mem{Base: w.base(s)}
	}
	sums := make([]reg.VecVirtual, side)
	for i := range sums {
		sums[i] = w.zero(8)
	}
	loop, end := w.label("wide"), w.label("endWide")
	w.SUBQ(U8(8*side), count)
	w.JL(LabelRef(end))
	w.Label(loop)
	for i, s := range sums {
		here := make([]Mem, len(at))
		for j, m := range at {
			here[j] = m.Offset(32 * i)
		}
		add(8, here, s)
	}
	for _, m := range at {
		w.SUBQ(I8(-128), m.Base)
	}
	w.SUBQ(U8(8*side), count)
	w.JGE(LabelRef(loop))
	w.Label(end)
	w.ADDQ(U8(8*side), count)

	bases := make([]reg.GPVirtual, len(at))
	for i, m := range at {
		bases[i] = m.Base.(reg.GPVirtual)
	}
	// The rest goes to vectors of its own: instructions on 4 elements clear the upper half of their result.
	rest := map[lanes]reg.VecVirtual{8: sums[0], 4: w.zero(4), 1: w.zero(1)}
	w.stream(count, bases, func(n lanes, at []Mem) { add(n, at, rest[n]) })

	w.VADDPS(sums[1], sums[0], sums[0])
	w.VADDPS(sums[3], sums[2], sums[2])
	w.VADDPS(sums[2], sums[0], sums[0])
	half, total := w.XMM(), sums[0].AsX().(reg.VecVirtual)
	w.VEXTRACTF128(U8(1), sums[0], half)
	w.VADDPS(half, total, total)
	w.VADDPS(rest[4], total, total)
	w.VADDPS(rest[1], total, total)
	w.VHADDPS(total, total, total)
	w.VHADDPS(total, total, total)
	w.Store(total, w.ReturnIndex(0))
	w.done()
}
