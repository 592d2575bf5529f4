//go:build cgo

// Package openblas calls the matrix product of OpenBLAS.
//
// OpenBLAS picks its kernels when it is loaded, so the variables that tune it must be set before the process starts.
// The thread that calls it takes part in the work.
package openblas

/*
#cgo LDFLAGS: -lopenblas
#include <cblas.h>

static void repeat_sgemm(int calls, int trans_a, int trans_b, int m, int n, int k,
		const float *a, int lda, const float *b, int ldb, float *c, int ldc) {
	for (int i = 0; i < calls; i++) {
		cblas_sgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans, trans_b ? CblasTrans : CblasNoTrans,
			m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
	}
}
*/
import "C"

// CoreName returns the CPU whose kernels OpenBLAS uses, as it spells it.
func CoreName() string { return C.GoString(C.openblas_get_corename()) }

// Config returns what OpenBLAS says of itself: version, options, CPU.
func Config() string { return C.GoString(C.openblas_get_config()) }

// SetThreads sets the number of threads of later calls.
func SetThreads(n int) { C.openblas_set_num_threads(C.int(n)) }

// Gemm sets c (m, n) to op(a)*op(b), so many times: op(a) is (m, k), op(b) is (k, n), and op transposes if the flag
// says so. All are row-major and dense.
func Gemm(calls int, transA, transB bool, m, n, k int, a, b, c []float32) {
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	C.repeat_sgemm(C.int(calls), flag(transA), flag(transB), C.int(m), C.int(n), C.int(k),
		(*C.float)(&a[0]), C.int(lda), (*C.float)(&b[0]), C.int(ldb), (*C.float)(&c[0]), C.int(n))
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
