package kernels

import "math"

// Relu sets; dst may be x, a NaN stays a NaN:
//
//	for i := range dst { dst[i] = max(x[i], 0) }
func Relu(dst, x []float32) {
	check(len(dst), x)
	active.Load().elementwise(VectorRelu, false, dst, x, nil)
}

// ReluBackward adds, where y = Relu(x),
//
//	for i := range dx { if y[i] > 0 { dx[i] += dy[i] } }
func ReluBackward(dx, dy, y []float32) {
	check(len(dx), dy, y)
	active.Load().elementwise(VectorReluGrad, true, dx, dy, y)
}

// Exp sets; dst may be x:
//
//	for i := range dst { dst[i] = exp(x[i]) }
//
// The relative error is below 1e-7. Results below the smallest normal number are 0.
func Exp(dst, x []float32) {
	check(len(dst), x)
	active.Load().exp(dst, x)
}

// Tanh sets; dst may be x:
//
//	for i := range dst { dst[i] = tanh(x[i]) }
//
// The relative error is below 2e-7.
func Tanh(dst, x []float32) {
	check(len(dst), x)
	active.Load().elementwise(VectorTanh, false, dst, x, nil)
}

// TanhBackward adds, where y = Tanh(x),
//
//	for i := range dx { dx[i] += dy[i] * (1 - y[i]*y[i]) }
func TanhBackward(dx, dy, y []float32) {
	check(len(dx), dy, y)
	active.Load().elementwise(VectorTanhGrad, true, dx, dy, y)
}

// Sigmoid sets; dst may be x:
//
//	for i := range dst { dst[i] = 1 / (1 + exp(-x[i])) }
//
// The relative error is below 2e-7 for x >= -87; below -88.7 the result is 0.
func Sigmoid(dst, x []float32) {
	check(len(dst), x)
	active.Load().elementwise(VectorSigmoid, false, dst, x, nil)
}

// SigmoidBackward adds, where y = Sigmoid(x),
//
//	for i := range dx { dx[i] += dy[i] * (y[i] * (1 - y[i])) }
func SigmoidBackward(dx, dy, y []float32) {
	check(len(dx), dy, y)
	active.Load().elementwise(VectorSigmoidGrad, true, dx, dy, y)
}

// OneMinus sets; dst may be x:
//
//	for i := range dst { dst[i] = 1 - x[i] }
func OneMinus(dst, x []float32) {
	check(len(dst), x)
	active.Load().elementwise(VectorOneMinus, false, dst, x, nil)
}

// Sin sets; dst may be x:
//
//	for i := range dst { dst[i] = sin(x[i]) }
//
// The absolute error is below 1.3e-7 for |x| <= 1e6; beyond, the result stays within [-1, 1].
func Sin(dst, x []float32) {
	check(len(dst), x)
	active.Load().elementwise(VectorSin, false, dst, x, nil)
}

// SinBackward adds, where y = Sin(x),
//
//	for i := range dx { dx[i] += dy[i] * cos(x[i]) }
//
// The cosine is sin(x + π/2), with Sin's error bound.
func SinBackward(dx, dy, x []float32) {
	check(len(dx), dy, x)
	active.Load().elementwise(VectorSinGrad, true, dx, dy, x)
}

// The constants of exp, tanh and sigmoid. n = round(x/ln 2) and r = x - n ln 2 with ln 2 in two parts,
// the first so short that its product with n is exact; then e^r - 1 = r + r²q(r). The coefficients of q
// are a minimax fit (Remez) of (e^r-1-r)/r² on |r| <= ln(2)/2, weighted so that the relative error of
// e^r - 1 is least: 1.4e-8.
const (
	log2e = 1.44269504088896341
	ln2Hi = 0.693359375
	ln2Lo = -2.12194440054690583e-4

	expQ0 = 0.499999981527
	expQ1 = 0.166665435619
	expQ2 = 0.0416672001344
	expQ3 = 0.00836652856363
	expQ4 = 0.00138825187516

	expMin = -87.33654 // a little above ln of the smallest normal number
	expMax = 88.72283  // the last number below ln of the largest

	tanhMin = -30 // 2x below this: tanh is 1

	// Adding and subtracting 1.5 * 2^23, or 2^52 in float64, rounds to the nearest integer, halves to even.
	roundMagic   = 3 << 22
	roundMagic64 = 3 << 51
)

// The constants of sin: n = round(x/π) and r = x - nπ in float64, then sin x = ±(r + r³p(r²)), p a
// minimax fit (Remez) of (sin r - r)/r³ on |r| <= π/2 for least relative error of sin r: 6.1e-9.
const (
	sinP0 = -0.166666595212
	sinP1 = 0.0083330654299
	sinP2 = -0.000198095389723
	sinP3 = 2.60563114262e-6
)

// reduceExp returns n = round(x/ln 2) and e^r - 1 for r = x - n ln 2.
func reduceExp(x float32) (n, em1 float32) {
	n = float32(float32(x*log2e)+roundMagic) - roundMagic
	r := float32(x-float32(n*ln2Hi)) - float32(n*ln2Lo)
	q := float32(float32(expQ4*r) + expQ3)
	q = float32(float32(q*r) + expQ2)
	q = float32(float32(q*r) + expQ1)
	q = float32(float32(q*r) + expQ0)
	return n, float32(float32(q*float32(r*r)) + r)
}

func exp32(x float32) float32 {
	switch {
	case x != x:
		return x
	case x < expMin:
		return 0
	case x > expMax:
		return float32(math.Inf(1))
	}
	n, em1 := reduceExp(x)
	// The sum is in [0.7, 1.42]; n goes straight into its exponent, since 2^128 is no float32.
	return math.Float32frombits(math.Float32bits(1+em1) + uint32(int32(n))<<23)
}

// tanh32 is -e/(2+e) with e = exp(-2|x|) - 1, which keeps its relative accuracy near 0.
func tanh32(x float32) float32 {
	if x != x {
		return x
	}
	bits := math.Float32bits(x)
	sign := bits & (1 << 31)
	t := -2 * math.Float32frombits(bits&^sign)
	if t < tanhMin {
		t = tanhMin
	}
	n, em1 := reduceExp(t)
	s := math.Float32frombits(uint32(int32(n)+127) << 23)
	e := float32(s*em1) + (s - 1)
	return math.Float32frombits(math.Float32bits(-e/(2+e))&^(1<<31) | sign)
}

func sigmoid32(x float32) float32 { return 1 / (1 + exp32(-x)) }

func sin32(x float32) float32 { return sin64(float64(x)) }

func cos32(x float32) float32 { return sin64(float64(x) + math.Pi/2) }

func sin64(x float64) float32 {
	n := float64(x*(1/math.Pi)) + roundMagic64 - roundMagic64
	r := float32(x - float64(n*math.Pi))
	switch { // only where |x| exceeds 1e15
	case r < -math.Pi/2:
		r = -math.Pi / 2
	case r > math.Pi/2:
		r = math.Pi / 2
	}
	t := float32(r * r)
	p := float32(float32(sinP3*t) + sinP2)
	p = float32(float32(p*t) + sinP1)
	p = float32(float32(p*t) + sinP0)
	s := float32(float32(p*float32(t*r)) + r)
	if half := float64(n / 2); half != half+roundMagic64-roundMagic64 {
		return -s
	}
	return s
}

func reluGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		v := x[i]
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

func expGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = exp32(x[i])
	}
}

func tanhGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = tanh32(x[i])
	}
}

func sigmoidGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = sigmoid32(x[i])
	}
}

func sinGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = sin32(x[i])
	}
}
