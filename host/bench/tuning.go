package bench

import (
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/kernels"
)

// tuned are the variables that the peer is tuned with. Others of these
// families, as somebody's shell may set them, are taken away.
var tuned = []string{"OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "ATEN_CPU_CAPABILITY=", "ONEDNN_", "DNNL_"}

// Tuning is environ with PyTorch at its best on this machine: without
// OPENBLAS_CORETYPE, OpenBLAS takes newer processors for one with SSE3 only;
// its own threads fight with those of OpenMP. At the level avx2 of the kernels
// the peer is held to the same instructions; at lower ones it is not.
func Tuning(environ []string, levels []kernels.Level, active kernels.Level, threads int) []string {
	var env []string
	for _, v := range environ {
		if !slices.ContainsFunc(tuned, func(prefix string) bool { return strings.HasPrefix(v, prefix) }) {
			env = append(env, v)
		}
	}
	env = append(env, "OMP_NUM_THREADS="+strconv.Itoa(threads), "OPENBLAS_NUM_THREADS=1")
	switch {
	case active == kernels.AVX2:
		env = append(env, "OPENBLAS_CORETYPE=Haswell", "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "DNNL_MAX_CPU_ISA=AVX2")
	case slices.Contains(levels, kernels.AVX512):
		env = append(env, "OPENBLAS_CORETYPE=SkylakeX")
	case slices.Contains(levels, kernels.AVX2):
		env = append(env, "OPENBLAS_CORETYPE=Haswell")
	}
	return env
}
