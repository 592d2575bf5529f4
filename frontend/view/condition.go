package view

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
)

// condition makes t what a word says of a column.
func (p *filterParser) condition(w word, t *term) error {
	c := p.column(w.field)
	if c == nil {
		return p.unknownField(w)
	}
	op := w.op
	if op == "!=" {
		t.not, op = !t.not, "="
	}
	if c.text != nil {
		return p.textCondition(c, w, op, t)
	}
	var of []func(v float64) bool
	from := w.valueFrom
	for _, part := range strings.Split(w.value, ",") {
		test, err := p.numberCondition(c, op, part, from)
		if err != nil {
			return err
		}
		of = append(of, test)
		from += len(part) + 1
	}
	if len(of) > 1 && op != ":" && op != "=" {
		return p.fail(w.valueFrom, p.at, "%s%s takes one number; a list goes with a colon, as in %s:1,2,3", c.Key, w.op, c.Key)
	}
	t.keep = func(t *event.Trial) bool {
		v := c.number(t)
		return slices.ContainsFunc(of, func(test func(float64) bool) bool { return test(v) })
	}
	return nil
}

// numberCondition is a test of numbers: a comparison, a range or a value.
// Nothing holds of an unknown number.
func (p *filterParser) numberCondition(c *Column, op, part string, from int) (func(v float64) bool, error) {
	low, high, isRange := strings.Cut(part, "..")
	if isRange {
		if op != ":" && op != "=" {
			return nil, p.fail(from, from+len(part), "a range goes with a colon, as in %s:%s", c.Key, part)
		}
		a, b := math.Inf(-1), math.Inf(1)
		var err error
		if low != "" {
			if a, err = p.number(c, low, from); err != nil {
				return nil, err
			}
		}
		if high != "" {
			if b, err = p.number(c, high, from+len(low)+len("..")); err != nil {
				return nil, err
			}
		}
		if a > b {
			return nil, p.fail(from, from+len(part), "the range %s is empty; write its smaller end first", part)
		}
		return func(v float64) bool { return v >= a && v <= b }, nil
	}
	x, err := p.number(c, part, from)
	if err != nil {
		return nil, err
	}
	switch op {
	case "<":
		return func(v float64) bool { return v < x }, nil
	case "<=":
		return func(v float64) bool { return v <= x }, nil
	case ">":
		return func(v float64) bool { return v > x }, nil
	case ">=":
		return func(v float64) bool { return v >= x }, nil
	}
	return func(v float64) bool { return v == x }, nil
}

// units are what may stand behind a number, longer ones first.
var units = []struct {
	name  string
	times float64
}{{"ms", 1e-3}, {"%", 1e-2}, {"s", 1}, {"m", 60}, {"h", 3600}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}}

// number reads a number as people write it: 0.8, 80%, 1e6, 100k, 2.5M, 90s, 2m.
func (p *filterParser) number(c *Column, text string, from int) (float64, error) {
	digits, times, over := strings.ReplaceAll(text, "_", ""), 1.0, 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(digits, u.name); ok && rest != "" {
			digits, times = rest, u.times
			if times < 1 {
				times, over = 1, math.Round(1/times) // 80/100 is 0.8, 80*0.01 is not
			}
			break
		}
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsNaN(v) {
		return 0, p.fail(from, from+len(text), "%q is not a number, which %s wants: write 0.8, 80%%, 1e6, 100k, 2.5M, 90s or 2m", text, c.Key)
	}
	return v * times / over, nil
}

func (p *filterParser) textCondition(c *Column, w word, op string, t *term) error {
	if op != ":" && op != "=" {
		return p.fail(w.valueFrom-len(w.op), w.valueFrom, "%s is a text and cannot be compared with %s; use %s:%s", c.Key, w.op, c.Key, w.value)
	}
	low := strings.ToLower(w.value)
	if c.values != nil {
		list := strings.Split(low, ",")
		for _, v := range list {
			if !slices.Contains(c.values, v) {
				return p.fail(w.valueFrom, p.at, "%s is one of %s, not %q", c.Key, strings.Join(c.values, ", "), v)
			}
		}
		t.keep = func(t *event.Trial) bool { return slices.Contains(list, c.text(t)) }
		return nil
	}
	t.keep = func(t *event.Trial) bool { return containsFold(c.text(t), low) }
	if op == "=" {
		t.keep = func(t *event.Trial) bool { return strings.EqualFold(c.text(t), w.value) }
	}
	return nil
}

// is makes t a condition that has a name of its own.
func (p *filterParser) is(w word, t *term) error {
	switch strings.ToLower(w.value) {
	case "duplicate":
		t.keep = func(t *event.Trial) bool { return t.DuplicateOf != 0 }
	case "best":
		t.whole = func(s *event.State) func(t *event.Trial) bool {
			steps := map[int]bool{}
			for _, p := range s.Curve {
				steps[p.Trial] = true
			}
			return func(t *event.Trial) bool { return steps[t.ID] }
		}
	default:
		return p.fail(w.valueFrom, p.at, "is: takes best (the trials that were the best so far) or duplicate, not %q", w.value)
	}
	if w.op != ":" && w.op != "=" {
		return p.fail(w.valueFrom-len(w.op), w.valueFrom, "write is:%s", w.value)
	}
	return nil
}

// top makes t the condition to be among the n trials with the highest rewards.
func (p *filterParser) top(w word, t *term) error {
	n, err := strconv.Atoi(w.value)
	if err != nil || n < 1 || w.op != ":" && w.op != "=" {
		return p.fail(w.from, p.at, "top takes a number of trials, as in top:20")
	}
	t.whole = func(s *event.State) func(t *event.Trial) bool {
		best := map[int]bool{}
		for _, id := range s.Top(n) {
			best[id] = true
		}
		return func(t *event.Trial) bool { return best[t.ID] }
	}
	return nil
}
