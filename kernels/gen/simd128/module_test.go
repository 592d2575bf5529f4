package simd128

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The values are the examples of the DWARF standard, version 5, section 7.6, which defines LEB128.
func TestLEB128(t *testing.T) {
	for v, want := range map[uint32]code{2: {2}, 127: {127}, 128: {0x80, 1}, 129: {0x81, 1}, 12857: {0xb9, 0x64}} {
		if got := unsigned(v); !slices.Equal(got, want) {
			t.Errorf("unsigned %d is % x, want % x", v, got, want)
		}
	}
	for v, want := range map[int32]code{
		2: {2}, -2: {0x7e}, 127: {0xff, 0}, -127: {0x81, 0x7f}, 128: {0x80, 1}, -128: {0x80, 0x7f}, 129: {0x81, 1}, -129: {0xff, 0x7e},
	} {
		if got := signed(v); !slices.Equal(got, want) {
			t.Errorf("signed %d is % x, want % x", v, got, want)
		}
	}
}

// TestSmallest compares a whole module with one written by hand from the specification.
func TestSmallest(t *testing.T) {
	f := &function{name: "f", params: []value{i32, i32}, results: []value{i32}}
	f.do(plus(local(0).get(), local(1).get()))
	want := slices.Concat(header,
		code{1, 10, 2, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 0, 0}, // types: (i32, i32) → i32, () → ()
		code{2, 52, 3, // imports: go.mem, trampoline.table, trampoline.level
			2, 'g', 'o', 3, 'm', 'e', 'm', 2, 0, 0,
			10, 't', 'r', 'a', 'm', 'p', 'o', 'l', 'i', 'n', 'e', 5, 't', 'a', 'b', 'l', 'e', 1, 0x70, 0, 1,
			10, 't', 'r', 'a', 'm', 'p', 'o', 'l', 'i', 'n', 'e', 5, 'l', 'e', 'v', 'e', 'l', 3, 0x7f, 1},
		code{3, 3, 2, 0, 1},                   // functions: f, start
		code{8, 1, 1},                         // start
		code{9, 7, 1, 0, 0x41, 0, 0x0b, 1, 0}, // elements: f
		code{10, 16, 2, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b, 6, 0, 0x41, 1, 0x24, 0, 0x0b}) // code
	if got := kernels([]*function{f}, nil); !bytes.Equal(got, want) {
		t.Errorf("the module is\n% x, want\n% x", got, want)
	}
}

// TestReproducible writes the files anew: they are those of package kernels.
func TestReproducible(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "simd128"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(folder); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"declarations_wasm.go", filepath.Join("simd128", "modules_gen.js")} {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what package kernels has: run go generate ./kernels and commit", name)
		}
	}
}
