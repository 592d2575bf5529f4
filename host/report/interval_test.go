package report

import (
	"math"
	"math/rand/v2"
	"testing"
)

var byT = estimator{method: StudentT, level: 0.95, resamples: 1000, seed: 1}

func near(t *testing.T, what string, got Float, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestMeanByHand: 1, 2, 3 have mean 2 and standard error 1/sqrt(3); the 97.5 %
// quantile of t with 2 degrees of freedom is 4.302653.
func TestMeanByHand(t *testing.T) {
	i := byT.mean([]float64{1, 2, 3})
	near(t, "mean", i.Mean, 2, 0)
	near(t, "low", i.Low, 2-4.302653/math.Sqrt(3), 1e-6)
	near(t, "high", i.High, 2+4.302653/math.Sqrt(3), 1e-6)
}

// TestDifferenceByHand: Welch's interval of {1, 2, 3} and {2, 4, 6, 8}: the
// difference is -3, its squared error 1/3 + (20/3)/4 = 2, and the degrees of
// freedom are 4/(1/18 + 25/27) = 216/53.
func TestDifferenceByHand(t *testing.T) {
	i := byT.difference([]float64{1, 2, 3}, []float64{2, 4, 6, 8})
	near(t, "difference", i.Mean, -3, 0)
	half := tQuantile(0.975, 216.0/53) * math.Sqrt2
	near(t, "low", i.Low, -3-half, 1e-12)
	near(t, "high", i.High, -3+half, 1e-12)
}

func TestTQuantile(t *testing.T) {
	for _, c := range []struct{ p, freedom, want float64 }{ // from printed tables
		{0.975, 1, 12.7062}, {0.975, 4, 2.7764}, {0.975, 9, 2.2622}, {0.95, 4, 2.1318}, {0.975, 1e6, 1.9600},
	} {
		near(t, "quantile", Float(tQuantile(c.p, c.freedom)), c.want, 1e-4)
	}
}

func TestIntervalWithoutSpread(t *testing.T) {
	same := byT.mean([]float64{2, 2, 2})
	if same.Low != 2 || same.High != 2 || !same.Excludes(0) || same.Excludes(2) {
		t.Errorf("of equal values: %v", same)
	}
	if d := byT.difference([]float64{2, 2}, []float64{1, 1}); d.Low != 1 || d.High != 1 {
		t.Errorf("of equal values on both sides: %v", d)
	}
	for _, i := range []Interval{byT.mean(nil), byT.mean([]float64{1}), byT.mean([]float64{1, nan}), byT.difference([]float64{1, 2}, []float64{1})} {
		if i.Known() || i.Excludes(0) {
			t.Errorf("too few values give bounds: %v", i)
		}
	}
}

func TestQuantile(t *testing.T) {
	sorted := []float64{0, 10, 20}
	for p, want := range map[float64]float64{0: 0, 0.25: 5, 0.5: 10, 0.9: 18, 1: 20} {
		if got := Quantile(sorted, p); math.Abs(got-want) > 1e-12 {
			t.Errorf("Quantile(%v) = %v, want %v", p, got, want)
		}
	}
}

// coverage is the share of simulated studies whose interval holds the truth:
// the difference in the mean of the 5 best of 40 trials of as many seeds, where
// one side's trials are all shifted by 0.03.
func coverage(method Method, seeds, studies int, paired bool) float64 {
	const shift = 0.03
	e := estimator{method: method, level: 0.95, resamples: 200, seed: 1}
	r := rand.New(rand.NewPCG(uint64(seeds), 99))
	side := func(shift float64) []float64 {
		tops := make([]float64, seeds)
		for i := range tops {
			trials := make([]float64, 40)
			for j := range trials {
				trials[j] = 0.6 + 0.08*r.NormFloat64() + shift
			}
			tops[i] = topMean(trials, 5)
		}
		return tops
	}
	covered := 0
	for range studies {
		a, b := side(shift), side(0)
		var i Interval
		if paired {
			for k := range a {
				a[k] -= b[k]
			}
			i = e.mean(a)
		} else {
			i = e.difference(a, b)
		}
		if !i.Excludes(shift) {
			covered++
		}
	}
	return float64(covered) / float64(studies)
}

// TestIntervalCoverage: intervals hold the truth about as often as they say.
// With 2000 studies the standard error is 0.005.
func TestIntervalCoverage(t *testing.T) {
	for _, c := range []struct {
		method  Method
		seeds   int
		paired  bool
		studies int
		lo, hi  float64
	}{
		{StudentT, 5, true, 2000, 0.935, 0.965},
		{StudentT, 5, false, 2000, 0.935, 0.970},
		{StudentT, 20, true, 500, 0.92, 0.98},
		{Bootstrap, 30, true, 500, 0.90, 0.97},
		// Why it is not the default.
		{Bootstrap, 5, true, 1000, 0.78, 0.87},
	} {
		got := coverage(c.method, c.seeds, c.studies, c.paired)
		t.Logf("%s, %d seeds, paired %v: %.3f", c.method, c.seeds, c.paired, got)
		if got < c.lo || got > c.hi {
			t.Errorf("%s with %d seeds, paired %v, covers %.3f, want %.3f to %.3f", c.method, c.seeds, c.paired, got, c.lo, c.hi)
		}
	}
}

func TestBootstrapIsDeterministic(t *testing.T) {
	values := []float64{0.1, 0.5, 0.4, 0.9, 0.3}
	e := estimator{method: Bootstrap, level: 0.9, resamples: 500, seed: 7}
	a, b := e.mean(values), e.mean(values)
	if a != b {
		t.Errorf("two calls differ: %v and %v", a, b)
	}
	e.seed++
	if c := e.mean(values); c == a || c.Mean != a.Mean {
		t.Errorf("another seed gives %v, was %v", c, a)
	}
}
