//go:build cgo

package main

import (
	"fmt"
	"strings"

	"github.com/espalier-nas/espalier/kernels/bench/onednn"
	"github.com/espalier-nas/espalier/kernels/bench/openblas"
)

// peers returns the contestants that are not Go, and what each says of itself, or an error unless each uses the kernels
// that the comparison asks for: without that, OpenBLAS may take those of a CPU of 2004 and be five times slower.
func peers(c comparison) ([]contestant, []string, error) {
	if got := openblas.CoreName(); !strings.EqualFold(got, c.coreType) {
		return nil, nil, fmt.Errorf("OpenBLAS uses its kernels for %s, not for %s as OPENBLAS_CORETYPE asks, and so compares with nothing; "+
			"it must be a build for many CPUs (DYNAMIC_ARCH), such as Debian's libopenblas0-pthread", got, c.coreType)
	}
	isa := onednn.EffectiveISA()
	want, excess := onednn.AVX512, onednn.ISA(0)
	if c.maxISA != "" {
		want, excess = onednn.AVX2, onednn.AVX512&^onednn.AVX2
	}
	if isa&want != want || isa&excess != 0 {
		return nil, nil, fmt.Errorf("oneDNN uses the instruction set %#x, not %s, and so compares with nothing", isa, c.name)
	}
	if err := onednn.CheckRuntime(); err != nil {
		return nil, nil, err
	}
	about := []string{
		strings.Join(strings.Fields(openblas.Config()), " "),
		fmt.Sprintf("oneDNN %s, instruction set %#x", onednn.Version(), isa),
	}
	return []contestant{openBLAS(), oneDNNSgemm(), oneDNNMatmul(), oneDNNPacked()}, about, nil
}

func openBLAS() contestant {
	return contestant{name: nameOpenBLAS, foreign: true,
		prepare: func(o *operands, threads int) (entry, error) {
			openblas.SetThreads(threads)
			return entry{run: func(calls int) error {
				openblas.Gemm(calls, o.TransA, o.TransB, o.M, o.N, o.K, o.a, o.b, o.c)
				return nil
			}}, nil
		}}
}

func oneDNNSgemm() contestant {
	return contestant{name: nameOneDNNSgemm, foreign: true,
		prepare: func(o *operands, threads int) (entry, error) {
			onednn.SetThreads(threads)
			return entry{run: func(calls int) error {
				return onednn.Gemm(calls, o.TransA, o.TransB, o.M, o.N, o.K, o.a, o.b, o.c)
			}}, nil
		}}
}

func oneDNNMatmul() contestant {
	return contestant{name: nameOneDNNMatmul, foreign: true,
		prepare: func(o *operands, threads int) (entry, error) {
			onednn.SetThreads(threads)
			return primitive(o)(onednn.NewProduct(o.TransA, o.TransB, o.M, o.N, o.K))
		}}
}

func oneDNNPacked() contestant {
	return contestant{name: nameOneDNNPacked, foreign: true,
		takes: func(s shape, _ int) bool { return s.Weights },
		prepare: func(o *operands, threads int) (entry, error) {
			onednn.SetThreads(threads)
			return primitive(o)(onednn.Pack(o.TransA, o.TransB, o.M, o.N, o.K, o.b))
		}}
}

// primitive returns a function that makes an entry of a primitive.
func primitive(o *operands) func(*onednn.Product, error) (entry, error) {
	return func(p *onednn.Product, err error) (entry, error) {
		if err != nil {
			return entry{}, err
		}
		return entry{free: p.Free, run: func(calls int) error { return p.Gemm(calls, o.a, o.b, o.c) }}, nil
	}
}
