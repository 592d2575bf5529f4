package main

import (
	"runtime"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/kernels/bench/peak"
)

// The names of the contestants, as they are in the table and in JSON.
const (
	nameEspalier       = "Espalier"
	nameEspalierPacked = "Espalier packed"
	nameOpenBLAS       = "OpenBLAS"
	nameOneDNNSgemm    = "oneDNN sgemm"
	nameOneDNNMatmul   = "oneDNN matmul"
	nameGonum          = "gonum"
	nameOneDNNPacked   = "oneDNN packed"
	namePeak           = "FMA peak"
)

// names lists the contestants that compute products.
var names = []string{nameEspalier, nameOpenBLAS, nameOneDNNSgemm, nameOneDNNMatmul, nameGonum, nameEspalierPacked, nameOneDNNPacked}

// A contestant computes products. Several are measured in turns.
type contestant struct {
	name  string
	takes func(s shape, threads int) bool // nil: everything
	// slow ones are measured in one round only.
	slow bool
	// foreign ones, which are not Go, are called on the process's first thread, to which their own threads belong.
	foreign bool
	// flop returns the operations of one call, where that is not a product.
	flop    func(threads int) float64
	prepare func(o *operands, threads int) (entry, error)
}

// entry is a contestant ready for one product.
type entry struct {
	run  func(calls int) error
	free func() // may be nil
}

// espalier is the product of package kernels.
func espalier() contestant {
	return contestant{name: nameEspalier,
		prepare: func(o *operands, threads int) (entry, error) {
			team, lda, ldb := kernels.NewTeam(threads), o.lda(), o.ldb()
			return entry{free: team.Close, run: func(calls int) error {
				for range calls {
					team.Gemm(o.TransA, o.TransB, o.M, o.N, o.K, 1, o.a, lda, o.b, ldb, 0, o.c, o.N)
				}
				return nil
			}}, nil
		}}
}

// espalierPacked is the product of package kernels with b packed beforehand.
func espalierPacked() contestant {
	return contestant{name: nameEspalierPacked,
		takes: func(s shape, _ int) bool { return s.Weights },
		prepare: func(o *operands, threads int) (entry, error) {
			team, lda := kernels.NewTeam(threads), o.lda()
			b := kernels.NewPacked(o.K, o.N)
			b.Set(o.TransB, o.b, o.ldb())
			return entry{free: team.Close, run: func(calls int) error {
				for range calls {
					team.GemmPacked(o.TransA, o.M, o.a, lda, b, 0, o.c, o.N, nil)
				}
				return nil
			}}, nil
		}}
}

// gonumLimit is the largest product that gonum is asked for, in operations: a thirtieth of a second's work.
const gonumLimit = 1 << 28

// gonumBLAS is gonum's implementation in Go, which takes as many threads as Go has.
func gonumBLAS() contestant {
	return contestant{name: nameGonum, slow: true,
		takes: func(s shape, _ int) bool { return s.flop() <= gonumLimit },
		prepare: func(o *operands, threads int) (entry, error) {
			var g gonum.Implementation
			return entry{run: func(calls int) error {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				for range calls {
					g.Sgemm(transpose(o.TransA), transpose(o.TransB), o.M, o.N, o.K, 1, o.a, o.lda(), o.b, o.ldb(), 0, o.c, o.N)
				}
				return nil
			}}, nil
		}}
}

func transpose(trans bool) blas.Transpose {
	if trans {
		return blas.Trans
	}
	return blas.NoTrans
}

// fmaPeak is the limit of the CPU, at the vector width that the comparison allows.
func fmaPeak(w peak.Width) contestant {
	return contestant{name: namePeak,
		flop: func(threads int) float64 { return peak.FLOP(w, threads) },
		prepare: func(_ *operands, threads int) (entry, error) {
			return entry{run: func(calls int) error {
				peak.Run(w, threads, calls)
				return nil
			}}, nil
		}}
}
