package conformance

import (
	"strings"
	"testing"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

const simple = `{"ok":{"manifest":{"abi":"1.0","name":"p","version":"1.0.0","spaces":[{"name":"s","task":"image"}]}}}`

// loading restricts a check to the rules of loading.
func loading() Options {
	o := options()
	o.Sandbox.CacheDir = ""
	for _, r := range loadRules {
		o.Rules = append(o.Rules, r.Code)
	}
	return o
}

// describing is a plugin that answers everything by one text; it has a manifest
// if section is true.
func describing(t *testing.T, text string, section bool, change func(g *Guest)) []byte {
	t.Helper()
	g := Guest{Answers: map[int]string{0: text}}
	if change != nil {
		change(&g)
	}
	if !section {
		return g.Wasm()
	}
	return withManifest(t, g.Wasm())
}

func TestLoadRules(t *testing.T) {
	other, err := spec.AppendManifest(describing(t, simple, false, nil), spec.Manifest{ABI: "1.0", Name: "q", Version: "1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	odd := func(from, to string) []byte { return describing(t, strings.Replace(simple, from, to, 1), true, nil) }
	params := func(list string) []byte { return odd(`"task":"image"`, `"task":"image","params":[`+list+`]`) }
	for _, c := range []struct {
		what string
		wasm []byte
		code string
		want string
	}{
		{"an empty file", nil, "L01", "the file is empty"},
		{"a text", []byte("hello"), "L01", "not a WebAssembly module"},
		{"bad code", describing(t, simple, false, func(g *Guest) { g.Init = Code(I64(1)) }), "L01", "the compiler refuses it"},
		{"no esp_free", describing(t, simple, false, func(g *Guest) { g.Omit = []string{"esp_free"} }), "L02", "missing exports: esp_free"},
		{"an import", describing(t, simple, false, func(g *Guest) { g.Imports = []string{"env open(i)i"} }), "L03", "env.open"},
		{"another ABI", describing(t, simple, false, func(g *Guest) { g.Funcs = []Func{{Export: "esp_abi", Type: "()i", Body: I32(2 << 16)}} }), "L04", "version 2.0"},
		{"much memory", describing(t, simple, false, func(g *Guest) { g.Pages = 2000 }), "L05", "125 MiB"},
		{"no memory", describing(t, simple, false, func(g *Guest) { g.Funcs = []Func{{Export: "esp_alloc", Type: "(i)i", Body: I32(0)}} }), "L06", "esp_alloc(2) has no memory left"},
		{"an answer packed wrongly", describing(t, simple, false, func(g *Guest) {
			g.Call = func(usual []byte) []byte { return Code(usual, I64(32), Op(0x89)) } // the halves change places
		}), "L06", "address and size are swapped"},
		{"no answer", describing(t, "", false, nil), "L06", "the answer is empty"},
		{"a trap", describing(t, simple, false, func(g *Guest) { g.Init = Unreachable }), "L06", "it crashed"},
		{"a loop", describing(t, simple, false, func(g *Guest) { g.Init = Forever }), "L06", "fuel"},
		{"no manifest", describing(t, `{"ok":{}}`, false, nil), "L06", "holds no manifest"},
		{"no section", describing(t, simple, false, nil), "L07", "there is no section"},
		{"another section", other, "L08", `"name":"q"`},
		{"a damaged section", describing(t, simple, false, func(g *Guest) { g.Customs = [][2]string{{spec.ManifestSection, "{"}} }), "L09", "damaged"},
		{"a name with blanks", odd(`"p"`, `"p q"`), "L09", `"p q" holds white space`},
		{"no version", odd(`"1.0.0"`, `""`), "L09", "the version is empty"},
		{"an odd version", odd(`"1.0.0"`, `"first"`), "L09", "not of the form"},
		{"no offer", odd(`{"name":"s","task":"image"}`, ``), "L09", "neither a space nor a shaper"},
		{"an unknown task", odd(`image`, `sound`), "L09", `the task "sound"`},
		{"two of a name", odd(`]`, `,{"name":"s","task":"text"}]`), "L09", `two spaces have the name "s"`},
		{"an unknown type", params(`{"name":"a","type":"number","default":1}`), "L09", `unknown type "number"`},
		{"a wrong default", params(`{"name":"a","type":"int","default":1.5}`), "L09", `its default "1.5"`},
		{"a default out of range", params(`{"name":"a","type":"int","default":1,"min":2}`), "L09", `its default "1"`},
		{"no default", params(`{"name":"a","type":"strings"}`), "L09", `its default ""`},
		{"two params", params(`{"name":"a","type":"bool","default":true},{"name":"a","type":"bool","default":true}`), "L09", "same name"},
		{"bounds", params(`{"name":"a","type":"int","default":1,"min":2,"max":1}`), "L09", "min is above max"},
	} {
		v := check(t, c.wasm, loading())
		expect(t, c.what, v, c.code)
		for _, f := range v.Findings() {
			if !strings.Contains(f.Problem, c.want) {
				t.Errorf("%s: %s\nwant %q", c.what, f, c.want)
			}
			if f.Fix == "" || strings.Contains(f.Fix, "report") {
				t.Errorf("%s: an author is told to %q", c.what, f.Fix)
			}
			if f.Warning != (c.code == "L07") {
				t.Errorf("%s: a warning is %v", c.what, f.Warning)
			}
		}
	}
	expect(t, "sound", check(t, describing(t, simple, true, nil), loading()))
}

// TestPayloadsAreFreed: what goes wrong in esp_free is said to have gone wrong
// there.
func TestPayloadsAreFreed(t *testing.T) {
	o := options()
	o.Rules = []string{"X06"}
	v := check(t, describing(t, simple, true, func(g *Guest) { g.Funcs = []Func{{Export: "esp_free", Type: "(ii)", Body: Unreachable}} }), o)
	expect(t, "a trap in esp_free", v, "X06")
	for _, f := range v.Findings() {
		if !strings.Contains(f.Problem, "crashed in esp_free") {
			t.Error(f)
		}
	}
}

// TestLongPayloads: a guest that refuses long payloads only is told to look at
// where it has them written.
func TestLongPayloads(t *testing.T) {
	const answer = `{"ok":{"manifest":{"abi":"1.0","name":"p","version":"1.0.0","shapers":[{"name":"r"}]},"name":"r","version":"1.0.0","params":{}}}`
	wasm := describing(t, answer, false, func(g *Guest) {
		g.Answers[spec.OpCodeReward] = `{"err":{"code":"unsupported","msg":"no JSON"}}`
	})
	for n, long := range map[int]bool{0: false, len(oddMetrics) - 1: true} {
		o := options()
		o.Shaper, o.Only, o.Rules = "r", []int{n}, []string{"R04"}
		v := check(t, wasm, o)
		expect(t, "refused metrics", v, "R04")
		for _, f := range v.Findings() {
			if strings.Contains(f.Fix, "esp_alloc") != long {
				t.Errorf("metrics %d: %s\nfix %s", n, f, f.Fix)
			}
		}
	}
}
