package meter

import (
	"encoding/binary"

	wasm "github.com/espalier-nas/espalier/wasm/binary"
)

// Instructions that the charges need beside those of package binary.
const (
	end        = 0x0b
	i32Ne      = 0x47
	i64LtS     = 0x53
	i32Sub     = 0x6b
	i64Add     = 0x7c
	i64Sub     = 0x7d
	i64Shl     = 0x86
	i64ShrU    = 0x88
	i64ExtendU = 0xad // of an i32
	empty      = 0x40 // a block without type
)

// Work that is paid for by its length. A byte costs an eighth, since engines
// move at least eight of them in the time of an instruction; a table's entry
// and each eight bytes of new memory cost one.
const (
	bytesShift = 3
	pageShift  = 13 // 64 KiB, in units of eight bytes
)

// charge appends the code that charges for a point. It leaves the stack as it
// is; local is the index of the scratch local.
func (w *writer) charge(out []byte, p point, local uint64) []byte {
	switch p.what {
	case block:
		out = w.get(out, w.fuel)
		out = constant(out, p.cost)
	case ofBytes, ofEntries:
		out = index(out, wasm.OpLocalTee, local)
		out = w.get(out, w.fuel)
		out = append(index(out, wasm.OpLocalGet, local), i64ExtendU)
		if p.what == ofBytes {
			out = append(constant(out, bytesShift), i64ShrU)
		}
	case grownMemory, grownTable:
		out = w.growth(out, p, local)
	}
	out = append(out, i64Sub)
	out = w.set(out, w.fuel)
	out = w.check(out)
	if p.what == grownMemory || p.what == grownTable {
		out = index(out, wasm.OpLocalGet, local)
	}
	return out
}

// growth takes the old size off the stack and pushes fuel and what the growth
// costs: nothing if it failed, which is an old size of -1.
func (w *writer) growth(out []byte, p point, local uint64) []byte {
	out = index(out, wasm.OpLocalSet, local)
	out = w.get(out, w.fuel)
	if p.what == grownMemory {
		out = append(out, wasm.OpMemorySize, 0)
	} else {
		out = append(out, 0xfc)
		out = index(out, wasm.OpTableSize&0xff, uint64(p.index))
	}
	out = append(index(out, wasm.OpLocalGet, local), i32Sub)
	out = append(out, wasm.OpI32Const, 0)
	out = index(out, wasm.OpLocalGet, local)
	out = append(out, wasm.OpI32Const, 0x7f, i32Ne, wasm.OpSelect, i64ExtendU)
	if p.what == grownMemory {
		out = append(constant(out, pageShift), i64Shl)
	}
	return out
}

// check appends what follows a charge: if fuel is negative, refuel.
func (w *writer) check(out []byte) []byte {
	out = w.get(out, w.fuel)
	out = append(constant(out, 0), i64LtS, wasm.OpIf, empty)
	return append(index(out, wasm.OpCall, w.refuel), end)
}

// refuelling returns the contents of the function that a check calls:
//
//	if stop { unreachable }
//	more = min(Slice - fuel, reserve)
//	fuel += more
//	reserve -= more
//	if fuel < 0 { unreachable }
func (w *writer) refuelling() []byte {
	const more = 0
	reserve, stop := w.fuel+1, w.fuel+2
	out := []byte{1, 1, byte(wasm.I64)} // one local
	trap := []byte{wasm.OpIf, empty, wasm.OpUnreachable, end}
	out = append(w.get(out, stop), trap...)
	out = append(w.get(constant(out, Slice), w.fuel), i64Sub)
	out = w.get(index(out, wasm.OpLocalTee, more), reserve)
	out = w.get(index(out, wasm.OpLocalGet, more), reserve)
	out = index(append(out, i64LtS, wasm.OpSelect), wasm.OpLocalSet, more)
	out = index(w.get(out, w.fuel), wasm.OpLocalGet, more)
	out = w.set(append(out, i64Add), w.fuel)
	out = index(w.get(out, reserve), wasm.OpLocalGet, more)
	out = w.set(append(out, i64Sub), reserve)
	out = append(constant(w.get(out, w.fuel), 0), i64LtS)
	return append(append(out, trap...), end)
}

func (w *writer) get(out []byte, global uint64) []byte {
	return index(out, wasm.OpGlobalGet, global)
}

func (w *writer) set(out []byte, global uint64) []byte {
	return index(out, wasm.OpGlobalSet, global)
}

// constant appends i64.const.
func constant(out []byte, v int64) []byte {
	return wasm.AppendSigned(append(out, wasm.OpI64Const), v)
}

// index appends an instruction with an index.
func index(out []byte, op byte, i uint64) []byte {
	return binary.AppendUvarint(append(out, op), i)
}
