package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// recorder is a contestant that notes each of its turns.
func recorder(name string, log *[]string, compute func(o *operands)) contestant {
	return contestant{name: name, prepare: func(o *operands, _ int) (entry, error) {
		return entry{
			run: func(calls int) error {
				*log = append(*log, name)
				for range calls {
					compute(o)
				}
				return nil
			},
			free: func() { *log = append(*log, "free "+name) },
		}, nil
	}}
}

func TestMeasure(t *testing.T) {
	var log []string
	right := func(o *operands) { multiply(o, 0) }
	a, b, slow, absent := recorder("a", &log, right), recorder("b", &log, right), recorder("slow", &log, right), recorder("absent", &log, right)
	b.foreign = true
	slow.slow = true
	absent.takes = func(_ shape, threads int) bool { return threads > 1 }
	limit := recorder("limit", &log, func(*operands) { time.Sleep(10 * time.Microsecond) })
	limit.flop = func(threads int) float64 { return float64(threads) }
	m := meter{contestants: []contestant{a, b, slow, absent, limit}, rounds: 3, burst: 40 * time.Microsecond}
	r, err := m.measure(newOperands(shape{M: 8, N: 8, K: 8}), 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"a": 3, "b": 3, "slow": 1, "absent": 0, "limit": 3} {
		if len(r.Rates[name]) != n || n > 0 && slices.Min(r.Rates[name]) <= 0 {
			t.Errorf("%s has the rates %v, want %d", name, r.Rates[name], n)
		}
		if got, want := slices.Index(log, "free "+name) >= 0, n > 0; got != want {
			t.Errorf("%s was freed: %v", name, got)
		}
	}
	if len(r.Errors) != 3 || r.Errors["a"] != r.Errors["b"] {
		t.Errorf("errors %v", r.Errors)
	}
	turns := slices.Compact(slices.DeleteFunc(log, func(s string) bool { return strings.HasPrefix(s, "free") }))
	if want := "a b slow limit b limit a limit a b"; !strings.HasSuffix(strings.Join(turns, " "), want) {
		t.Errorf("the turns end with %v, want %s", turns, want)
	}
}

func TestMeasureFails(t *testing.T) {
	var log []string
	good := recorder("good", &log, func(o *operands) { multiply(o, 0) })
	wrong := recorder("wrong", &log, func(o *operands) { multiply(o, 1) })
	broken := contestant{name: "broken", prepare: func(*operands, int) (entry, error) { return entry{}, errors.New("no memory") }}
	failing := contestant{name: "failing", prepare: func(*operands, int) (entry, error) {
		return entry{run: func(int) error { return errors.New("status 3") }}, nil
	}}
	for want, c := range map[string]contestant{
		"wrong, 8x8x8 NN on 2 threads: c[":         wrong,
		"broken, 8x8x8 NN on 2 threads: no memory": broken,
		"failing, 8x8x8 NN on 2 threads: status 3": failing,
	} {
		log = nil
		m := meter{contestants: []contestant{good, c}, rounds: 1, burst: time.Microsecond}
		if _, err := m.measure(newOperands(shape{M: 8, N: 8, K: 8}), 2); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if !slices.Contains(log, "free good") {
			t.Errorf("%s: the others were not freed", want)
		}
	}
}
