package main

import (
	"fmt"
	"math"

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
		w.transform(fmt.Sprintf("winogradInput%d", n), n, n, false, func(p *stage) { p.input(points.pairs) })
		for _, m := range points.sizes {
			w.transform(fmt.Sprintf("winogradFilter%dx%d", n, m), m, n, false, func(p *stage) { p.filter(points.pairs) })
			w.transform(fmt.Sprintf("winogradOutput%dx%d", n, m), n, m, true, func(p *stage) { p.output(points.pairs, m) })
		}
	}
}

// stage is one vector of elements on its way through a transform.
type stage struct {
	*writer
	lanes  lanes
	x      []reg.VecVirtual              // in
	result func(i int, v reg.VecVirtual) // out
}

// input maps values at places 0 to n-1 to points: x_i becomes the sum over k of the coefficients of M_i, the product of
// (t - b) over all points b other than i. M_a and M_-a are t (t±a) Q(t²), where Q is the product of (t² - b²) over the other pairs.
func (p *stage) input(pairs []float64) {
	n := len(p.x)
	all := polynomial(pairs)
	p.result(0, p.sum(p.x[0:n-1], every(2, all)))
	for i, a := range pairs {
		q := every(2, polynomial(without(pairs, i)))
		even, odd := p.sum(p.x[2:n-1], q), p.sum(p.x[1:n-2], q)
		p.both(1+2*i, even, odd, a)
	}
	p.result(n-1, p.sum(p.x[1:], every(2, all)))
}

// filter maps the coefficients of g to g(a)/M_a(a) at all points a, and the last one at infinity.
func (p *stage) filter(pairs []float64) {
	r := len(p.x)
	p.result(0, p.sum(p.x[:1], []float64{1 / polynomial(pairs)[0]}))
	for i, a := range pairs {
		scale := 2 * a * a
		for _, b := range without(pairs, i) {
			scale *= a*a - b*b
		}
		c := make([]float64, r)
		for k := range c {
			c[k] = math.Pow(a, float64(k)) / scale
		}
		even, odd := p.sum(p.x, masked(c, 0)), p.sum(p.x, masked(c, 1))
		p.both(1+2*i, even, odd, 1)
	}
	last := 2*len(pairs) + 1
	p.result(last, p.sum(p.x[r-1:], []float64{1}))
}

// output maps values at points to places: place j gets the sum over the points a of a^j x_a; the last place also
// gets that at infinity.
func (p *stage) output(pairs []float64, m int) {
	n := len(p.x)
	sums, differences := make([]reg.VecVirtual, len(pairs)), make([]reg.VecVirtual, len(pairs))
	for i := range pairs {
		sums[i], differences[i] = p.add(p.x[1+2*i], p.x[2+2*i]), p.subtract(p.x[1+2*i], p.x[2+2*i])
	}
	for j := range m {
		from, c := sums, make([]float64, len(pairs))
		if j%2 == 1 {
			from = differences
		}
		for i, a := range pairs {
			c[i] = math.Pow(a, float64(j))
		}
		v := p.sum(from, c)
		if j == 0 {
			v = p.add(v, p.x[0])
		}
		if j == m-1 {
			v = p.add(v, p.x[n-1])
		}
		p.result(j, v)
	}
}

// polynomial returns the coefficients of the product of (t² - b²) for b in pairs, lowest first, odd ones left out.
func polynomial(pairs []float64) []float64 {
	c := []float64{1}
	for _, b := range pairs {
		next := make([]float64, len(c)+1)
		for k, v := range c {
			next[k] -= b * b * v
			next[k+1] += v
		}
		c = next
	}
	return c
}

// every returns c with step-1 zeros between its elements.
func every(step int, c []float64) []float64 {
	out := make([]float64, (len(c)-1)*step+1)
	for k, v := range c {
		out[k*step] = v
	}
	return out
}

func without(pairs []float64, i int) []float64 {
	return append(append([]float64(nil), pairs[:i]...), pairs[i+1:]...)
}

// masked returns c with 0 at all but the places with that remainder modulo 2.
func masked(c []float64, remainder int) []float64 {
	out := make([]float64, len(c))
	for k := remainder; k < len(c); k += 2 {
		out[k] = c[k]
	}
	return out
}

// both gives even + a*odd to result i and even - a*odd to the next.
func (p *stage) both(i int, even, odd reg.VecVirtual, a float64) {
	if a == 1 {
		p.result(i, p.add(even, odd))
		p.result(i+1, p.subtract(even, odd))
		return
	}
	plus, c := p.vector(), p.constant(a)
	p.VMOVAPS(even, plus)
	p.VFMADD231PS(c, odd, plus)
	p.VFNMADD231PS(c, odd, even)
	p.result(i, plus)
	p.result(i+1, even)
}

// sum returns the sum of c[k]*x[k], the last one first; zeros are left out.
func (p *stage) sum(x []reg.VecVirtual, c []float64) reg.VecVirtual {
	var v reg.VecVirtual
	for k := len(c) - 1; k >= 0; k-- {
		switch {
		case c[k] == 0:
		case v == nil && c[k] == 1:
			v = p.vector()
			p.VMOVAPS(x[k], v)
		case v == nil:
			v = p.vector()
			p.VMULPS(p.constant(c[k]), x[k], v)
		case c[k] == 1:
			p.VADDPS(x[k], v, v)
		default:
			p.VFMADD231PS(p.constant(c[k]), x[k], v)
		}
	}
	return v
}

func (p *stage) add(x, y reg.VecVirtual) reg.VecVirtual {
	v := p.vector()
	p.VADDPS(x, y, v)
	return v
}

func (p *stage) subtract(x, y reg.VecVirtual) reg.VecVirtual {
	v := p.vector()
	p.VSUBPS(y, x, v)
	return v
}

func (p *stage) vector() reg.VecVirtual { return p.vec(p.lanes) }

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
