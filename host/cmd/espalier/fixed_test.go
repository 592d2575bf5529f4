package main

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestParseQuery reads params by their declared types.
func TestParseQuery(t *testing.T) {
	offer := spec.Offer{Params: []spec.Param{
		{Name: "sizes", Type: spec.ParamInts}, {Name: "names", Type: spec.ParamStrings}, {Name: "label", Type: spec.ParamString},
		{Name: "rate", Type: spec.ParamFloat}, {Name: "deep", Type: spec.ParamBool},
	}}
	for query, want := range map[string]string{
		"":                                   `{}`,
		"sizes=3":                            `{"sizes":[3]}`,
		"sizes=3,4&rate=0.5&deep=true":       `{"deep":true,"rate":0.5,"sizes":[3,4]}`,
		"sizes=[3,4]":                        `{"sizes":[3,4]}`,
		"names=resnet-20,20&label=7":         `{"label":"7","names":["resnet-20","20"]}`,
		`names=["a,b"]&other=1&another=text`: `{"another":"text","names":["a,b"],"other":1}`,
		"label=a=b":                          `{"label":"a=b"}`,
		"rate=half&sizes=x":                  `{"rate":"half","sizes":["x"]}`, // the plugin refuses it
	} {
		if got, err := parseQuery(offer, query); err != nil || string(got) != want {
			t.Errorf("%q: %s, %v; want %s", query, got, err, want)
		}
	}
	for query, want := range map[string]string{"rate": "want PARAM=VALUE", "=1": "want PARAM=VALUE", "rate=1&rate=2": "rate is given twice", "&": "want PARAM=VALUE"} {
		if _, err := parseQuery(offer, query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", query, err, want)
		}
	}
}

// TestIsFixed tells networks of plugins from runs and their trials.
func TestIsFixed(t *testing.T) {
	for arg, want := range map[string]bool{
		"latest": false, "my-run": false, "my-run:3": false, "a/b:3": false, "net.json": false, "lstm": false, "rhn-3": false, "odd:name": false,
		"baselines:images?network=resnet-20": true, "./mine.wasm:space": true, "./mine.wasm": true, "sha256:12345678:space": true,
	} {
		if got := isFixed(arg); got != want {
			t.Errorf("%s: %v", arg, got)
		}
	}
}
