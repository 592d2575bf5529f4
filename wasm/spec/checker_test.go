package spec

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

type object = map[string]any

// checker validates JSON by a schema, for the keywords that the schema uses.
type checker struct{ root object }

func newChecker(t testing.TB) checker {
	t.Helper()
	var root object
	if err := json.Unmarshal(SchemaJSON(), &root); err != nil {
		t.Fatal(err)
	}
	return checker{root}
}

// resolve follows a $ref and returns the schema it stands for.
func (c checker) resolve(s object) object {
	for s["$ref"] != nil {
		s = c.root["$defs"].(object)[strings.TrimPrefix(s["$ref"].(string), "#/$defs/")].(object)
	}
	return s
}

// check returns what is wrong with v, or "".
func (c checker) check(s object, v any) string {
	s = c.resolve(s)
	for keyword, want := range s {
		if what := c.keyword(s, keyword, want, v); what != "" {
			return what
		}
	}
	return ""
}

func (c checker) keyword(s object, keyword string, want, v any) string {
	number, _ := v.(float64)
	list, _ := v.([]any)
	members, _ := v.(object)
	text, _ := v.(string)
	ok := true
	switch keyword {
	case "$schema", "$id", "$defs", "title", "description":
	case "type":
		switch want {
		case "object":
			ok = members != nil
		case "array":
			ok = reflect.TypeOf(v) == reflect.TypeFor[[]any]()
		case "string":
			_, ok = v.(string)
		case "boolean":
			_, ok = v.(bool)
		case "number":
			_, ok = v.(float64)
		case "integer":
			_, ok = v.(float64)
			ok = ok && number == float64(int64(number))
		default:
			return "the checker does not know the type " + want.(string)
		}
	case "const":
		ok = v == want
	case "enum":
		ok = slices.Contains(want.([]any), v)
	case "minimum":
		ok = number >= want.(float64)
	case "maximum":
		ok = number <= want.(float64)
	case "exclusiveMaximum":
		ok = number < want.(float64)
	case "minLength":
		ok = utf8.RuneCountInString(text) >= int(want.(float64))
	case "maxLength":
		ok = utf8.RuneCountInString(text) <= int(want.(float64))
	case "minItems":
		ok = len(list) >= int(want.(float64))
	case "maxItems":
		ok = len(list) <= int(want.(float64))
	case "items":
		for _, item := range list {
			if what := c.check(want.(object), item); what != "" {
				return what
			}
		}
	case "required":
		for _, name := range want.([]any) {
			if _, has := members[name.(string)]; !has {
				return "no " + name.(string)
			}
		}
	case "properties":
		for name, schema := range want.(object) {
			if member, has := members[name]; has {
				if what := c.check(schema.(object), member); what != "" {
					return name + ": " + what
				}
			}
		}
	case "additionalProperties":
		for name := range members {
			if _, known := s["properties"].(object)[name]; !known {
				return "unknown member " + name
			}
		}
	case "oneOf":
		matches := 0
		for _, schema := range want.([]any) {
			if c.check(schema.(object), v) == "" {
				matches++
			}
		}
		ok = matches == 1
	default:
		return "the checker does not know the keyword " + keyword
	}
	if !ok {
		data, _ := json.Marshal(v)
		return keyword + " refuses " + string(data[:min(len(data), 80)])
	}
	return ""
}

// variants returns the alternatives of a definition by their op.
func (c checker) variants(definition string) map[string]object {
	out := map[string]object{}
	for _, s := range c.root["$defs"].(object)[definition].(object)["oneOf"].([]any) {
		op := s.(object)["properties"].(object)["op"].(object)["const"].(string)
		out[op] = s.(object)
	}
	return out
}

func keys(m any) []string {
	var list []string
	for k := range m.(object) {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func strs(list any) []string {
	var out []string
	for _, v := range list.([]any) {
		out = append(out, v.(string))
	}
	slices.Sort(out)
	return out
}

func sorted(list ...string) []string {
	slices.Sort(list)
	return list
}
