package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// TestInspectRunsNothing: a module that would hang or crash wherever it is
// entered is described all the same.
func TestInspectRunsNothing(t *testing.T) {
	for name, body := range map[string][]byte{"loops": sandboxtest.Forever, "traps": sandboxtest.Unreachable} {
		g := sandboxtest.Guest{Start: body, Init: body, Customs: [][2]string{
			{"espalier.manifest", `{"abi":"1.0","name":"p","version":"3","spaces":[{"name":"s"}]}`},
			{"producers", "\x01\x08language\x01\x01C\x0211"},
		}}
		g.Call = func([]byte) []byte { return sandboxtest.Code(body, sandboxtest.Unreachable) }
		wasm := g.Wasm()
		x := Inspect(name, wasm, DefaultLimits())
		if len(x.Problems) > 0 || x.Manifest == nil || x.Manifest.Version != "3" || x.Bytes != len(wasm) || len(x.Hash) != 64 {
			t.Errorf("%s: %+v", name, x)
		}
		if !slices.Contains(x.Exports, "esp_call (i32, i32, i32) -> i64") || !slices.Contains(x.Exports, "memory memory") {
			t.Errorf("%s: exports %q", name, x.Exports)
		}
		if !slices.Equal(x.Producers, []binary.Producer{{Field: "language", Name: "C", Version: "11"}}) {
			t.Errorf("%s: producers %q", name, x.Producers)
		}
		if x.MemoryBytes != 20*pageBytes || !x.Restorable {
			t.Errorf("%s: memory %d, restorable %v", name, x.MemoryBytes, x.Restorable)
		}
	}
}

// TestInspectAgreesWithLoad: what Load refuses before anything runs, Inspect
// refuses first, in the same words.
func TestInspectAgreesWithLoad(t *testing.T) {
	s := open(t, patient())
	for name, wasm := range map[string][]byte{
		"text":        []byte("(module)"),
		"empty":       nil,
		"import":      sandboxtest.Guest{Imports: []string{"env seed()F"}}.Wasm(),
		"export":      sandboxtest.Guest{Omit: []string{"esp_call"}}.Wasm(),
		"no memory":   sandboxtest.Guest{Raw: map[byte][]byte{5: {0}, 11: {0}}}.Wasm(),
		"memory":      sandboxtest.Guest{Pages: 5000}.Wasm(),
		"other abi":   sandboxtest.Guest{Customs: [][2]string{{"espalier.manifest", `{"abi":"2.0","name":"p"}`}}}.Wasm(),
		"torn":        sandboxtest.Guest{Customs: [][2]string{{"espalier.manifest", `{"abi":"1.0",`}}}.Wasm(),
		"cut off":     sound().Wasm()[:200],
		"bad section": append(sound().Wasm(), 99, 0),
	} {
		_, err := s.Load(background, "p", wasm)
		if err == nil {
			t.Errorf("%s: is loaded", name)
			continue
		}
		x := Inspect("p", wasm, s.Limits())
		if name == "no memory" { // only the compiler knows that what is exported is not there
			continue
		}
		if len(x.Problems) == 0 || x.Problems[0].Report() != report(err) {
			t.Errorf("%s: Inspect finds %v, Load says\n%s", name, x.Problems, report(err))
		}
	}
}

// TestInspectAll: it lists all that is at fault, and names that could write to
// a terminal do not.
func TestInspectAll(t *testing.T) {
	x := Inspect("p", sandboxtest.Guest{
		Imports: []string{"evil\x1b[2J thing()"}, Omit: []string{"esp_free"}, Pages: 5000,
		Customs: [][2]string{{"a\nb" + strings.Repeat("c", 1000), "x"}, {"producers", "\xff\xff\xff\xff"}},
	}.Wasm(), DefaultLimits())
	var codes []string
	for _, p := range x.Problems {
		codes = append(codes, p.Code)
		if strings.ContainsRune(p.Report(), '\x1b') {
			t.Errorf("the report holds an escape: %q", p.Report())
		}
	}
	if !slices.Equal(codes, []string{"imports", "exports", "memory"}) {
		t.Errorf("problems %q", codes)
	}
	if x.Imports[0] != "evil·[2J.thing ()" {
		t.Errorf("import %q", x.Imports[0])
	}
	rude := Inspect("p", sandboxtest.Guest{Customs: [][2]string{{"espalier.manifest", `{"abi":"1.0","name":"p","spaces":[{"name":"s","task":"\u001b[2J"}]}`}}}.Wasm(), DefaultLimits())
	if rude.Manifest != nil || len(rude.Problems) != 1 || rude.Problems[0].Code != "manifest" {
		t.Errorf("a manifest that writes to the terminal: %+v, %v", rude.Manifest, rude.Problems)
	}
	section := x.Sections[len(x.Sections)-2].Name
	if !strings.HasPrefix(section, "a·b") || len([]rune(section)) != maxLabel {
		t.Errorf("section %q", section)
	}
}
