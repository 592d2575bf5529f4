package kernels

import "slices"

// A vectorStep is what one kernel does: an operation, or two of which the first gives the second its operand a.
type vectorStep struct {
	VectorOp
	reads, join int // how many operands it reads, and how it makes the first of two
}

// vectorSteps joins sums and products with the operation that follows, if nothing else reads them.
func vectorSteps(ops []VectorOp, operands int) []vectorStep {
	var steps []vectorStep
	for i, op := range ops {
		step := vectorStep{VectorOp: op, reads: op.Code.operands()}
		if i > 0 && steps[len(steps)-1].passes(step, ops[i+1:], operands) {
			step = steps[len(steps)-1].before(step)
			steps = steps[:len(steps)-1]
		}
		steps = append(steps, step)
	}
	return steps
}

// passes reports whether a step is a sum or a product that serves only as a of the next one; rest are the operations
// after that.
func (s vectorStep) passes(next vectorStep, rest []VectorOp, operands int) bool {
	if s.Code != VectorAdd && s.Code != VectorMul || s.Add || s.Dst < operands || !next.Code.joins() {
		return false
	}
	if next.A != s.Dst || slices.Contains(next.read()[1:], s.Dst) {
		return false
	}
	if next.Dst == s.Dst {
		return true
	}
	for _, op := range rest {
		if slices.Contains(op.read(), s.Dst) {
			return false
		}
		if op.Dst == s.Dst {
			return true
		}
	}
	return true
}

// before returns the step that makes its first operand as s does.
func (s vectorStep) before(next vectorStep) vectorStep {
	next.A = s.A
	if next.reads == 1 {
		next.B = s.B
	} else {
		next.C = s.B
	}
	next.reads++
	next.join = joinSum
	if s.Code == VectorMul {
		next.join = joinProduct
	}
	return next
}
