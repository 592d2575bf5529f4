package sandbox

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/wasm/meter"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// bound is a limit by the name that people give it.
type bound struct {
	name, meaning string
	unit          unit
	low, high     int64             // what it may be
	in            func(*Limits) any // *int, *int64 or *time.Duration
}

// bounds are all limits, in the order of their fields.
var bounds = []bound{
	{"file", "largest module file", sizes, 1, 1 << 30, func(l *Limits) any { return &l.FileBytes }},
	{"memory", "largest memory of one instance", sizes, pageBytes, 4 << 30, func(l *Limits) any { return &l.MemoryBytes }},
	{"fuel.init", "fuel of preparing an instance", counts, 1, meter.MaxBudget, func(l *Limits) any { return &l.Fuel.Init }},
	{"fuel.describe", "fuel of one description", counts, 1, meter.MaxBudget, func(l *Limits) any { return &l.Fuel.Describe }},
	{"fuel.next", "fuel of one decision", counts, 1, meter.MaxBudget, func(l *Limits) any { return &l.Fuel.Next }},
	{"fuel.build", "fuel of building one network", counts, 1, meter.MaxBudget, func(l *Limits) any { return &l.Fuel.Build }},
	{"fuel.reward", "fuel of one reward", counts, 1, meter.MaxBudget, func(l *Limits) any { return &l.Fuel.Reward }},
	{"time", "longest call by the wall clock", spans, int64(time.Millisecond), int64(time.Hour), func(l *Limits) any { return &l.Time }},
	{"compile", "longest compilation", spans, int64(time.Millisecond), int64(time.Hour), func(l *Limits) any { return &l.Compile }},
	{"input", "largest request", sizes, 1 << 10, wire.MaxBytes, func(l *Limits) any { return &l.InputBytes }},
	{"answer", "largest answer", sizes, 1 << 10, wire.MaxBytes, func(l *Limits) any { return &l.AnswerBytes }},
	{"output", "output that is kept for error messages", sizes, 0, 1 << 30, func(l *Limits) any { return &l.StderrBytes }},
	{"log", "lines that one call may log", counts, 0, 1 << 30, func(l *Limits) any { return &l.LogLines }},
	{"steps", "largest max_steps", counts, 1, spec.MaxSteps, func(l *Limits) any { return &l.Steps }},
	{"transitions", "decisions that a space remembers", counts, 2, 1 << 30, func(l *Limits) any { return &l.Transitions }},
}

// get is the value of the limit: bytes, units of fuel or whatever it counts,
// nanoseconds.
func (b bound) get(l Limits) int64 {
	switch v := b.in(&l).(type) {
	case *int:
		return int64(*v)
	case *int64:
		return *v
	case *time.Duration:
		return int64(*v)
	}
	panic("sandbox: a limit of an unknown type")
}

func (b bound) set(l *Limits, value int64) {
	switch v := b.in(l).(type) {
	case *int:
		*v = int(value)
	case *int64:
		*v = value
	case *time.Duration:
		*v = time.Duration(value)
	}
}

// text writes a value of the limit as ParseLimits reads it.
func (b bound) text(value int64) string { return b.unit.text(value) }

// check refuses a value that is out of range.
func (b bound) check(value int64) error {
	switch {
	case value < b.low || value > b.high:
		return fmt.Errorf("limit %s is %s; it must be in [%s, %s]", b.name, b.text(value), b.text(b.low), b.text(b.high))
	case b.name == "memory" && value%pageBytes != 0:
		return fmt.Errorf("limit memory is %s; it must be a multiple of %s", b.text(value), b.text(pageBytes))
	}
	return nil
}

// Limit is one limit, as people read it.
type Limit struct {
	Name    string // such as "fuel.next"
	Value   string // such as "1G"
	Meaning string
	Usual   bool // it is the default
}

// List lists all limits.
func (l Limits) List() []Limit {
	list := make([]Limit, len(bounds))
	for i, b := range bounds {
		v := b.get(l)
		list[i] = Limit{Name: b.name, Value: b.text(v), Meaning: b.meaning, Usual: v == b.get(DefaultLimits())}
	}
	return list
}

