package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// CompareOptions says how two sets of runs are compared.
type CompareOptions struct {
	// A and B name the two sides in tables and sentences. Default "RL" and
	// "random".
	A, B string
	// Metric ranks the trials. Default accuracy.
	Metric Metric
	// Top lists the k of "mean of the k best". Default 1, 5, 15 (Zoph & Le
	// 2017, figure 6).
	Top []int
	// Headline is the k, one of Top, that the verdict is about; it is fixed
	// before the results are seen. Where the budget is smaller, the largest
	// smaller k stands in. Default 5.
	Headline int
	// Every is the distance between checkpoints in trials. 0, the default,
	// makes five checkpoints.
	Every int
	// Level is the confidence of the intervals, in (0, 1). Default 0.95.
	Level float64
	// Method makes the intervals. Default StudentT.
	Method Method
	// Resamples is the number of bootstrap resamples, at least 100. Default
	// 10,000.
	Resamples int
	// RandomSeed seeds the bootstrap and those permutation tests that are too
	// large to be exact. Default 1.
	RandomSeed uint64
}

// DefaultCompare are the options for RL against its random control.
func DefaultCompare() CompareOptions {
	return CompareOptions{
		A: "RL", B: "random", Metric: Accuracy, Top: []int{1, 5, 15}, Headline: 5,
		Level: 0.95, Method: StudentT, Resamples: 10_000, RandomSeed: 1,
	}
}

// Validate reports every problem at once.
func (o CompareOptions) Validate() error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("compare: "+format, args...))
	}
	if !o.Metric.known() {
		bad("metric %q is not known, use one of %q", o.Metric, Metrics())
	}
	if len(o.Top) == 0 {
		bad("top is empty, use for example 1, 5, 15")
	}
	for i, k := range o.Top {
		if k < 1 || i > 0 && k <= o.Top[i-1] {
			bad("top %v has to be positive and ascending", o.Top)
			break
		}
	}
	if !slices.Contains(o.Top, o.Headline) {
		bad("headline %d is not in top %v", o.Headline, o.Top)
	}
	if o.Every < 0 {
		bad("every is %d trials, use 0 or more", o.Every)
	}
	if !(o.Level > 0 && o.Level < 1) {
		bad("level %v is not between 0 and 1", o.Level)
	}
	if o.Method != StudentT && o.Method != Bootstrap {
		bad("method %q is not known, use %q or %q", o.Method, StudentT, Bootstrap)
	}
	if o.Resamples < 100 {
		bad("resamples is %d, use at least 100", o.Resamples)
	}
	return errors.Join(problems...)
}

// ComparisonSchema is the schema field of a Comparison in JSON.
const ComparisonSchema = "espalier.comparison.v1"

// Comparison is what two sets of runs at equal budget say about each other.
type Comparison struct {
	Schema string  `json:"schema"`
	A      string  `json:"a"`
	B      string  `json:"b"`
	Metric Metric  `json:"metric"`
	Method Method  `json:"method"`
	Level  float64 `json:"level"`
	SeedsA int     `json:"seeds_a"`
	SeedsB int     `json:"seeds_b"`
	// Paired says that both sides have the same seeds, and that differences
	// were taken within each.
	Paired bool `json:"paired"`
	// Budget is how many trials of each run were compared.
	Budget      int          `json:"budget"`
	Headline    int          `json:"headline"` // the k of the verdict; 0 without any trial
	Verdict     Verdict      `json:"verdict"`
	Sentence    string       `json:"sentence"`
	Checkpoints []Checkpoint `json:"checkpoints"`
	BandsA      []Band       `json:"bands_a"`
	BandsB      []Band       `json:"bands_b"`
	// ImprovementA and ImprovementB are the best trial of each side relative to
	// the mean random trial, minus 1 (Yang, Esperança & Carlucci 2020, eq. 1),
	// or, where lower is better, what is saved of it.
	// Picking the best of many is an improvement too: A's says something only
	// beside B's.
	ImprovementA Interval `json:"improvement_a"`
	ImprovementB Interval `json:"improvement_b"`
	// Notes are what else a reader has to know.
	Notes []string `json:"notes"`
}

// Checkpoint compares the first Trials trials of each run.
type Checkpoint struct {
	Trials int   `json:"trials"`
	Tops   []Top `json:"tops"`
}

// Top compares the mean of the K best trials of each run.
type Top struct {
	K int      `json:"k"`
	A Interval `json:"a"`
	B Interval `json:"b"`
	// Difference is what A gains: A minus B, or B minus A where lower is better.
	Difference Interval `json:"difference"`
	Test       Test     `json:"test"`
}

// Band is the best metric so far after Trials trials, over the seeds.
type Band struct {
	Trials int `json:"trials"`
	Interval
}

// Compare compares the runs a with their control b; b may be empty. Every run
// is cut to the shortest one's length, so that the budgets are equal. The
// options have to be valid.
func Compare(a, b []Run, o CompareOptions) Comparison {
	if o.Validate() != nil {
		panic("report: compare options are not valid, ask Validate first")
	}
	c := Comparison{
		Schema: ComparisonSchema, A: o.A, B: o.B, Metric: o.Metric, Method: o.Method, Level: o.Level,
		SeedsA: len(a), SeedsB: len(b), Checkpoints: []Checkpoint{}, BandsA: []Band{}, BandsB: []Band{}, Notes: []string{},
	}
	b, c.Paired = paired(a, b)
	m := matched{e: estimator{o.Method, o.Level, o.Resamples, o.RandomSeed}, paired: c.Paired, metric: o.Metric}
	m.a, m.b, c.Budget = equalBudget(a, b, o.Metric)
	for _, trials := range checkpoints(c.Budget, o.Every) {
		point := Checkpoint{Trials: trials, Tops: []Top{}}
		for _, k := range o.Top {
			if k <= trials {
				point.Tops = append(point.Tops, m.top(k, trials))
			}
		}
		c.Checkpoints = append(c.Checkpoints, point)
	}
	c.BandsA, c.BandsB = m.bands(m.a, c.Budget), m.bands(m.b, c.Budget)
	c.ImprovementA, c.ImprovementB = m.improvement(m.a), m.improvement(m.b)
	c.Notes = append(c.Notes, m.notes(a, b, o)...)
	c.judge(o)
	return c
}

