package conformance

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// manifestProblems lists what is wrong with a manifest.
func manifestProblems(m *spec.Manifest) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if m.ABI != spec.ABI {
		add("it names the ABI %s, not %s", wire.Quote(m.ABI), wire.Quote(spec.ABI))
	}
	if what := nameProblem(m.Name); what != "" {
		add("the plugin's name %s", what)
	}
	if what := versionProblem(m.Version); what != "" {
		add("the version %s", what)
	}
	if len(m.Spaces)+len(m.Shapers) == 0 {
		add("it offers neither a space nor a shaper")
	}
	for sort, offers := range map[string][]spec.Offer{"space": m.Spaces, "shaper": m.Shapers} {
		names := map[string]bool{}
		for _, o := range offers {
			if what := nameProblem(o.Name); what != "" {
				add("the name of a %s %s", sort, what)
			}
			if names[o.Name] {
				add("two %ss have the name %s", sort, wire.Quote(o.Name))
			}
			names[o.Name] = true
			if sort == "space" && o.Task != spec.TaskImage && o.Task != spec.TaskText {
				add("the space %s is for the task %s; it is image or text", wire.Quote(o.Name), wire.Quote(string(o.Task)))
			}
			list = append(list, paramProblems(o)...)
		}
	}
	slices.Sort(list)
	return list
}

// paramProblems lists what is wrong with the params of an offer.
func paramProblems(o spec.Offer) []string {
	var list []string
	names := map[string]bool{}
	for _, p := range o.Params {
		what := ""
		switch {
		case nameProblem(p.Name) != "":
			what = "its name " + nameProblem(p.Name)
		case names[p.Name]:
			what = "another one has the same name"
		case !slices.Contains([]spec.ParamType{spec.ParamInt, spec.ParamFloat, spec.ParamBool, spec.ParamString, spec.ParamInts, spec.ParamStrings}, p.Type):
			what = "unknown type " + wire.Quote(string(p.Type)) + "; it is int, float, bool, string, ints or strings"
		case p.Min != nil && p.Max != nil && *p.Min > *p.Max:
			what = "min is above max"
		case !fits(p, p.Default):
			what = "its default " + wire.Quote(string(p.Default)) + " is not of the declared type, bounds and options"
		}
		names[p.Name] = true
		if what != "" {
			list = append(list, fmt.Sprintf("param %s of %s: %s", wire.Quote(p.Name), wire.Quote(o.Name), what))
		}
	}
	return list
}

// nameProblem says why people could not type a name in a command, or "".
func nameProblem(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > spec.MaxLabel:
		return fmt.Sprintf("is longer than %d bytes", spec.MaxLabel)
	case strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`:/\"'`, r)
	}):
		return wire.Quote(name) + " holds white space, a quote, a colon or a slash"
	}
	return ""
}

// versionProblem says why something is no version, such as 1.0.0, or "".
func versionProblem(v string) string {
	switch {
	case v == "":
		return "is empty; give one such as 1.0.0"
	case len(v) > spec.MaxLabel:
		return fmt.Sprintf("is longer than %d bytes", spec.MaxLabel)
	case v[0] < '0' || v[0] > '9' || strings.ContainsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return wire.Quote(v) + " is not of the form 1.0.0"
	}
	return ""
}

// fits tells whether a value is of a param's declared type, bounds and options.
func fits(p spec.Param, v spec.Raw) bool {
	d := wire.NewDecoder(v)
	ok := true
	if p.Type == spec.ParamInts || p.Type == spec.ParamStrings {
		for d.Array(); d.Next(); {
			ok = fitsOne(p, d) && ok
		}
	} else {
		ok = fitsOne(p, d)
	}
	return d.Finish() == nil && ok
}

func fitsOne(p spec.Param, d *wire.Decoder) bool {
	v := 0.0
	switch p.Type {
	case spec.ParamBool:
		d.Bool()
		return true
	case spec.ParamString, spec.ParamStrings:
		s := d.Text()
		return len(p.Options) == 0 || slices.Contains(p.Options, s)
	case spec.ParamInt, spec.ParamInts:
		v = float64(d.Int())
	default:
		v = d.Float()
	}
	return !math.IsNaN(v) && (p.Min == nil || v >= *p.Min) && (p.Max == nil || v <= *p.Max)
}
