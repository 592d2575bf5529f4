package binary_test

import (
	"bytes"
	"testing"

	"github.com/espalier-nas/espalier/wasm/binary"
	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

func parse(t *testing.T, file []byte) *binary.Module {
	t.Helper()
	m, err := binary.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPlain(t *testing.T) {
	before := parse(t, sample())
	after := parse(t, before.Plain())
	for _, e := range before.Exports {
		if got, ok := after.Export(e.Name); !ok || got != e {
			t.Errorf("export %+v became %+v, %v", e, got, ok)
		}
	}
	for _, i := range before.Mutable() {
		want := binary.Export{Name: binary.StateName(i), Kind: binary.Global, Index: uint32(i)}
		if got, ok := after.Export(want.Name); !ok || got != want {
			t.Errorf("global %d is exported as %+v, %v", i, got, ok)
		}
	}
	if len(after.Exports) != len(before.Exports)+2 || len(after.Functions) != len(before.Functions) {
		t.Errorf("%d exports and %d functions", len(after.Exports), len(after.Functions))
	}
	if len(after.Customs) != 1 || after.Customs[0].Name != "name" || string(after.Customs[0].Data) != "\x01\x04\x01\x02\x01f" {
		t.Errorf("custom sections %+v", after.Customs)
	}
}

// TestPlainForgets tells that only what runs decides what an engine sees.
func TestPlainForgets(t *testing.T) {
	a := parse(t, Guest{}.Wasm()).Plain()
	b := parse(t, Guest{Customs: [][2]string{{"espalier.manifest", "{}"}, {"name", "\x01\x05\x01\x02\x09f"}}}.Wasm()).Plain()
	if !bytes.Equal(a, b) {
		t.Error("a manifest and damaged names change what an engine sees")
	}
	if b = parse(t, Guest{Customs: [][2]string{{"name", "\x01\x04\x01\x02\x09f"}}}.Wasm()).Plain(); !bytes.Equal(a, b) {
		t.Error("a name that is cut off changes what an engine sees")
	}
	c := parse(t, Guest{Init: Forever}.Wasm()).Plain()
	if bytes.Equal(a, c) {
		t.Error("another function does not change what an engine sees")
	}
}

func TestPlainWithoutExports(t *testing.T) {
	globals := Section(6, Vec(Code(Op(0x7f, 1), I32(1), End)))
	for name, tail := range map[string][]byte{"at the end": nil, "before data": Section(11, Vec(Code(Op(1), Name("x"))))} {
		file := Code([]byte("\x00asm\x01\x00\x00\x00"), globals, tail)
		m := parse(t, parse(t, file).Plain())
		if _, ok := m.Export(binary.StateName(0)); !ok {
			t.Errorf("%s: the global is not exported", name)
		}
	}
}
