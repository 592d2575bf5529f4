package peak

import "github.com/klauspost/cpuid/v2"

// Has reports whether this CPU has vectors of the width.
func Has(w Width) bool {
	if w == Width512 {
		return cpuid.CPU.Supports(cpuid.AVX512F)
	}
	return cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3)
}

// multiplyAdd256 goes n times around a loop of one multiply-add for each accumulator.
//
//go:noescape
func multiplyAdd256(n int)

// multiplyAdd512 is multiplyAdd256 with registers twice as long.
//
//go:noescape
func multiplyAdd512(n int)
