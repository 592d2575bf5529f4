package cell

import (
	"slices"

	"github.com/espalier-nas/espalier/kernels"
)

// emitter writes a vector program. Its registers are vectors; each holds what was in a place when the program began,
// or a result. Results are stored at the end of the program, so that a place can be read until then.
type emitter struct {
	registers []register
	ops       []kernels.VectorOp // of registers
	loaded    map[place]int
	stores    []store
}

// register is the vector at an operand's number, or a temporary.
type register struct {
	placed bool
	place  place
}

type store struct {
	register int
	place    place
}

// program is a vector program and the places of its operands.
type program struct {
	code   *kernels.VectorProgram
	places []place
}

func newEmitter() *emitter { return &emitter{loaded: map[place]int{}} }

// load returns the register of what is in p.
func (e *emitter) load(p place) int {
	r, ok := e.loaded[p]
	if !ok {
		r = e.register(register{true, p})
		e.loaded[p] = r
	}
	return r
}

func (e *emitter) register(r register) int {
	e.registers = append(e.registers, r)
	return len(e.registers) - 1
}

// op computes a new register; those that code does not read are 0.
func (e *emitter) op(code kernels.VectorCode, a, b, c int) int {
	dst := e.register(register{})
	e.ops = append(e.ops, kernels.VectorOp{Code: code, Dst: dst, A: a, B: b, C: c})
	return dst
}

// accumulate adds a result to a register that op returned and nothing has read.
func (e *emitter) accumulate(dst int, code kernels.VectorCode, a, b, c int) {
	e.ops = append(e.ops, kernels.VectorOp{Code: code, Add: true, Dst: dst, A: a, B: b, C: c})
}

// store leaves the last value of a register in p.
func (e *emitter) store(register int, p place) { e.stores = append(e.stores, store{register, p}) }

// program finishes the program; nil if there is nothing to do.
func (e *emitter) program() *program {
	for _, s := range e.stores {
		if r := &e.registers[s.register]; !r.placed && e.free(s) {
			*r = register{true, s.place}
			continue
		}
		to := e.register(register{true, s.place})
		e.ops = append(e.ops, kernels.VectorOp{Code: kernels.VectorCopy, Dst: to, A: s.register})
	}
	if len(e.ops) == 0 {
		return nil
	}
	numbers, places, temporaries := e.number()
	ops := slices.Clone(e.ops)
	for i := range ops {
		op := &ops[i]
		op.Dst, op.A = numbers[op.Dst], numbers[op.A]
		switch operands(op.Code) {
		case 1:
			op.B, op.C = 0, 0
		case 2:
			op.B, op.C = numbers[op.B], 0
		default:
			op.B, op.C = numbers[op.B], numbers[op.C]
		}
	}
	return &program{kernels.NewVectorProgram(ops, len(places), temporaries), places}
}

// free reports whether a register can be computed in the place where it is stored: nothing reads what was there after
// the operation that sets the register.
func (e *emitter) free(s store) bool {
	old, ok := e.loaded[s.place]
	if !ok {
		return true
	}
	first := slices.IndexFunc(e.ops, func(op kernels.VectorOp) bool { return op.Dst == s.register })
	for i := range e.ops[first+1:] {
		if slices.Contains(read(&e.ops[first+1+i]), old) {
			return false
		}
	}
	return !slices.ContainsFunc(e.stores, func(other store) bool { return other.register == old })
}

// number gives every register an operand's number: a place's, or that of a temporary which no other register
// needs meanwhile.
func (e *emitter) number() (numbers []int, places []place, temporaries int) {
	numbers, last := make([]int, len(e.registers)), make([]int, len(e.registers))
	for i := range numbers {
		numbers[i] = -1
	}
	for i := range e.ops {
		last[e.ops[i].Dst] = i
		for _, r := range read(&e.ops[i]) {
			last[r] = i
		}
	}
	for i := range e.ops {
		for _, r := range append(read(&e.ops[i]), e.ops[i].Dst) {
			if reg := &e.registers[r]; reg.placed && numbers[r] < 0 {
				if numbers[r] = slices.Index(places, reg.place); numbers[r] < 0 {
					numbers[r] = len(places)
					places = append(places, reg.place)
				}
			}
		}
	}
	var busy []int // until which operation a temporary is needed
	for i := range e.ops {
		r := e.ops[i].Dst
		if numbers[r] >= 0 {
			continue
		}
		at := slices.IndexFunc(busy, func(until int) bool { return until <= i })
		if at < 0 {
			at = len(busy)
			busy = append(busy, 0)
		}
		busy[at] = last[r]
		numbers[r] = len(places) + at
	}
	return numbers, places, len(busy)
}

// read returns the registers that an operation reads, but for the one that it adds to.
func read(op *kernels.VectorOp) []int {
	return []int{op.A, op.B, op.C}[:operands(op.Code)]
}

// operands returns how many operands a code reads.
func operands(c kernels.VectorCode) int {
	switch c {
	case kernels.VectorMaxGrad, kernels.VectorMaxGradSecond:
		return 3
	case kernels.VectorAdd, kernels.VectorMul, kernels.VectorMax, kernels.VectorReluGrad, kernels.VectorTanhGrad,
		kernels.VectorSigmoidGrad, kernels.VectorSinGrad:
		return 2
	}
	return 1
}
