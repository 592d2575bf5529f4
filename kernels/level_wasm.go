//go:build js && simd128 && !purego

package kernels

//go:wasmimport simd128 ready
func simd128Ready() int32

// raises lists what the level above generic overwrites, if the program's loader found that its WebAssembly has 128-bit
// vectors.
func raises() []func(*table) {
	if simd128Ready() == 0 {
		return nil
	}
	return []func(*table){raiseSIMD128}
}
