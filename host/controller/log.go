package controller

import "math"

// Log is the natural logarithm of a positive normal number. Unlike math.Log,
// which is assembly or fused arithmetic on some architectures, it gives the
// same bits everywhere. Its relative error is below 1e-15, except beside 1,
// where its absolute error is below 1e-16.
//
// With x = 2^k m, √½ ≤ m < √2, and s = (m-1)/(m+1):
// log x = k log 2 + 2s (1 + s²/3 + s⁴/5 + …).
func Log(x float64) float64 {
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		k--
	}
	s := (m - 1) / (m + 1)
	s2 := s * s
	series := 0.0
	// |s| < 0.172, so the first term left out is below 0.172^24/25 < 2e-20.
	for d := 23; d >= 1; d -= 2 {
		series = float64(series*s2) + 1/float64(d)
	}
	return float64(float64(k)*math.Ln2) + float64(2*s*series)
}
