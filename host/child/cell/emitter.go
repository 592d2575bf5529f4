package cell

import (
	"slices"

	"github.com/espalier-nas/espalier/kernels"
)

// emitter writes a vector program. Its registers are vectors; each holds what was in a place when the program began,
// or a result. Results are stored at the end of the program, so that a place can be read until then.
type emitter struct {
	registers []register
	ops       []instruction
	loaded    map[place]int
	stores    []store
}

// instruction is a vector operation on registers.
type instruction struct {
	code  kernels.VectorCode
	add   bool
	dst   int
	reads []int
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

// op computes a new register.
func (e *emitter) op(code kernels.VectorCode, reads ...int) int {
	dst := e.register(register{})
	e.ops = append(e.ops, instruction{code: code, dst: dst, reads: reads})
	return dst
}

// accumulate adds a result to a register that op returned and nothing has read.
func (e *emitter) accumulate(dst int, code kernels.VectorCode, reads ...int) {
	e.ops = append(e.ops, instruction{code, true, dst, reads})
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
		e.ops = append(e.ops, instruction{code: kernels.VectorCopy, dst: to, reads: []int{s.register}})
	}
	if len(e.ops) == 0 {
		return nil
	}
	numbers, places, temporaries := e.number()
	ops := make([]kernels.VectorOp, len(e.ops))
	for i, in := range e.ops {
		ops[i] = kernels.VectorOp{Code: in.code, Add: in.add, Dst: numbers[in.dst]}
		for j, to := range []*int{&ops[i].A, &ops[i].B, &ops[i].C}[:len(in.reads)] {
			*to = numbers[in.reads[j]]
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
	first := slices.IndexFunc(e.ops, func(op instruction) bool { return op.dst == s.register })
	for _, op := range e.ops[first+1:] {
		if slices.Contains(op.reads, old) {
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
	for i, op := range e.ops {
		for _, r := range append([]int{op.dst}, op.reads...) {
			last[r] = i
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
		r := e.ops[i].dst
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
