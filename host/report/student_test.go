package report

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// TestStudent holds the quantiles against gonum's distribution function, and
// those of one and two degrees of freedom against their closed forms.
func TestStudent(t *testing.T) {
	for _, freedom := range []float64{0.3, 1, 1.5, 2, 3, 4.07, 10, 29, 216.0 / 53, 100, 1e4, 1e6} {
		student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}
		for _, p := range []float64{1e-6, 0.001, 0.025, 0.3, 0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.999999} {
			x := tQuantile(p, freedom)
			if got := student.CDF(x); math.Abs(got-p) > 1e-11+1e-15*freedom { // as near as log Γ can be told
				t.Errorf("the quantile at %v with %v degrees of freedom is %v, where %v is below", p, freedom, x, got)
			}
		}
	}
	for _, p := range []float64{0.01, 0.4, 0.75, 0.99} {
		if got, want := tQuantile(p, 1), math.Tan(math.Pi*(p-0.5)); math.Abs(got-want) > 1e-12*(1+math.Abs(want)) {
			t.Errorf("one degree of freedom at %v: %v, want %v", p, got, want)
		}
		if got, want := tQuantile(p, 2), (2*p-1)/math.Sqrt(2*p*(1-p)); math.Abs(got-want) > 1e-12*(1+math.Abs(want)) {
			t.Errorf("two degrees of freedom at %v: %v, want %v", p, got, want)
		}
	}
}

func TestIncompleteBeta(t *testing.T) {
	for _, a := range []float64{0.5, 1, 2.5, 30, 5000} {
		for _, b := range []float64{0.5, 1, 7, 400} {
			for _, x := range []float64{0, 1e-9, 0.1, 0.5, 0.9, 0.999, 1} {
				if got, want := incompleteBeta(a, b, x), mathext.RegIncBeta(a, b, x); math.Abs(got-want) > 1e-12 {
					t.Errorf("I(%v; %v, %v) = %v, want %v", x, a, b, got, want)
				}
			}
		}
	}
}