// matched are the metrics of both sides, (seeds, budget) each, as scores: more
// is better.
type matched struct {
	e      estimator
	paired bool
	metric Metric
	a, b   [][]float64
}

// paired reorders b to the seeds of a, if both have the same ones, each once.
func paired(a, b []Run) ([]Run, bool) {
	if len(a) != len(b) || len(a) == 0 {
		return b, false
	}
	ordered := make([]Run, 0, len(b))
	for i, run := range a {
		at := slices.IndexFunc(b, func(r Run) bool { return r.Seed == run.Seed })
		if at < 0 || slices.ContainsFunc(a[:i], func(r Run) bool { return r.Seed == run.Seed }) {
			return b, false
		}
		ordered = append(ordered, b[at])
	}
	return ordered, true
}

func equalBudget(a, b []Run, metric Metric) (va, vb [][]float64, budget int) {
	budget = math.MaxInt
	for _, run := range slices.Concat(a, b) {
		budget = min(budget, len(run.values(metric)))
	}
	if len(a)+len(b) == 0 {
		budget = 0
	}
	for _, run := range a {
		va = append(va, metric.scores(run.values(metric)[:budget]))
	}
	for _, run := range b {
		vb = append(vb, metric.scores(run.values(metric)[:budget]))
	}
	return va, vb, budget
}

// checkpoints are the multiples of every up to the budget, and the budget.
func checkpoints(budget, every int) []int {
	if budget == 0 {
		return nil
	}
	if every == 0 {
		every = max((budget+4)/5, 1)
	}
	var points []int
	for at := every; at < budget; at += every {
		points = append(points, at)
	}
	return append(points, budget)
}

// top compares the mean of the k best of the first trials.
func (m matched) top(k, trials int) Top {
	best := func(side [][]float64) []float64 {
		means := make([]float64, len(side))
		for i, values := range side {
			means[i] = topMean(values[:trials], k)
		}
		return means
	}
	a, b := best(m.a), best(m.b)
	t := Top{K: k, A: m.estimate(a), B: m.estimate(b)}
	if m.paired {
		differences := make([]float64, len(a))
		for i := range a {
			differences[i] = a[i] - b[i]
		}
		t.Difference, t.Test = m.e.mean(differences), signFlip(differences, m.e.seed)
	} else {
		t.Difference, t.Test = m.e.difference(a, b), relabel(a, b, m.e.seed)
	}
	return t
}

// bandPoints is the largest number of points of a band.
const bandPoints = 200

func (m matched) bands(side [][]float64, budget int) []Band {
	bands := []Band{}
	if len(side) == 0 || budget == 0 {
		return bands
	}
	best := make([][]float64, len(side))
	for i, values := range side {
		best[i] = bestSoFar(values)
	}
	points := min(budget, bandPoints)
	for p := 1; p <= points; p++ {
		trials := p * budget / points
		at := make([]float64, len(best))
		for i := range best {
			at[i] = best[i][trials-1]
		}
		bands = append(bands, Band{trials, m.estimate(at)})
	}
	return bands
}

// estimate is the interval of scores, in the metric.
func (m matched) estimate(scores []float64) Interval {
	i := m.e.mean(scores)
	if m.metric.Lower() {
		return Interval{-i.Mean, -i.High, -i.Low}
	}
	return i
}

// improvement is the best of each run relative to the mean random trial: that
// of the same seed where the runs are paired, else of all.
func (m matched) improvement(side [][]float64) Interval {
	random := make([]float64, len(m.b))
	for i, values := range m.b {
		random[i] = mean(knownValues(values))
	}
	ratios := make([]float64, len(side))
	for i, values := range side {
		base := mean(random)
		if m.paired {
			base = random[i]
		}
		ratios[i] = m.metric.score(topMean(values, 1)/base - 1)
		if !(m.metric.score(base) > 0) {
			ratios[i] = math.NaN()
		}
	}
	return m.e.mean(ratios)
}

// notes says what was cut and what failed.
func (m matched) notes(a, b []Run, o CompareOptions) []string {
	var notes []string
	shortest, longest := math.MaxInt, 0
	for _, run := range slices.Concat(a, b) {
		n := len(run.values(o.Metric))
		shortest, longest = min(shortest, n), max(longest, n)
	}
	if longest > shortest {
		notes = append(notes, fmt.Sprintf("The runs have %d to %d trials; the first %d of each are compared.", shortest, longest, shortest))
	}
	for _, side := range []struct {
		name   string
		values [][]float64
	}{{o.A, m.a}, {o.B, m.b}} {
		all := slices.Concat(side.values...)
		if failed := len(all) - len(knownValues(all)); failed > 0 {
			notes = append(notes, fmt.Sprintf("Of %s's %d trials %d failed or repeated an earlier network; they count against its budget.", side.name, len(all), failed))
		}
	}
	if len(a) > 0 && len(b) > 0 && !m.paired {
		notes = append(notes, fmt.Sprintf("The seeds of %s and %s differ, so the runs are not paired.", o.A, o.B))
	}
	return notes
}
