package arm64

import (
	"fmt"
	"math"
	"slices"

	"github.com/espalier-nas/espalier/kernels/gen/toomcook"
)

// winograd writes the transforms of winograd.go, for the sizes that package kernels uses.
func winograd(w *file) {
	for _, points := range []struct {
		pairs []float64 // ± each, beside 0 and infinity
		sizes []int
	}{{[]float64{1, 2}, []int{3, 4}}, {[]float64{1, 2, 0.5}, []int{2, 4, 5, 7}}} {
		pairs, n := points.pairs, 2*len(points.pairs)+2
		w.transform(fmt.Sprintf("winogradInput%d", n), n, n, false, func(s *stage, x []vector) { toomcook.Input(s, pairs, x) })
		for _, m := range points.sizes {
			w.transform(fmt.Sprintf("winogradFilter%dx%d", n, m), m, n, false, func(s *stage, x []vector) { toomcook.Filter(s, pairs, x) })
			w.transform(fmt.Sprintf("winogradOutput%dx%d", n, m), n, m, true, func(s *stage, x []vector) { toomcook.Output(s, pairs, x, m) })
		}
	}
}

// transform writes a function that maps in vectors, which are srcStep apart, to out vectors, dstStep apart, for each of rows rows
// of cols elements.
func (w *file) transform(name string, in, out int, adds bool, body func(s *stage, x []vector)) {
	signature := "dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int"
	if adds {
		signature += ", add bool"
	}
	w.function(name, "func("+signature+")", name+"NEON is that transform of package kernels.", func(f *function) {
		from, to, rows, left := f.base("src"), f.base("dst"), f.integer("rows"), f.general("columns left")
		s := &stage{function: f, adds: adds, dst: f.general("dst + 4*column")}
		src := f.general("src + 4*column")
		if adds {
			s.add = f.flag("add")
		}
		offsets := f.steps("srcStep", in)
		s.offsets = f.steps("dstStep", out)
		row, end := f.label("row"), f.label("end")
		f.mark(row)
		f.comment("for range rows {")
		f.op("SUBS $1, %v, %v", rows, rows)
		f.op("BLT %s", end)
		f.op("MOVD %v, %v", from, src)
		f.op("MOVD %v, %v", to, s.dst)
		f.loadInteger("cols", left)
		f.stream([]lanes{4, 1}, left, []general{src, s.dst}, func(n lanes) {
			s.lanes, s.free = n, nil
			x := make([]vector, in)
			for i := range x {
				x[i] = f.vector(1)
				f.loadAt(x[i], n, src, offsets, i)
			}
			body(s, x)
		})
		f.advance(from, "srcRow")
		f.advance(to, "dstRow")
		f.op("B %s", row)
		f.mark(end)
	})
}

// steps returns registers with the multiples of a parameter, from 1 to n-1, in bytes.
func (f *function) steps(param string, n int) []general {
	all := []general{f.bytes(param)}
	for i := 2; i < n; i++ {
		next := f.general(fmt.Sprintf("4*%d*%s", i, param))
		f.op("ADD %v, %v, %v", all[0], all[i-2], next)
		all = append(all, next)
	}
	return all
}

// advance adds a number of elements, a parameter, to an address.
func (f *function) advance(at general, param string) {
	f.scope(func() { f.op("ADD %v, %v, %v", f.bytes(param), at, at) })
}

// loadAt reads n elements at an address and one of the offsets from it, the first of which, 0, is left out.
func (f *function) loadAt(v vector, n lanes, base general, offsets []general, i int) {
	switch {
	case i == 0:
		f.loadTo(v, n, base, 0)
	case n == 1:
		f.op("FMOVS (%v)(%v), F%d", base, offsets[i-1], v[0])
	default:
		f.loadQuad(v[0], base, offsets[i-1])
	}
}

// saveAt writes n elements likewise.
func (f *function) saveAt(v vector, n lanes, base general, offsets []general, i int) {
	switch {
	case i == 0:
		f.save(v, n, base, 0)
	case n == 1:
		f.op("FMOVS F%d, (%v)(%v)", v[0], base, offsets[i-1])
	default:
		at := offsets[i-1]
		f.word(encode("STRquad", v[0], int(base), int(at)), fmt.Sprintf("STR Q%d, [X%d, X%d]", v[0], base, at))
	}
}

// stage is a transform's arithmetic; see toomcook.
type stage struct {
	*function
	lanes     lanes
	dst       general // address of the columns of result 0
	offsets   []general
	adds      bool // there is a parameter add,
	add       general
	free      []vector // registers of results that have been saved
	constants []uint32
}

func (s *stage) take() vector {
	if last := len(s.free) - 1; last >= 0 {
		v := s.free[last]
		s.free = s.free[:last]
		return v
	}
	return s.vector(1)
}

func (s *stage) Add(x, y vector) vector {
	v := s.take()
	s.do("FADD", v, x, y)
	return v
}

func (s *stage) Subtract(x, y vector) vector {
	v := s.take()
	s.do("FSUB", v, x, y)
	return v
}

func (s *stage) Scale(c float64, x vector) vector {
	v := s.take()
	if c == 1 {
		s.copy(v, x)
	} else {
		s.byConstant("FMUL", v, x, c)
	}
	return v
}

func (s *stage) AddScaled(y vector, c float64, x vector) {
	if c == 1 {
		s.do("FADD", y, y, x)
	} else {
		s.byConstant("FMLA", y, x, c)
	}
}

func (s *stage) SubtractScaled(y vector, c float64, x vector) {
	if c == 1 {
		s.do("FSUB", y, y, x)
	} else {
		s.byConstant("FMLS", y, x, c)
	}
}

// Result saves v, or adds it to what is there if the parameter add is set.
func (s *stage) Result(i int, v vector) {
	if s.adds {
		plain := s.label("plain")
		s.op("CBZ %v, %s", s.add, plain)
		old := s.take()
		s.loadAt(old, s.lanes, s.dst, s.offsets, i)
		s.do("FADD", v, v, old)
		s.free = append(s.free, old)
		s.mark(plain)
	}
	s.saveAt(v, s.lanes, s.dst, s.offsets, i)
	s.free = append(s.free, v)
}

// byConstant writes an instruction with a constant, of which a register holds four.
func (s *stage) byConstant(name string, d, n vector, c float64) {
	bits := math.Float32bits(float32(c))
	i := slices.Index(s.constants, bits)
	if i < 0 {
		i = len(s.constants)
		s.constants = append(s.constants, bits)
		s.function.pack(i, bits)
	}
	s.byElement(name, d[0], n[0], 31-i/4, i%4)
}
