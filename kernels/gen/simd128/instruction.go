package simd128

import (
	"encoding/binary"
	"math"
	"slices"
)

// simd returns an instruction of 128-bit vectors after its operands.
func simd(number uint32, operands ...code) code {
	return slices.Concat(slices.Concat(operands...), code{0xfd}, unsigned(number))
}

func plain(number byte, operands ...code) code {
	return append(slices.Concat(operands...), number)
}

// memory returns the operands of a load or store at an offset; elements are aligned to 4 bytes.
func memory(offset int) code { return append(code{2}, unsigned(uint32(offset))...) }

// Loads, at an address and an offset in bytes.
func load(at code, offset int) code       { return append(simd(0, at), memory(offset)...) }
func loadSame(at code, offset int) code   { return append(simd(9, at), memory(offset)...) }
func loadFirst(at code, offset int) code  { return append(simd(92, at), memory(offset)...) }
func loadInt(at code, offset int) code    { return append(plain(0x28, at), memory(offset)...) }
func loadDouble(at code, offset int) code { return append(plain(0x2b, at), memory(offset)...) }

// loadByte loads an integer, loadLane one element of v.
func loadByte(at code) code { return append(plain(0x2d, at), 0, 0) }
func loadLane(at, v code, lane byte) code {
	return append(append(simd(86, at, v), memory(0)...), lane)
}

// Stores of a vector, of one of its elements, and of a single number.
func store(at code, offset int, v code) code { return append(simd(11, at, v), memory(offset)...) }
func storeLane(at code, offset int, v code, lane byte) code {
	return append(append(simd(90, at, v), memory(offset)...), lane)
}
func storeDouble(at code, offset int, v code) code {
	return append(plain(0x39, at, v), memory(offset)...)
}

// Integers.
func integer(v int) code           { return append(code{0x41}, signed(int32(v))...) }
func plus(x, y code) code          { return plain(0x6a, x, y) }
func minus(x, y code) code         { return plain(0x6b, x, y) }
func shifted(x code, by int) code  { return plain(0x74, x, integer(by)) }
func isZero(x code) code           { return plain(0x45, x) }
func equal(x, y code) code         { return plain(0x46, x, y) }
func greaterInt(x, y code) code    { return plain(0x4a, x, y) }
func notLessInt(x, y code) code    { return plain(0x4e, x, y) }
func choose(x, y, first code) code { return plain(0x1b, x, y, first) } // x if first is not 0, else y

// Single floats.
func float(v float32) code {
	return binary.LittleEndian.AppendUint32(code{0x43}, math.Float32bits(v))
}
func addFloat(x, y code) code  { return plain(0x92, x, y) }
func addDouble(x, y code) code { return plain(0xa0, x, y) }
func promote(x code) code      { return plain(0xbb, x) }

// Vectors of four floats.
func zero() code             { return slices.Concat(simd(12), make(code, 16)) }
func same(x code) code       { return simd(19, x) }
func add(x, y code) code     { return simd(228, x, y) }
func sub(x, y code) code     { return simd(229, x, y) }
func mul(x, y code) code     { return simd(230, x, y) }
func div(x, y code) code     { return simd(231, x, y) }
func negate(x code) code     { return simd(225, x) }
func root(x code) code       { return simd(227, x) }
func maximum(x, y code) code { return simd(233, x, y) } // NaN if one is

// Comparisons give all ones where they hold. None holds with NaN but unlike.
func unlike(x, y code) code   { return simd(66, x, y) }
func less(x, y code) code     { return simd(67, x, y) }
func greater(x, y code) code  { return simd(68, x, y) }
func notLess(x, y code) code  { return simd(70, x, y) }
func unlike64(x, y code) code { return simd(72, x, y) }

// Bits.
func and(x, y code) code        { return simd(78, x, y) }
func andNot(x, y code) code     { return simd(79, x, y) } // x without y's
func or(x, y code) code         { return simd(80, x, y) }
func xor(x, y code) code        { return simd(81, x, y) }
func pick(x, y, mask code) code { return simd(82, x, y, mask) } // x where mask has ones, y elsewhere

// Vectors of four integers.
func sameInt(x code) code          { return simd(17, x) }
func alikeInt(x, y code) code      { return simd(55, x, y) }
func addInt(x, y code) code        { return simd(174, x, y) }
func shiftInt(x code, by int) code { return simd(171, x, integer(by)) }
func floatOfInt(x code) code       { return simd(250, x) }
func widenBytes(x code) code       { return simd(169, simd(137, x)) } // the first four
func lane(x code, at byte) code    { return append(simd(31, x), at) }
func shuffle(x, y code, from [4]byte) code { // of x's and y's eight elements
	out := simd(13, x, y)
	for _, i := range from {
		out = append(out, 4*i, 4*i+1, 4*i+2, 4*i+3)
	}
	return out
}

// Vectors of two doubles.
func add64(x, y code) code { return simd(240, x, y) }
func sub64(x, y code) code { return simd(241, x, y) }
func mul64(x, y code) code { return simd(242, x, y) }
func narrow64(x code) code { return simd(94, x) } // the others are 0
func widenLow(x code) code { return simd(95, x) }

// floats returns copies of a constant.
func floats(v float32) code { return bits32(math.Float32bits(v)) }

func bits32(v uint32) code {
	out := simd(12)
	for range 4 {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	return out
}

func doubles(v float64) code {
	out := simd(12)
	for range 2 {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	}
	return out
}

// ramp returns 0, 1, 2, 3.
func ramp() code {
	out := simd(12)
	for i := range uint32(4) {
		out = binary.LittleEndian.AppendUint32(out, i)
	}
	return out
}
