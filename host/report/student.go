package report

import "math"

// tQuantile is the quantile of Student's t distribution with degrees of freedom
// above 0, at p in (0, 1).
func tQuantile(p, freedom float64) float64 {
	if p == 0.5 {
		return 0
	}
	if p < 0.5 {
		return -tQuantile(1-p, freedom)
	}
	high := 1.0
	for tTail(high, freedom) > 1-p && high < math.MaxFloat64/4 {
		high *= 2
	}
	low := 0.0
	for range 200 { // bisection: to the last bit long before
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if tTail(middle, freedom) > 1-p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// tTail is the probability that Student's t is above x, which is at least 0:
// I(ν/(ν+x²); ν/2, 1/2)/2 (Abramowitz & Stegun 1964, 26.7.1).
func tTail(x, freedom float64) float64 {
	return incompleteBeta(freedom/2, 0.5, freedom/(freedom+x*x)) / 2
}

// incompleteBeta is the regularised incomplete beta function I(x; a, b) for x
// in [0, 1], by its continued fraction (DLMF 8.17.22), which converges fast for
// x < (a+1)/(a+b+2); elsewhere by symmetry (DLMF 8.17.4).
func incompleteBeta(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incompleteBeta(b, a, 1-x)
	}
	logA, _ := math.Lgamma(a)
	logB, _ := math.Lgamma(b)
	logSum, _ := math.Lgamma(a + b)
	front := math.Exp(logSum-logA-logB+a*math.Log(x)+b*math.Log1p(-x)) / a
	return front * betaFraction(a, b, x)
}

// betaFraction is the continued fraction of incompleteBeta, evaluated from the
// front (Lentz 1976; Thompson & Barnett 1986).
func betaFraction(a, b, x float64) float64 {
	const tiny = 1e-300 // in place of 0, which would divide
	apart := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/apart(1-(a+b)*x/(a+1))
	f := d
	for i := 1; i <= 10000; i++ {
		m := float64(i)
		for _, term := range []float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d, c = 1/apart(1+term*d), apart(1+term/c)
			f *= c * d
		}
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return f
}
