package kernels

const msgShort = "kernels: operand shorter than dst"

func check(n int, operands ...[]float32) {
	for _, x := range operands {
		if len(x) < n {
			panic(msgShort)
		}
	}
}

// Fill sets
//
//	for i := range dst { dst[i] = v }
func Fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// Add adds
//
//	for i := range dst { dst[i] += x[i] }
func Add(dst, x []float32) {
	check(len(dst), x)
	active.Load().add(dst, x)
}

// AddScaled adds
//
//	for i := range dst { dst[i] += alpha * x[i] }
func AddScaled(dst []float32, alpha float32, x []float32) {
	check(len(dst), x)
	active.Load().addScaled(dst, alpha, x)
}

// Scale multiplies
//
//	for i := range dst { dst[i] *= alpha }
func Scale(dst []float32, alpha float32) { active.Load().scale(dst, alpha) }

// Mul sets; dst may be x or y:
//
//	for i := range dst { dst[i] = x[i] * y[i] }
func Mul(dst, x, y []float32) {
	check(len(dst), x, y)
	active.Load().mul(dst, x, y)
}

// MulAdd adds
//
//	for i := range dst { dst[i] += x[i] * y[i] }
func MulAdd(dst, x, y []float32) {
	check(len(dst), x, y)
	active.Load().mulAdd(dst, x, y)
}

// Dot returns the inner product of x and y; len(x) governs. The sum is taken over
// several accumulators, so its bits differ from the plain loop's:
//
//	for i := range x { s += x[i] * y[i] }
func Dot(x, y []float32) float32 {
	check(len(x), y)
	return active.Load().dot(x, y)
}

func addGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += x[i]
	}
}

func addScaledGeneric(dst []float32, alpha float32, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += float32(alpha * x[i])
	}
}

func scaleGeneric(dst []float32, alpha float32) {
	for i := range dst {
		dst[i] *= alpha
	}
}

func mulGeneric(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

func mulAddGeneric(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] += float32(x[i] * y[i])
	}
}

func dotGeneric(x, y []float32) float32 {
	var s0, s1, s2, s3 float32
	y = y[:len(x)]
	for len(x) >= 4 && len(y) >= 4 {
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		x, y = x[4:], y[4:]
	}
	for i := range x {
		s0 += float32(x[i] * y[i])
	}
	return (s0 + s1) + (s2 + s3)
}