// String writes what differs from the defaults, as ParseLimits reads it.
func (l Limits) String() string {
	var list []string
	for _, limit := range l.List() {
		if !limit.Usual {
			list = append(list, limit.Name+"="+limit.Value)
		}
	}
	return strings.Join(list, ",")
}

// ParseLimits reads limits such as "fuel.next=2G,memory=128MiB"; those that the
// text does not name have their defaults. Sizes are bytes or carry KiB, MiB or
// GiB, counts and fuel may carry k, M, G or T (powers of 1000), and times are
// such as 30s or 1m30s. The name fuel stands for all limits of fuel. What comes
// later wins. The error names every problem.
func ParseLimits(text string) (Limits, error) {
	l := DefaultLimits()
	if strings.TrimSpace(text) == "" {
		return l, nil
	}
	var problems []error
	for assignment := range strings.SplitSeq(text, ",") {
		if err := l.assign(strings.TrimSpace(assignment)); err != nil {
			problems = append(problems, err)
		}
	}
	if problems == nil {
		return l, l.Validate()
	}
	return l, errors.Join(problems...)
}

// assign sets the limits that NAME=VALUE means.
func (l *Limits) assign(assignment string) error {
	name, value, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("%q: want NAME=VALUE, such as fuel.next=2G", assignment)
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	names := []string{"fuel"}
	found := false
	for _, b := range bounds {
		names = append(names, b.name)
		if b.name != name && (name != "fuel" || !strings.HasPrefix(b.name, "fuel.")) {
			continue
		}
		v, err := b.unit.parse(value)
		if err != nil {
			return fmt.Errorf("%s: %w", assignment, err)
		}
		b.set(l, v)
		found = true
	}
	if !found {
		help := spec.Suggest(name, names)
		if help == "" {
			help = "; known are " + strings.Join(names, ", ")
		}
		return fmt.Errorf("unknown limit %q%s", name, help)
	}
	return nil
}

// raised writes the limits with one of them raised: to twice what it is, or so
// often doubled as is needed. Where it cannot be raised so far, it is empty.
func (l Limits) raised(name string, need int64) string {
	b := bounds[slices.IndexFunc(bounds, func(b bound) bool { return b.name == name })]
	if b.get(l) >= b.high || need > b.high {
		return ""
	}
	value := 2 * max(b.get(l), 1)
	for value < need {
		value *= 2
	}
	b.set(&l, min(value, b.high))
	text := l.String()
	if b.get(l) == b.get(DefaultLimits()) {
		text = strings.TrimPrefix(text+","+b.name+"="+b.text(b.get(l)), ",")
	}
	return text
}

// orRaise is advice to raise a limit, to follow other advice; limits are what
// raised wrote.
func orRaise(limits string) string {
	if limits == "" {
		return ""
	}
	return "; or raise the limit: --plugin-limits " + limits
}

// unit is a way to write a limit's values.
type unit struct {
	want     string // what is expected, for an error
	suffixes []suffix
}

type suffix struct {
	text  string
	times int64
}

var (
	sizes  = unit{"a size such as 65536, 512KiB, 128MiB or 1GiB", []suffix{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}}
	counts = unit{"a number such as 500000, 500k, 20M or 2G", []suffix{{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}}}
	spans  = unit{"a time such as 500ms, 30s or 1m30s", nil}
)

// text writes a value exactly.
func (u unit) text(value int64) string {
	if u.suffixes == nil {
		text := time.Duration(value).String()
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
		return text
	}
	for _, s := range u.suffixes {
		if value != 0 && value%s.times == 0 {
			return strconv.FormatInt(value/s.times, 10) + s.text
		}
	}
	return strconv.FormatInt(value, 10)
}

// parse reads a value.
func (u unit) parse(text string) (int64, error) {
	wrong := fmt.Errorf("want %s", u.want)
	if u.suffixes == nil {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, wrong
		}
		return int64(d), nil
	}
	times := int64(1)
	for _, s := range u.suffixes {
		if at := len(text) - len(s.text); at > 0 && strings.EqualFold(text[at:], s.text) {
			text, times = text[:at], s.times
			break
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	v *= float64(times)
	if err != nil || v != math.Trunc(v) || math.Abs(v) >= 1<<62 {
		return 0, wrong
	}
	return int64(v), nil
}
