package sandbox

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func with(change func(g *Guest)) []byte {
	g := sound()
	change(&g)
	return g.Wasm()
}

func TestRefused(t *testing.T) {
	s := open(t, patient())
	for name, c := range map[string]struct {
		wasm []byte
		code string
		want string
	}{
		"empty":      {nil, "format", "the file is empty"},
		"text":       {[]byte("hello\n"), "format", "not a WebAssembly module"},
		"native":     {[]byte("\x7fELF\x02\x01\x01"), "format", "GOOS=wasip1"},
		"component":  {[]byte("\x00asm\x0d\x00\x01\x00"), "format", "wasm32-wasip1"},
		"bare":       {[]byte("\x00asm\x01\x00\x00\x00"), "exports", "missing exports: memory, esp_abi () -> i32, esp_alloc (i32) -> i32, esp_free (i32, i32), esp_call (i32, i32, i32) -> i64"},
		"one export": {with(func(g *Guest) { g.Omit = []string{"esp_free"} }), "exports", "missing exports: esp_free (i32, i32)\n"},
		"signatures": {with(func(g *Guest) {
			g.Omit = []string{"memory"}
			g.Funcs = []Func{{Export: "esp_abi", Type: "()I", Body: I64(1)}, {Export: "_initialize", Type: "(i)"}}
		}), "exports", "missing exports: memory; wrong exports: esp_abi is () -> i64, not () -> i32, _initialize is (i32), not ()"},
		"program": {with(func(g *Guest) {
			g.Omit = []string{"esp_call"}
			g.Funcs = []Func{{Export: "_start", Type: "()"}}
		}), "exports", "-buildmode=c-shared"},
		"not a function": {with(func(g *Guest) {
			g.Omit = []string{"esp_abi"}
			g.Globals = []Global{{Type: 0x7f, Init: I32(1 << 16)}}
			g.Exports = [][]byte{Code(Name("esp_abi"), Op(3, 0))}
		}), "exports", "esp_abi is a global, not a function"},
		"imports": {with(func(g *Guest) {
			g.Imports = []string{"esp log(iii)", "esp steal(i)", "env memory_map()", "wasi_snapshot_preview1 fd_read(iiii)i", "wasi_snapshot_preview1 thread_spawn(i)i"}
		}), "imports", "does not offer: esp.steal, env.memory_map, wasi_snapshot_preview1.thread_spawn\n"},
		"import signature": {with(func(g *Guest) { g.Imports = []string{"esp log(ii)"} }), "imports", "esp.log as (i32, i32), which is (i32, i32, i32)"},
		"import memory":    {with(func(g *Guest) { g.Raw = map[byte][]byte{2: Vec(Code(Name("env"), Name("memory"), Op(2, 0, 1)))} }), "imports", "env.memory (a memory; only functions"},
		"preview 2":        {with(func(g *Guest) { g.Imports = []string{"wasi:cli/environment@0.2.0 get-environment(i)"} }), "imports", "wasm32-wasip1"},
		"browser Go":       {with(func(g *Guest) { g.Imports = []string{"gojs runtime.wasmExit(i)"} }), "imports", "not GOOS=js"},
		"console":          {with(func(g *Guest) { g.Imports = []string{"env console.log(i)"} }), "imports", "messages with esp.log"},
		"clock":            {with(func(g *Guest) { g.Imports = []string{"env Date.now()F"} }), "imports", "there is no clock"},
		"not linked":       {with(func(g *Guest) { g.Imports = []string{"env printf(ii)i", "env malloc(i)i"} }), "imports", "wasi_snapshot_preview1; what compilers import from env"},
		"random":           {with(func(g *Guest) { g.Imports = []string{"env seed()F"} }), "imports", "Math.random"},
		"big memory":       {with(func(g *Guest) { g.Pages = 2000 }), "memory", "starts with a memory of 125 MiB; at most 64 MiB"},
		"growing table": {with(func(g *Guest) {
			g.Funcs = []Func{{Type: "()", Body: Code(Op(0xd0, 0x70), I32(1), Op(0xfc, 15, 0), Drop)}}
			g.Raw = map[byte][]byte{4: Vec(Op(0x70, 0, 1))}
		}), "tables", "it grows a table"},
		"type error":       {with(func(g *Guest) { g.Init = Code(I64(1)) }), "invalid", "the compiler refuses it"},
		"newer ABI":        {with(func(g *Guest) { g.Funcs = []Func{{Export: "esp_abi", Type: "()i", Body: I32(1<<16 + 7)}} }), "abi", "needs version 1.7 of the plugin interface, this host has 1.0"},
		"other ABI":        {with(func(g *Guest) { g.Funcs = []Func{{Export: "esp_abi", Type: "()i", Body: I32(2 << 16)}} }), "abi", "speaks version 2.0"},
		"other ABI, early": {with(func(g *Guest) { g.Customs = [][2]string{{spec.ManifestSection, `{"abi":"2.0"}`}}; g.Init = Forever }), "abi", "speaks version 2.0"},
		"strange ABI":      {with(func(g *Guest) { g.Customs = [][2]string{{spec.ManifestSection, `{"abi":"one"}`}} }), "manifest", `"one"`},
		"nameless":         {with(func(g *Guest) { g.Customs = [][2]string{{spec.ManifestSection, `{"abi":"1.0"}`}} }), "manifest", "no name"},
		"coloured": {with(func(g *Guest) {
			g.Customs = [][2]string{{spec.ManifestSection, `{"abi":"1.0","name":"p","spaces":[{"name":"s","params":[{"name":"x","summary":"\u001b[31m"}]}]}`}}
		}), "manifest", `the text "\x1b[31m"`},
		"endless name": {with(func(g *Guest) {
			g.Customs = [][2]string{{spec.ManifestSection, `{"abi":"1.0","name":"` + strings.Repeat("n", 1001) + `"}`}}
		}), "manifest", "holds the text \"nnn"},
		"damaged manifest": {with(func(g *Guest) { g.Customs = [][2]string{{spec.ManifestSection, `{"abi":`}} }), "manifest", "damaged"},
	} {
		_, err := s.Load(background, "p", c.wasm)
		expect(t, name, err, ErrRefused, c.code, c.want)
	}
	small := patient()
	small.Limits.FileBytes = 100
	_, err := open(t, small).Load(background, "p", sound().Wasm())
	expect(t, "size", err, ErrRefused, "size", "at most 100 bytes")
	wellBehaved(t, s)
}

