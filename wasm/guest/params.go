package guest

import (
	"math"
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// MaxItems is how many items a param of type ints or strings may have.
const MaxItems = 64

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
	for i := range declared {
		if p.values[i].read(&declared[i], declared[i].Default) != "" {
			panic("guest: the default of a declared param breaks its own declaration")
		}
	}
	problems := ""
	if len(given) > 0 {
		d := wire.NewDecoder(given)
		for d.Object(); d.Next(); {
			if what := p.set(d.Key(), d); what != "" {
				problems += what + "; "
			}
		}
		if err := d.Finish(); err != nil {
			problems += "the params are not a JSON object: " + err.Error() + "; "
		}
	}
	if problems != "" {
		return Params{}, BadParams(problems[:len(problems)-len("; ")])
	}
	return p, nil
}

// set reads the param of that name and says what is wrong with it, or returns "".
func (p Params) set(name string, d *wire.Decoder) string {
	i := p.index(name)
	if i < 0 {
		return p.unknown(name)
	}
	text := d.Raw()
	if d.Err() != nil {
		return "" // reported with the whole
	}
	if what := p.values[i].read(&p.declared[i], text); what != "" {
		return "param " + wire.Quote(name) + " is " + shown(text) + "; it must be " + what
	}
	return ""
}

//go:noinline
func (p Params) index(name string) int {
	for i := range p.declared {
		if p.declared[i].Name == name {
			return i
		}
	}
	return -1
}

// unknown says that there is no param of that name, and which there are.
func (p Params) unknown(name string) string {
	var known []string
	for i := range p.declared {
		known = append(known, p.declared[i].Name)
	}
	msg := "unknown param " + wire.Quote(name)
	if help := spec.Suggest(name, known); help != "" {
		return msg + help
	}
	return msg + "; the params are:" + spaced(known)
}

// read sets v from JSON, or says what it must be.
func (v *value) read(q *spec.Param, text spec.Raw) string {
	d := wire.NewDecoder(text)
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
	if d.Finish() == nil && v.within(q) {
		return ""
	}
	return want + rangeText(q)
}

// within reports whether v is in the declared range.
func (v *value) within(q *spec.Param) bool {
	switch q.Type {
	case spec.ParamInt, spec.ParamFloat:
		return numberWithin(q, v.number)
	case spec.ParamString:
		return textWithin(q, v.text)
	}
	for _, n := range v.numbers {
		if !numberWithin(q, float64(n)) {
			return false
		}
	}
	for _, s := range v.texts {
		if !textWithin(q, s) {
			return false
		}
	}
	return len(v.numbers) <= MaxItems && len(v.texts) <= MaxItems
}

// numberWithin is false for NaN.
func numberWithin(q *spec.Param, v float64) bool {
	return v-v == 0 && (q.Min == nil || v >= *q.Min) && (q.Max == nil || v <= *q.Max)
}

func textWithin(q *spec.Param, s string) bool {
	for _, o := range q.Options {
		if s == o {
			return true
		}
	}
	return len(q.Options) == 0
}

// rangeText describes the declared range.
func rangeText(q *spec.Param) string {
	s := ""
	if q.Type == spec.ParamInts || q.Type == spec.ParamStrings {
		s = ", at most " + strconv.Itoa(MaxItems) + " of them"
	}
	if q.Min != nil {
		s += ", at least " + number(*q.Min)
	}
	if q.Max != nil {
		s += ", at most " + number(*q.Max)
	}
	if len(q.Options) > 0 {
		s += ", from:" + spaced(q.Options)
	}
	return s
}

//go:noinline
func number(v float64) string {
	var e wire.Encoder
	e.Float(v)
	return string(e.Bytes())
}

// shown returns the beginning of a JSON text.
func shown(text spec.Raw) string {
	if len(text) > MaxItems {
		return string(text[:MaxItems]) + "..."
	}
	return string(text)
}

// at returns the value of a declared param.
//
//go:noinline
func (p Params) at(name string, t spec.ParamType) *value {
	i := p.index(name)
	if i < 0 || p.declared[i].Type != t {
		panic("guest: a param was asked for that is not declared with this type")
	}
	return &p.values[i]
}

// Has reports whether the param is declared.
func (p Params) Has(name string) bool { return p.index(name) >= 0 }

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
	for i := range p.declared {
		v := &p.values[i]
		e.Key(p.declared[i].Name)
		switch p.declared[i].Type {
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

// Int declares an integer param with its default and inclusive range.
func Int(name string, value, low, high int, summary string) spec.Param {
	return between(name, spec.ParamInt, number(float64(value)), float64(low), float64(high), summary)
}

// Float declares a number with its default and inclusive range; an infinite
// bound is none.
func Float(name string, value, low, high float64, summary string) spec.Param {
	return between(name, spec.ParamFloat, number(value), low, high, summary)
}

// Ints declares a list of integers, each within the inclusive range.
func Ints(name string, value []int, low, high int, summary string) spec.Param {
	var e wire.Encoder
	e.Ints(value)
	return between(name, spec.ParamInts, string(e.Bytes()), float64(low), float64(high), summary)
}

func between(name string, t spec.ParamType, value string, low, high float64, summary string) spec.Param {
	p := spec.Param{Name: name, Type: t, Default: spec.Raw(value), Summary: summary}
	if !math.IsInf(low, 0) {
		p.Min = &low
	}
	if !math.IsInf(high, 0) {
		p.Max = &high
	}
	return p
}

// Bool declares a param that is true or false.
func Bool(name string, value bool, summary string) spec.Param {
	var e wire.Encoder
	e.Bool(value)
	return spec.Param{Name: name, Type: spec.ParamBool, Default: e.Bytes(), Summary: summary}
}

// String declares a string param; it must be one of the options, if there are any.
func String(name, value string, options []string, summary string) spec.Param {
	var e wire.Encoder
	e.Text(value)
	return spec.Param{Name: name, Type: spec.ParamString, Default: e.Bytes(), Summary: summary, Options: options}
}

// Strings declares a list of strings, each one of the options, if there are any.
func Strings(name string, value, options []string, summary string) spec.Param {
	var e wire.Encoder
	e.Texts(value)
	return spec.Param{Name: name, Type: spec.ParamStrings, Default: e.Bytes(), Summary: summary, Options: options}
}
