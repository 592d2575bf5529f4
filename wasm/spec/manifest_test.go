package spec

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	m := Manifest{ABI: ABI, Name: "cnn", Version: "1.0.0", Summary: "s", Spaces: []Offer{{Name: "v1", Summary: strings.Repeat("long ", 100), Task: TaskImage}}}
	module := []byte(wasmHeader + "\x00\x05\x04name" + "\x01\x01\x00")
	if _, ok, err := ReadManifest(module); ok || err != nil {
		t.Errorf("a module without a manifest: %v, %v", ok, err)
	}
	before := bytes.Clone(module)
	signed, err := AppendManifest(module[:len(module):cap(module)], m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(module, before) || !bytes.HasPrefix(signed, module) {
		t.Error("the module itself was changed")
	}
	got, ok, err := ReadManifest(signed)
	if err != nil || !ok || !reflect.DeepEqual(got, m) {
		t.Errorf("read %+v, %v, %v", got, ok, err)
	}
	if _, err := AppendManifest(signed, m); !errors.Is(err, ErrHasManifest) {
		t.Errorf("a second manifest: %v", err)
	}
	// A section that is not JSON is an error, not a module without a manifest.
	broken := bytes.Replace(signed, []byte(`"abi"`), []byte(`"abi'`), 1)
	if _, ok, err := ReadManifest(broken); ok || err == nil || !strings.Contains(err.Error(), "manifest: json:") {
		t.Errorf("a broken manifest: %v, %v", ok, err)
	}
	// Cutting the file anywhere is noticed, except between sections.
	whole := map[int]bool{len(wasmHeader): true, len(wasmHeader) + 7: true, len(module): true, len(signed): true}
	for n := range len(signed) {
		_, ok, err := ReadManifest(signed[:n])
		if ok || (err == nil) != whole[n] {
			t.Errorf("cut after %d of %d bytes: %v, %v", n, len(signed), ok, err)
		}
	}
}

func TestNotWasm(t *testing.T) {
	for _, in := range []string{"", "\x00asm", "\x00asm\x0d\x00\x01\x00", "\x7fELF\x02\x01\x01\x00", "hello, world"} {
		if _, _, err := ReadManifest([]byte(in)); !errors.Is(err, ErrNotWasm) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzReadManifest(f *testing.F) {
	signed, _ := AppendManifest([]byte(wasmHeader), Manifest{Name: "x"})
	f.Add(signed)
	f.Add([]byte(wasmHeader + "\x00\xff\xff\xff\xff\x0f"))
	f.Add([]byte(wasmHeader + "\x00\x02\xff\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, ok, err := ReadManifest(data); ok && err != nil {
			t.Errorf("%v, %v", ok, err)
		}
	})
}
