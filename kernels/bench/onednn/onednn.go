//go:build cgo

// Package onednn calls the matrix products of oneDNN: its function sgemm, and its matmul primitive, which may have its
// second operand packed beforehand.
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
		return errors.New("onednn: the library was not built for OpenMP, so its number of threads cannot be set; " +
			"install a build that was, such as Debian's")
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
	return check("sgemm", C.repeat_sgemm(C.int(calls), flag(transA), flag(transB),
		C.dnnl_dim_t(m), C.dnnl_dim_t(n), C.dnnl_dim_t(k), (*C.float)(&a[0]), (*C.float)(&b[0]), (*C.float)(&c[0])))
}

func flag(b bool) C.char {
	if b {
		return 'T'
	}
	return 'N'
}

// Product is a matmul primitive for one size and one number of threads.
type Product struct{ p C.product }

// NewProduct makes a primitive for products as those of Gemm, with the number of threads that is set.
func NewProduct(transA, transB bool, m, n, k int) (*Product, error) {
	return newProduct(transA, transB, m, n, k, nil)
}

// Pack makes a primitive that keeps a packed copy of b.
func Pack(transA, transB bool, m, n, k int, b []float32) (*Product, error) {
	return newProduct(transA, transB, m, n, k, (*C.float)(&b[0]))
}

func newProduct(transA, transB bool, m, n, k int, b *C.float) (*Product, error) {
	p := new(Product)
	if err := check("matmul", C.product_new(&p.p, truth(transA), truth(transB), C.dnnl_dim_t(m), C.dnnl_dim_t(n), C.dnnl_dim_t(k), b)); err != nil {
		p.Free()
		return nil, err
	}
	return p, nil
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// Gemm sets c to op(a)*op(b), so many times. If b was packed, the packed copy counts.
func (p *Product) Gemm(calls int, a, b, c []float32) error {
	return check("matmul", C.product_run(&p.p, C.int(calls), (*C.float)(&a[0]), (*C.float)(&b[0]), (*C.float)(&c[0])))
}

// Free frees the primitive.
func (p *Product) Free() { C.product_free(&p.p) }

func check(what string, status C.dnnl_status_t) error {
	if status != C.dnnl_success {
		return fmt.Errorf("onednn: %s failed with status %d", what, status)
	}
	return nil
}
