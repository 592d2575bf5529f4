package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// gridNames are short names of members of a recipe that grids are often made
// of. Any other member is named by its path, such as optimizer.beta1.
var gridNames = map[string]string{
	"lr": "optimizer.lr", "momentum": "optimizer.momentum", "weight_decay": "optimizer.weight_decay",
	"init": "init_range", "clip": "clip_norm", "epsilon": "batch_norm.epsilon",
	"milestones": "schedule.milestones", "decay_epoch": "schedule.constant_epochs", "decay": "schedule.factor",
}

// dropoutName is the one axis that is of the network.
const dropoutName = "dropout"

// axis is what one key of a grid varies.
type axis struct {
	name   string
	values []json.RawMessage
}

// point is one combination of a grid's values. A grid without axes has one, which
// is empty.
type point struct {
	setting string // such as "lr=0.1 init=0.05"
	values  map[string]json.RawMessage
}

// parseGrid reads key=value,value;key=value.
func parseGrid(text string) ([]axis, error) {
	var axes []axis
	for _, part := range strings.Split(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, list, _ := strings.Cut(part, "=")
		a := axis{name: strings.TrimPrefix(strings.TrimSpace(name), "recipe.")}
		var meanings []any
		for _, text := range splitValues(list) {
			parsed := parseValue(strings.TrimSpace(text))
			value, err := json.Marshal(parsed)
			if err != nil || strings.TrimSpace(text) == "" {
				return nil, usagef("--grid %q: want KEY=VALUE,VALUE;KEY=VALUE, e.g. lr=0.1,0.05;weight_decay=1e-4,1e-3", part)
			}
			meaning := meaningOf(parsed)
			if i := slices.IndexFunc(meanings, func(m any) bool { return reflect.DeepEqual(m, meaning) }); i >= 0 {
				return nil, usagef("--grid: %s has one value twice, as %s and as %s", a.name, a.values[i], value)
			}
			a.values, meanings = append(a.values, value), append(meanings, meaning)
		}
		if slices.ContainsFunc(axes, func(b axis) bool { return a.path() == b.path() }) {
			return nil, usagef("--grid: %s is given twice", a.name)
		}
		axes = append(axes, a)
	}
	if len(axes) == 0 && text != "" {
		return nil, usagef("--grid %q: want KEY=VALUE,VALUE;KEY=VALUE", text)
	}
	return axes, nil
}

// meaningOf is equal for values that are written differently and mean the same,
// such as 0.1, 0.10 and 1e-1.
func meaningOf(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil { // exact, such as a large seed
			return i
		}
		f, err := v.Float64()
		if err != nil {
			return v
		}
		if i := int64(f); math.Abs(f) < 1<<53 && float64(i) == f {
			return i
		}
		return f
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = meaningOf(v[i])
		}
		return items
	}
	return v
}

// splitValues splits at the commas outside of brackets.
func splitValues(list string) []string {
	var values []string
	depth, start := 0, 0
	for i, r := range list {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case r == ',' && depth == 0:
			values = append(values, list[start:i])
			start = i + 1
		}
	}
	return append(values, list[start:])
}

// path is where an axis's values belong in a recipe.
func (a axis) path() string {
	if path, short := gridNames[a.name]; short {
		return path
	}
	return a.name
}

// shortName is what a grid calls a member of a recipe.
func shortName(path string) string {
	for name, long := range gridNames {
		if long == path {
			return name
		}
	}
	return path
}

// points are all combinations, the last axis varying fastest.
func points(axes []axis) []point {
	all := []point{{values: map[string]json.RawMessage{}}}
	for _, a := range axes {
		var next []point
		for _, p := range all {
			for _, value := range a.values {
				q := point{strings.TrimSpace(fmt.Sprintf("%s %s=%s", p.setting, a.name, value)), map[string]json.RawMessage{a.name: value}}
				maps.Copy(q.values, p.values)
				next = append(next, q)
			}
		}
		all = next
	}
	return all
}

// gridSize is the number of points, or limit if there are more.
func gridSize(axes []axis, limit int) int {
	n := 1
	for _, a := range axes {
		if n *= len(a.values); n >= limit {
			return limit
		}
	}
	return n
}

// apply gives a recipe and a network the values of a point.
func (p point) apply(recipe child.Recipe, network *spec.Network) (child.Recipe, *spec.Network, error) {
	refuse := func(err error) (child.Recipe, *spec.Network, error) {
		return recipe, nil, usagef("--grid: %s: %v", p.setting, err)
	}
	whole := document{"recipe": recipeMembers(recipe)}
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		value, err := p.values[name], error(nil)
		if name == dropoutName {
			var rate float64
			if json.Unmarshal(value, &rate) != nil {
				return refuse(errors.New("a rate of dropout is a number"))
			}
			network, err = withDropout(network, rate)
		} else {
			err = whole.set("recipe."+axis{name: name}.path(), value)
		}
		if err != nil {
			return refuse(err)
		}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return refuse(err)
	}
	c, err := search.Decode(text)
	if err == nil {
		err = c.Recipe.Validate()
	}
	for name := range p.values {
		if why := idle(axis{name: name}.path(), c.Recipe.Schedule.Name); err == nil && why != "" {
			err = fmt.Errorf("%s %s", name, why)
		}
	}
	if err != nil {
		return refuse(err)
	}
	return c.Recipe, network, nil
}

// idle says why a member has no effect under a schedule; empty if it has.
func idle(path, schedule string) string {
	wants := map[string][]string{
		"schedule.milestones": {"step"}, "schedule.constant_epochs": {"decay"}, "schedule.factor": {"step", "decay"},
	}[path]
	if wants == nil || slices.Contains(wants, schedule) {
		return ""
	}
	return fmt.Sprintf("has no effect with the schedule %q; choose another with --set recipe.schedule.name=%s", schedule, wants[0])
}
