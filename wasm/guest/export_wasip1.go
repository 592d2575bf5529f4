package guest

import (
	"unsafe"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// inputs keeps what esp_alloc gave out alive until esp_free; answer keeps the
// last answer alive until the next call.
var (
	inputs [][]byte
	answer []byte
)

func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// find returns the position in inputs of what begins at ptr, or -1.
func find(ptr uint32) int {
	for i, b := range inputs {
		if address(b) == ptr {
			return i
		}
	}
	return -1
}

//go:wasmexport esp_abi
func espABI() uint32 { return spec.ABIMajor<<16 | spec.ABIMinor }

//go:wasmexport esp_alloc
func espAlloc(size uint32) uint32 {
	if size > wire.MaxBytes {
		return 0
	}
	b := make([]byte, max(size, 1))
	inputs = append(inputs, b)
	return address(b)
}

//go:wasmexport esp_free
func espFree(ptr, _ uint32) {
	if i := find(ptr); i >= 0 {
		last := len(inputs) - 1
		inputs[i], inputs[last] = inputs[last], nil
		inputs = inputs[:last]
	}
}

//go:wasmexport esp_call
func espCall(op, ptr, size uint32) uint64 {
	if i := find(ptr); i >= 0 && size <= uint32(len(inputs[i])) {
		answer = Call(int(op), inputs[i][:size])
	} else {
		answer = failure(&spec.Fault{Code: spec.CodeInternal, Msg: "the payload is not in memory that esp_alloc gave out", At: -1})
	}
	return uint64(address(answer))<<32 | uint64(len(answer))
}

//go:wasmimport esp log
func espLog(level int32, ptr unsafe.Pointer, size uint32)

// Log hands a message to the host.
func Log(level Level, msg string) {
	espLog(int32(level), unsafe.Pointer(unsafe.StringData(msg)), uint32(len(msg)))
}
