package report

import (
	"fmt"
	"math"
)

// Trend says whether rewards rose in the course of a study, which is what a
// controller that learns brings about. A schedule that deepens the children
// also moves their rewards: where there is one, measure each stage alone, or
// hold the trend of the random control beside this one.
type Trend struct {
	Studies int      `json:"studies"`
	Trials  int      `json:"trials"` // of the longest study
	First   Float    `json:"first"`  // mean reward of the first quarter of the trials
	Last    Float    `json:"last"`   // mean reward of the last quarter
	Change  Interval `json:"change"` // Last minus First
	// Slope is the rise of a straight line through all rewards, per 100 trials.
	Slope    Interval `json:"slope"`
	Verdict  Verdict  `json:"verdict"` // of Slope: better, worse or unclear
	Sentence string   `json:"sentence"`
}

// minTrend is the number of successful trials below which a study has no
// trend.
const minTrend = 8

// MeasureTrend measures one study, or several of different seeds. Of one study
// the interval says how well its trials determine the trend of that very
// policy: least squares with errors that allow for any change of spread (HC3;
// MacKinnon & White 1985). Of several it says what another seed would do: a t
// interval over their trends. The level lies in (0, 1), such as 0.95.
func MeasureTrend(runs []Run, level float64) Trend {
	if !(level > 0 && level < 1) {
		panic("report: the level of a trend is not between 0 and 1")
	}
	e := estimator{method: StudentT, level: level}
	t := Trend{Verdict: Unclear}
	var first, last, change, slope []float64
	var only Trend // the intervals within the last study
	for _, run := range runs {
		t.Trials = max(t.Trials, len(run.Rewards))
		if len(knownValues(run.Rewards)) < minTrend {
			continue
		}
		quarter := len(run.Rewards) / 4
		early, late := knownValues(run.Rewards[:quarter]), knownValues(run.Rewards[len(run.Rewards)-quarter:])
		only.Change, only.Slope = e.difference(late, early), e.slope(run.Rewards)
		first, last = append(first, mean(early)), append(last, mean(late))
		change, slope = append(change, float64(only.Change.Mean)), append(slope, float64(only.Slope.Mean))
	}
	t.Studies = len(slope)
	t.First, t.Last, t.Change, t.Slope = Float(mean(first)), Float(mean(last)), e.mean(change), e.mean(slope)
	if t.Studies == 1 {
		t.Change, t.Slope = only.Change, only.Slope
	}
	t.judge(level)
	return t
}

func (t *Trend) judge(level float64) {
	if t.Studies == 0 {
		t.Sentence = fmt.Sprintf("There are too few successful trials to see a trend in the rewards; it takes %d.", minTrend)
		return
	}
	opening := "The rewards show no clear trend"
	if t.Slope.Excludes(0) {
		t.Verdict, opening = Worse, "The rewards fell in the course of the search"
		if t.Slope.Mean > 0 {
			t.Verdict, opening = Better, "The rewards rose in the course of the search"
		}
	}
	d := decimals(max(math.Abs(float64(t.Slope.Low)), math.Abs(float64(t.Slope.High))))
	t.Sentence = fmt.Sprintf("%s: their mean was %s in the first quarter and %s in the last; slope %s per 100 trials (%s interval %s to %s, %s).",
		opening, Number(float64(t.First)), Number(float64(t.Last)), signed(float64(t.Slope.Mean), d), levelText(level),
		signed(float64(t.Slope.Low), d), signed(float64(t.Slope.High), d), count(t.Studies, "study", "studies"))
}

// slope fits y = a + b i by least squares over the known rewards of trials i
// and estimates 100 b. With x_i = i - mean(i) and S = sum x_i^2, b = sum x_i
// y_i / S, and HC3's variance of b is sum (x_i r_i / (1 - h_i))^2 / S^2 for
// residuals r_i and leverages h_i = 1/n + x_i^2/S.
func (e estimator) slope(rewards []float64) Interval {
	var x, y []float64
	for i, r := range rewards {
		if finite(r) {
			x, y = append(x, float64(i)), append(y, r)
		}
	}
	n := float64(len(x))
	mx, my := mean(x), mean(y)
	var sxx, sxy float64
	for i := range x {
		sxx += (x[i] - mx) * (x[i] - mx)
		sxy += (x[i] - mx) * (y[i] - my)
	}
	b := sxy / sxx
	sum := 0.0
	for i := range x {
		d := x[i] - mx
		residual := y[i] - my - b*d
		term := d * residual / (1 - 1/n - d*d/sxx)
		sum += term * term
	}
	return e.student(100*b, 100*math.Sqrt(sum)/sxx, n-2)
}
