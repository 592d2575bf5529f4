//go:build cgo

// Package onednn calls the matrix products of oneDNN: its plain sgemm, and its matmul primitive with the second operand
// packed beforehand.
//
// The library must be built for OpenMP, which counts threads per calling thread: all calls must come from one.
package onednn

/*
#cgo CFLAGS: -fopenmp
#cgo LDFLAGS: -ldnnl -fopenmp
#include <omp.h>
#include "product.h"
*/
import "C"

import (
	"errors"
	"fmt"
)

// Version returns the version of the library that was loaded.
func Version() string {
	v := C.dnnl_version()
	return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch)
}

// CheckRuntime reports an error unless SetThreads governs the library.
func CheckRuntime() error {
	if C.dnnl_version().cpu_runtime != C.DNNL_RUNTIME_OMP {
		return errors.New("onednn: the library was not built for OpenMP, so its number of threads cannot be set; install a build that was, such as Debian's")
	}
	return nil
}

// An ISA is a set of instructions; one contains another if it has all of its bits.
type ISA uint

// The sets that comparisons ask for.
const (
	AVX2   ISA = C.dnnl_cpu_isa_avx2
	AVX512 ISA = C.dnnl_cpu_isa_avx512_core
)

// EffectiveISA returns the instructions that the library uses.
func EffectiveISA() ISA { return ISA(C.dnnl_get_effective_cpu_isa()) }

// SetThreads sets the number of threads of this thread's later calls.
func SetThreads(n int) { C.omp_set_num_threads(C.int(n)) }

// Gemm sets c (m, n) to op(a)*op(b), so many times: op(a) is (m, k), op(b) is (k, n), and op transposes if the flag
// says so. All are row-major and dense.
func Gemm(calls int, transA, transB bool, m, n, k int, a, b, c []float32) error {
	return check("sgemm", C.repeat_sgemm(C.int(calls), flag(transA), flag(transB), C.dnnl_dim_t(m), C.dnnl_dim_t(n), C.dnnl_dim_t(k),
		(*C.float)(&a[0]), (*C.float)(&b[0]), (*C.float)(&c[0])))
}

func flag(b bool) C.char {
	if b {
		return 'T'
	}
	return 'N'
}

// Packed is a product whose second operand is packed, for one number of threads.
type Packed struct{ p C.product }

// Pack packs op(b) for products of the size, with the number of threads that is set.
func Pack(transB bool, m, n, k int, b []float32) (*Packed, error) {
	p, trans := new(Packed), C.int(0)
	if transB {
		trans = 1
	}
	if err := check("matmul", C.product_new(&p.p, trans, C.dnnl_dim_t(m), C.dnnl_dim_t(n), C.dnnl_dim_t(k), (*C.float)(&b[0]))); err != nil {
		p.Free()
		return nil, err
	}
	return p, nil
}

// Gemm sets c to a*op(b), so many times.
func (p *Packed) Gemm(calls int, a, c []float32) error {
	return check("matmul", C.product_run(&p.p, C.int(calls), (*C.float)(&a[0]), (*C.float)(&c[0])))
}

// Free frees the packed operand.
func (p *Packed) Free() { C.product_free(&p.p) }

func check(what string, status C.dnnl_status_t) error {
	if status != C.dnnl_success {
		return fmt.Errorf("onednn: %s failed with status %d", what, status)
	}
	return nil
}
