package declared

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

type object = map[string]any

// schema is space.schema.json.
type schema struct{ root object }

func readSchema(t *testing.T) schema {
	t.Helper()
	b, err := os.ReadFile("space.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root object
	if err := json.Unmarshal(b, &root); err != nil {
		t.Fatal(err)
	}
	return schema{root}
}

// accepts reports whether v is valid by s, for the keywords that the schema has;
// others panic.
func (c schema) accepts(s object, v any) bool {
	for keyword, want := range s {
		if !c.keyword(s, keyword, want, v) {
			return false
		}
	}
	return true
}

func (c schema) keyword(s object, keyword string, want, v any) bool {
	members, _ := v.(object)
	list, isList := v.([]any)
	text, isText := v.(string)
	number, isNumber := v.(float64)
	switch keyword {
	case "$schema", "$defs", "title", "description", "properties":
		return true
	case "$ref":
		return c.accepts(c.root["$defs"].(object)[strings.TrimPrefix(want.(string), "#/$defs/")].(object), v)
	case "type":
		_, isBool := v.(bool)
		is := map[string]bool{"object": members != nil, "array": isList, "string": isText, "number": isNumber,
			"integer": isNumber && number == float64(int(number)), "boolean": isBool}
		if types, ok := want.([]any); ok {
			return slices.ContainsFunc(types, func(t any) bool { return is[t.(string)] })
		}
		return is[want.(string)]
	case "enum":
		return slices.Contains(want.([]any), v)
	case "pattern":
		return !isText || regexp.MustCompile(want.(string)).MatchString(text)
	case "minimum":
		return !isNumber || number >= want.(float64)
	case "maximum":
		return !isNumber || number <= want.(float64)
	case "minItems":
		return !isList || len(list) >= int(want.(float64))
	case "maxItems":
		return !isList || len(list) <= int(want.(float64))
	case "items":
		return !slices.ContainsFunc(list, func(item any) bool { return !c.accepts(want.(object), item) })
	case "required":
		return !slices.ContainsFunc(want.([]any), func(key any) bool { return members[key.(string)] == nil })
	case "oneOf":
		met := 0
		for _, one := range want.([]any) {
			if c.accepts(one.(object), v) {
				met++
			}
		}
		return met == 1
	case "propertyNames":
		for key := range members {
			if !c.accepts(want.(object), key) {
				return false
			}
		}
		return true
	case "additionalProperties":
		properties, _ := s["properties"].(object)
		for key, member := range members {
			inner, known := properties[key].(object)
			if !known {
				inner, known = want.(object)
			}
			if !known || !c.accepts(inner, member) {
				return false
			}
		}
		return true
	}
	panic("the schema has a keyword that this test does not know: " + keyword)
}

// TestSchema: the schema takes the examples, knows every op and attribute, and
// refuses what is misspelt.
func TestSchema(t *testing.T) {
	c := readSchema(t)
	list := examples(t)
	list["page"] = pageExample(t)
	for name, text := range list {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if !c.accepts(c.root, v) {
			t.Errorf("the schema refuses the example %s", name)
		}
	}
	ops := c.root["$defs"].(object)["op"].(object)["enum"].([]any)
	node := c.root["$defs"].(object)["nodes"].(object)["items"].(object)["oneOf"].([]any)[1].(object)["properties"].(object)
	for _, r := range rules {
		if !slices.Contains(ops, any(r.op)) {
			t.Errorf("the schema does not know the op %s", r.op)
		}
		for _, a := range fields(r.attributes) {
			if node[a] == nil {
				t.Errorf("the schema does not know the attribute %s", a)
			}
		}
	}
	if len(ops) != len(rules) {
		t.Errorf("the schema has %d ops, not %d", len(ops), len(rules))
	}
	for _, change := range [][2]string{
		{`"kinds"`, `"kind"`}, {`"$depth"`, `65`}, {`"repeat"`, `"repeats"`}, {`"op": "conv"`, `"op": "cov"`}, {`"each"`, `"echo"`}, {`"ask"`, `"as"`},
	} {
		text := strings.Replace(exampleImage, change[0], change[1], 1)
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		_, err := open(text, spec.TaskImage)
		if c.accepts(c.root, v) || err == nil {
			t.Errorf("%s in place of %s: the schema takes it, or the plugin does: %v", change[1], change[0], err)
		}
	}
}
