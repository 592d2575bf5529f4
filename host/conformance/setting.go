package conformance

import (
	"encoding/json"
	"math"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// settings are the params under which an offer is checked: those asked for, or
// else none, which are the defaults, then each param at each extreme of its
// declaration, then all at their lowest and all at their highest.
func (c *checker) settings(o spec.Offer) []spec.Raw {
	if len(c.o.Params) > 0 {
		return []spec.Raw{c.o.Params}
	}
	list := []spec.Raw{spec.Raw("{}")}
	var low, high []member
	for _, p := range o.Params {
		values := extremes(p)
		for _, v := range values {
			list = append(list, object([]member{{p.Name, v}}))
		}
		if len(values) > 0 {
			low = append(low, member{p.Name, values[0]})
			high = append(high, member{p.Name, values[len(values)-1]})
		}
	}
	if len(low) > 1 {
		list = append(list, object(low), object(high))
	}
	return list
}

// member is one member of a JSON object.
type member struct {
	name  string
	value spec.Raw
}

func object(members []member) spec.Raw {
	var e wire.Encoder
	e.BeginObject()
	for _, m := range members {
		e.Key(m.name).Raw(m.value)
	}
	e.EndObject()
	return e.Bytes()
}

// extremes are the extreme values of a declaration, the lowest first, but for
// its default.
func extremes(p spec.Param) []spec.Raw {
	var list []spec.Raw
	add := func(values ...spec.Raw) {
		for _, v := range values {
			if !equalJSON(v, p.Default) {
				list = append(list, v)
			}
		}
	}
	var bounds []spec.Raw
	if p.Min != nil {
		bounds = append(bounds, number(math.Ceil(*p.Min), *p.Min, p.Type))
	}
	if p.Max != nil {
		bounds = append(bounds, number(math.Floor(*p.Max), *p.Max, p.Type))
	}
	var options []spec.Raw
	for _, o := range p.Options {
		options = append(options, text(o))
	}
	switch p.Type {
	case spec.ParamBool:
		add(spec.Raw("false"), spec.Raw("true"))
	case spec.ParamInt, spec.ParamFloat:
		add(bounds...)
	case spec.ParamString:
		add(options...)
	case spec.ParamInts:
		add(lists(bounds)...)
	case spec.ParamStrings:
		add(lists(options)...)
	}
	return list
}

// number writes a bound; whole is what it is for integers.
func number(whole, v float64, t spec.ParamType) spec.Raw {
	if t != spec.ParamFloat {
		v = whole
	}
	var e wire.Encoder
	e.Float(v)
	return e.Bytes()
}

func text(s string) spec.Raw {
	var e wire.Encoder
	e.Text(s)
	return e.Bytes()
}

// lists are the empty list, each item alone, and all together.
func lists(items []spec.Raw) []spec.Raw {
	list := []spec.Raw{spec.Raw("[]")}
	all := "["
	for i, item := range items {
		list = append(list, spec.Raw("["+string(item)+"]"))
		if i > 0 {
			all += ","
		}
		all += string(item)
	}
	if len(items) > 1 {
		list = append(list, spec.Raw(all+"]"))
	}
	return list
}

// wrongValues are values that the declaration of a param forbids.
func wrongValues(p spec.Param) []spec.Raw {
	var list []spec.Raw
	beyond := func(whole, v, bound float64) {
		if p.Type != spec.ParamFloat && math.Abs(whole) < 1<<53 || p.Type == spec.ParamFloat && v-v == 0 && v != bound {
			list = append(list, number(whole, v, p.Type))
		}
	}
	if p.Min != nil {
		beyond(math.Ceil(*p.Min)-1, *p.Min-max(1, math.Abs(*p.Min)), *p.Min)
	}
	if p.Max != nil {
		beyond(math.Floor(*p.Max)+1, *p.Max+max(1, math.Abs(*p.Max)), *p.Max)
	}
	if len(p.Options) > 0 {
		list = append(list, text("no such option"))
	}
	switch p.Type {
	case spec.ParamInts, spec.ParamStrings:
		for i := range list {
			list[i] = spec.Raw("[" + string(list[i]) + "]")
		}
		list = append(list, spec.Raw(`[[]]`), spec.Raw(`7`))
	case spec.ParamInt:
		list = append(list, spec.Raw(`"7"`), spec.Raw(`7.5`), spec.Raw(`[]`), spec.Raw(`true`))
	case spec.ParamFloat:
		list = append(list, spec.Raw(`"7"`), spec.Raw(`{}`))
	case spec.ParamBool:
		list = append(list, spec.Raw(`"true"`), spec.Raw(`1`))
	case spec.ParamString:
		list = append(list, spec.Raw(`7`), spec.Raw(`["a"]`))
	}
	return list
}

// wrongParams are params that an offer does not allow: wrong values, unknown
// names, and what is no object.
func (c *checker) wrongParams(o spec.Offer) []spec.Raw {
	list := []spec.Raw{spec.Raw(`[]`), spec.Raw(`7`), spec.Raw(`"text"`)}
	given := map[string]spec.Raw{}
	_ = json.Unmarshal(c.o.Params, &given)
	with := func(name string, v spec.Raw) {
		members := []member{{name, v}}
		for _, p := range o.Params {
			if v, ok := given[p.Name]; ok && p.Name != name {
				members = append(members, member{p.Name, v})
			}
		}
		list = append(list, object(members))
	}
	with("no_such_param", spec.Raw("1"))
	for _, p := range o.Params {
		with(p.Name+"_", p.Default)
		for _, v := range wrongValues(p) {
			with(p.Name, v)
		}
	}
	return list
}
