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
	values   []spec.Raw // each checked
}

// ParseParams reads given, a JSON object or empty, against the declaration. Its
// error is a *spec.Fault that reports every problem.
func ParseParams(declared []spec.Param, given spec.Raw) (Params, error) {
	p := Params{declared, make([]spec.Raw, len(declared))}
	for i := range declared {
		p.values[i] = declared[i].Default
		if !valid(&declared[i], declared[i].Default) {
			panic("guest: the default of a declared param breaks its own declaration")
		}
	}
	if len(given) == 0 {
		return p, nil
	}
	problems := ""
	d := wire.NewDecoder(given)
	for d.Object(); d.Next(); {
		name := d.Key()
		i := p.index(name)
		if i < 0 {
			problems += p.unknown(name)
		} else if v := spec.Raw(d.Raw()); d.Err() == nil {
			p.values[i] = v
			if !valid(&declared[i], v) {
				problems += "param " + wire.Quote(name) + " is " + shown(v) + "; it must be of type " + wanted(&declared[i]) + "; "
			}
		}
	}
	if err := d.Finish(); err != nil {
		problems += "the params are not a JSON object: " + err.Error() + "; "
	}
	if problems != "" {
		return Params{}, BadParams(problems[:len(problems)-len("; ")])
	}
	return p, nil
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
	return "unknown param " + wire.Quote(name) + nearest(name, known, "; the params are:") + "; "
}

// valid reports whether v is of the declared type and in the declared range.
func valid(q *spec.Param, v spec.Raw) bool {
	d := wire.NewDecoder(v)
	ok, items := true, 0
	if q.Type == spec.ParamInts || q.Type == spec.ParamStrings {
		for d.Array(); d.Next(); items++ {
			ok = validItem(q, d) && ok
		}
	} else {
		ok = validItem(q, d)
	}
	return d.Finish() == nil && ok && items <= MaxItems
}

// validItem checks one value of the declared type, or one item of a list.
func validItem(q *spec.Param, d *wire.Decoder) bool {
	v := 0.0
	switch q.Type {
	case spec.ParamBool:
		d.Bool()
		return true
	case spec.ParamString, spec.ParamStrings:
		s := d.Text()
		for _, o := range q.Options {
			if s == o {
				return true
			}
		}
		return len(q.Options) == 0
	case spec.ParamFloat:
		v = d.Float()
	default:
		v = float64(d.Int())
	}
	return v-v == 0 && (q.Min == nil || v >= *q.Min) && (q.Max == nil || v <= *q.Max)
}

// wanted describes the declared type and range.
func wanted(q *spec.Param) string {
	s := string(q.Type)
	if q.Type == spec.ParamInts || q.Type == spec.ParamStrings {
		s += ", at most " + strconv.Itoa(MaxItems) + " of them"
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
func shown(v spec.Raw) string {
	const most = 64
	if len(v) > most {
		return string(v[:most]) + "..."
	}
	return string(v)
}

// at returns a Decoder of the value of a declared param.
//
//go:noinline
func (p Params) at(name string, t spec.ParamType) *wire.Decoder {
	i := p.index(name)
	if i < 0 || p.declared[i].Type != t {
		panic("guest: a param was asked for that is not declared with this type")
	}
	return wire.NewDecoder(p.values[i])
}

// Has reports whether the param is declared.
func (p Params) Has(name string) bool { return p.index(name) >= 0 }

// Int returns the value of a param declared by Int.
func (p Params) Int(name string) int { return p.at(name, spec.ParamInt).Int() }

// Float returns the value of a param declared by Float.
func (p Params) Float(name string) float64 { return p.at(name, spec.ParamFloat).Float() }

// Bool returns the value of a param declared by Bool.
func (p Params) Bool(name string) bool { return p.at(name, spec.ParamBool).Bool() }

// String returns the value of a param declared by String.
func (p Params) String(name string) string { return p.at(name, spec.ParamString).Text() }

// Ints returns the value of a param declared by Ints.
func (p Params) Ints(name string) []int { return p.at(name, spec.ParamInts).Ints() }

// Strings returns the value of a param declared by Strings.
func (p Params) Strings(name string) []string { return p.at(name, spec.ParamStrings).Texts() }

// Raw returns all params as a JSON object in the order of the declaration.
func (p Params) Raw() spec.Raw {
	var e wire.Encoder
	e.BeginObject()
	for i := range p.declared {
		e.Key(p.declared[i].Name).Raw(p.values[i])
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
