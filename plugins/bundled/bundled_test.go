package bundled

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func compressed(t *testing.T, s string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func TestOpen(t *testing.T) {
	cut := compressed(t, strings.Repeat("module", 100))
	cut.Data = cut.Data[:len(cut.Data)-5]
	files := fstest.MapFS{
		"README.md":       {Data: []byte("text")},
		"rewards.wasm.gz": compressed(t, "\x00asm rewards"),
		"cnn.wasm.gz":     compressed(t, "\x00asm cnn"),
		"cut.wasm.gz":     cut,
		"odd.wasm.gz":     {Data: []byte("not gzip")},
	}
	if got := names(files); !slices.Equal(got, []string{"cnn", "cut", "odd", "rewards"}) {
		t.Errorf("names %v", got)
	}
	if got, err := open(files, "cnn"); string(got) != "\x00asm cnn" || err != nil {
		t.Errorf("cnn: %q, %v", got, err)
	}
	for _, name := range []string{"rnn", "", "../cnn", "README.md"} {
		if _, err := open(files, name); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "cnn, cut, odd, rewards") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"cut", "odd"} {
		if _, err := open(files, name); err == nil || !strings.Contains(err.Error(), "make build") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingBuilt(t *testing.T) {
	files := fstest.MapFS{"README.md": {Data: []byte("text")}}
	if _, err := open(files, "cnn"); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("%v", err)
	}
	if got := names(files); got != nil {
		t.Errorf("names %v", got)
	}
}

// TestEmbedded opens whatever has been built, and sees no Go file.
func TestEmbedded(t *testing.T) {
	for _, name := range Names() {
		wasm, err := Open(name)
		if err != nil || !bytes.HasPrefix(wasm, []byte("\x00asm")) {
			t.Errorf("%s: %d bytes, %v", name, len(wasm), err)
		}
	}
	if _, err := built.Open("README.md"); err != nil {
		t.Error(err)
	}
	if _, err := built.Open("bundled.go"); err == nil {
		t.Error("the source is embedded")
	}
}
