package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// run bundles the repository's plugins into a folder and returns the lines.
func run(t *testing.T, to string) string {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := bundleAll(context.Background(), root, to, &out); err != nil {
		t.Fatal(report(err))
	}
	return out.String()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBundle(t *testing.T) {
	to := t.TempDir()
	stale := filepath.Join(to, "gone"+suffix)
	if err := os.WriteFile(stale, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t, to); !strings.Contains(got, "cnn ") || strings.Count(got, "built in") != strings.Count(got, "\n") {
		t.Errorf("the first run says:\n%s", got)
	}
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("a bundle without a plugin is kept: %v", err)
	}
	cnn := filepath.Join(to, "cnn"+suffix)
	first := read(t, cnn)
	if got := run(t, to); strings.Count(got, "up to date") != strings.Count(got, "\n") {
		t.Errorf("the second run says:\n%s", got)
	}
	// A bundle that was made from other sources or damaged, behind a header
	// that is sound, is made again, and is the same to the byte.
	for name, spoil := range map[string]func() error{
		"other": func() error { _, err := writeArchive(cnn, []byte("other"), "other"); return err },
		"cut":   func() error { return os.WriteFile(cnn, first[:len(first)-100], 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if got := run(t, to); strings.Count(got, "built in") != 1 {
			t.Errorf("%s: the next run says:\n%s", name, got)
		}
		if again := read(t, cnn); !bytes.Equal(first, again) {
			t.Errorf("%s: two builds differ: %d and %d bytes", name, len(first), len(again))
		}
	}
	checkModule(t, first)
	if list, err := filepath.Glob(filepath.Join(to, "bundle-*")); err != nil || len(list) > 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

// checkModule loads a bundled module and compares its manifest with its word.
func checkModule(t *testing.T, archive []byte) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	manifest, ok, err := spec.ReadManifest(wasm)
	if err != nil || !ok || manifest.Name != "cnn" || len(manifest.Spaces) == 0 {
		t.Fatalf("manifest %+v, %v, %v", manifest, ok, err)
	}
	box, err := sandbox.New(context.Background(), sandbox.Default())
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close(context.Background())
	m, err := box.Load(context.Background(), "cnn", wasm)
	if err != nil {
		t.Fatal(report(err))
	}
	for _, offer := range manifest.Spaces {
		if _, err := m.Space(context.Background(), offer.Name, nil); err != nil {
			t.Error(report(err))
		}
	}
}

func TestSourceKey(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key := func() string {
		k, err := sourceKey(context.Background(), root, "plugins/p/guest")
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	write("go.mod", "module example.org/m\n\ngo 1.26\n")
	write("plugins/p/p.go", "package p\n")
	write("plugins/p/guest/main.go", "package main\n\nimport _ \"example.org/m/plugins/p\"\n\nfunc main() {}\n")
	before := key()
	write("plugins/other/other.go", "package other\n")
	write("plugins/p/p_test.go", "package p\n")
	if key() != before {
		t.Error("a file that is not part of the module changes its key")
	}
	write("plugins/p/p.go", "package p\n\nconst X = 1\n")
	if key() == before {
		t.Error("a change to a package that is imported leaves the key")
	}
	write("plugins/p/guest/main.go", "package main\n\nfunc main() { undefined }\n")
	if _, err := compile(context.Background(), root, "plugins/p/guest"); err == nil || !strings.Contains(err.Error(), "undefined") {
		t.Errorf("a package that does not compile: %v", err)
	}
}

func TestNoPlugins(t *testing.T) {
	root := t.TempDir()
	if err := bundleAll(context.Background(), root, root, io.Discard); err == nil || !strings.Contains(err.Error(), "no plugins") {
		t.Error(err)
	}
}
