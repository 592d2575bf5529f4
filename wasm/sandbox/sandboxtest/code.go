package sandboxtest

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Uleb writes an unsigned LEB128.
func Uleb(v uint64) []byte { return binary.AppendUvarint(nil, v) }

// Sleb writes a signed LEB128.
func Sleb(v int64) []byte {
	var b []byte
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// Name writes a string with its length before it.
func Name(s string) []byte { return append(Uleb(uint64(len(s))), s...) }

// Vec writes entries with their number before them.
func Vec(entries ...[]byte) []byte {
	return append(Uleb(uint64(len(entries))), bytes.Join(entries, nil)...)
}

// Section writes a section.
func Section(id byte, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	return append(append([]byte{id}, Uleb(uint64(len(data)))...), data...)
}

// Code joins instructions.
func Code(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// Op writes one instruction, or several without operands.
func Op(b ...byte) []byte { return b }

// I32 pushes a constant.
func I32(v int32) []byte { return append([]byte{0x41}, Sleb(int64(v))...) }

// I64 pushes a constant.
func I64(v int64) []byte { return append([]byte{0x42}, Sleb(v)...) }

// F64 pushes a constant.
func F64(v float64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{0x44}, math.Float64bits(v))
}

// Get pushes a parameter or local.
func Get(i int) []byte { return append([]byte{0x20}, Uleb(uint64(i))...) }

// Set pops a parameter or local.
func Set(i int) []byte { return append([]byte{0x21}, Uleb(uint64(i))...) }

// GetGlobal pushes a global.
func GetGlobal(i int) []byte { return append([]byte{0x23}, Uleb(uint64(i))...) }

// SetGlobal pops a global.
func SetGlobal(i int) []byte { return append([]byte{0x24}, Uleb(uint64(i))...) }

// Call calls a function by its index.
func Call(i int) []byte { return append([]byte{0x10}, Uleb(uint64(i))...) }

// Instructions without operands, and whole statements.
var (
	Unreachable = Op(0x00)
	Drop        = Op(0x1a)
	Return      = Op(0x0f)
	End         = Op(0x0b)
	If          = Op(0x04, 0x40) // without result
	Equal       = Op(0x46)       // i32.eq
	Add         = Op(0x6a)       // i32.add
	Grow        = Op(0x40, 0x00) // memory.grow
	Load8       = Op(0x2d, 0, 0) // i32.load8_u
	Store8      = Op(0x3a, 0, 0) // i32.store8
	// Forever is loop; br 0; end.
	Forever = Op(0x03, 0x40, 0x0c, 0x00, 0x0b)
)
