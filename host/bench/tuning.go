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

// wide is env, made by tuning, with PyTorch's elementwise operations at the level
// avx512, too, which it does not take by itself.
func wide(env []string, active kernels.Level) []string {
	if active != kernels.AVX512 {
		return env
	}
	return append(slices.Clone(env), "ATEN_CPU_CAPABILITY=avx512")
}

// sharing is env, made by tuning for several threads, with OpenBLAS sharing a
// product among so many threads of its own, for which those of OpenMP have to go
// to sleep at once when they wait. What a program gains and loses by that depends
// on its products.
func sharing(env []string, threads int) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, "OPENBLAS_NUM_THREADS=") })
	return append(env, "OPENBLAS_NUM_THREADS="+strconv.Itoa(threads), "OMP_WAIT_POLICY=passive")
}

// tuning is environ with PyTorch at its best on this machine: without
// OPENBLAS_CORETYPE, OpenBLAS takes newer processors for one with SSE3 only;
// its own threads fight with those of OpenMP. At the level avx2 of the kernels
// the peer is held to the same instructions; at lower ones it is not.
func tuning(environ []string, levels []kernels.Level, active kernels.Level, threads int) []string {
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