// TestCutOff cuts a plugin at the end of each section and in its middle.
func TestCutOff(t *testing.T) {
	s := open(t, patient())
	wasm := with(func(g *Guest) {
		g.Imports = []string{"esp log(iii)"}
		g.Globals = []Global{{Type: 0x7f, Mutable: true, Init: I32(0)}}
		g.Start = Code()
	})
	for n := range wasm {
		_, err := s.Load(background, "p", wasm[:n])
		// Without its data section a plugin is whole, but has no answers.
		if !errors.Is(err, ErrRefused) && !errors.Is(err, ErrProtocol) {
			t.Errorf("the first %d of %d bytes: %v", n, len(wasm), err)
		}
	}
	wellBehaved(t, s)
}

func TestManifest(t *testing.T) {
	s := open(t, patient())
	m := load(t, s, sound().Wasm())
	if got := m.Manifest(); got.Name != "p" || len(got.Spaces) != 1 || len(got.Shapers) != 1 {
		t.Errorf("described manifest %+v", got)
	}
	wasm, err := spec.AppendManifest(sound().Wasm(), spec.Manifest{ABI: "1.0", Name: "embedded"})
	if err != nil {
		t.Fatal(err)
	}
	other := load(t, s, wasm)
	if got := other.Manifest(); got.Name != "embedded" {
		t.Errorf("embedded manifest %+v", got)
	}
	if m.Hash() == other.Hash() || len(m.Hash()) != 64 || m.Name() != "p" {
		t.Errorf("hashes %s, %s, name %s", m.Hash(), other.Hash(), m.Name())
	}
	_, err = s.Load(background, "p", answering(1, `{"ok":{}}`).Wasm())
	expect(t, "no manifest", err, ErrProtocol, "manifest", "no manifest")
	_, err = s.Load(background, "p", answering(1, `{"err":{"code":"internal","msg":"no"}}`).Wasm())
	expect(t, "err for a manifest", err, ErrAnswer, "internal", "no")
}

// TestCompileLimit gives up on a module that is slow to compile.
func TestCompileLimit(t *testing.T) {
	const loops = 200
	body := Code(bytes.Repeat(Op(0x03, 0x40), loops), bytes.Repeat(End, loops))
	wasm := with(func(g *Guest) {
		for range 100 {
			g.Funcs = append(g.Funcs, Func{Type: "()", Locals: "iiii", Body: body})
		}
	})
	o := patient()
	o.Limits.Compile = time.Millisecond
	_, err := open(t, o).Load(background, "p", wasm)
	expect(t, "compile", err, ErrLimit, "compile", "compiling takes longer than 1ms")
}

func TestOptions(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	err := Options{}.Validate()
	for _, want := range []string{"pool is 0", "limit file is 0", "limit memory is 0", "limit fuel.next is 0", "limit time is 0s", "limit steps is 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if _, err := New(background, Options{}); err == nil {
		t.Error("New takes options that are out of range")
	}
	odd := Default()
	odd.Limits.MemoryBytes++
	if err := odd.Validate(); err == nil || !strings.Contains(err.Error(), "multiple of 64KiB") {
		t.Error(err)
	}
}
