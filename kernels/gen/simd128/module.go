// Package simd128 writes the kernels of level simd128: a WebAssembly module with 128-bit vectors that works on the
// memory of a Go program, and the Go declarations of its functions. It is an assembler of its own for the few
// instructions they need, by the binary format of the WebAssembly core specification 2.0, chapter 5.
//
// A function is written as expressions: each Go function named after an instruction takes the code of its operands and
// returns the code that leaves the result on the stack. Variables are WebAssembly locals.
//
// Every function gives the bits of package kernels' generic level: the same operations in the same order, without
// fused multiplications, on four elements at a time.
package simd128

import "slices"

// code is WebAssembly instructions. An expression is code that leaves one value on the stack.
type code []byte

// value is the type of a value.
type value byte

const (
	i32  value = 0x7f
	f32  value = 0x7d
	f64  value = 0x7c
	v128 value = 0x7b
)

// unsigned returns v in LEB128.
func unsigned(v uint32) code {
	var out code
	for v >= 0x80 {
		out = append(out, byte(v)|0x80)
		v >>= 7
	}
	return append(out, byte(v))
}

// signed returns v in signed LEB128.
func signed(v int32) code {
	var out code
	for {
		b := byte(v) & 0x7f
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

// vec returns a vector of the format: the number of its items, then the items.
func vec(items ...code) code { return append(unsigned(uint32(len(items))), slices.Concat(items...)...) }

func name(s string) code { return append(unsigned(uint32(len(s))), s...) }

func section(id byte, body code) code {
	return slices.Concat(code{id}, unsigned(uint32(len(body))), body)
}

func types(list []value) code {
	out := unsigned(uint32(len(list)))
	for _, v := range list {
		out = append(out, byte(v))
	}
	return out
}

// signature returns the type of a function.
func (f *function) signature() code {
	return slices.Concat(code{0x60}, types(f.params), types(f.results))
}

// The sections of a module, and other numbers of the format.
const (
	typeSection     = 1
	importSection   = 2
	functionSection = 3
	tableSection    = 4
	globalSection   = 6
	exportSection   = 7
	startSection    = 8
	elementSection  = 9
	codeSection     = 10

	functionKind = 0
	tableKind    = 1
	memoryKind   = 2
	globalKind   = 3

	functionReference = 0x70
	mutable           = 1
)

var header = code("\x00asm\x01\x00\x00\x00")

// signatures returns the distinct types of functions, and the index of each function's.
func signatures(all []*function) (distinct []code, of []uint32) {
	for _, f := range all {
		s := f.signature()
		at := slices.IndexFunc(distinct, func(d code) bool { return slices.Equal(d, s) })
		if at < 0 {
			at = len(distinct)
			distinct = append(distinct, s)
		}
		of = append(of, uint32(at))
	}
	return distinct, of
}

func indices(all []uint32) code {
	var items []code
	for _, i := range all {
		items = append(items, unsigned(i))
	}
	return vec(items...)
}

// trampoline returns the module that exists before the Go program does: a function for each of all that calls the one
// in the same place of a table, which the kernels fill as soon as there is a memory, the table, and a number, ready, which
// is 0 until then.
func trampoline(all []*function) []byte {
	distinct, of := signatures(all)
	ready := &function{results: []value{i32}}
	at := slices.IndexFunc(distinct, func(d code) bool { return slices.Equal(d, ready.signature()) })
	if at < 0 {
		at = len(distinct)
		distinct = append(distinct, ready.signature())
	}
	var bodies []code
	exports := []code{
		slices.Concat(name("table"), code{tableKind, 0}),
		slices.Concat(name("level"), code{globalKind, 0}),
	}
	for i, f := range all {
		var b code
		for p := range f.params {
			b = append(b, local(p).get()...)
		}
		b = slices.Concat(b, integer(i), code{0x11}, unsigned(of[i]), code{0})
		bodies = append(bodies, body(nil, b))
		exports = append(exports, slices.Concat(name(f.name), code{functionKind}, unsigned(uint32(i))))
	}
	bodies = append(bodies, body(nil, code{0x23, 0}))
	exports = append(exports, slices.Concat(name("ready"), code{functionKind}, unsigned(uint32(len(all)))))
	size := unsigned(uint32(len(all)))
	return slices.Concat(header,
		section(typeSection, vec(distinct...)),
		section(functionSection, indices(append(of, uint32(at)))),
		section(tableSection, vec(slices.Concat(code{functionReference, 1}, size, size))),
		section(globalSection, vec(slices.Concat(code{byte(i32), mutable}, integer(0), code{0x0b}))),
		section(exportSection, vec(exports...)),
		section(codeSection, vec(bodies...)))
}

// kernels returns the module that fills the trampoline's table with the public functions, and then sets its level
// to 1. The private ones come first.
func kernels(public, private []*function) []byte {
	start := &function{code: slices.Concat(integer(1), code{0x24, 0})}
	all := slices.Concat(private, public, []*function{start})
	distinct, of := signatures(all)
	var bodies []code
	for _, f := range all {
		bodies = append(bodies, body(f.locals, f.code))
	}
	var filled []code
	for i := range public {
		filled = append(filled, unsigned(uint32(len(private)+i)))
	}
	return slices.Concat(header,
		section(typeSection, vec(distinct...)),
		section(importSection, vec(
			slices.Concat(name("go"), name("mem"), code{memoryKind, 0}, unsigned(0)),
			slices.Concat(name("trampoline"), name("table"), code{tableKind, functionReference, 0}, unsigned(uint32(len(public)))),
			slices.Concat(name("trampoline"), name("level"), code{globalKind, byte(i32), mutable}))),
		section(functionSection, indices(of)),
		section(startSection, unsigned(uint32(len(all)-1))),
		section(elementSection, vec(slices.Concat(unsigned(0), integer(0), code{0x0b}, vec(filled...)))),
		section(codeSection, vec(bodies...)))
}

// body returns a function's entry in the code section.
func body(locals []value, c code) code {
	var groups []code
	for i := 0; i < len(locals); {
		n := i + 1
		for n < len(locals) && locals[n] == locals[i] {
			n++
		}
		groups = append(groups, append(unsigned(uint32(n-i)), byte(locals[i])))
		i = n
	}
	b := slices.Concat(vec(groups...), c, code{0x0b})
	return append(unsigned(uint32(len(b))), b...)
}
