package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// optimizers writes the functions of optimizer.go.
func optimizers(w *writer) {
	w.function("sgd"+w.set.name, "func(w, dw, v []float32, lr, momentum, weightDecay float32, nesterov bool)", "sgd"+w.set.name+" is SGD.")
	lr, momentum, decay := w.same(w.full(), "lr"), w.same(w.full(), "momentum"), w.same(w.full(), "weightDecay")
	count, flag := w.GP64(), w.GP8()
	w.Load(w.Param("w").Len(), count)
	w.Load(w.Param("nesterov"), flag)
	w.stream(count, []reg.GPVirtual{w.base("w"), w.base("dw"), w.base("v")}, func(n lanes, at []Mem) {
		plain := w.label("plain")
		x, g, v := w.load(n, at[0]), w.load(n, at[1]), w.load(n, at[2])
		w.Comment("g = dw + weightDecay*w; v = momentum*v + g")
		w.VFMADD231PS(x, narrow(n, decay), g)
		w.VFMADD213PS(g, narrow(n, momentum), v)
		w.save(n, v, at[2])
		w.TESTB(flag, flag)
		w.JZ(LabelRef(plain))
		w.VFMADD213PS(g, narrow(n, momentum), v)
		w.Label(plain)
		w.Comment("w -= lr*v, where nesterov has made v = g + momentum*v")
		w.VFNMADD231PS(v, narrow(n, lr), x)
		w.save(n, x, at[0])
	})
	w.done()

	w.function("adam"+w.set.name, "func(w, dw, m, v []float32, lr, beta1, beta2, eps, weightDecay, correction1, correction2 float32)", "adam"+w.set.name+" is Adam.")
	beta1, beta2, eps, decay := w.same(w.full(), "beta1"), w.same(w.full(), "beta2"), w.same(w.full(), "eps"), w.same(w.full(), "weightDecay")
	rate, correction := w.same(w.full(), "lr"), w.same(w.full(), "correction2")
	w.Comment("rate = lr/correction1")
	w.VDIVPS(w.same(w.full(), "correction1"), rate, rate)
	rest1, rest2 := w.constant(w.full(), "one", 1), w.constant(w.full(), "one", 1)
	w.VSUBPS(beta1, rest1, rest1)
	w.VSUBPS(beta2, rest2, rest2)
	count = w.GP64()
	w.Load(w.Param("w").Len(), count)
	w.stream(count, []reg.GPVirtual{w.base("w"), w.base("dw"), w.base("m"), w.base("v")}, func(n lanes, at []Mem) {
		x, g, m, v := w.load(n, at[0]), w.load(n, at[1]), w.load(n, at[2]), w.load(n, at[3])
		w.Comment("g = dw + weightDecay*w; m = beta1*m + (1-beta1)*g")
		w.VFMADD231PS(x, narrow(n, decay), g)
		w.VMULPS(narrow(n, beta1), m, m)
		w.VFMADD231PS(g, narrow(n, rest1), m)
		w.save(n, m, at[2])
		w.Comment("v = beta2*v + (1-beta2)*g*g")
		w.VMULPS(g, g, g)
		w.VMULPS(narrow(n, beta2), v, v)
		w.VFMADD231PS(g, narrow(n, rest2), v)
		w.save(n, v, at[3])
		w.Comment("w -= rate*m / (sqrt(v/correction2) + eps)")
		w.VDIVPS(narrow(n, correction), v, v)
		w.VSQRTPS(v, v)
		w.VADDPS(narrow(n, eps), v, v)
		w.VMULPS(narrow(n, rate), m, m)
		w.VDIVPS(v, m, m)
		w.VSUBPS(m, x, x)
		w.save(n, x, at[0])
	})
	w.done()
}
