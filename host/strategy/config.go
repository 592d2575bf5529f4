package strategy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// decode reads a JSON object into config, a pointer to a struct that holds the
// defaults. It refuses keys that the struct does not have and names the nearest.
func decode(name string, raw json.RawMessage, config any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil || given == nil {
		return fmt.Errorf("strategy %s: the config is not a JSON object: %s", name, clip(raw))
	}
	known := keys(reflect.TypeOf(config).Elem())
	var unknown []string
	for key := range given {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	var errs []error
	for _, key := range unknown {
		help := spec.Suggest(key, known)
		if help == "" {
			help = "; it has " + list(known)
		}
		errs = append(errs, fmt.Errorf("strategy %s: the config has no %q%s", name, key, help))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if err := json.Unmarshal(raw, config); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			key := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:] // without the embedded struct's name
			return fmt.Errorf("strategy %s: config %q is a %s; it must be a %s", name, key, wrong.Value, wrong.Type)
		}
		return fmt.Errorf("strategy %s: config: %w", name, err)
	}
	return nil
}

// keys lists the JSON names of a struct's fields, those of embedded ones too.
func keys(t reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" {
			names = append(names, tag)
		}
	}
	return names
}

// list writes words for a person.
func list(words []string) string { return strings.Join(words, ", ") }

// clip shortens JSON that is quoted in an error.
func clip(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	return string(raw)
}
