package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestSignFlipByHand: of the 8 signings of 1, 2, 3 only the sums 6 and -6 are
// as far from 0 as 6; of 1, 2, -3 (sum 0) all are.
func TestSignFlipByHand(t *testing.T) {
	for _, c := range []struct {
		differences []float64
		p, least    float64
	}{
		{[]float64{1, 2, 3}, 0.25, 0.25},
		{[]float64{-1, -2, -3}, 0.25, 0.25},
		{[]float64{1, 2, -3}, 1, 0.25},
		{[]float64{1, -2, 4}, 0.75, 0.25}, // sums 7, 5, 3, -1, 1, ...: 7, 5 and 3 on each side
		{[]float64{0, 0}, 1, 0.5},
		{[]float64{0.1, 0.2, 0.3, 0.4, 0.5}, 2.0 / 32, 2.0 / 32},
	} {
		got := signFlip(c.differences, 1)
		if float64(got.P) != c.p || float64(got.Least) != c.least || !got.Exact {
			t.Errorf("signFlip(%v) = %+v, want p %v, least %v", c.differences, got, c.p, c.least)
		}
	}
}

// TestRelabelByHand: of the 6 ways to label two of 1, 2, 3, 4, those with sums
// 3 and 7 are as extreme as {1, 2} against {3, 4}.
func TestRelabelByHand(t *testing.T) {
	for _, c := range []struct {
		a, b     []float64
		p, least float64
	}{
		{[]float64{1, 2}, []float64{3, 4}, 2.0 / 6, 2.0 / 6},
		{[]float64{3, 4}, []float64{1, 2}, 2.0 / 6, 2.0 / 6},
		{[]float64{1, 4}, []float64{2, 3}, 1, 2.0 / 6},
		{[]float64{9, 8}, []float64{1, 2, 3}, 1.0 / 10, 1.0 / 10},
		{[]float64{5, 5}, []float64{5, 5}, 1, 2.0 / 6},
	} {
		got := relabel(c.a, c.b, 1)
		if float64(got.P) != c.p || float64(got.Least) != c.least || !got.Exact {
			t.Errorf("relabel(%v, %v) = %+v, want p %v, least %v", c.a, c.b, got, c.p, c.least)
		}
	}
}

func TestPermutationUnknown(t *testing.T) {
	for _, got := range []Test{signFlip(nil, 1), signFlip([]float64{1}, 1), signFlip([]float64{1, nan}, 1),
		relabel([]float64{1}, []float64{1, 2}, 1), relabel([]float64{1, nan}, []float64{1, 2}, 1)} {
		if got.P.Known() {
			t.Errorf("a p value without enough values: %+v", got)
		}
	}
}

// TestPermutationCalibration: where nothing differs, p <= alpha happens in
// about a share alpha of all studies, and never clearly more often. For exact
// tests, at those alpha that a p value can take.
func TestPermutationCalibration(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	draw := func(n int) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = 0.5 + 0.1*math.Pow(r.Float64(), 3)
		}
		return values
	}
	const studies = 4000
	for _, c := range []struct {
		name  string
		p     func() float64
		alpha []float64
	}{
		{"5 pairs", func() float64 {
			a, b := draw(5), draw(5)
			for i := range a {
				a[i] -= b[i]
			}
			return float64(signFlip(a, 1).P)
		}, []float64{2.0 / 32, 8.0 / 32, 16.0 / 32}},
		{"4 against 4", func() float64 { return float64(relabel(draw(4), draw(4), 1).P) }, []float64{2.0 / 70, 14.0 / 70, 0.5}},
	} {
		counts := make([]int, len(c.alpha))
		for range studies {
			p := c.p()
			for i, alpha := range c.alpha {
				if p <= alpha+1e-12 {
					counts[i]++
				}
			}
		}
		for i, alpha := range c.alpha {
			share := float64(counts[i]) / studies
			if off := 4 * math.Sqrt(alpha*(1-alpha)/studies); math.Abs(share-alpha) > off {
				t.Errorf("%s: p <= %.3f in a share %.4f of the studies", c.name, alpha, share)
			}
		}
	}
}

// TestPermutationSampled: beyond the exact range a sample of swaps estimates
// the same p value.
func TestPermutationSampled(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	a, b := make([]float64, 30), make([]float64, 30)
	var differences []float64
	for i := range a {
		a[i], b[i] = r.NormFloat64()+0.5, r.NormFloat64()
		differences = append(differences, a[i]-b[i])
	}
	for _, got := range []Test{signFlip(differences, 1), relabel(a, b, 1)} {
		if got.Exact || got.P <= 0 || got.P > 1 {
			t.Errorf("%s: %+v", got.Name, got)
		}
	}
	// With thirty values both come close to the t test's p value.
	m := mean(differences) / math.Sqrt(variance(differences)/30)
	want := 2 * (1 - distuv.StudentsT{Sigma: 1, Nu: 29}.CDF(math.Abs(m)))
	near(t, "p of the pairs", signFlip(differences, 1).P, want, 0.01)
	if signFlip(differences, 1) != signFlip(differences, 1) || relabel(a, b, 3) != relabel(a, b, 3) {
		t.Error("the same seed gives different p values")
	}
}
