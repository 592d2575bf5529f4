package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/kernels/bench/peak"
)

// A comparison lets everyone use the same instructions.
type comparison struct {
	name     string
	level    kernels.Level
	coreType string // OpenBLAS's word for a CPU with these instructions
	maxISA   string // oneDNN's word for them, empty if it need not be held back
	width    peak.Width
}

var comparisons = []comparison{
	{name: "AVX-512", level: kernels.AVX512, coreType: "SkylakeX", width: peak.Width512},
	{name: "AVX2", level: kernels.AVX2, coreType: "Haswell", maxISA: "AVX2", width: peak.Width256},
}

// governed are the beginnings of the variables that OpenBLAS, oneDNN and OpenMP read. What the user's shell
// sets for other programs does not reach the benchmark.
var governed = []string{"OPENBLAS_", "GOTO_", "OMP_", "GOMP_", "KMP_", "DNNL_", "ONEDNN_", kernels.EnvLevel + "="}

// environ returns the environment for a process that measures the comparison with up to so many threads: base without
// governed variables, and those that the comparison needs. How threads wait is left to each library.
func (c comparison) environ(base []string, threads int) []string {
	var env []string
	for _, v := range base {
		if !isGoverned(v) {
			env = append(env, v)
		}
	}
	n := strconv.Itoa(threads)
	env = append(env, kernels.EnvLevel+"="+string(c.level), "OPENBLAS_CORETYPE="+c.coreType, "OPENBLAS_NUM_THREADS="+n, "OMP_NUM_THREADS="+n)
	if c.maxISA != "" {
		env = append(env, "DNNL_MAX_CPU_ISA="+c.maxISA, "ONEDNN_MAX_CPU_ISA="+c.maxISA)
	}
	return env
}

func isGoverned(variable string) bool {
	return slices.ContainsFunc(governed, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
}

// here reports whether this CPU can run the comparison.
func (c comparison) here() bool {
	return slices.Contains(kernels.Levels(), c.level) && peak.Has(c.width)
}
