package guest

import (
	"math"
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// MaxItems is how many items a param of type ints or strings may have.
const MaxItems = 64

// Int declares an integer param with its default and inclusive range.
func Int(name string, value, low, high int, summary string) spec.Param {
	return declare(name, spec.ParamInt, summary, float64(low), float64(high), nil, func(e *wire.Encoder) { e.Int(int64(value)) })
}

// Float declares a number with its default and inclusive range; an infinite
// bound is none.
func Float(name string, value, low, high float64, summary string) spec.Param {
	return declare(name, spec.ParamFloat, summary, low, high, nil, func(e *wire.Encoder) { e.Float(value) })
}

// Bool declares a param that is true or false.
func Bool(name string, value bool, summary string) spec.Param {
	return declare(name, spec.ParamBool, summary, math.Inf(-1), math.Inf(1), nil, func(e *wire.Encoder) { e.Bool(value) })
}

// String declares a string param; it must be one of the options, if there are any.
func String(name, value string, options []string, summary string) spec.Param {
	return declare(name, spec.ParamString, summary, math.Inf(-1), math.Inf(1), options, func(e *wire.Encoder) { e.Text(value) })
}

// Ints declares a list of integers, each within the inclusive range.
func Ints(name string, value []int, low, high int, summary string) spec.Param {
	return declare(name, spec.ParamInts, summary, float64(low), float64(high), nil, func(e *wire.Encoder) { e.Ints(value) })
}

// Strings declares a list of strings, each one of the options, if there are any.
func Strings(name string, value, options []string, summary string) spec.Param {
	return declare(name, spec.ParamStrings, summary, math.Inf(-1), math.Inf(1), options, func(e *wire.Encoder) { e.Texts(value) })
}

func declare(name string, t spec.ParamType, summary string, low, high float64, options []string, value func(*wire.Encoder)) spec.Param {
	p := spec.Param{Name: name, Type: t, Summary: summary, Options: options}
	if !math.IsInf(low, -1) {
		p.Min = &low
	}
	if !math.IsInf(high, 1) {
		p.Max = &high
	}
	var e wire.Encoder
	value(&e)
	p.Default = e.Bytes()
	return p
}

// Params are the params of a space or shaper, checked against their
// declaration, with defaults filled in.
type Params struct {
	declared []spec.Param
	values   []value
}

// value is a param's value; which field holds it follows from the param's type.
type value struct {
	number  float64
	truth   bool
	text    string
	numbers []int
	texts   []string
}

// ParseParams reads given, a JSON object or empty, against the declaration. Its
// error is a *spec.Fault that reports every problem.
func ParseParams(declared []spec.Param, given spec.Raw) (Params, error) {
	p := Params{declared: declared, values: make([]value, len(declared))}
	var problems []string
	for i, q := range declared {
		if what := p.values[i].read(q, q.Default); what != "" {
			problems = append(problems, "the default of param "+wire.Quote(q.Name)+" "+what)
		}
	}
	if len(given) > 0 {
		d := wire.NewDecoder(given)
		for name := range d.Object() {
			i := p.index(name)
			if i < 0 {
				problems = append(problems, p.unknown(name))
				continue
			}
			if what := p.values[i].read(declared[i], d.Raw()); what != "" && d.Err() == nil {
				problems = append(problems, "param "+wire.Quote(name)+" "+what)
			}
		}
		if err := d.Finish(); err != nil {
			problems = append(problems, "the params are not a JSON object: "+err.Error())
		}
	}
	if len(problems) == 0 {
		return p, nil
	}
	msg := problems[0]
	for _, what := range problems[1:] {
		msg += "; " + what
	}
	return Params{}, BadParams(msg)
}

func (p Params) index(name string) int {
	for i := range p.declared {
		if p.declared[i].Name == name {
			return i
		}
	}
	return -1
}

// unknown says that there is no param of that name, and which one is nearest.
func (p Params) unknown(name string) string {
	msg := "unknown param " + wire.Quote(name)
	if len(p.declared) == 0 {
		return msg + "; there are none"
	}
	nearest, least := "", math.MaxInt
	for i := range p.declared {
		if d := distance(name, p.declared[i].Name); d < least {
			nearest, least = p.declared[i].Name, d
		}
	}
	return msg + "; did you mean " + wire.Quote(nearest) + "?"
}

// distance is the number of bytes to insert, delete or replace to turn a into b
// (Levenshtein 1966). It compares the first 64 bytes only.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// read sets v from JSON and says what is wrong with it, or returns "".
func (v *value) read(q spec.Param, json spec.Raw) string {
	d := wire.NewDecoder(json)
	want := ""
	switch q.Type {
	case spec.ParamInt:
		want = "an integer"
		v.number = float64(d.Int())
	case spec.ParamFloat:
		want = "a number"
		v.number = d.Float()
	case spec.ParamBool:
		want = "true or false"
		v.truth = d.Bool()
	case spec.ParamString:
		want = "a string"
		v.text = d.Text()
	case spec.ParamInts:
		want = "an array of integers"
		v.numbers = d.Ints()
	case spec.ParamStrings:
		want = "an array of strings"
		v.texts = d.Texts()
	}
	if d.Finish() != nil {
		return "is " + shown(json) + "; it must be " + want
	}
	return v.outside(q)
}

// outside says that v is out of the declared range, or returns "".
func (v *value) outside(q spec.Param) string {
	switch q.Type {
	case spec.ParamInt, spec.ParamFloat:
		return numberOutside(q, v.number)
	case spec.ParamString:
		return textOutside(q, v.text)
	}
	if count := len(v.numbers) + len(v.texts); count > MaxItems {
		return "has " + strconv.Itoa(count) + " items; at most " + strconv.Itoa(MaxItems) + " are allowed"
	}
	for _, n := range v.numbers {
		if what := numberOutside(q, float64(n)); what != "" {
			return what
		}
	}
	for _, s := range v.texts {
		if what := textOutside(q, s); what != "" {
			return what
		}
	}
	return ""
}

func numberOutside(q spec.Param, v float64) string {
	low, high := math.Inf(-1), math.Inf(1)
	if q.Min != nil {
		low = *q.Min
	}
	if q.Max != nil {
		high = *q.Max
	}
	switch {
	case v >= low && v <= high:
		return ""
	case q.Max == nil:
		return "is " + number(v) + "; it must be at least " + number(low)
	case q.Min == nil:
		return "is " + number(v) + "; it must be at most " + number(high)
	}
	return "is " + number(v) + "; it must be in " + number(low) + ".." + number(high)
}

func textOutside(q spec.Param, s string) string {
	known := ""
	for _, o := range q.Options {
		if s == o {
			return ""
		}
		known += " " + o
	}
	if known == "" {
		return ""
	}
	return "is " + wire.Quote(s) + "; it must be one of" + known
}

func number(v float64) string {
	var e wire.Encoder
	e.Float(v)
	return string(e.Bytes())
}

func shown(json spec.Raw) string {
	if len(json) > 64 {
		return string(json[:64]) + "..."
	}
	return string(json)
}

// at returns the value of a declared param.
func (p Params) at(name string, t spec.ParamType) *value {
	i := p.index(name)
	if i < 0 || p.declared[i].Type != t {
		panic("guest: a param was asked for that is not declared with this type")
	}
	return &p.values[i]
}

// Int returns the value of a param declared by Int.
func (p Params) Int(name string) int { return int(p.at(name, spec.ParamInt).number) }

// Float returns the value of a param declared by Float.
func (p Params) Float(name string) float64 { return p.at(name, spec.ParamFloat).number }

// Bool returns the value of a param declared by Bool.
func (p Params) Bool(name string) bool { return p.at(name, spec.ParamBool).truth }

// String returns the value of a param declared by String.
func (p Params) String(name string) string { return p.at(name, spec.ParamString).text }

// Ints returns the value of a param declared by Ints.
func (p Params) Ints(name string) []int { return p.at(name, spec.ParamInts).numbers }

// Strings returns the value of a param declared by Strings.
func (p Params) Strings(name string) []string { return p.at(name, spec.ParamStrings).texts }

// Raw returns all params as a JSON object in the order of the declaration.
func (p Params) Raw() spec.Raw {
	var e wire.Encoder
	e.BeginObject()
	for i, q := range p.declared {
		v := &p.values[i]
		e.Key(q.Name)
		switch q.Type {
		case spec.ParamInt:
			e.Int(int64(v.number))
		case spec.ParamFloat:
			e.Float(v.number)
		case spec.ParamBool:
			e.Bool(v.truth)
		case spec.ParamString:
			e.Text(v.text)
		case spec.ParamInts:
			e.Ints(v.numbers)
		case spec.ParamStrings:
			e.Texts(v.texts)
		}
	}
	e.EndObject()
	return e.Bytes()
}
