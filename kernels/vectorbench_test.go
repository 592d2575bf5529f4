package kernels

import (
	"fmt"
	"testing"
)

// The elementwise part of NASCell (Zoph and Le 2017, the cell found on the Penn Treebank): eight leaves of the sums
// z, of which leaf 3 multiplies instead, and the tree above them. Operands are numbered as below.
const (
	nasZ  = iota      // the eight leaves' sums; of leaf 3, the part of x
	nasR  = nasZ + 8  // the part of h of leaf 3
	nasC  = nasR + 1  // c of the step before
	nasL  = nasC + 1  // the leaves
	nasN  = nasL + 8  // n8, n9, n10, n11
	nasI  = nasN + 4  // n8 after c has been injected
	nasC1 = nasI + 1  // c of this step, which is n12
	nasM  = nasC1 + 1 // n13
	nasH  = nasM + 1  // the output
	nasDH = nasH + 1  // gradients: of h
	nasDC = nasDH + 1 // of c of this step, then of the step before
	nasDZ = nasDC + 1 // of z
	nasDR = nasDZ + 8 // of the part of h of leaf 3
	nas   = nasDR + 1 // how many operands there are
	nasT  = nas       // temporaries
)

func nasForward() []VectorOp {
	leaf := [8]VectorCode{VectorSigmoid, VectorRelu, VectorSigmoid, VectorRelu, VectorTanh, VectorSigmoid, VectorTanh, VectorSigmoid}
	var ops []VectorOp
	do := func(code VectorCode, dst, a, b int) { ops = append(ops, VectorOp{Code: code, Dst: dst, A: a, B: b}) }
	for i, code := range leaf {
		from := nasZ + i
		if i == 3 {
			do(VectorMul, nasT, nasZ+3, nasR)
			from = nasT
		}
		do(code, nasL+i, from, 0)
	}
	do(VectorMul, nasT, nasL, nasL+1)
	do(VectorTanh, nasN, nasT, 0)
	do(VectorAdd, nasT, nasL+2, nasL+3)
	do(VectorTanh, nasN+1, nasT, 0)
	do(VectorMul, nasT, nasL+4, nasL+5)
	do(VectorTanh, nasN+2, nasT, 0)
	do(VectorAdd, nasT, nasL+6, nasL+7)
	do(VectorSigmoid, nasN+3, nasT, 0)
	do(VectorAdd, nasT, nasN, nasC)
	do(VectorTanh, nasI, nasT, 0)
	do(VectorMul, nasC1, nasI, nasN+1)
	do(VectorAdd, nasT, nasN+2, nasN+3)
	do(VectorTanh, nasM, nasT, 0)
	do(VectorMul, nasT, nasC1, nasM)
	do(VectorTanh, nasH, nasT, 0)
	return ops
}

func nasBackward() []VectorOp {
	var ops []VectorOp
	do := func(code VectorCode, dst, a, b int) { ops = append(ops, VectorOp{Code: code, Dst: dst, A: a, B: b}) }
	const g, d, e = nasT, nasT + 1, nasT + 2
	do(VectorTanhGrad, g, nasDH, nasH)
	do(VectorMul, d, g, nasC1) // of n13
	ops = append(ops, VectorOp{Code: VectorMul, Add: true, Dst: nasDC, A: g, B: nasM})
	do(VectorTanhGrad, d, d, nasM) // of n10 and n11
	do(VectorMul, e, nasDC, nasI)  // of n9
	do(VectorMul, g, nasDC, nasN+1)
	do(VectorTanhGrad, nasDC, g, nasI)
	do(VectorTanhGrad, g, nasDC, nasN) // of l0*l1
	do(VectorMul, nasDZ, g, nasL+1)
	do(VectorSigmoidGrad, nasDZ, nasDZ, nasL)
	do(VectorMul, nasDZ+1, g, nasL)
	do(VectorReluGrad, nasDZ+1, nasDZ+1, nasL+1)
	do(VectorTanhGrad, g, e, nasN+1) // of l2+l3
	do(VectorSigmoidGrad, nasDZ+2, g, nasL+2)
	do(VectorReluGrad, g, g, nasL+3)
	do(VectorMul, nasDZ+3, g, nasR)
	do(VectorMul, nasDR, g, nasZ+3)
	do(VectorTanhGrad, g, d, nasN+2) // of l4*l5
	do(VectorMul, nasDZ+4, g, nasL+5)
	do(VectorTanhGrad, nasDZ+4, nasDZ+4, nasL+4)
	do(VectorMul, nasDZ+5, g, nasL+4)
	do(VectorSigmoidGrad, nasDZ+5, nasDZ+5, nasL+5)
	do(VectorSigmoidGrad, g, d, nasN+3) // of l6+l7
	do(VectorTanhGrad, nasDZ+6, g, nasL+6)
	do(VectorSigmoidGrad, nasDZ+7, g, nasL+7)
	return ops
}

// nasOperands gives the cell's operands values: sums and tapes of gates lie side by side.
func nasOperands(rows, cols int) []Matrix {
	r := newRand()
	side := func(n int) []Matrix {
		x, all := make([]float32, rows*n*cols), make([]Matrix, n)
		for i := range x {
			x[i] = 4*r.Float32() - 2
		}
		for i := range all {
			all[i] = Matrix{x[i*cols:], n * cols}
		}
		return all
	}
	all := side(9)
	all = append(all, side(1)...)
	all = append(all, side(nasDH-nasL)...)
	all = append(all, side(1)...)
	all = append(all, side(1)...)
	return append(all, side(9)...)
}

func BenchmarkVectorNASCell(b *testing.B) {
	s := NewScratch()
	for _, size := range []struct{ rows, cols int }{{20, 200}, {20, 650}} {
		operands := nasOperands(size.rows, size.cols)
		forward := NewVectorProgram(nasForward(), nas, 1)
		backward := NewVectorProgram(nasBackward(), nas, 3)
		units := size.rows * size.cols
		for _, l := range Levels() {
			for _, p := range []struct {
				name string
				p    *VectorProgram
			}{{"forward", forward}, {"backward", backward}} {
				b.Run(fmt.Sprintf("%dx%d/%s/%s", size.rows, size.cols, p.name, l), func(b *testing.B) {
					restore, err := Use(l)
					if err != nil {
						b.Fatal(err)
					}
					defer restore()
					forward.Run(s, size.rows, size.cols, operands)
					for b.Loop() {
						p.p.Run(s, size.rows, size.cols, operands)
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(units), "ns/unit")
				})
			}
		}
	}
}
