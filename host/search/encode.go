package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// MarshalJSON writes every member, those that are zero too: what is left out
// means its default to Decode, and that need not be zero.
func (c Config) MarshalJSON() ([]byte, error) { return whole(reflect.ValueOf(c)) }

// whole encodes a struct with all its members, but for empty raw JSON.
func whole(v reflect.Value) ([]byte, error) {
	out := []byte{'{'}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := v.FieldByIndex(f.Index)
		raw, isRaw := field.Interface().(json.RawMessage)
		if f.Anonymous || name == "" || name == "-" || isRaw && len(raw) == 0 {
			continue
		}
		var value []byte
		var err error
		if f.Type.Kind() == reflect.Struct {
			value, err = whole(field)
		} else {
			value, err = json.Marshal(field.Interface())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, "%q:%s", name, value)
	}
	return append(out, '}'), nil
}

// difference is a member of a configuration that two studies have differently.
type difference struct{ path, was, is string }

// differences compares two JSON texts member by member.
func differences(path string, was, is json.RawMessage) []difference {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(was, &a) == nil && json.Unmarshal(is, &b) == nil && a != nil && b != nil {
		names := slices.Collect(maps.Keys(a))
		for name := range maps.Keys(b) {
			if _, both := a[name]; !both {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		var all []difference
		for _, name := range names {
			all = append(all, differences(path+"."+name, a[name], b[name])...)
		}
		return all
	}
	x, y := compact(was), compact(is)
	if x == y {
		return nil
	}
	return []difference{{strings.TrimPrefix(path, "."), x, y}}
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}
