package report

import (
	"fmt"
	"math"
	"strings"
)

// Verdict is the outcome of a Comparison.
type Verdict string

const (
	Better    Verdict = "better"     // the interval of A minus B lies above 0
	Worse     Verdict = "worse"      // it lies below 0
	Unclear   Verdict = "unclear"    // it includes 0, or there are too few seeds for one
	NoControl Verdict = "no control" // there is nothing to compare with
)

// judge sets the verdict, and the sentence that says it in plain words, from
// the headline of the last checkpoint.
func (c *Comparison) judge(o CompareOptions) {
	top := c.headline(o.Headline)
	c.Verdict = Unclear
	if c.SeedsB == 0 {
		c.Verdict = NoControl
	}
	switch {
	case c.SeedsA == 0 || top == nil:
		c.Sentence = fmt.Sprintf("There is no finished trial of %s, so there is nothing to say about it.", c.A)
		return
	case !top.A.Mean.Known() || c.SeedsB > 0 && !top.B.Mean.Known():
		c.Headline = top.K
		c.Sentence = fmt.Sprintf("Too few children were trained successfully to say what %s is like.", best(top.K, c.Budget))
		return
	}
	c.Headline = top.K
	subject := best(top.K, c.Budget) + " average"
	if top.K == 1 {
		subject = best(top.K, c.Budget) + " reaches"
	}
	if c.SeedsB == 0 {
		c.Sentence = fmt.Sprintf("There is no %s control, so this does not show whether %s does better than drawing architectures at random; with %s, %s %s.",
			c.B, c.A, count(c.SeedsA, "seed", "seeds"), subject, c.named(top.A.Mean))
		return
	}
	opening := fmt.Sprintf("No clear difference yet between %s and %s", c.A, c.B)
	if top.Difference.Excludes(0) {
		c.Verdict, opening = Worse, fmt.Sprintf("%s does worse than %s here", c.A, c.B)
		if top.Difference.Mean > 0 {
			c.Verdict, opening = Better, fmt.Sprintf("%s does better than %s here", c.A, c.B)
		}
	}
	c.Sentence = fmt.Sprintf("%s: %s %s with %s and %s with %s, a %s of %s (%s).", opening, subject,
		c.named(top.A.Mean), c.A, c.value(top.B.Mean), c.B, c.gain(), c.unit(top.Difference.Mean), c.evidence(*top))
}

// headline is the comparison of the k best at the last checkpoint, or of the
// most below k that there were trials for.
func (c *Comparison) headline(k int) *Top {
	if len(c.Checkpoints) == 0 {
		return nil
	}
	var top *Top
	last := c.Checkpoints[len(c.Checkpoints)-1]
	for i := range last.Tops {
		if last.Tops[i].K <= k {
			top = &last.Tops[i]
		}
	}
	return top
}

// evidence is what stands behind a difference: interval, seeds and test.
func (c *Comparison) evidence(t Top) string {
	seeds := count(c.SeedsA, "seed", "seeds")
	if c.SeedsA != c.SeedsB {
		seeds = fmt.Sprintf("%d and %s", c.SeedsA, count(c.SeedsB, "seed", "seeds"))
	}
	if !t.Difference.Known() {
		return seeds + ", too few for an interval"
	}
	text := fmt.Sprintf("%s interval %s to %s, %s", levelText(c.Level), c.signed(t.Difference.Low), c.signed(t.Difference.High), seeds)
	if !t.Test.P.Known() {
		return text
	}
	text += fmt.Sprintf("; %s test: p %s", t.Test.Name, pValue(t.Test.P))
	if t.Test.Exact && t.Test.Least > 0.05 {
		if t.Test.P > t.Test.Least {
			return text + fmt.Sprintf(", where so few seeds cannot give less than %.3f", float64(t.Test.Least))
		}
		return text + ", the least that so few seeds can give"
	}
	return text
}

func best(k, budget int) string {
	if k == 1 {
		return "the best of " + count(budget, "child", "children")
	}
	return fmt.Sprintf("the best %d of %s", k, count(budget, "child", "children"))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(int64(n)) + " " + many
}

// levelText is a confidence, as in "95 %".
func levelText(level float64) string { return strings.TrimSuffix(fixed(100*level, 1), ".0") + " %" }

// decimals are those of all numbers of the comparison: one of a percentage,
// of a reward enough for three significant digits of the largest mean, and of
// what language models are measured by enough for four.
func (c *Comparison) decimals() int {
	if c.Metric == Accuracy {
		return 1
	}
	largest := 0.0
	for _, point := range c.Checkpoints {
		for _, top := range point.Tops {
			for _, m := range []Float{top.A.Mean, top.B.Mean} {
				if m.Known() {
					largest = max(largest, math.Abs(float64(m)))
				}
			}
		}
	}
	if c.Metric.Lower() {
		return decimals(largest) + 1
	}
	return decimals(largest)
}

// gain is what a difference of the two sides is called.
func (c *Comparison) gain() string {
	if c.Metric.Lower() {
		return "gain" // a smaller value is better
	}
	return "difference"
}

// value writes a value of the metric, named adds what it is.
func (c *Comparison) value(v Float) string {
	switch {
	case !v.Known():
		return Unknown
	case c.Metric == Accuracy:
		return Percent(float64(v))
	}
	return fixed(float64(v), c.decimals())
}

func (c *Comparison) named(v Float) string {
	if c.Metric == Accuracy {
		return c.value(v) + " " + c.Metric.Name()
	}
	return "a " + c.Metric.Name() + " of " + c.value(v)
}

// signed writes a difference of the metric, unit adds its unit.
func (c *Comparison) signed(v Float) string {
	if c.Metric == Accuracy {
		return signed(100*float64(v), 1)
	}
	return signed(float64(v), c.decimals())
}

func (c *Comparison) unit(v Float) string {
	if c.Metric == Accuracy {
		return c.signed(v) + " percentage points"
	}
	return c.signed(v)
}

// pValue writes a probability with its relation, as in "= 0.062".
func pValue(p Float) string {
	if p < 0.0005 {
		return "< 0.001"
	}
	return "= " + fixed(float64(p), 3)
}
