package simd128

// grid is the loop over the columns of matrices (rows, cols) whose rows are ld apart, four at a time and then one by one,
// and for each over the rows.
type grid struct {
	matrices []string                // parameters
	vectors  []string                // parameters with one element per column
	doubles  []string                // the same, of float64
	begin    func(n lanes)           // before the rows; the vectors' parameters are the addresses
	row      func(n lanes, m []code) // a row, at these addresses
	end      func(n lanes)           // after the rows
}

func (f *function) grid(g grid) {
	ld, cols, left := f.bytes("ld"), f.param("cols"), f.variable(i32)
	var all, rows []local
	var at []code
	for _, m := range g.matrices {
		l := f.variable(i32)
		all, rows, at = append(all, f.param(m)), append(rows, l), append(at, l.get())
	}
	for _, v := range g.vectors {
		all = append(all, f.param(v))
	}
	f.stream(cols, all, func(n lanes) {
		g.begin(n)
		for i, l := range rows {
			f.do(l.set(all[i].get()))
		}
		f.do(left.set(f.get("rows")))
		f.while(left.get(), func() {
			g.row(n, at)
			for _, l := range rows {
				f.add(l, ld.get())
			}
			f.advance(left, -1)
		})
		if g.end != nil {
			g.end(n)
		}
		for _, d := range g.doubles {
			f.advance(f.param(d), 8*int(n))
		}
	})
}

// columns writes the kernels of columns.go, moments.go and batchnorm.go.
func (w *file) columns() {
	w.function("columnSums", "x []float32, rows, cols, ld int", "", "(sums strip)", "is columnSums", func(f *function) {
		sum := f.variable(v128)
		f.grid(grid{
			matrices: []string{"x"}, vectors: []string{"sums"},
			begin: func(lanes) { f.do(sum.set(zero())) },
			row:   func(n lanes, m []code) { f.do(sum.set(add(sum.get(), n.load(m[0], 0)))) },
			end:   func(n lanes) { f.do(n.store(f.get("sums"), 0, sum.get())) },
		})
	})
	w.function("columnMoments", "x, about []float32, rows, cols, ld int", "", "(sums, squares strip)", "is columnMoments", func(f *function) {
		about, sum, square, d := f.variable(v128), f.variable(v128), f.variable(v128), f.variable(v128)
		f.grid(grid{
			matrices: []string{"x"}, vectors: []string{"about", "sums", "squares"},
			begin: func(n lanes) {
				f.do(about.set(n.load(f.get("about"), 0)), sum.set(zero()), square.set(zero()))
			},
			row: func(n lanes, m []code) {
				f.do(d.set(sub(n.load(m[0], 0), about.get())))
				f.do(sum.set(add(sum.get(), d.get())), square.set(add(square.get(), mul(d.get(), d.get()))))
			},
			end: func(n lanes) {
				f.do(n.store(f.get("sums"), 0, sum.get()), n.store(f.get("squares"), 0, square.get()))
			},
		})
	})
	w.function("addBias", "y, bias []float32, rows, cols, ld int", "", "", "is addBias", func(f *function) {
		bias := f.variable(v128)
		f.grid(grid{
			matrices: []string{"y"}, vectors: []string{"bias"},
			begin: func(n lanes) { f.do(bias.set(n.load(f.get("bias"), 0))) },
			row:   func(n lanes, m []code) { f.do(n.store(m[0], 0, add(n.load(m[0], 0), bias.get()))) },
		})
	})
	w.function("scaleShift", "y, x, scale, shift []float32, rows, cols, ld int, relu bool", "", "", "is scaleShift", func(f *function) {
		scale, shift := f.variable(v128), f.variable(v128)
		f.scaled(grid{
			vectors: []string{"scale", "shift"},
			begin: func(n lanes) {
				f.do(scale.set(n.load(f.get("scale"), 0)), shift.set(n.load(f.get("shift"), 0)))
			},
		}, func(x code) code { return add(mul(x, scale.get()), shift.get()) })
	})
	w.function("normalize", "y, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool", "", "", "is normalize", func(f *function) {
		scale, shift, mean := f.variable(v128), f.variable(v128), f.variable(v128)
		f.scaled(grid{
			vectors: []string{"gamma", "beta", "mean", "invStd"},
			begin: func(n lanes) {
				f.do(scale.set(mul(n.load(f.get("gamma"), 0), n.load(f.get("invStd"), 0))))
				f.do(shift.set(n.load(f.get("beta"), 0)), mean.set(n.load(f.get("mean"), 0)))
			},
		}, func(x code) code { return add(mul(scale.get(), sub(x, mean.get())), shift.get()) })
	})
	w.function("gradientSums", "sums, products []float64, dy, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool", "", "", "is gradientSums", (*function).gradientSums)
	w.function("gradientData", "dx, dy, x, beta, mean []float32, scale, offset, slope strip, rows, cols, ld int, relu, add bool", "", "", "is gradientData", (*function).gradientData)
}

