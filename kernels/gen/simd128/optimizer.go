package simd128

// optimizers writes the functions of optimizer.go.
func (w *file) optimizers() {
	w.function("sgd", "w, dw, v []float32, lr, momentum, weightDecay float32, nesterov bool", "w", "", "is SGD", func(f *function) {
		w, dw, v := f.param("w"), f.param("dw"), f.param("v")
		x, g, u := f.variable(v128), f.variable(v128), f.variable(v128)
		scaled := func(factor string, v local) code { return mul(same(f.get(factor)), v.get()) }
		f.stream(f.param("len(w)"), []local{w, dw, v}, func(n lanes) {
			f.do(x.set(n.load(w.get(), 0)), g.set(add(n.load(dw.get(), 0), scaled("weightDecay", x))))
			f.do(u.set(n.load(v.get(), 0)), u.set(add(scaled("momentum", u), g.get())))
			f.do(n.store(v.get(), 0, u.get()))
			f.when(f.get("nesterov"), func() { f.do(u.set(add(g.get(), scaled("momentum", u)))) }, nil)
			f.do(n.store(w.get(), 0, sub(x.get(), scaled("lr", u))))
		})
	})
	w.function("adam", "w, dw, m, v []float32, lr, beta1, beta2, eps, weightDecay, correction1, correction2 float32", "w", "", "is Adam", func(f *function) {
		w, dw, m, v := f.param("w"), f.param("dw"), f.param("m"), f.param("v")
		of := func(factor string) code { return same(f.get(factor)) }
		rate := f.vector(div(of("lr"), of("correction1")))
		rest1, rest2 := f.vector(sub(floats(1), of("beta1"))), f.vector(sub(floats(1), of("beta2")))
		x, g, mean, square := f.variable(v128), f.variable(v128), f.variable(v128), f.variable(v128)
		f.stream(f.param("len(w)"), []local{w, dw, m, v}, func(n lanes) {
			f.do(x.set(n.load(w.get(), 0)), g.set(add(n.load(dw.get(), 0), mul(of("weightDecay"), x.get()))))
			f.do(mean.set(add(mul(of("beta1"), n.load(m.get(), 0)), mul(rest1, g.get()))))
			f.do(square.set(add(mul(of("beta2"), n.load(v.get(), 0)), mul(rest2, mul(g.get(), g.get())))))
			f.do(n.store(m.get(), 0, mean.get()), n.store(v.get(), 0, square.get()))
			change := div(mul(rate, mean.get()), add(root(div(square.get(), of("correction2"))), of("eps")))
			f.do(n.store(w.get(), 0, sub(x.get(), change)))
		})
	})
}
