package compiler

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestDetect(t *testing.T) {
	for _, l := range Languages() {
		dir := t.TempDir()
		write(t, filepath.Join(dir, signs[l]), "")
		if got, err := Detect(dir); err != nil || got != l {
			t.Errorf("a folder with %s: %q, %v", signs[l], got, err)
		}
	}
	dir := t.TempDir()
	if _, err := Detect(dir); err == nil || !strings.Contains(err.Error(), "no go.mod") {
		t.Errorf("an empty folder: %v", err)
	}
	write(t, filepath.Join(dir, "go.mod", "x"), "") // a folder of that name is no sign
	write(t, filepath.Join(dir, "plugin.c"), "")
	if got, err := Detect(dir); err != nil || got != C {
		t.Errorf("%q, %v", got, err)
	}
	write(t, filepath.Join(dir, "plugin.rs"), "")
	if _, err := Detect(dir); err == nil || !strings.Contains(err.Error(), "both plugin.rs and plugin.c") {
		t.Errorf("two languages: %v", err)
	}
	if _, err := Detect(filepath.Join(dir, "plugin.c")); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for l, want := range map[Language]string{Go: "go.dev", Rust: "libstd-rust-dev-wasm32", AssemblyScript: "nodejs", C: "clang lld"} {
		_, err := l.Command(t.TempDir(), "out.wasm")
		var missing *Missing
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", l, err, want)
		}
	}
}

// TestMissingCompiler: the folder that lacks AssemblyScript is named, but for the
// present one.
func TestMissingCompiler(t *testing.T) {
	bin := t.TempDir()
	write(t, filepath.Join(bin, "node"), "#!/bin/sh\n")
	t.Setenv("PATH", bin)
	for dir, want := range map[string]string{".": "npm ci in this folder,", "./": "npm ci in this folder,", "sapling": "npm ci in sapling,"} {
		if _, err := AssemblyScript.Command(dir, "out.wasm"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", dir, err, want)
		}
	}
}

// TestFind passes over tools that are not fit, such as a Rust without a library
// for WebAssembly, and names the one that is by its path.
func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: the tools of this test are shell scripts")
	}
	first, second := t.TempDir(), t.TempDir()
	t.Setenv("PATH", strings.Join([]string{first, second, "/usr/bin", "/bin"}, string(os.PathListSeparator)))
	libs := filepath.Join(second, "libs")
	write(t, filepath.Join(first, "rustc"), "#!/bin/sh\necho /nowhere\n")
	write(t, filepath.Join(second, "rustc"), "#!/bin/sh\necho "+libs+"\n")
	write(t, filepath.Join(libs, "libstd-1.rlib"), "")
	c, err := Rust.Command(".", "out.wasm")
	if want := filepath.Join(second, "rustc"); err != nil || c.Tool != want {
		t.Errorf("%+v, %v, want %s", c, err, want)
	}
	write(t, filepath.Join(first, "clang"), "#!/bin/sh\necho wasm-ld\n")
	write(t, filepath.Join(second, "clang"), "#!/bin/sh\necho /x/wasm-ld\n")
	dir := t.TempDir()
	for _, name := range []string{"plugin.c", "kit.c", "plugin_test.c"} {
		write(t, filepath.Join(dir, name), "")
	}
	c, err = C.Command(dir, "out.wasm")
	if err != nil || !slices.Equal(c.Args[len(c.Args)-3:], []string{"out.wasm", "kit.c", "plugin.c"}) {
		t.Errorf("%+v, %v", c, err)
	}
	write(t, filepath.Join(first, "clang"), "#!/bin/sh\necho /x/wasm-ld\n")
	if c, err = C.Command(dir, "out.wasm"); err != nil || c.Tool != "clang" {
		t.Errorf("%+v, %v", c, err)
	}
	write(t, filepath.Join(first, "node"), "#!/bin/sh\n")
	if _, err = AssemblyScript.Command(dir, "out.wasm"); err == nil || !strings.Contains(err.Error(), "npm ci in "+dir) {
		t.Errorf("without node_modules: %v", err)
	}
}

func TestRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: the tool of this test is a shell")
	}
	var out strings.Builder
	c := Command{Dir: t.TempDir(), Env: []string{"WORD=hello"}, Tool: "sh", Args: []string{"-c", "echo $WORD; pwd >&2; exit 3"}}
	err := c.Run(context.Background(), &out)
	if err == nil || !strings.Contains(err.Error(), "sh: exit status 3") || !strings.HasPrefix(out.String(), "hello\n") || !strings.Contains(out.String(), filepath.Base(c.Dir)) {
		t.Errorf("%v, %q", err, out.String())
	}
	stopped := errors.New("stopped")
	ctx, stop := context.WithCancelCause(context.Background())
	stop(stopped)
	if err := c.Run(ctx, &out); !errors.Is(err, stopped) {
		t.Errorf("a cancelled run: %v", err)
	}
}

func TestFinish(t *testing.T) {
	ctx := context.Background()
	o := sandbox.Default()
	o.CacheDir = ""
	box, err := sandbox.New(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close(ctx)
	describe := `{"ok":{"manifest":{"abi":"1.0","name":"tiny","version":"1","summary":"","spaces":[],"shapers":[%]}}}`
	wasm := sandboxtest.Guest{Answers: map[int]string{1: strings.ReplaceAll(describe, "%", "")}}.Wasm()
	finished, manifest, err := Finish(ctx, box, "tiny", wasm)
	if err != nil || manifest.Name != "tiny" {
		t.Fatal(manifest, err)
	}
	if read, ok, err := spec.ReadManifest(finished); err != nil || !ok || read.Name != "tiny" {
		t.Errorf("%+v, %v, %v", read, ok, err)
	}
	if _, _, err := Finish(ctx, box, "tiny", finished); !errors.Is(err, spec.ErrHasManifest) {
		t.Errorf("finished twice: %v", err)
	}
	// A shaper that the manifest names, but describe does not know.
	wasm = sandboxtest.Guest{Answers: map[int]string{1: strings.ReplaceAll(describe, "%", `{"name":"x","summary":"","params":[]}`)}}.Wasm()
	if _, _, err := Finish(ctx, box, "tiny", wasm); !errors.Is(err, sandbox.ErrProtocol) {
		t.Errorf("an offer that is not described: %v", err)
	}
	if _, _, err := Finish(ctx, box, "tiny", []byte("no module")); !errors.Is(err, sandbox.ErrRefused) {
		t.Errorf("a text: %v", err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.wasm")
	for _, text := range []string{"one", "two"} {
		if err := Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if err := Replace(dir, []byte("x")); err == nil {
		t.Error("a folder is replaced")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	if list, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "bundle-*")); len(list) > 0 {
		t.Errorf("left behind: %v", list)
	}
}
