package guest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func declared() []spec.Param {
	return []spec.Param{
		Int("layers", 15, 1, 100, "layers"),
		Float("rate", 0.5, 0, 1, "rate"),
		Float("free", -1, math.Inf(-1), math.Inf(1), "any number"),
		Bool("skips", true, "skips"),
		String("mode", "soft", []string{"soft", "hard"}, "mode"),
		String("label", "", nil, "any text"),
		Ints("filters", []int{24, 36}, 1, 1024, "filters"),
		Strings("ops", []string{"add"}, []string{"add", "max"}, "ops"),
	}
}

func TestParams(t *testing.T) {
	p, err := ParseParams(declared(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.Int("layers") != 15 || p.Float("rate") != 0.5 || p.Float("free") != -1 || !p.Bool("skips") || p.String("mode") != "soft" || p.String("label") != "" ||
		!slices.Equal(p.Ints("filters"), []int{24, 36}) || !slices.Equal(p.Strings("ops"), []string{"add"}) {
		t.Errorf("defaults: %s", p.Raw())
	}
	if p.Has("layer") || !p.Has("layers") {
		t.Error("Has does not know what is declared")
	}
	p, err = ParseParams(declared(), spec.Raw(`{"ops":[],"filters":[1,1024],"label":"é\n","mode":"hard","skips":false,"free":1e300,"rate":null,"layers":100}`))
	if err != nil {
		t.Fatal(err)
	}
	if p.Int("layers") != 100 || p.Float("rate") != 0.5 || p.Float("free") != 1e300 || p.Bool("skips") || p.String("mode") != "hard" || p.String("label") != "é\n" ||
		!slices.Equal(p.Ints("filters"), []int{1, 1024}) || len(p.Strings("ops")) != 0 {
		t.Errorf("given: %s", p.Raw())
	}
	// What is understood reads back as itself.
	again, err := ParseParams(declared(), p.Raw())
	if err != nil || string(again.Raw()) != string(p.Raw()) {
		t.Errorf("%s reads back as %s, %v", p.Raw(), again.Raw(), err)
	}
}

func TestBadParams(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`{"layer":1}`, `unknown param "layer"; did you mean "layers"?`},
		{`{"zzzzzz":1}`, `unknown param "zzzzzz"; the params are: layers rate free`},
		{`{"layers":0}`, `param "layers" is 0; it must be of type int, at least 1, at most 100`},
		{`{"layers":1.5}`, `param "layers" is 1.5; it must be of type int`},
		{`{"layers":"3"}`, `param "layers" is "3"; it must be of type int`},
		{`{"rate":1.01}`, `param "rate" is 1.01; it must be of type float, at least 0, at most 1`},
		{`{"free":"x"}`, `param "free" is "x"; it must be of type float`},
		{`{"skips":0}`, `param "skips" is 0; it must be of type bool`},
		{`{"mode":"sotf"}`, `it must be of type string, from: soft hard`},
		{`{"filters":[0]}`, `it must be of type ints, at most 64 of them, at least 1, at most 1024`},
		{`{"filters":24}`, `param "filters" is 24`},
		{`{"filters":[` + strings.Repeat("1,", MaxItems) + `1]}`, `param "filters" is [1,1,`},
		{`{"ops":["add","min"]}`, `from: add max`},
		{`{"layers":0,"rate":2,"x":1}`, `at most 100; param "rate" is 2; it must be of type float, at least 0, at most 1; unknown param "x"`},
		{`[]`, `the params are not a JSON object: json: expected an object, found an array`},
		{`{"layers":[1}`, `the params are not a JSON object: json: layers`},
		{`{"layers":1,"layers":2}`, `duplicate name "layers"`},
	} {
		_, err := ParseParams(declared(), spec.Raw(test.in))
		var f *spec.Fault
		if !errors.As(err, &f) || f.Code != spec.CodeBadParams || f.At != -1 || !strings.Contains(f.Msg, test.want) || strings.HasSuffix(f.Msg, "; ") {
			t.Errorf("%s: got %v\nwant %s", test.in, err, test.want)
		}
	}
}

func TestMisuse(t *testing.T) {
	panics := func(name string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s did not panic", name)
			}
		}()
		f()
	}
	p, _ := ParseParams(declared(), nil)
	panics("a param that is not declared", func() { p.Int("layer") })
	panics("a param of another type", func() { p.Float("layers") })
	panics("a default out of range", func() { _, _ = ParseParams([]spec.Param{Int("n", 5, 6, 7, "")}, nil) })
}
