package supply

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

const limit = 1 << 20

// module is a file with a manifest, and some bytes that tell it from others.
func module(t *testing.T, m spec.Manifest, rest string) []byte {
	t.Helper()
	wasm, err := spec.AppendManifest([]byte("\x00asm\x01\x00\x00\x00"), m)
	if err != nil {
		t.Fatal(err)
	}
	return append(wasm, rest...)
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestSplit(t *testing.T) {
	for s, want := range map[string][2]string{
		"cnn:v1":            {"cnn", "v1"},
		"cnn":               {"cnn", ""},
		"cnn:":              {"cnn", ""},
		"./a:b.wasm:s":      {"./a:b.wasm", "s"},
		"sha256:4e3add7e":   {"sha256:4e3add7e", ""},
		"sha256:4e3add7e:s": {"sha256:4e3add7e", "s"},
		"":                  {"", ""},
	} {
		if a, o := Split(s); a != want[0] || o != want[1] {
			t.Errorf("%q: %q and %q", s, a, o)
		}
	}
}

// TestStore: what is put there is found by its hash and by its beginning, and
// damage is not handed out, but mended by putting it there again.
func TestStore(t *testing.T) {
	three := []byte("three")
	s := Store{Dir: filepath.Join(t.TempDir(), "new", "plugins"), Bundled: Shelf{
		Names: func() []string { return []string{"three"} },
		Open: func(name string) ([]byte, error) {
			if name != "three" {
				return nil, errors.New("there is none")
			}
			return three, nil
		},
	}}
	if hashes, err := s.List(); hashes != nil || err != nil {
		t.Errorf("a store without a folder lists %v, %v", hashes, err)
	}
	one, two := []byte("one"), []byte("two")
	hash, err := s.Put(one)
	if err != nil || hash != Hash(one) {
		t.Fatal(hash, err)
	}
	if _, err := s.Put(two); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.Dir, "notes.txt"), nil)
	write(t, filepath.Join(s.Dir, strings.Repeat("g", 64)+".wasm"), nil)
	if hashes, err := s.List(); len(hashes) != 2 || !slices.IsSorted(hashes) || err != nil {
		t.Errorf("lists %v, %v", hashes, err)
	}
	for _, address := range []string{HashPrefix + hash, HashPrefix + hash[:8], HashPrefix + strings.ToUpper(hash[:20])} {
		if p, err := s.Open(address, limit); err != nil || string(p.Wasm) != "one" || p.Hash != hash {
			t.Errorf("%s: %+v, %v", address, p, err)
		}
	}
	for _, address := range []string{"three", HashPrefix + Hash(three)[:10]} {
		if p, err := s.Open(address, limit); err != nil || string(p.Wasm) != "three" {
			t.Errorf("%s: %+v, %v", address, p, err)
		}
	}
	if _, err := s.Open("thre", limit); err == nil || !strings.Contains(err.Error(), `did you mean "three"?`) {
		t.Error(err)
	}
	for _, plugin := range []string{"three", filepath.Join(s.Dir, hash+".wasm"), HashPrefix + hash} {
		if _, err := s.Open(plugin+":offer", limit); err == nil || !strings.Contains(err.Error(), "not what it offers: write "+plugin) {
			t.Errorf("%s with an offer: %v", plugin, err)
		}
	}
	for digits, want := range map[string]string{
		hash[:7]:                   "at least 8 digits",
		"":                         "at least 8 digits",
		"0123456789":               "neither the store",
		"../../etc/passwd":         "is no SHA-256",
		hash + "00":                "is no SHA-256",
		strings.Repeat("0", 64):    "neither the store",
		"not hexadecimal at all 0": "is no SHA-256",
	} {
		if _, err := s.Open(HashPrefix+digits, limit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", digits, err)
		}
	}
	write(t, s.file(hash), []byte("0ne"))
	if _, err := s.Open(HashPrefix+hash, limit); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged plugin: %v", err)
	}
	if _, err := s.Put(one); err != nil {
		t.Error(err)
	}
	if p, err := s.Open(HashPrefix+hash, limit); err != nil || string(p.Wasm) != "one" {
		t.Errorf("after putting it there again: %q, %v", p.Wasm, err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir, ".new-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestAmbiguous: the beginning of two hashes stands for neither.
func TestAmbiguous(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	for _, end := range []string{"0", "1"} {
		write(t, s.file(strings.Repeat("a", 63)+end), nil)
	}
	if _, err := s.Find("aaaaaaaa"); err == nil || !strings.Contains(err.Error(), "2 plugins") {
		t.Error(err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.wasm")
	write(t, big, make([]byte, 100))
	if p, err := (Store{}).Open(big, 10); err != nil || len(p.Wasm) != 11 {
		t.Errorf("of a large file %d bytes are read, %v", len(p.Wasm), err)
	}
	for _, address := range []string{dir + "/", filepath.Join(dir, "none.wasm"), "none", ""} {
		if _, err := (Store{Dir: dir}).Open(address, limit); err == nil {
			t.Errorf("%q is opened", address)
		}
	}
}

func TestDataDir(t *testing.T) {
	for name, c := range map[string]struct {
		system string
		env    map[string]string
		want   string
	}{
		"home":     {"linux", map[string]string{"HOME": "/h"}, "/h/.local/share"},
		"given":    {"darwin", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/d"}, "/d"},
		"relative": {"linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "d"}, "/h/.local/share"},
		"mac":      {"darwin", map[string]string{"HOME": "/h"}, "/h/Library/Application Support"},
		"windows":  {"windows", map[string]string{"LocalAppData": `C:\d`}, `C:\d`},
		"none":     {"linux", nil, ""},
		"neither":  {"windows", nil, ""},
	} {
		dir, err := dataDir(c.system, func(name string) string { return c.env[name] })
		if dir != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %q, %v", name, dir, err)
		}
	}
}

// TestLock pins a file, and refuses another in its place, however it is named.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, LockFile)
	lock, err := ReadLock(path)
	if !IsMissing(err) {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "sub", "p.wasm")
	manifest := spec.Manifest{Name: "p", Version: "1", Spaces: []spec.Offer{{Name: "s"}}}
	write(t, file, module(t, manifest, ""))
	first := opened(t, file)
	if before, err := lock.Pin(first, &manifest); before != nil || err != nil {
		t.Fatal(before, err)
	}
	if err := lock.Write(); err != nil {
		t.Fatal(err)
	}
	if lock, err = ReadLock(path); err != nil || len(lock.Plugins) != 1 {
		t.Fatalf("%+v, %v", lock, err)
	}
	pin := lock.Plugins[0]
	if pin.Source != "./sub/p.wasm" || pin.SHA256 != first.Hash || pin.Version != "1" || lock.Standing(Store{}, pin, limit) != Same {
		t.Errorf("pinned %+v", pin)
	}
	if err := lock.Check(first); err != nil {
		t.Error(err)
	}
	manifest.Version = "2"
	changed := module(t, manifest, "")
	write(t, file, changed)
	elsewhere := filepath.Join(dir, "copy.wasm")
	write(t, elsewhere, changed)
	for _, p := range []Plugin{opened(t, file), opened(t, elsewhere)} {
		var e *PinError
		if err := lock.Check(p); !errors.As(err, &e) || !slices.Contains(e.Changes, "its version was 1, now it is 2") {
			t.Errorf("%s: %v", p.Address, err)
		}
	}
	if lock.Standing(Store{}, pin, limit) != Changed {
		t.Error("the change is not seen")
	}
	other := filepath.Join(dir, "other.wasm")
	write(t, other, module(t, spec.Manifest{Name: "q"}, ""))
	if err := lock.Check(opened(t, other)); err != nil {
		t.Errorf("a plugin that is not pinned: %v", err)
	}
	if before, err := lock.Pin(opened(t, file), &manifest); err != nil || before.Version != "1" || len(lock.Plugins) != 1 || lock.Check(opened(t, file)) != nil {
		t.Errorf("pinned anew: %+v, %v, %+v", before, err, lock.Plugins)
	}
	if _, err := lock.Pin(Plugin{Address: HashPrefix + first.Hash}, &manifest); err == nil {
		t.Error("a hash is pinned")
	}
	if err := os.Remove(file); err != nil || lock.Standing(Store{}, pin, limit) != Missing {
		t.Error("that it is gone is not seen")
	}
}

func opened(t *testing.T, address string) Plugin {
	t.Helper()
	p, err := Store{}.Open(address, limit)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDescribe: what would write to a terminal is not kept.
func TestDescribe(t *testing.T) {
	good := Describe(Plugin{Wasm: module(t, spec.Manifest{Name: "p"}, "")})
	rude := Describe(Plugin{Wasm: module(t, spec.Manifest{Name: "p", Version: "\x1b[2J"}, "")})
	none := Describe(Plugin{Wasm: []byte("x"), Hash: "h"})
	if good.Manifest == nil || rude.Manifest != nil || none.Manifest != nil || none.Bytes != 1 || none.Hash != "h" {
		t.Errorf("%+v, %+v, %+v", good, rude, none)
	}
}

// TestBadLocks: a lock file that cannot be trusted is not read as one that pins
// nothing.
func TestBadLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), LockFile)
	good := `{"source":"cnn","sha256":"` + Hash(nil) + `","bytes":1,"name":"cnn","version":"1","manifest":null}`
	for name, text := range map[string]string{
		"empty":   "",
		"garbage": "\x00\x01",
		"cut":     `{"schema":"espalier.lock/1","plugins":[` + good,
		"array":   "[]",
		"schema":  `{"schema":"espalier.lock/2","plugins":[]}`,
		"member":  `{"schema":"espalier.lock/1","pluggins":[]}`,
		"hash":    `{"schema":"espalier.lock/1","plugins":[{"source":"cnn","sha256":"zz"}]}`,
		"source":  strings.Replace(`{"schema":"espalier.lock/1","plugins":[`+good+`]}`, `"source":"cnn",`, "", 1),
	} {
		write(t, path, []byte(text))
		if _, err := ReadLock(path); err == nil || IsMissing(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(t, path, []byte(`{"schema":"espalier.lock/1","plugins":[`+good+`]}`))
	if l, err := ReadLock(path); err != nil || l.Plugins[0].Name != "cnn" {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := ReadLock(filepath.Dir(path)); err == nil || IsMissing(err) {
		t.Errorf("a folder: %v", err)
	}
}
