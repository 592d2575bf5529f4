package kernels

// A VectorCode says what a VectorOp computes of its operands' elements a, b and c.
type VectorCode uint8

// The codes. Those named Grad are a, the gradient of a result, times a derivative there. VectorMax is a NaN
// if one of the two is, and either of two zeros. No comparison with a NaN holds.
const (
	VectorCopy          VectorCode = iota // a
	VectorNegate                          // -a
	VectorOneMinus                        // 1 - a
	VectorAdd                             // a + b
	VectorMul                             // a * b
	VectorMax                             // max(a, b)
	VectorRelu                            // max(a, 0), as Relu
	VectorTanh                            // tanh(a), as Tanh
	VectorSigmoid                         // 1 / (1 + exp(-a)), as Sigmoid
	VectorSin                             // sin(a), as Sin
	VectorReluGrad                        // a if b > 0, else 0; b = max(x, 0)
	VectorTanhGrad                        // a * (1 - b*b); b = tanh(x)
	VectorSigmoidGrad                     // a * (b * (1-b)); b = sigmoid(x)
	VectorSinGrad                         // a * cos(b)
	VectorMaxGrad                         // a if b >= c, else 0: the gradient of max(b, c) for b
	VectorMaxGradSecond                   // 0 if b >= c, else a: the gradient of max(b, c) for c
	vectorCodes
)

// operands returns how many operands a code reads: a, then b, then c.
func (c VectorCode) operands() int {
	switch {
	case c >= VectorMaxGrad:
		return 3
	case c >= VectorAdd && c <= VectorMax, c >= VectorReluGrad:
		return 2
	}
	return 1
}

// joins reports whether a kernel takes as a the sum or the product of two operands.
func (c VectorCode) joins() bool { return c >= VectorRelu && c <= VectorSinGrad }

// How a kernel that joins makes its first operand of a and of the operand that follows those of its code.
const (
	unjoined = iota
	joinSum
	joinProduct
)

// A vectorKernel does one operation on matrices (rows, cols) whose rows are the distances ld apart, and sets dst or adds
// to it. It ignores operands that it does not read.
type vectorKernel func(dst, a, b, c []float32, rows, cols, ldDst, ldA, ldB, ldC int, join int, add bool)

// elementwise does an operation on slices of dst's length.
func (t *table) elementwise(code VectorCode, add bool, dst, a, b []float32) {
	t.vector[code](dst, a, b, nil, 1, len(dst), 0, 0, 0, 0, unjoined, add)
}

func genericVectors() (all [vectorCodes]vectorKernel) {
	for code := range vectorCodes {
		all[code] = vectorGeneric(code)
	}
	return all
}

func vectorGeneric(code VectorCode) vectorKernel {
	reads := code.operands()
	return func(dst, a, b, c []float32, rows, cols, ldDst, ldA, ldB, ldC int, join int, add bool) {
		var joined, sums [64]float32
		for row := range rows {
			for at := 0; at < cols; at += len(sums) {
				n := min(len(sums), cols-at)
				part := func(x []float32, ld int) []float32 { return x[row*ld+at:][:n] }
				to, x := part(dst, ldDst), part(a, ldA)
				y, z := x, x
				switch {
				case reads > 2:
					y, z = part(b, ldB), part(c, ldC)
				case reads > 1:
					y = part(b, ldB)
				}
				if join != unjoined {
					other := VectorAdd
					if join == joinProduct {
						other = VectorMul
					}
					if reads > 1 {
						vectorRow(other, joined[:n], x, part(c, ldC), x)
					} else {
						vectorRow(other, joined[:n], x, part(b, ldB), x)
					}
					x = joined[:n]
				}
				if add {
					vectorRow(code, sums[:n], x, y, z)
					addGeneric(to, sums[:n])
				} else {
					vectorRow(code, to, x, y, z)
				}
			}
		}
	}
}

// vectorRow sets the elements of dst, which may be an operand.
func vectorRow(code VectorCode, dst, a, b, c []float32) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	switch code {
	case VectorCopy:
		copy(dst, a)
	case VectorNegate:
		for i := range dst {
			dst[i] = -a[i]
		}
	case VectorOneMinus:
		for i := range dst {
			dst[i] = 1 - a[i]
		}
	case VectorAdd:
		for i := range dst {
			dst[i] = a[i] + b[i]
		}
	case VectorMul:
		mulGeneric(dst, a, b)
	case VectorMax:
		for i := range dst {
			dst[i] = max(a[i], b[i])
		}
	case VectorRelu:
		reluGeneric(dst, a)
	case VectorTanh:
		tanhGeneric(dst, a)
	case VectorSigmoid:
		sigmoidGeneric(dst, a)
	case VectorSin:
		sinGeneric(dst, a)
	default:
		vectorGradient(code, dst, a, b, c)
	}
}

func vectorGradient(code VectorCode, dst, a, b, c []float32) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	switch code {
	case VectorReluGrad:
		for i := range dst {
			dst[i] = where(b[i] > 0, a[i])
		}
	case VectorTanhGrad:
		for i := range dst {
			dst[i] = a[i] * (1 - float32(b[i]*b[i]))
		}
	case VectorSigmoidGrad:
		for i := range dst {
			dst[i] = a[i] * float32(b[i]*(1-b[i]))
		}
	case VectorSinGrad:
		for i := range dst {
			dst[i] = a[i] * cos32(b[i])
		}
	case VectorMaxGrad:
		for i := range dst {
			dst[i] = where(b[i] >= c[i], a[i])
		}
	case VectorMaxGradSecond:
		for i := range dst {
			dst[i] = where(!(b[i] >= c[i]), a[i])
		}
	}
}

// where returns x if the condition holds and 0 otherwise.
func where(holds bool, x float32) float32 {
	if holds {
		return x
	}
	return 0
}
