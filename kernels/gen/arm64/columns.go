package arm64

import "slices"

// grid is the loop over the columns of matrices (rows, cols), 8 at a time, then 4, then 1, and for each over the rows.
type grid struct {
	matrices []string                          // parameters: matrices whose rows are ld apart
	vectors  []string                          // parameters and results with one element per column
	doubles  []string                          // parameters with one float64 per column, whose addresses follow those of the vectors
	side     int                               // rows that go to different accumulators
	begin    func(n lanes, v []general)        // before the rows, with the columns' addresses in the vectors
	row      func(n lanes, m []general, k int) // row k modulo side
	end      func(n lanes, v []general)        // after the rows
}

func (f *function) grid(g grid) {
	var all []general
	rows := make([]general, len(g.matrices))
	for i, m := range g.matrices {
		all = append(all, f.base(m))
		rows[i] = f.general("row of " + m)
	}
	for _, v := range slices.Concat(g.vectors, g.doubles) {
		all = append(all, f.first(v))
	}
	vectors := all[len(g.matrices):]
	left, cols, ld := f.general("rows left"), f.integer("cols"), f.bytes("ld")
	row := func(n lanes, k int) {
		f.scope(func() { g.row(n, rows, k) })
		for _, r := range rows {
			f.op("ADD %v, %v, %v", ld, r, r)
		}
	}
	for _, n := range []lanes{8, 4, 1} {
		strip, next := f.label("strip"), f.label("next")
		f.mark(strip)
		f.op("SUBS $%d, %v, %v", n, cols, cols)
		f.op("BLT %s", next)
		f.scope(func() {
			g.begin(n, vectors)
			for i, r := range rows {
				f.op("MOVD %v, %v", all[i], r)
			}
			f.loadInteger("rows", left)
			f.eachRow(left, g.side, func(k int) { row(n, k) })
			if g.end != nil {
				g.end(n, vectors)
			}
		})
		for i, r := range all {
			size := lanes(4)
			if i >= len(all)-len(g.doubles) {
				size = 8
			}
			f.op("ADD $%d, %v, %v", size*n, r, r)
		}
		f.op("B %s", strip)
		f.mark(next)
		f.op("ADD $%d, %v, %v", n, cols, cols)
	}
}

// eachRow writes the loop over the rows that are left, so many at a time as there are accumulators.
func (f *function) eachRow(left general, side int, row func(k int)) {
	sides, ones, one, end := f.label("sides"), f.label("ones"), f.label("one"), f.label("end")
	if side > 1 {
		f.op("SUBS $%d, %v, %v", side, left, left)
		f.op("BLT %s", ones)
		f.mark(sides)
		for k := range side {
			row(k)
		}
		f.op("SUBS $%d, %v, %v", side, left, left)
		f.op("BGE %s", sides)
		f.mark(ones)
		f.op("ADD $%d, %v, %v", side, left, left)
	}
	f.op("CBZ %v, %s", left, end)
	f.mark(one)
	row(0)
	f.op("SUBS $1, %v, %v", left, left)
	f.op("BNE %s", one)
	f.mark(end)
}

// first loads the address of the first element of a slice, or of an array that is a parameter or a result.
func (f *function) first(name string) general {
	if f.slices[name] {
		return f.base(name)
	}
	return f.array(name)
}

// side is how many sums run side by side, for the latency of an addition.
const side = 4

// accumulators are the sums of one strip of columns, a vector for each row modulo side.
func (f *function) accumulators(n lanes) []vector {
	a := make([]vector, side)
	for i := range a {
		a[i] = f.zero(n.registers())
	}
	return a
}

// sum adds all accumulators into the first.
func (f *function) sum(a []vector) vector {
	f.do("FADD", a[0], a[0], a[1])
	f.do("FADD", a[2], a[2], a[3])
	f.do("FADD", a[0], a[0], a[2])
	return a[0]
}

