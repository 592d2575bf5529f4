package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Store is a folder of plugins, each under its hash, beside those that are
// built into the program.
type Store struct {
	// Dir is made when the first plugin is put there.
	Dir     string
	Bundled Shelf
}

// Shelf gives built-in plugins by their names. The zero Shelf has none.
type Shelf struct {
	Names func() []string
	Open  func(name string) ([]byte, error)
}

func (s Shelf) names() []string {
	if s.Names == nil {
		return nil
	}
	return s.Names()
}

// UserStore is the store of the user: espalier/plugins in the folder that the
// system has for a program's data. With an error comes a store that holds the
// built-in plugins only.
func UserStore(bundled Shelf) (Store, error) {
	dir, err := dataDir(runtime.GOOS, os.Getenv)
	if err != nil {
		return Store{Bundled: bundled}, err
	}
	return Store{filepath.Join(dir, "espalier", "plugins"), bundled}, nil
}

// dataDir is the user's folder for the data of programs: XDG_DATA_HOME (XDG base
// directories), or what stands for it on other systems.
func dataDir(system string, env func(string) string) (string, error) {
	home := func(path ...string) (string, error) {
		if env("HOME") == "" {
			return "", errors.New("store: there is no folder for plugins, since neither XDG_DATA_HOME nor HOME is set; set one of them")
		}
		return filepath.Join(append([]string{env("HOME")}, path...)...), nil
	}
	switch dir := env("XDG_DATA_HOME"); {
	case filepath.IsAbs(dir):
		return dir, nil
	case system == "windows":
		if dir := env("LocalAppData"); dir != "" {
			return dir, nil
		}
		return "", errors.New("store: there is no folder for plugins, since LocalAppData is not set; set it")
	case system == "darwin":
		return home("Library", "Application Support")
	}
	return home(".local", "share")
}

const suffix = ".wasm"

func (s Store) file(hash string) string { return filepath.Join(s.Dir, hash+suffix) }

// Holds tells whether the store has a plugin.
func (s Store) Holds(hash string) bool {
	info, err := os.Stat(s.file(hash))
	return err == nil && info.Mode().IsRegular()
}

// read reads a plugin and makes sure that it is the one that was put there.
func (s Store) read(hash string, limit int) ([]byte, error) {
	wasm, err := ReadFile(s.file(hash), limit)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if len(wasm) <= limit && Hash(wasm) != hash {
		return nil, fmt.Errorf("store: %s is damaged: its hash is now %s; remove it, and put the plugin there again with espalier plugin lock FILE", s.file(hash), Hash(wasm))
	}
	return wasm, nil
}

// Put keeps a plugin and returns its hash. It writes nothing where the store
// holds it already, and replaces what is damaged.
func (s Store) Put(wasm []byte) (hash string, err error) {
	hash = Hash(wasm)
	if old, err := s.read(hash, len(wasm)); err == nil && len(old) == len(wasm) {
		return hash, nil
	}
	if err := os.MkdirAll(s.Dir, 0o777); err != nil {
		return hash, fmt.Errorf("store: keep plugin %.12s: %w", hash, err)
	}
	if err := writeAtomic(s.file(hash), wasm); err != nil {
		return hash, fmt.Errorf("store: keep plugin %.12s: %w", hash, err)
	}
	return hash, nil
}

// List lists the hashes of the plugins that the store holds, ascending.
func (s Store) List() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if s.Dir == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	var hashes []string
	for _, e := range entries {
		hash, ok := strings.CutSuffix(e.Name(), suffix)
		if ok && len(hash) == len(Hash(nil)) && strings.Trim(hash, "0123456789abcdef") == "" {
			hashes = append(hashes, hash)
		}
	}
	slices.Sort(hashes)
	return hashes, nil
}

// writeAtomic gives a file its contents, or leaves it as it is.
func writeAtomic(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
