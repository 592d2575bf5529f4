package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pools writes the kernel of pool.go.
func pools(w *writer) {
	w.function("largerAVX2", "func(best []float32, at []int32, x []float32, p int32)",
		"largerAVX2 puts x[i] into best[i] and p+i into at[i], where x[i] > best[i] or is NaN.")
	w.Comment("index = p, p+1, …")
	index, p, first := w.YMM(), w.GP32(), w.XMM()
	w.Load(w.Param("p"), p)
	w.VMOVD(p, first)
	w.VPBROADCASTD(first, index)
	w.VPADDD(w.series("iota"), index, index)
	count := w.GP64()
	w.Load(w.Param("best").Len(), count)
	w.stream(count, []reg.GPVirtual{w.base("best"), w.base("at"), w.base("x")}, func(n lanes, m []Mem) {
		best, at, x := w.load(n, m[0]), w.load(n, m[1]), w.load(n, m[2])
		mask, nan, here := w.vec(n), w.vec(n), narrow(n, index)
		w.VCMPPS(greater, best, x, mask)
		w.VCMPPS(unordered, x, x, nan)
		w.VORPS(nan, mask, mask)
		w.VBLENDVPS(mask, x, best, best)
		w.VBLENDVPS(mask, here, at, at)
		w.save(n, best, m[0])
		w.save(n, at, m[1])
		w.VPADDD(w.bits(map[lanes]string{8: "step8", 4: "step4", 1: "step1"}[n], uint64(n), 4), here, here)
	})
	w.done()
}

// series returns the address of 0, 1, … 7.
func (w *writer) series(name string) Mem {
	m := w.StaticGlobal(name)
	w.DataAttributes(constant)
	for i := range 8 {
		w.AddDatum(4*i, U32(i))
	}
	return m
}
