//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

//go:generate go run -C gen .

// raises lists what the levels above generic overwrite, as far as this machine has them, weakest first.
func raises() []func(*table) {
	var all []func(*table)
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		all = append(all, raiseAVX2)
		if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.BMI2) {
			all = append(all, raiseAVX512)
		}
	}
	return all
}
