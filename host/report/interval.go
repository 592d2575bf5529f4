package report

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a mean and its confidence interval. The bounds are unknown where
// there are too few values for one.
type Interval struct {
	Mean Float `json:"mean"`
	Low  Float `json:"low"`
	High Float `json:"high"`
}

// Known says that the interval has bounds.
func (i Interval) Known() bool { return i.Low.Known() && i.High.Known() }

// Excludes says that the whole interval lies on one side of v.
func (i Interval) Excludes(v float64) bool {
	return i.Known() && (float64(i.Low) > v || float64(i.High) < v)
}

// Method names how an interval is made.
type Method string

const (
	// StudentT assumes that the values are roughly normal; of two samples that
	// are not paired, with unequal variances (Welch 1947).
	StudentT Method = "t"
	// Bootstrap takes percentiles of resampled means (Efron 1979). It covers
	// too little under about twenty values.
	Bootstrap Method = "bootstrap"
)

// estimator makes intervals by one method.
type estimator struct {
	method    Method
	level     float64
	resamples int
	seed      uint64
}

// mean estimates the mean of what the values were drawn from.
func (e estimator) mean(values []float64) Interval {
	m := mean(values)
	if len(values) < 2 || !finite(m) {
		return Interval{Float(m), Float(math.NaN()), Float(math.NaN())}
	}
	if e.method == Bootstrap {
		return e.percentiles(m, func(r *rand.Rand) float64 { return resampled(r, values) })
	}
	n := float64(len(values))
	return e.student(m, math.Sqrt(variance(values)/n), n-1)
}

// difference estimates mean(a) - mean(b) of two independent samples.
func (e estimator) difference(a, b []float64) Interval {
	m := mean(a) - mean(b)
	if len(a) < 2 || len(b) < 2 || !finite(m) {
		return Interval{Float(m), Float(math.NaN()), Float(math.NaN())}
	}
	if e.method == Bootstrap {
		return e.percentiles(m, func(r *rand.Rand) float64 { return resampled(r, a) - resampled(r, b) })
	}
	na, nb := float64(len(a)), float64(len(b))
	va, vb := variance(a)/na, variance(b)/nb
	freedom := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1)) // Welch-Satterthwaite
	if va+vb == 0 {
		freedom = na + nb - 2
	}
	return e.student(m, math.Sqrt(va+vb), freedom)
}

// student is m plus and minus the t quantile times the standard error.
func (e estimator) student(m, standardError, freedom float64) Interval {
	half := tQuantile((1+e.level)/2, freedom) * standardError
	return Interval{Float(m), Float(m - half), Float(m + half)}
}

func (e estimator) percentiles(m float64, draw func(*rand.Rand) float64) Interval {
	r := rand.New(rand.NewPCG(e.seed, bootstrapStream))
	draws := make([]float64, e.resamples)
	for i := range draws {
		draws[i] = draw(r)
	}
	slices.Sort(draws)
	tail := (1 - e.level) / 2
	return Interval{Float(m), Float(Quantile(draws, tail)), Float(Quantile(draws, 1-tail))}
}

// Streams keep the random numbers of different uses of one seed apart.
const (
	bootstrapStream   = 0x626f6f74
	permutationStream = 0x7065726d
)

// resampled is the mean of len(values) draws with replacement.
func resampled(r *rand.Rand, values []float64) float64 {
	sum := 0.0
	for range values {
		sum += values[r.IntN(len(values))]
	}
	return sum / float64(len(values))
}

// MeanInterval is the mean of values and its t interval at a level in (0, 1),
// such as 0.95. Fewer than two values have no bounds.
func MeanInterval(values []float64, level float64) Interval {
	return estimator{method: StudentT, level: level}.mean(values)
}

// Quantile is that of one value or more, ascending, at p in [0, 1]: it
// interpolates between order statistics (Hyndman & Fan 1996, type 7).
func Quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	if low >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

func tQuantile(p, freedom float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(p)
}
