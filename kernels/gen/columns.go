package main

import (
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// grid is the loop over the columns of matrices (rows, cols), a vector at a time, and for each over the rows.
type grid struct {
	matrices []string                      // parameters: matrices whose rows are ld apart
	vectors  []string                      // parameters and results with one element per column
	doubles  []string                      // parameters with one float64 per column, whose addresses follow those of the vectors
	side     int                           // rows that go to different accumulators
	begin    func(n lanes, v []Mem)        // before the rows, with the columns' addresses in the vectors
	row      func(n lanes, m []Mem, k int) // row k modulo side
	end      func(n lanes, v []Mem)        // after the rows
}

func (w *writer) grid(g grid) {
	var all []reg.GPVirtual
	at, vectors := make([]Mem, len(g.matrices)), make([]Mem, len(g.vectors)+len(g.doubles))
	row := w.GP64()
	for i, m := range g.matrices {
		all = append(all, w.base(m))
		at[i] = Mem{Base: all[i], Index: row, Scale: 1}
	}
	for i, v := range slices.Concat(g.vectors, g.doubles) {
		all = append(all, w.first(v))
		vectors[i] = Mem{Base: all[len(g.matrices)+i]}
	}
	left, cols, ld := w.GP64(), w.long("cols"), w.long("ld")
	w.SHLQ(U8(2), ld)
	for _, n := range w.set.steps {
		strip, next := w.label("strip"), w.label("next")
		w.Label(strip)
		w.SUBQ(U8(n), cols)
		w.JL(LabelRef(next))
		g.begin(n, vectors)
		w.XORQ(row, row)
		w.loadLong("rows", left)
		w.rows(left, g.side, func(k int) {
			g.row(n, at, k)
			w.ADDQ(ld, row)
		})
		if g.end != nil {
			g.end(n, vectors)
		}
		for i, r := range all {
			if i < len(all)-len(g.doubles) {
				w.ADDQ(U8(4*n), r)
			} else {
				w.ADDQ(U8(8*n), r)
			}
		}
		w.JMP(LabelRef(strip))
		w.Label(next)
		w.ADDQ(U8(n), cols)
	}
	w.done()
}

// rows writes the loop over left rows, side at a time while there are so many.
func (w *writer) rows(left reg.GPVirtual, side int, row func(k int)) {
	sides, some, one, ones := w.label("side"), w.label("sides"), w.label("one"), w.label("ones")
	if side > 1 {
		w.JMP(LabelRef(some))
		w.Label(sides)
		for k := range side {
			row(k)
		}
		w.Label(some)
		w.SUBQ(U8(side), left)
		w.JGE(LabelRef(sides))
		w.ADDQ(U8(side), left)
	}
	w.JMP(LabelRef(ones))
	w.Label(one)
	row(0)
	w.Label(ones)
	w.DECQ(left)
	w.JGE(LabelRef(one))
}

// first loads the address of the first element of a slice, an array that is a parameter, or one that is a result.
func (w *writer) first(name string) reg.GPVirtual {
	if addr, err := w.Param(name).Base().Resolve(); err == nil {
		r := w.GP64()
		w.MOVQ(addr.Addr, r)
		return r
	}
	addr, err := w.Param(name).Index(0).Resolve()
	if err != nil {
		if addr, err = w.Return(name).Index(0).Resolve(); err != nil {
			panic(name + ": no such slice or array")
		}
	}
	r := w.GP64()
	w.LEAQ(addr.Addr, r)
	return r
}

// side is how many sums run side by side, for the latency of an addition.
const side = 4

// accumulators are the sums of one strip.
type accumulators map[lanes][]reg.VecVirtual

func (w *writer) accumulators() accumulators {
	a := accumulators{}
	for _, n := range w.set.steps {
		for range side {
			a[n] = append(a[n], w.vec(n))
		}
	}
	return a
}

func (w *writer) reset(a []reg.VecVirtual) {
	for _, v := range a {
		w.VXORPS(v, v, v)
	}
}

// total adds all sums into the first.
func (w *writer) total(a []reg.VecVirtual) reg.VecVirtual {
	w.VADDPS(a[1], a[0], a[0])
	w.VADDPS(a[3], a[2], a[2])
	w.VADDPS(a[2], a[0], a[0])
	return a[0]
}

func (w *writer) columnFunction(name, signature string) {
	w.function(name+w.set.name, signature, name+w.set.name+" is "+name+".")
}

// columns writes the kernels of columns.go and batchnorm.go.
func columns(w *writer) {
	w.columnSums()
	w.columnMoments()
	w.addBias()
	w.scaleShift()
	w.normalize()
	w.gradientSums()
	w.gradientData()
}

func (w *writer) columnSums() {
	w.columnFunction("columnSums", "func(x []float32, rows, cols, ld int) (sums [32]float32)")
	sums := w.accumulators()
	w.grid(grid{
		matrices: []string{"x"}, vectors: []string{"sums"}, side: side,
		begin: func(n lanes, _ []Mem) { w.reset(sums[n]) },
		row:   func(n lanes, m []Mem, k int) { w.VADDPS(w.load(n, m[0]), sums[n][k], sums[n][k]) },
		end:   func(n lanes, v []Mem) { w.save(n, w.total(sums[n]), v[0]) },
	})
}

func (w *writer) columnMoments() {
	w.columnFunction("columnMoments", "func(x, about []float32, rows, cols, ld int) (sums, squares [32]float32)")
	sums, squares := w.accumulators(), w.accumulators()
	var about reg.VecVirtual
	w.grid(grid{
		matrices: []string{"x"}, vectors: []string{"about", "sums", "squares"}, side: side,
		begin: func(n lanes, v []Mem) {
			w.reset(sums[n])
			w.reset(squares[n])
			about = w.load(n, v[0])
		},
		row: func(n lanes, m []Mem, k int) {
			x := w.load(n, m[0])
			w.VSUBPS(about, x, x)
			w.VADDPS(x, sums[n][k], sums[n][k])
			w.VFMADD231PS(x, x, squares[n][k])
		},
		end: func(n lanes, v []Mem) {
			w.save(n, w.total(sums[n]), v[1])
			w.save(n, w.total(squares[n]), v[2])
		},
	})
}

func (w *writer) addBias() {
	w.columnFunction("addBias", "func(y, bias []float32, rows, cols, ld int)")
	var bias reg.VecVirtual
	w.grid(grid{
		matrices: []string{"y"}, vectors: []string{"bias"},
		begin: func(n lanes, v []Mem) { bias = w.load(n, v[0]) },
		row: func(n lanes, m []Mem, _ int) {
			y := w.load(n, m[0])
			w.VADDPS(bias, y, y)
			w.save(n, y, m[0])
		},
	})
}

// floor returns 0 if the parameter relu is set, else -Inf.
func (w *writer) floor(n lanes) reg.VecVirtual {
	v, end := w.zero(n), w.label("floor")
	flag, _ := w.Param("relu").Resolve()
	w.CMPB(flag.Addr, U8(0))
	w.JNE(LabelRef(end))
	w.VMOVUPS(w.float(n, "minusInfinity", math.Inf(-1)), v)
	w.Label(end)
	return v
}

func (w *writer) scaleShift() {
	w.columnFunction("scaleShift", "func(y, x, scale, shift []float32, rows, cols, ld int, relu bool)")
	var scale, shift, floor reg.VecVirtual
	w.grid(grid{
		matrices: []string{"y", "x"}, vectors: []string{"scale", "shift"},
		begin: func(n lanes, v []Mem) { scale, shift, floor = w.load(n, v[0]), w.load(n, v[1]), w.floor(n) },
		row: func(n lanes, m []Mem, _ int) {
			x := w.load(n, m[1])
			w.VFMADD213PS(shift, scale, x)
			w.VMAXPS(x, floor, x) // keeps NaN
			w.save(n, x, m[0])
		},
	})
}

func (w *writer) normalize() {
	w.columnFunction("normalize", "func(y, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool)")
	var scale, shift, mean, floor reg.VecVirtual
	w.grid(grid{
		matrices: []string{"y", "x"}, vectors: []string{"gamma", "beta", "mean", "invStd"},
		begin: func(n lanes, v []Mem) {
			scale, shift, mean, floor = w.load(n, v[0]), w.load(n, v[1]), w.load(n, v[2]), w.floor(n)
			w.VMULPS(w.load(n, v[3]), scale, scale)
		},
		row: func(n lanes, m []Mem, _ int) {
			x := w.load(n, m[1])
			w.VSUBPS(mean, x, x)
			w.VFMADD213PS(shift, scale, x)
			w.VMAXPS(x, floor, x) // keeps NaN
			w.save(n, x, m[0])
		},
	})
}

// stop sets d to 0 where relu and scale*x + shift, which is normalize's y, is not > 0.
func (w *writer) stop(n lanes, d, x, scale, shift reg.VecVirtual) {
	y, end := w.vec(n), w.label("stop")
	flag, _ := w.Param("relu").Resolve()
	w.CMPB(flag.Addr, U8(0))
	w.JE(LabelRef(end))
	w.VMOVAPS(x, y)
	w.VFMADD213PS(shift, scale, y)
	w.keep(w.compare(n, greater, w.zero(n), y), d)
	w.Label(end)
}

func (w *writer) gradientSums() {
	w.columnFunction("gradientSums", "func(sums, products []float64, dy, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool)")
	sums, products := w.accumulators(), w.accumulators()
	var scale, shift, mean reg.VecVirtual
	w.grid(grid{
		matrices: []string{"dy", "x"}, vectors: []string{"gamma", "beta", "mean", "invStd"}, doubles: []string{"sums", "products"}, side: side,
		begin: func(n lanes, v []Mem) {
			w.reset(sums[n])
			w.reset(products[n])
			scale, shift, mean = w.load(n, v[0]), w.load(n, v[1]), w.load(n, v[2])
			w.VMULPS(w.load(n, v[3]), scale, scale)
		},
		row: func(n lanes, m []Mem, k int) {
			d, x := w.load(n, m[0]), w.load(n, m[1])
			w.VSUBPS(mean, x, x)
			w.stop(n, d, x, scale, shift)
			w.VADDPS(d, sums[n][k], sums[n][k])
			w.VFMADD231PS(d, x, products[n][k])
		},
		end: func(n lanes, v []Mem) {
			w.addTo(n, w.total(sums[n]), v[4])
			w.addTo(n, w.total(products[n]), v[5])
		},
	})
}

// addTo adds n floats to n float64.
func (w *writer) addTo(n lanes, v reg.VecVirtual, to Mem) {
	if n == 1 {
		sum := w.XMM()
		w.VCVTSS2SD(v, v, sum)
		w.VADDSD(to, sum, sum)
		w.VMOVSD(sum, to)
		return
	}
	double := w.vec(min(2*n, w.full()))
	half := n
	if n == w.full() {
		half = n / 2
		upper := w.vec(half)
		if w.set == avx512 {
			w.VEXTRACTF64X4(U8(1), v, upper)
		} else {
			w.VEXTRACTF128(U8(1), v, upper)
		}
		w.VCVTPS2PD(upper, double)
		w.VADDPD(to.Offset(8*int(half)), double, double)
		w.VMOVUPD(double, to.Offset(8*int(half)))
	}
	w.VCVTPS2PD(narrow(half, v), double)
	w.VADDPD(to, double, double)
	w.VMOVUPD(double, to)
}

func (w *writer) gradientData() {
	w.columnFunction("gradientData", "func(dx, dy, x, beta, mean []float32, scale, offset, slope [32]float32, rows, cols, ld int, relu, add bool)")
	var shift, mean, scale, offset, slope reg.VecVirtual
	add, _ := w.Param("add").Resolve()
	w.grid(grid{
		matrices: []string{"dx", "dy", "x"}, vectors: []string{"beta", "mean", "scale", "offset", "slope"},
		begin: func(n lanes, v []Mem) {
			shift, mean, scale = w.load(n, v[0]), w.load(n, v[1]), w.load(n, v[2])
			offset, slope = w.load(n, v[3]), w.load(n, v[4])
		},
		row: func(n lanes, m []Mem, _ int) {
			d, x, dx, fresh := w.load(n, m[1]), w.load(n, m[2]), w.zero(n), w.label("fresh")
			w.VSUBPS(mean, x, x)
			w.stop(n, d, x, scale, shift)
			w.VSUBPS(offset, d, d)
			w.VFNMADD231PS(slope, x, d)
			w.CMPB(add.Addr, U8(0))
			w.JE(LabelRef(fresh))
			w.loadTo(n, m[0], dx)
			w.Label(fresh)
			w.VFMADD231PS(scale, d, dx)
			w.save(n, dx, m[0])
		},
	})
}