// scaled writes a function that sets y to a function of x, then relu's if that is set.
func (f *function) scaled(g grid, of func(x code) code) {
	v, floor := f.variable(v128), f.variable(v128)
	f.do(floor.set(same(choose(float(0), float(negativeInfinity), f.get("relu")))))
	g.matrices = []string{"y", "x"}
	g.row = func(n lanes, m []code) {
		f.do(v.set(of(n.load(m[1], 0))))
		f.do(n.store(m[0], 0, andNot(v.get(), less(v.get(), floor.get()))))
	}
	f.grid(g)
}

// gradientSums adds 0 where generic adds nothing, which is the same to sums that begin with 0.
func (f *function) gradientSums() {
	scale, shift, mean := f.variable(v128), f.variable(v128), f.variable(v128)
	sum, product, d, v, live := f.variable(v128), f.variable(v128), f.variable(v128), f.variable(v128), f.variable(v128)
	always := f.let(v128, sameInt(minus(f.get("relu"), integer(1)))) // all ones without relu
	f.grid(grid{
		matrices: []string{"dy", "x"}, vectors: []string{"gamma", "beta", "mean", "invStd"}, doubles: []string{"sums", "products"},
		begin: func(n lanes) {
			f.do(scale.set(mul(n.load(f.get("gamma"), 0), n.load(f.get("invStd"), 0))))
			f.do(shift.set(n.load(f.get("beta"), 0)), mean.set(n.load(f.get("mean"), 0)), sum.set(zero()), product.set(zero()))
		},
		row: func(n lanes, m []code) {
			f.do(d.set(n.load(m[0], 0)), v.set(sub(n.load(m[1], 0), mean.get())))
			f.do(live.set(or(always.get(), greater(add(mul(scale.get(), v.get()), shift.get()), zero()))))
			f.do(sum.set(add(sum.get(), and(d.get(), live.get()))))
			f.do(product.set(add(product.get(), and(mul(d.get(), v.get()), live.get()))))
		},
		end: func(n lanes) {
			for i := range int(n) {
				for _, p := range []struct {
					to   string
					from local
				}{{"sums", sum}, {"products", product}} {
					f.do(storeDouble(f.get(p.to), 8*i, addDouble(loadDouble(f.get(p.to), 8*i), promote(lane(p.from.get(), byte(i))))))
				}
			}
		},
	})
}

func (f *function) gradientData() {
	names := []string{"beta", "mean", "scale", "offset", "slope"}
	all := f.vectors(len(names))
	beta, mean, scale, offset, slope := all[0].get(), all[1].get(), all[2].get(), all[3].get(), all[4].get()
	d, v := f.variable(v128), f.variable(v128)
	always := f.let(v128, sameInt(minus(f.get("relu"), integer(1))))
	f.grid(grid{
		matrices: []string{"dx", "dy", "x"}, vectors: names,
		begin: func(n lanes) {
			for i, l := range all {
				f.do(l.set(n.load(f.get(names[i]), 0)))
			}
		},
		row: func(n lanes, m []code) {
			f.do(v.set(sub(n.load(m[2], 0), mean)))
			f.do(d.set(and(n.load(m[1], 0), or(always.get(), greater(add(mul(scale, v.get()), beta), zero())))))
			f.do(d.set(mul(scale, sub(sub(d.get(), offset), mul(v.get(), slope)))))
			f.when(f.get("add"), func() { f.do(d.set(add(d.get(), n.load(m[0], 0)))) }, nil)
			f.do(n.store(m[0], 0, d.get()))
		},
	})
}
