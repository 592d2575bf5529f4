package kernels

import "math"

// Log is the natural logarithm of a positive normal number, NaN for NaN and +Inf for +Inf. Its error is below
// 4e-16, relative where |Log(x)| exceeds 1. math.Log would not give the same bits on machines where it is
// assembly or the compiler fuses its multiply-adds.
//
// With x = 2^e m, √½ <= m < √2, and s = (m-1)/(m+1):
//
//	log x = e log 2 + 2s (1 + s²/3 + s⁴/5 + …)
func Log(x float64) float64 {
	if x != x || math.IsInf(x, 1) {
		return x
	}
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1)
	t := s * s
	// |s| < 0.172, so the first term left out is below 0.172^24/25 < 2e-20.
	sum := 0.0
	for k := 23; k >= 3; k -= 2 {
		sum = float64(float64(sum+1/float64(k)) * t)
	}
	return float64(float64(e)*math.Ln2) + float64(2*s+float64(2*s*sum))
}
