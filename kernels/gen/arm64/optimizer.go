package arm64

// optimizers writes the functions of optimizer.go.
func optimizers(w *file) {
	w.function("sgd", "func(w, dw, v []float32, lr, momentum, weightDecay float32, nesterov bool)", "sgdNEON is SGD.", (*function).sgd)
	w.function("adam", "func(w, dw, m, v []float32, lr, beta1, beta2, eps, weightDecay, correction1, correction2 float32)", "adamNEON is Adam.", (*function).adam)
}

func (f *function) sgd() {
	count, nesterov := f.length("w"), f.flag("nesterov")
	at := []general{f.base("w"), f.base("dw"), f.base("v")}
	lr, momentum, decay := f.same("lr"), f.same("momentum"), f.same("weightDecay")
	f.stream([]lanes{8, 4, 1}, count, at, func(n lanes) {
		plain := f.label("plain")
		x, g, v := f.load(n, at[0], 0), f.load(n, at[1], 0), f.load(n, at[2], 0)
		f.comment("g = dw + weightDecay*w; u = momentum*v + g; v = u")
		f.do("VFMLA", g, x, decay)
		u := f.copies(g, len(g))
		f.do("VFMLA", u, v, momentum)
		f.save(u, n, at[2], 0)
		f.op("CBZ %v, %s", nesterov, plain)
		f.comment("u = g + momentum*u")
		f.do("VFMLA", g, u, momentum)
		f.copy(u, g)
		f.mark(plain)
		f.comment("w -= lr*u")
		f.do("VFMLS", x, u, lr)
		f.save(x, n, at[0], 0)
	})
}

func (f *function) adam() {
	count := f.length("w")
	at := []general{f.base("w"), f.base("dw"), f.base("m"), f.base("v")}
	beta1, beta2, eps, decay := f.same("beta1"), f.same("beta2"), f.same("eps"), f.same("weightDecay")
	rate, correction := f.same("lr"), f.same("correction2")
	rest1, rest2 := f.vector(1), f.vector(1)
	f.comment("rate = lr/correction1; rest1 = 1-beta1; rest2 = 1-beta2")
	f.scope(func() { f.do("FDIV", rate, rate, f.same("correction1")) })
	f.do("FSUB", rest1, f.float("one", 1), beta1)
	f.do("FSUB", rest2, f.float("one", 1), beta2)
	f.stream([]lanes{8, 4, 1}, count, at, func(n lanes) {
		x, g, m, v := f.load(n, at[0], 0), f.load(n, at[1], 0), f.load(n, at[2], 0), f.load(n, at[3], 0)
		f.comment("g = dw + weightDecay*w; m = beta1*m + (1-beta1)*g")
		f.do("VFMLA", g, x, decay)
		f.do("FMUL", m, m, beta1)
		f.do("VFMLA", m, g, rest1)
		f.save(m, n, at[2], 0)
		f.comment("v = beta2*v + (1-beta2)*g*g")
		f.do("FMUL", g, g, g)
		f.do("FMUL", v, v, beta2)
		f.do("VFMLA", v, g, rest2)
		f.save(v, n, at[3], 0)
		f.comment("w -= rate*m / (sqrt(v/correction2) + eps)")
		f.do("FDIV", v, v, correction)
		f.do("FSQRT", v, v)
		f.do("FADD", v, v, eps)
		f.do("FMUL", m, m, rate)
		f.do("FDIV", m, m, v)
		f.do("FSUB", x, x, m)
		f.save(x, n, at[0], 0)
	})
}