// columns writes the kernels of columns.go and batchnorm.go.
func columns(w *file) {
	w.function("columnSums", "func(x []float32, rows, cols, ld int) (sums [32]float32)", "columnSumsNEON is columnSums.", (*function).columnSums)
	w.function("columnMoments", "func(x, about []float32, rows, cols, ld int) (sums, squares [32]float32)", "columnMomentsNEON is columnMoments.", (*function).columnMoments)
	w.function("addBias", "func(y, bias []float32, rows, cols, ld int)", "addBiasNEON is addBias.", (*function).addBias)
	w.function("scaleShift", "func(y, x, scale, shift []float32, rows, cols, ld int, relu bool)", "scaleShiftNEON is scaleShift.", (*function).scaleShift)
	w.function("normalize", "func(y, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool)", "normalizeNEON is normalize.", (*function).normalize)
	w.function("gradientSums", "func(sums, products []float64, dy, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool)", "gradientSumsNEON is gradientSums.", (*function).gradientSums)
	w.function("gradientData", "func(dx, dy, x, beta, mean []float32, scale, offset, slope [32]float32, rows, cols, ld int, relu, add bool)", "gradientDataNEON is gradientData.", (*function).gradientData)
}

func (f *function) columnSums() {
	var sums []vector
	f.grid(grid{
		matrices: []string{"x"}, vectors: []string{"sums"}, side: side,
		begin: func(n lanes, _ []general) { sums = f.accumulators(n) },
		row:   func(n lanes, m []general, k int) { f.do("FADD", sums[k], sums[k], f.load(n, m[0], 0)) },
		end:   func(n lanes, v []general) { f.save(f.sum(sums), n, v[0], 0) },
	})
}

func (f *function) columnMoments() {
	var about vector
	var sums, squares []vector
	f.grid(grid{
		matrices: []string{"x"}, vectors: []string{"about", "sums", "squares"}, side: side,
		begin: func(n lanes, v []general) {
			about, sums, squares = f.load(n, v[0], 0), f.accumulators(n), f.accumulators(n)
		},
		row: func(n lanes, m []general, k int) {
			x := f.load(n, m[0], 0)
			f.do("FSUB", x, x, about)
			f.do("FADD", sums[k], sums[k], x)
			f.do("VFMLA", squares[k], x, x)
		},
		end: func(n lanes, v []general) {
			f.save(f.sum(sums), n, v[1], 0)
			f.save(f.sum(squares), n, v[2], 0)
		},
	})
}

func (f *function) addBias() {
	var bias vector
	f.grid(grid{
		matrices: []string{"y"}, vectors: []string{"bias"},
		begin: func(n lanes, v []general) { bias = f.load(n, v[0], 0) },
		row: func(n lanes, m []general, _ int) {
			y := f.load(n, m[0], 0)
			f.do("FADD", y, y, bias)
			f.save(y, n, m[0], 0)
		},
	})
}

// floor returns 0 if the parameter relu is set, else -Inf.
func (f *function) floor() vector {
	v := f.vector(1)
	f.scope(func() {
		relu, bits := f.flag("relu"), f.general("floor")
		f.op("MOVD $0xff800000, %v", bits)
		f.op("CMP $0, %v", relu)
		f.op("CSEL EQ, %v, ZR, %v", bits, bits)
		f.op("VDUP %v, V%d.S4", bits, v[0])
	})
	return v
}

// clamp sets x to 0 where it is below the floor. A NaN stays, and so does -0.
func (f *function) clamp(x, floor vector) {
	below := f.like(x)
	f.do("FCMGT", below, floor, x)
	f.do("BIC", x, x, below)
}

func (f *function) scaleShift() {
	floor := f.floor()
	var scale, shift vector
	f.grid(grid{
		matrices: []string{"y", "x"}, vectors: []string{"scale", "shift"},
		begin: func(n lanes, v []general) { scale, shift = f.load(n, v[0], 0), f.load(n, v[1], 0) },
		row: func(n lanes, m []general, _ int) {
			x, y := f.load(n, m[1], 0), f.copies(shift, n.registers())
			f.do("VFMLA", y, x, scale)
			f.clamp(y, floor)
			f.save(y, n, m[0], 0)
		},
	})
}

