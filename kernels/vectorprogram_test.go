package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// vectorValue is what a code computes of one element, in float64.
func vectorValue(code VectorCode, a, b, c float64) float64 {
	pick := func(holds bool) float64 {
		if holds {
			return a
		}
		return 0
	}
	switch code {
	case VectorCopy:
		return a
	case VectorNegate:
		return -a
	case VectorOneMinus:
		return 1 - a
	case VectorAdd:
		return a + b
	case VectorMul:
		return a * b
	case VectorMax:
		return max(a, b)
	case VectorRelu:
		return max(a, 0)
	case VectorTanh:
		return math.Tanh(a)
	case VectorSigmoid:
		return 1 / (1 + math.Exp(-a))
	case VectorSin:
		return math.Sin(a)
	case VectorReluGrad:
		return pick(b > 0)
	case VectorTanhGrad:
		return a * (1 - b*b)
	case VectorSigmoidGrad:
		return a * (b * (1 - b))
	case VectorSinGrad:
		return a * math.Cos(b)
	case VectorMaxGrad:
		return pick(b >= c)
	case VectorMaxGradSecond:
		return pick(!(b >= c))
	}
	panic(fmt.Sprint("no value of code ", code))
}

// naive does a program's operations element by element, on matrices (rows, cols) whose rows are ld apart.
func naive(ops []VectorOp, values [][]float64) {
	for _, op := range ops {
		for i := range values[op.Dst] {
			v := vectorValue(op.Code, values[op.A][i], values[op.B][i], values[op.C][i])
			if op.Add {
				v += values[op.Dst][i]
			}
			values[op.Dst][i] = v
		}
	}
}

// randomProgram returns operations that begin with one that sets each temporary. Codes whose value or slope jumps are
// left out, since levels may differ there.
func randomProgram(r *rand.Rand, operands, temporaries, length int) []VectorOp {
	var ops []VectorOp
	set := operands
	for i := range temporaries + length {
		op := VectorOp{Code: VectorCode(r.IntN(int(VectorReluGrad))), A: r.IntN(set), B: r.IntN(set)}
		switch r.IntN(4) {
		case 0:
			op.Code = VectorTanhGrad
		case 1:
			op.Code = VectorSigmoid
		}
		if i < temporaries {
			op.Dst = set
			set++
		} else {
			op.Dst, op.Add = r.IntN(set), r.IntN(2) == 0
		}
		if op.Code.operands() < 2 {
			op.B = 0
		}
		// Products of what products gave would grow beyond what rounding errors can be bounded for.
		if op.Code == VectorMul || op.Code == VectorTanhGrad {
			ops = append(ops, VectorOp{Code: VectorTanh, Dst: op.Dst, A: op.A})
			op.A = op.Dst
			op.Add = false
		}
		ops = append(ops, op)
	}
	return ops
}

func TestVectorProgramsEqualTheLoop(t *testing.T) {
	s := NewScratch()
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for trial := range 60 {
			operands, temporaries := 1+r.IntN(5), r.IntN(12)
			rows, cols := 1+r.IntN(20), 1+r.IntN(90)
			if trial%10 == 0 {
				cols = 3000 + r.IntN(3000)
				rows = 1 + r.IntN(3)
			}
			ops := randomProgram(r, operands, temporaries, 5+r.IntN(6))
			p := NewVectorProgram(ops, operands, temporaries)
			given, ld := make([]Matrix, operands), make([]int, operands)
			guards := make([]*guarded, operands)
			values := make([][]float64, operands+temporaries)
			for i := range given {
				ld[i] = cols + r.IntN(9)
				guards[i] = newGuarded(t, r, fmt.Sprint("operand ", i), (rows-1)*ld[i]+cols)
				given[i] = Matrix{guards[i].x, ld[i]}
			}
			for i := range values {
				values[i] = make([]float64, rows*cols)
				for j := range values[i] {
					if i < operands {
						values[i][j] = float64(given[i].X[j/cols*ld[i]+j%cols])
					}
				}
			}
			p.Run(s, rows, cols, given)
			naive(ops, values)
			for i, m := range given {
				guards[i].intact(p.uses[i].written)
				for j, want := range values[i] {
					near(t, fmt.Sprintf("program %d, operand %d", trial, i), j, m.X[j/cols*m.LD+j%cols], want, 1+math.Abs(want), 1e-4)
				}
			}
		}
	})
}

// TestVectorGradientsOfChoices covers the codes that choose, at every length of a row's end.
func TestVectorGradientsOfChoices(t *testing.T) {
	s := NewScratch()
	eachLevel(t, func(t *testing.T) {
		for _, code := range []VectorCode{VectorReluGrad, VectorMaxGrad, VectorMaxGradSecond} {
			for cols := range 70 {
				for _, add := range []bool{false, true} {
					const rows = 3
					var m [4]Matrix
					for i := range m {
						m[i] = Matrix{make([]float32, rows*cols), cols}
						for j := range m[i].X {
							m[i].X[j] = float32((j+i)%(i+3)) - 1
						}
					}
					want := append([]float32(nil), m[3].X...)
					for j := range want {
						v := float32(vectorValue(code, float64(m[0].X[j]), float64(m[1].X[j]), float64(m[2].X[j])))
						if add {
							v += want[j]
						}
						want[j] = v
					}
					NewVectorProgram([]VectorOp{{Code: code, Add: add, Dst: 3, A: 0, B: 1, C: 2}}, 4, 0).Run(s, rows, cols, m[:])
					for j := range want {
						if m[3].X[j] != want[j] {
							t.Fatalf("code %d, %d columns, add %v: element %d is %g, want %g", code, cols, add, j, m[3].X[j], want[j])
						}
					}
				}
			}
		}
	})
}
