package report

import (
	"math"
	"math/rand/v2"
)

// Test is the outcome of a two-sided permutation test of "no difference". It
// assumes only that a and b could have been swapped: within each pair, or
// over all runs where they are not paired (Fisher 1935).
type Test struct {
	Name string `json:"name"` // "paired permutation" or "permutation"
	// P is the share of all swaps under which the means differ at least as much
	// as they do; unknown with fewer than two seeds.
	P Float `json:"p"`
	// Least is the smallest P that so few seeds can give.
	Least Float `json:"least"`
	// Exact says that every swap was tried, not a random sample of them.
	Exact bool `json:"exact"`
}

// exactSwaps is the number of swaps up to which all are tried, sampledSwaps
// how many are drawn beyond that.
const (
	exactSwaps   = 1 << 16
	sampledSwaps = 20_000
)

// slack makes equal sums count as equal whatever their rounding.
const slack = 1e-9

// signFlip tests paired differences by flipping their signs.
func signFlip(differences []float64, seed uint64) Test {
	n := len(differences)
	t := Test{Name: "paired permutation", P: Float(math.NaN()), Least: Float(math.NaN())}
	if n < 2 || !finite(mean(differences)) {
		return t
	}
	observed, size := 0.0, 0.0
	for _, d := range differences {
		observed += d
		size += math.Abs(d)
	}
	reached := func(sum float64) bool { return math.Abs(sum) >= math.Abs(observed)-slack*size }
	flipped := func(signs func(i int) bool) float64 {
		sum := 0.0
		for i, d := range differences {
			if signs(i) {
				d = -d
			}
			sum += d
		}
		return sum
	}
	if n < 63 && 1<<n <= exactSwaps {
		extreme := 0
		for signs := range uint64(1) << n {
			if reached(flipped(func(i int) bool { return signs>>i&1 == 1 })) {
				extreme++
			}
		}
		t.P, t.Least, t.Exact = Float(float64(extreme)/math.Exp2(float64(n))), Float(2/math.Exp2(float64(n))), true
		return t
	}
	r := rand.New(rand.NewPCG(seed, permutationStream))
	extreme := 1 // the observed signs are one of the swaps (Phipson & Smyth 2010)
	for range sampledSwaps {
		if reached(flipped(func(int) bool { return r.Uint64()&1 == 1 })) {
			extreme++
		}
	}
	t.P, t.Least = Float(float64(extreme)/(sampledSwaps+1)), Float(1.0/(sampledSwaps+1))
	return t
}

// relabel tests two independent samples by dealing their labels anew.
func relabel(a, b []float64, seed uint64) Test {
	t := Test{Name: "permutation", P: Float(math.NaN()), Least: Float(math.NaN())}
	if len(a) < 2 || len(b) < 2 || !finite(mean(a)+mean(b)) {
		return t
	}
	all := append(append([]float64(nil), a...), b...)
	size := 0.0
	for _, v := range all {
		size += math.Abs(v)
	}
	total := mean(all) * float64(len(all))
	na, nb := float64(len(a)), float64(len(b))
	// The difference of means, as a function of the sum of those labelled a.
	difference := func(sumA float64) float64 { return math.Abs(sumA/na - (total-sumA)/nb) }
	observed := difference(mean(a)*na) - slack*size
	if ways := choose(len(all), len(a)); ways <= exactSwaps {
		extreme := 0
		subsets(all, len(a), 0, func(sum float64) {
			if difference(sum) >= observed {
				extreme++
			}
		})
		least := 1 / ways
		if len(a) == len(b) {
			least = 2 / ways
		}
		t.P, t.Least, t.Exact = Float(float64(extreme)/ways), Float(least), true
		return t
	}
	r := rand.New(rand.NewPCG(seed, permutationStream))
	extreme := 1
	for range sampledSwaps {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if difference(mean(all[:len(a)])*na) >= observed {
			extreme++
		}
	}
	t.P, t.Least = Float(float64(extreme)/(sampledSwaps+1)), Float(1.0/(sampledSwaps+1))
	return t
}

// subsets calls visit with sum plus the sum of each k-subset of the values.
func subsets(values []float64, k int, sum float64, visit func(float64)) {
	if k == 0 {
		visit(sum)
		return
	}
	for i := 0; i+k <= len(values); i++ {
		subsets(values[i+1:], k-1, sum+values[i], visit)
	}
}

// choose is the number of k-subsets of n.
func choose(n, k int) float64 {
	ways := 1.0
	for i := 1; i <= k; i++ {
		ways = ways * float64(n-k+i) / float64(i)
	}
	return math.Round(ways)
}
