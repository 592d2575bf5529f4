package cell

import "github.com/espalier-nas/espalier/kernels"

// variant is a graph with its vector programs, one for each stage and direction; a stage may have none.
type variant struct {
	*keeping
	forward, backward []*program

	adjoint  []bool // of each value: later stages pass gradients to it by way of memory
	passed   []bool // of each value: its gradient has an elementwise part before the products add theirs
	returned []bool // of each state of the step before: likewise
}

// codes are those of the elementwise operations.
var codes = map[operation]kernels.VectorCode{
	copied: kernels.VectorCopy, added: kernels.VectorAdd, multiplied: kernels.VectorMul, larger: kernels.VectorMax,
	oneMinus: kernels.VectorOneMinus, relu: kernels.VectorRelu, tanh: kernels.VectorTanh, sigmoid: kernels.VectorSigmoid,
	sine: kernels.VectorSin,
}

func derive(g *graph, inference bool) *variant {
	v := &variant{keeping: keep(g, inference)}
	for stage := range g.stages {
		v.forward = append(v.forward, v.compute(stage))
	}
	if inference {
		return v
	}
	v.adjoint, v.passed, v.returned = make([]bool, len(g.values)), make([]bool, len(g.values)), make([]bool, len(g.states))
	for _, from := range g.sources {
		v.adjoint[from] = g.values[from].elementwise()
	}
	v.backward = make([]*program, g.stages)
	for stage := g.stages - 1; stage >= 0; stage-- {
		v.backward[stage] = v.differentiate(stage)
	}
	return v
}

// compute returns the program that computes the elementwise values of a stage.
func (v *variant) compute(stage int) *program {
	e := newEmitter()
	f := forwardValues{v, e, map[int]int{}}
	for i := range v.values {
		if v.values[i].stage != stage {
			continue
		}
		if v.values[i].elementwise() {
			f.compute(i)
		}
		for _, p := range v.homes[i] {
			e.store(f.read(i), p)
		}
	}
	return e.program()
}

// forwardValues gives the values of a step to a program.
type forwardValues struct {
	*variant
	e     *emitter
	known map[int]int // registers of values
}

// read returns the register of a value, which is loaded if it is in memory and else computed.
func (f *forwardValues) read(v int) int {
	if r, ok := f.known[v]; ok {
		return r
	}
	value := &f.values[v]
	switch {
	case value.op == fromX:
		f.known[v] = f.e.load(place{atX, 0})
	case value.op == fromMask:
		f.known[v] = f.e.load(place{atMask, 0})
	case value.op == fromState:
		f.known[v] = f.e.load(place{atState, value.index})
	case value.op == fromSlot:
		f.known[v] = f.e.load(place{atSlot, value.index})
	case f.stored(v):
		f.known[v] = f.e.load(f.homes[v][0])
	default:
		f.compute(v)
	}
	return f.known[v]
}

// stored reports whether an elementwise value can be read from memory.
func (k *keeping) stored(v int) bool { return len(k.homes[v]) > 0 }

func (f *forwardValues) compute(v int) {
	value := &f.values[v]
	var reads []int
	for _, u := range value.in {
		reads = append(reads, f.read(u))
	}
	f.known[v] = f.e.op(codes[value.op], reads...)
}
