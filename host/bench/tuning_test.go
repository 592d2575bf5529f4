package bench

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
)

func TestTuning(t *testing.T) {
	shell := []string{"PATH=bin", "OMP_WAIT_POLICY=passive", "OPENBLAS_CORETYPE=Prescott", "MKL_NUM_THREADS=9", "ATEN_CPU_CAPABILITY=default", "HOME=h"}
	avx2 := []kernels.Level{kernels.Generic, kernels.AVX2}
	for _, test := range []struct {
		levels []kernels.Level
		active kernels.Level
		want   string
	}{
		{append(slices.Clone(avx2), kernels.AVX512), kernels.AVX512, "OPENBLAS_CORETYPE=SkylakeX"},
		{append(slices.Clone(avx2), kernels.AVX512), kernels.Generic, "OPENBLAS_CORETYPE=SkylakeX"},
		{append(slices.Clone(avx2), kernels.AVX512), kernels.AVX2, "OPENBLAS_CORETYPE=Haswell ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2"},
		{avx2, kernels.AVX2, "OPENBLAS_CORETYPE=Haswell ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2"},
		{avx2, kernels.Generic, "OPENBLAS_CORETYPE=Haswell"},
		{[]kernels.Level{kernels.Generic, "neon"}, "neon", ""},
	} {
		want := strings.TrimSpace("PATH=bin HOME=h OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=1 " + test.want)
		if got := strings.Join(tuning(shell, test.levels, test.active, 2), " "); got != want {
			t.Errorf("%s of %v:\n%s\nwant\n%s", test.active, test.levels, got, want)
		}
	}
}

func TestSharing(t *testing.T) {
	env := []string{"OMP_NUM_THREADS=2", "OPENBLAS_NUM_THREADS=1", "OPENBLAS_CORETYPE=Haswell"}
	if got, want := strings.Join(sharing(env, 2), " "), "OMP_NUM_THREADS=2 OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=2 OMP_WAIT_POLICY=passive"; got != want || env[1] != "OPENBLAS_NUM_THREADS=1" {
		t.Errorf("%s from %v, want %s", got, env, want)
	}
}

func TestWide(t *testing.T) {
	env := []string{"OMP_NUM_THREADS=2"}
	if got := wide(env, kernels.AVX512); len(got) != 2 || got[1] != "ATEN_CPU_CAPABILITY=avx512" {
		t.Errorf("%v", got)
	}
	if got := wide(env, kernels.AVX2); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
