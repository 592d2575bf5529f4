package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// naive does a program's operations on all elements, one operation after the other.
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
			switch trial % 10 {
			case 0:
				rows, cols = 1+r.IntN(3), 3000+r.IntN(3000) // more than a strip
			case 1:
				temporaries = 300 + r.IntN(300) // strips are smaller
			}
			ops := randomProgram(r, operands, temporaries, 5+r.IntN(6))
			p := NewVectorProgram(ops, operands, temporaries)
			given, ld := make([]Matrix, operands), make([]int, operands)
			guards := make([]*guarded, operands)
			values := make([][]float64, operands+temporaries)
			for i := range given {
				ld[i] = cols + r.IntN(9)
				if trial%3 == 0 {
					ld[i] = cols
				}
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
				betweenRows(t, guards[i], cols, m.LD)
				for j, want := range values[i] {
					near(t, fmt.Sprintf("program %d, operand %d", trial, i), j, m.X[j/cols*m.LD+j%cols], want, 1+math.Abs(want), 1e-4)
				}
			}
		}
	})
}

// An element's bits depend neither on the rows and columns that are done with it nor on where temporaries lie.
func TestVectorProgramsIgnorePlace(t *testing.T) {
	const rows, cols = 23, 203
	s := NewScratch()
	p := NewVectorProgram(nasForward(), nas, 1)
	eachLevel(t, func(t *testing.T) {
		all, alone := nasOperands(rows, cols), nasOperands(rows, cols)
		p.Run(s, rows, cols, all)
		for _, part := range [][4]int{{0, 0, 1, 1}, {3, 7, 2, 17}, {22, 100, 1, 103}, {5, 202, 18, 1}, {9, 64, 4, 33}} {
			row, col, high, wide := part[0], part[1], part[2], part[3]
			var some []Matrix
			for _, m := range alone {
				some = append(some, Matrix{m.X[row*m.LD+col:], m.LD})
			}
			p.Run(s, high, wide, some)
			for i := row; i < row+high; i++ {
				for j := col; j < col+wide; j++ {
					for k := range all {
						if x, y := all[k].X[i*all[k].LD+j], alone[k].X[i*alone[k].LD+j]; x != y {
							t.Fatalf("operand %d at (%d, %d): %v with all, %v in a part", k, i, j, x, y)
						}
					}
				}
			}
		}
	})
}

// What is passed within a step has the bits that it has in memory: a caller who sees the sums and products gets the
// same results.
func TestJoinedStepsKeepTheBits(t *testing.T) {
	const rows, cols = 5, 77
	s := NewScratch()
	for _, ops := range [][]VectorOp{nasForward(), nasBackward()} {
		joined, apart := NewVectorProgram(ops, nas, 3), NewVectorProgram(ops, nas+3, 0)
		if len(joined.steps) >= len(ops) || len(apart.steps) != len(ops) {
			t.Fatalf("%d operations are %d steps with temporaries and %d without", len(ops), len(joined.steps), len(apart.steps))
		}
		eachLevel(t, func(t *testing.T) {
			a, b := nasOperands(rows, cols), nasOperands(rows, cols)
			joined.Run(s, rows, cols, a)
			for range 3 {
				b = append(b, Matrix{make([]float32, rows*cols), cols})
			}
			apart.Run(s, rows, cols, b)
			for i := range a {
				if !slices.Equal(a[i].X, b[i].X) {
					t.Errorf("operand %d differs", i)
				}
			}
		})
	}
}

// A sum or a product that is read again, or by another operand, stays a step of its own.
func TestStepsAreJoinedOnlyIfNothingElseReads(t *testing.T) {
	sum := VectorOp{Code: VectorAdd, Dst: 2, A: 0, B: 1}
	tanh := VectorOp{Code: VectorTanh, Dst: 1, A: 2}
	for name, c := range map[string]struct {
		ops   []VectorOp
		steps int
	}{
		"joined":            {[]VectorOp{sum, tanh}, 1},
		"in place":          {[]VectorOp{sum, {Code: VectorTanh, Dst: 2, A: 2}, {Code: VectorCopy, Dst: 0, A: 2}}, 2},
		"set again":         {[]VectorOp{sum, tanh, sum, tanh}, 2},
		"added":             {[]VectorOp{sum, {Code: VectorTanh, Add: true, Dst: 1, A: 2}}, 1},
		"added to the sum":  {[]VectorOp{sum, {Code: VectorTanh, Add: true, Dst: 2, A: 2}}, 2},
		"read later":        {[]VectorOp{sum, tanh, {Code: VectorCopy, Dst: 0, A: 2}}, 3},
		"added to later":    {[]VectorOp{sum, tanh, {Code: VectorCopy, Add: true, Dst: 2, A: 0}}, 3},
		"read as b":         {[]VectorOp{sum, {Code: VectorTanhGrad, Dst: 1, A: 0, B: 2}}, 2},
		"read as a and b":   {[]VectorOp{sum, {Code: VectorTanhGrad, Dst: 1, A: 2, B: 2}}, 2},
		"an adding sum":     {[]VectorOp{sum, {Code: VectorMul, Add: true, Dst: 2, A: 0, B: 1}, tanh}, 3},
		"not next":          {[]VectorOp{sum, {Code: VectorCopy, Dst: 0, A: 1}, tanh}, 3},
		"not an activation": {[]VectorOp{sum, {Code: VectorNegate, Dst: 1, A: 2}}, 2},
	} {
		if got := len(NewVectorProgram(c.ops, 2, 1).steps); got != c.steps {
			t.Errorf("%s: %d steps, want %d", name, got, c.steps)
		}
	}
}

// LD 0 gives every row the same operand.
func TestVectorProgramsRepeatARow(t *testing.T) {
	const rows, cols = 50, 61
	s := NewScratch()
	p := NewVectorProgram([]VectorOp{{Code: VectorAdd, Dst: 0, A: 0, B: 1}}, 2, 0)
	eachLevel(t, func(t *testing.T) {
		x, bias := make([]float32, rows*cols), make([]float32, cols)
		for i := range bias {
			bias[i] = float32(i)
		}
		p.Run(s, rows, cols, []Matrix{{x, cols}, {bias, 0}})
		for i, v := range x {
			if v != float32(i%cols) {
				t.Fatalf("[%d] = %v", i, v)
			}
		}
	})
}

// Goroutines share a program, each with its own Scratch.
func TestVectorProgramsRunTogether(t *testing.T) {
	const rows, cols = 20, 150
	forward, backward := NewVectorProgram(nasForward(), nas, 1), NewVectorProgram(nasBackward(), nas, 3)
	run := func() []Matrix {
		s, m := NewScratch(), nasOperands(rows, cols)
		forward.Run(s, rows, cols, m)
		backward.Run(s, rows, cols, m)
		return m
	}
	want := run()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i, m := range run() {
				if !slices.Equal(m.X, want[i].X) {
					t.Errorf("operand %d differs from what one goroutine computes", i)
				}
			}
		})
	}
	all.Wait()
}
