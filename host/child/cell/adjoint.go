package cell

import (
	"slices"

	"github.com/espalier-nas/espalier/kernels"
)

// adjoints differentiates the elementwise values of a stage in reverse. A gradient is a sum of terms.
type adjoints struct {
	forwardValues
	stage int
	terms [][]term // of each value
}

// term is a register or, if it reads registers, an operation that is still to be written.
type term struct {
	register int
	code     kernels.VectorCode
	reads    []int
}

// differentiate returns the program that computes the gradients of a stage's slots, of the states of the step before, and of
// values of earlier stages. Later stages are differentiated before.
func (v *variant) differentiate(stage int) *program {
	e := newEmitter()
	d := adjoints{forwardValues{v, e, map[int]int{}}, stage, make([][]term, len(v.values))}
	for i := len(v.values) - 1; i >= 0; i-- {
		if v.values[i].stage != stage {
			continue
		}
		d.receive(i)
		if v.values[i].elementwise() {
			d.passOn(i, d.sum(i))
		}
	}
	for i := range v.values {
		if len(d.terms[i]) > 0 {
			d.leave(i)
		}
	}
	return e.program()
}

// receive adds the terms of a value's gradient that are in memory.
func (d *adjoints) receive(v int) {
	for _, s := range d.stateOf(v) {
		if d.isRead(d.states[s]) {
			d.add(v, term{register: d.e.load(place{atDNext, s})})
		}
	}
	if d.next[d.output] == v {
		d.add(v, term{register: d.e.load(place{atDY, 0})})
	}
	if d.adjoint[v] {
		d.add(v, term{register: d.e.load(place{atAdjoint, v})})
	}
}

// isRead reports whether anything reads a value.
func (g *graph) isRead(v int) bool {
	return slices.Contains(g.sources, v) || slices.ContainsFunc(g.values, func(w value) bool { return slices.Contains(w.in, v) })
}

func (d *adjoints) add(v int, t term) { d.terms[v] = append(d.terms[v], t) }

// passOn adds to the gradients of v's operands what dv, the gradient of v, gives.
func (d *adjoints) passOn(v, dv int) {
	value := &d.values[v]
	in := value.in
	pass := func(i int, code kernels.VectorCode, reads ...int) {
		d.add(in[i], term{code: code, reads: append([]int{dv}, reads...)})
	}
	switch value.op {
	case copied, added:
		for _, u := range in {
			d.add(u, term{register: dv})
		}
	case multiplied:
		a, b := d.read(in[0]), d.read(in[1])
		pass(0, kernels.VectorMul, b)
		pass(1, kernels.VectorMul, a)
	case larger:
		a, b := d.read(in[0]), d.read(in[1])
		pass(0, kernels.VectorMaxGrad, a, b)
		pass(1, kernels.VectorMaxGradSecond, a, b)
	case oneMinus:
		pass(0, kernels.VectorNegate)
	case relu:
		sign := in[0]
		if d.stored(v) {
			sign = v
		}
		pass(0, kernels.VectorReluGrad, d.read(sign))
	case tanh:
		pass(0, kernels.VectorTanhGrad, d.read(v))
	case sigmoid:
		pass(0, kernels.VectorSigmoidGrad, d.read(v))
	case sine:
		pass(0, kernels.VectorSinGrad, d.read(in[0]))
	}
}

// sum returns the register of a value's gradient, and leaves it without terms.
func (d *adjoints) sum(v int) int {
	total, own := -1, false
	for _, t := range d.terms[v] {
		switch {
		case t.reads == nil:
		case own:
			d.e.accumulate(total, t.code, t.reads...)
		default:
			total, own = d.e.op(t.code, t.reads...), true
		}
	}
	for _, t := range d.terms[v] {
		switch {
		case t.reads != nil:
		case total < 0:
			total = t.register
		default:
			total = d.e.op(kernels.VectorAdd, total, t.register)
		}
	}
	d.terms[v] = nil
	return total
}

// leave stores the gradient of a value that another stage or step, or a product, goes on with.
func (d *adjoints) leave(v int) {
	value := &d.values[v]
	var to place
	sofar := false // the place has a part of the gradient
	switch {
	case value.op == fromMask:
		return
	case value.op == fromX:
		to, sofar = place{atDX, 0}, true
	case value.op == fromState:
		to, sofar = place{atDState, value.index}, d.returned[value.index]
		d.returned[value.index] = true
	case value.op == fromSlot && value.stage == d.stage:
		to = place{atSlot, value.index}
	default:
		to, sofar = place{atAdjoint, v}, d.passed[v]
		d.adjoint[v], d.passed[v] = true, true
	}
	if sofar {
		d.add(v, term{register: d.e.load(to)})
	}
	d.e.store(d.sum(v), to)
}
