package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise writes a function of slices, the first of which, dst, gives the length.
func (w *writer) elementwise(name, signature, doc string, slices []string, params []string, body func(n lanes, at []Mem, p []reg.VecVirtual)) {
	w.function(name+w.set.name, signature, doc)
	count := w.GP64()
	w.Load(w.Param(slices[0]).Len(), count)
	bases := make([]reg.GPVirtual, len(slices))
	for i, s := range slices {
		bases[i] = w.base(s)
	}
	values := make([]reg.VecVirtual, len(params))
	for i, p := range params {
		values[i] = w.same(w.full(), p)
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
	w.elementwise("add", "func(dst, x []float32)", "dst[i] += x[i]", []string{"dst", "x"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) {
			v, d := w.load(n, at[1]), w.load(n, at[0])
			w.VADDPS(v, d, d)
			w.save(n, d, at[0])
		})
	w.elementwise("addScaled", "func(dst []float32, alpha float32, x []float32)", "dst[i] += alpha*x[i]", []string{"dst", "x"}, []string{"alpha"},
		func(n lanes, at []Mem, p []reg.VecVirtual) {
			v, d := w.load(n, at[1]), w.load(n, at[0])
			w.VFMADD231PS(v, p[0], d)
			w.save(n, d, at[0])
		})
	w.elementwise("scale", "func(dst []float32, alpha float32)", "dst[i] *= alpha", []string{"dst"}, []string{"alpha"},
		func(n lanes, at []Mem, p []reg.VecVirtual) {
			d := w.load(n, at[0])
			w.VMULPS(d, p[0], d)
			w.save(n, d, at[0])
		})
	w.elementwise("mul", "func(dst, x, y []float32)", "dst[i] = x[i]*y[i]", []string{"dst", "x", "y"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) {
			v, u := w.load(n, at[1]), w.load(n, at[2])
			w.VMULPS(v, u, u)
			w.save(n, u, at[0])
		})
	w.elementwise("mulAdd", "func(dst, x, y []float32)", "dst[i] += x[i]*y[i]", []string{"dst", "x", "y"}, nil,
		func(n lanes, at []Mem, _ []reg.VecVirtual) {
			v, u, d := w.load(n, at[1]), w.load(n, at[2]), w.load(n, at[0])
			w.VFMADD231PS(v, u, d)
			w.save(n, d, at[0])
		})
	w.reduction("dot", "func(x, y []float32) float32", "returns the sum of x[i]*y[i]", []string{"x", "y"},
		func(n lanes, at []Mem, sum reg.VecVirtual) {
			v, u := w.load(n, at[0]), w.load(n, at[1])
			w.VFMADD231PS(v, u, sum)
		})
}

// reduction writes a function that sums over slices of one length, in four vectors side by side.
func (w *writer) reduction(name, signature, doc string, slices []string, add func(n lanes, at []Mem, sum reg.VecVirtual)) {
	w.function(name+w.set.name, signature, doc)
	full := w.full()
	count := w.GP64()
	w.Load(w.Param(slices[0]).Len(), count)
	bases := make([]reg.GPVirtual, len(slices))
	at := make([]Mem, len(slices))
	for i, s := range slices {
		bases[i] = w.base(s)
		at[i] = Mem{Base: bases[i]}
	}
	sums := make([]reg.VecVirtual, side)
	for i := range sums {
		sums[i] = w.zero(full)
	}
	loop, end := w.label("wide"), w.label("endWide")
	w.SUBQ(U8(full*side), count)
	w.JL(LabelRef(end))
	w.Label(loop)
	for i, s := range sums {
		here := make([]Mem, len(at))
		for j, m := range at {
			here[j] = m.Offset(4 * int(full) * i)
		}
		add(full, here, s)
	}
	for _, b := range bases {
		w.ADDQ(U32(4*full*side), b)
	}
	w.SUBQ(U8(full*side), count)
	w.JGE(LabelRef(loop))
	w.Label(end)
	w.ADDQ(U8(full*side), count)

	// The rest goes to vectors of its own where instructions on 4 elements clear the upper half of their result;
	// masked ones add zeros.
	rest := map[lanes]reg.VecVirtual{full: sums[0], -full: sums[1]}
	for _, n := range w.set.widths[1:] {
		if n > 0 {
			rest[n] = w.zero(n)
		}
	}
	w.stream(count, bases, func(n lanes, at []Mem) { add(n, at, rest[n]) })

	total := w.quarters(w.total(sums), func(x, to reg.Register) { w.VADDPS(x, to, to) })
	for _, n := range w.set.widths[1:] {
		if n > 0 {
			w.VADDPS(rest[n], total, total)
		}
	}
	w.VHADDPS(total, total, total)
	w.VHADDPS(total, total, total)
	w.Store(total, w.ReturnIndex(0))
	w.done()
}

// quarters combines the halves of a vector, and of what that gives, until 16 bytes are left.
func (w *writer) quarters(v reg.VecVirtual, combine func(x, to reg.Register)) reg.VecVirtual {
	x, y := v.AsX().(reg.VecVirtual), v.AsY().(reg.VecVirtual)
	if w.set == avx512 {
		upper := w.YMM()
		w.VEXTRACTF64X4(U8(1), v, upper)
		combine(upper, y)
	}
	upper := w.XMM()
	w.VEXTRACTF128(U8(1), y, upper)
	combine(upper, x)
	return x
}
