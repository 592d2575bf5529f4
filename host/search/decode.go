package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Decode reads a configuration; what b does not mention has its default. It
// refuses members that a Config does not have, all at once, and names the
// nearest. The result is not validated.
func Decode(b []byte) (Config, error) {
	c := Default()
	if err := errors.Join(strangers("", reflect.TypeOf(c), b)...); err != nil {
		return c, err
	}
	err := json.Unmarshal(b, &c)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return c, fmt.Errorf("study: %s is a %s, want %s", strings.TrimPrefix(wrong.Field, "Options."), wrong.Value, article(wrong.Type))
	}
	if err != nil {
		return c, fmt.Errorf("study: %w", err)
	}
	return c, nil
}

// strangers finds the members of the JSON object b that the struct type t does
// not have, those of nested objects too. Malformed JSON is left to the decoder.
func strangers(path string, t reflect.Type, b []byte) []error {
	var members map[string]json.RawMessage
	if t.Kind() != reflect.Struct || json.Unmarshal(b, &members) != nil {
		return nil
	}
	types := map[string]reflect.Type{}
	var known, given []string
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			types[name] = f.Type
			known = append(known, name)
		}
	}
	for name := range members {
		given = append(given, name)
	}
	slices.Sort(given)
	var found []error
	for _, name := range given {
		if of, ok := types[name]; ok {
			found = append(found, strangers(path+name+".", of, members[name])...)
			continue
		}
		help := spec.Suggest(name, known)
		if help == "" {
			help = "; known are " + strings.Join(known, ", ")
		}
		found = append(found, fmt.Errorf("study: unknown member %q%s", path+name, help))
	}
	return found
}

// article names a Go type in JSON's words.
func article(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Uint64:
		return "an integer that is not negative"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "an array"
	}
	return "an object"
}
