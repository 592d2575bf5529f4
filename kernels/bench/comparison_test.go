package main

import (
	"slices"
	"testing"
)

func TestEnviron(t *testing.T) {
	base := []string{"PATH=/bin", "OPENBLAS_CORETYPE=Prescott", "OMP_WAIT_POLICY=active", "GOMP_SPINCOUNT=1",
		"ONEDNN_VERBOSE=1", "ESPALIER_KERNELS=generic", "ESPALIER_DATA=/d"}
	common := []string{"PATH=/bin", "ESPALIER_DATA=/d"}
	want := map[string][]string{
		"avx512": append(slices.Clone(common), "ESPALIER_KERNELS=avx512", "OPENBLAS_CORETYPE=SkylakeX", "OPENBLAS_NUM_THREADS=2", "OMP_NUM_THREADS=2"),
		"avx2": append(slices.Clone(common), "ESPALIER_KERNELS=avx2", "OPENBLAS_CORETYPE=Haswell", "OPENBLAS_NUM_THREADS=2", "OMP_NUM_THREADS=2",
			"DNNL_MAX_CPU_ISA=AVX2", "ONEDNN_MAX_CPU_ISA=AVX2"),
	}
	for _, c := range comparisons {
		if got := c.environ(base, 2); !slices.Equal(got, want[string(c.level)]) {
			t.Errorf("%s: %q, want %q", c.name, got, want[string(c.level)])
		}
		delete(want, string(c.level))
	}
	if len(want) > 0 {
		t.Errorf("no comparison for %v", want)
	}
}
