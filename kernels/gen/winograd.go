package main

import (
	"fmt"
	"math"

	"github.com/espalier-nas/espalier/kernels/gen/toomcook"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// winograd writes the transforms of winograd.go, for the sizes that package kernels uses.
func winograd(w *writer) {
	for _, points := range []struct {
		pairs []float64 // ± each, beside 0 and infinity
		sizes []int
	}{{[]float64{1, 2}, []int{3, 4}}, {[]float64{1, 2, 0.5}, []int{2, 4, 5, 7}}} {
		n := 2*len(points.pairs) + 2
		w.transform(fmt.Sprintf("winogradInput%d", n), n, n, false, func(p *stage) { toomcook.Input(p, points.pairs, p.x) })
		for _, m := range points.sizes {
			w.transform(fmt.Sprintf("winogradFilter%dx%d", n, m), m, n, false, func(p *stage) { toomcook.Filter(p, points.pairs, p.x) })
			w.transform(fmt.Sprintf("winogradOutput%dx%d", n, m), n, m, true, func(p *stage) { toomcook.Output(p, points.pairs, p.x, m) })
		}
	}
}

// stage is one vector of elements on its way through a transform: the arithmetic of toomcook.
type stage struct {
	*writer
	lanes  lanes
	x      []reg.VecVirtual              // in
	result func(i int, v reg.VecVirtual) // out
}

func (p *stage) Add(x, y reg.VecVirtual) reg.VecVirtual {
	v := p.vec(p.lanes)
	p.VADDPS(x, y, v)
	return v
}

func (p *stage) Subtract(x, y reg.VecVirtual) reg.VecVirtual {
	v := p.vec(p.lanes)
	p.VSUBPS(y, x, v)
	return v
}

func (p *stage) Scale(c float64, x reg.VecVirtual) reg.VecVirtual {
	v := p.vec(p.lanes)
	if c == 1 {
		p.VMOVAPS(x, v)
	} else {
		p.VMULPS(p.constant(c), x, v)
	}
	return v
}

func (p *stage) AddScaled(y reg.VecVirtual, c float64, x reg.VecVirtual) {
	if c == 1 {
		p.VADDPS(x, y, y)
	} else {
		p.VFMADD231PS(p.constant(c), x, y)
	}
}

func (p *stage) SubtractScaled(y reg.VecVirtual, c float64, x reg.VecVirtual) {
	if c == 1 {
		p.VSUBPS(x, y, y)
	} else {
		p.VFNMADD231PS(p.constant(c), x, y)
	}
}

func (p *stage) Result(i int, v reg.VecVirtual) { p.result(i, v) }

// constant returns copies of v.
func (p *stage) constant(v float64) Op {
	return p.float(p.lanes, fmt.Sprintf("factor%08x", math.Float32bits(float32(v))), v)
}

// transform writes a function that maps in vectors, which are srcStep apart, to out vectors, dstStep apart, for each of rows rows
// of cols elements.
func (w *writer) transform(name string, in, out int, adds bool, body func(p *stage)) {
	signature := "dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int"
	if adds {
		signature += ", add bool"
	}
	p := &stage{writer: w, x: make([]reg.VecVirtual, in)}
	w.function(name+w.set.name, "func("+signature+")", name+w.set.name+" is that transform of package kernels.")
	src, dst := w.steps("srcStep", in), w.steps("dstStep", out)
	from, to, rows := w.AllocLocal(8), w.AllocLocal(8), w.AllocLocal(8)
	tmp := w.GP64()
	w.move(w.Param("src").Base(), tmp, from)
	w.move(w.Param("dst").Base(), tmp, to)
	w.move(w.Param("rows"), tmp, rows)
	row, end := w.label("row"), w.label("end")
	r, q, count := w.GP64(), w.GP64(), w.GP64()
	w.Label(row)
	w.Comment("for range rows {")
	w.SUBQ(U8(1), rows)
	w.JL(LabelRef(end))
	w.MOVQ(from, r)
	w.MOVQ(to, q)
	w.loadLong("cols", count)
	for _, n := range w.set.widths {
		loop, next := w.label("loop"), w.label("next")
		step := func() {
			p.lanes = n
			for i := range p.x {
				p.x[i] = w.load(n, src(r, i))
			}
			p.result = func(i int, v reg.VecVirtual) {
				if adds {
					w.addIfAsked(n, v, dst(q, i))
				}
				w.save(n, v, dst(q, i))
			}
			body(p)
		}
		if n < 0 {
			w.TESTQ(count, count)
			w.JZ(LabelRef(next))
			w.selectRest(count)
			step()
			w.Label(next)
			continue
		}
		w.SUBQ(U8(n), count)
		w.JL(LabelRef(next))
		w.Label(loop)
		step()
		w.ADDQ(U8(4*n), r)
		w.ADDQ(U8(4*n), q)
		w.SUBQ(U8(n), count)
		w.JGE(LabelRef(loop))
		w.Label(next)
		w.ADDQ(U8(n), count)
	}
	w.advance("srcRow", from)
	w.advance("dstRow", to)
	w.JMP(LabelRef(row))
	w.Label(end)
	w.done()
}

// advance adds a number of elements, a parameter, to an address in memory.
func (w *writer) advance(param string, at Mem) {
	r := w.long(param)
	w.SHLQ(U8(2), r)
	w.ADDQ(r, at)
}

// steps returns the addresses p + i*step for i < n, where step is a parameter, in elements.
func (w *writer) steps(param string, n int) func(p reg.GPVirtual, i int) Mem {
	one := w.long(param)
	w.SHLQ(U8(2), one)
	odd := map[int]reg.GPVirtual{1: one}
	for i := 3; i < n; i += 2 {
		odd[i] = w.GP64()
		w.LEAQ(Mem{Base: odd[i-2], Index: one, Scale: 2}, odd[i])
	}
	return func(p reg.GPVirtual, i int) Mem {
		if i == 0 {
			return Mem{Base: p}
		}
		scale := uint8(1)
		for i%2 == 0 {
			i, scale = i/2, scale*2
		}
		return Mem{Base: p, Index: odd[i], Scale: scale}
	}
}

// addIfAsked adds what is in memory to v if the parameter add is set.
func (w *writer) addIfAsked(n lanes, v reg.VecVirtual, from Mem) {
	plain := w.label("plain")
	add, err := w.Param("add").Resolve()
	if err != nil {
		panic(err)
	}
	w.CMPB(add.Addr, U8(0))
	w.JE(LabelRef(plain))
	w.VADDPS(w.load(n, from), v, v)
	w.Label(plain)
}