func (f *function) normalize() {
	floor := f.floor()
	var scale, shift, mean vector
	f.grid(grid{
		matrices: []string{"y", "x"}, vectors: []string{"gamma", "beta", "mean", "invStd"},
		begin: func(n lanes, v []general) {
			scale, shift, mean = f.load(n, v[0], 0), f.load(n, v[1], 0), f.load(n, v[2], 0)
			f.do("FMUL", scale, scale, f.load(n, v[3], 0))
		},
		row: func(n lanes, m []general, _ int) {
			x, y := f.load(n, m[1], 0), f.copies(shift, n.registers())
			f.do("FSUB", x, x, mean)
			f.do("VFMLA", y, x, scale)
			f.clamp(y, floor)
			f.save(y, n, m[0], 0)
		},
	})
}

// stop sets d to 0 where relu and scale*x + shift, which is normalize's y, is not > 0.
func (f *function) stop(relu general, d, x, scale, shift vector) {
	end := f.label("stop")
	f.op("CBZ %v, %s", relu, end)
	y := f.copies(shift, len(d))
	f.do("VFMLA", y, x, scale)
	f.do("FCMGTZ", y, y)
	f.do("VAND", d, d, y)
	f.mark(end)
}

func (f *function) gradientSums() {
	relu := f.flag("relu")
	var scale, shift, mean vector
	var sums, products []vector
	f.grid(grid{
		matrices: []string{"dy", "x"}, vectors: []string{"gamma", "beta", "mean", "invStd"}, doubles: []string{"sums", "products"}, side: side,
		begin: func(n lanes, v []general) {
			scale, shift, mean = f.load(n, v[0], 0), f.load(n, v[1], 0), f.load(n, v[2], 0)
			f.scope(func() { f.do("FMUL", scale, scale, f.load(n, v[3], 0)) })
			sums, products = f.accumulators(n), f.accumulators(n)
		},
		row: func(n lanes, m []general, k int) {
			d, x := f.load(n, m[0], 0), f.load(n, m[1], 0)
			f.do("FSUB", x, x, mean)
			f.stop(relu, d, x, scale, shift)
			f.do("FADD", sums[k], sums[k], d)
			f.do("VFMLA", products[k], d, x)
		},
		end: func(n lanes, v []general) {
			f.addTo(n, f.sum(sums), v[4])
			f.addTo(n, f.sum(products), v[5])
		},
	})
}

// addTo adds n floats to n float64.
func (f *function) addTo(n lanes, v vector, to general) {
	f.scope(func() {
		if n == 1 {
			d, sum := f.vector(1), f.vector(1)
			f.op("FMOVD (%v), F%d", to, sum[0])
			f.op("FCVTSD F%d, F%d", v[0], d[0])
			f.op("FADDD F%d, F%d, F%d", d[0], sum[0], sum[0])
			f.op("FMOVD F%d, (%v)", sum[0], to)
			return
		}
		for i := range v {
			f.scope(func() {
				d, sum := f.widen(v[i:i+1]), f.vector(2)
				f.loadTo(sum, 4, to, 32*i)
				f.do64("FADD", sum, sum, d)
				f.save(sum, 4, to, 32*i)
			})
		}
	})
}

func (f *function) gradientData() {
	relu, add := f.flag("relu"), f.flag("add")
	var shift, mean, scale, offset, slope vector
	f.grid(grid{
		matrices: []string{"dx", "dy", "x"}, vectors: []string{"beta", "mean", "scale", "offset", "slope"},
		begin: func(n lanes, v []general) {
			shift, mean, scale = f.load(n, v[0], 0), f.load(n, v[1], 0), f.load(n, v[2], 0)
			offset, slope = f.load(n, v[3], 0), f.load(n, v[4], 0)
		},
		row: func(n lanes, m []general, _ int) {
			d, x, dx, fresh := f.load(n, m[1], 0), f.load(n, m[2], 0), f.zero(n.registers()), f.label("fresh")
			f.do("FSUB", x, x, mean)
			f.stop(relu, d, x, scale, shift)
			f.do("FSUB", d, d, offset)
			f.do("VFMLS", d, x, slope)
			f.op("CBZ %v, %s", add, fresh)
			f.loadTo(dx, n, m[0], 0)
			f.mark(fresh)
			f.do("VFMLA", dx, d, scale)
			f.save(dx, n, m[0], 0)
		},
	})
}
