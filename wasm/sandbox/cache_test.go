package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// files lists the regular files below a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func cachedIn(dir string) Options {
	o := patient()
	o.CacheDir = dir
	return o
}

func TestCompiledCodeIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for n := range 2 {
		o := cachedIn(dir)
		o.Limits.Fuel.Init += int64(n) // whatever the limits are
		s := open(t, o)
		load(t, s, sound().Wasm())
		if list := files(t, dir); len(list) != 1 {
			t.Errorf("the cache holds %v", list)
		}
		if notes := s.Notes(); len(notes) > 0 {
			t.Errorf("notes %q", notes)
		}
	}
}

// TestCacheIsNeverFatal loads with cache folders that do not work.
func TestCacheIsNeverFatal(t *testing.T) {
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	wellBehaved(t, open(t, cachedIn(damaged)))
	for _, path := range files(t, damaged) {
		code, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code[len(code)/2] ^= 1
		if err := os.WriteFile(path, code, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, dir := range map[string]string{"a file": notAFolder, "below a file": filepath.Join(notAFolder, "x"), "damaged": damaged} {
		s := open(t, cachedIn(dir))
		wellBehaved(t, s)
		if notes := s.Notes(); len(notes) != 1 || !strings.Contains(notes[0], dir) {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
	s := open(t, cachedIn(""))
	wellBehaved(t, s)
	if notes := s.Notes(); len(notes) > 0 {
		t.Errorf("without a folder: notes %q", notes)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for n, name := range []string{"wazero-1/old", "wazero-2/older", "wazero-1/new", "wazero-2/newer", "mine", "my/own"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		age := []int{3, 4, 2, 1, 9, 9}[n]
		if err := os.Chtimes(path, now, now.Add(-time.Duration(age)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		most int64
		want string
	}{{400, "mine my/own wazero-1/new wazero-1/old wazero-2/newer wazero-2/older"}, {399, "mine my/own wazero-1/new wazero-1/old wazero-2/newer"},
		{200, "mine my/own wazero-1/new wazero-2/newer"}, {0, "mine my/own"}} {
		prune(dir, c.most)
		var left []string
		for _, path := range files(t, dir) {
			rel, _ := filepath.Rel(dir, path)
			left = append(left, filepath.ToSlash(rel))
		}
		if got := strings.Join(left, " "); got != c.want {
			t.Errorf("%d bytes: %q are left, want %q", c.most, got, c.want)
		}
	}
	prune(filepath.Join(dir, "absent"), 0)
}

// TestWASISignatures holds the shim's table against the engine's own.
func TestWASISignatures(t *testing.T) {
	r := wazero.NewRuntime(background)
	defer r.Close(background)
	theirs, err := wasi_snapshot_preview1.NewBuilder(r).Compile(background)
	if err != nil {
		t.Fatal(err)
	}
	letters := func(types []api.ValueType) string {
		s := ""
		for _, v := range types {
			s += map[api.ValueType]string{api.ValueTypeI32: "i", api.ValueTypeI64: "I"}[v]
		}
		return s
	}
	for name, def := range theirs.ExportedFunctions() {
		ours, ok := wasiFuncs[name]
		if !ok || ours.params != letters(def.ParamTypes()) || ours.result != letters(def.ResultTypes()) {
			t.Errorf("%s: (%s)%s, the engine has (%s)%s", name, ours.params, ours.result, letters(def.ParamTypes()), letters(def.ResultTypes()))
		}
	}
}
