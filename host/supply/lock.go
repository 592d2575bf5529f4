package supply

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// LockFile is the usual name of a lock file.
const LockFile = "espalier.lock"

// largestLock bounds the size of a lock file in bytes.
const largestLock = 16 << 20

const lockSchema = "espalier.lock/1"

// Lock is the contents of a lock file.
type Lock struct {
	Schema  string `json:"schema"` // "espalier.lock/1"
	Plugins []Pin  `json:"plugins"`
	path    string // of the lock file
}

// Pin says which plugin is meant by an address.
type Pin struct {
	// Source is the name of a built-in plugin, or the path of a file, with
	// slashes, relative to the lock file's folder where it lies in it.
	Source string `json:"source"`
	SHA256 string `json:"sha256"` // hex
	Bytes  int    `json:"bytes"`
	// Name and Version are those of the manifest.
	Name     string         `json:"name"`
	Version  string         `json:"version"`
	Manifest *spec.Manifest `json:"manifest"`
}

// ReadLock reads a lock file. Where there is none it returns an empty Lock and
// an error that is fs.ErrNotExist.
func ReadLock(path string) (*Lock, error) {
	l := &Lock{Schema: lockSchema, path: path}
	b, err := ReadFile(path, largestLock)
	switch {
	case IsMissing(err):
		return l, fmt.Errorf("lock: %w", err)
	case err != nil:
		return nil, fmt.Errorf("lock: %s: %w", path, err)
	case len(b) > largestLock:
		return nil, fmt.Errorf("lock: %s has more than %d bytes, which no lock file has", path, largestLock)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("lock: %s is damaged: %w; write it anew with espalier plugin lock, or restore it", path, err)
	}
	if l.Schema != lockSchema {
		return nil, fmt.Errorf("lock: %s has the schema %q, this program knows %s; use the program that wrote it", path, l.Schema, lockSchema)
	}
	for _, p := range l.Plugins {
		if p.Source == "" || len(p.SHA256) != len(Hash(nil)) || strings.Trim(p.SHA256, "0123456789abcdef") != "" {
			return nil, fmt.Errorf("lock: %s is damaged: the entry of %q has no source or no SHA-256; write it anew with espalier plugin lock, or restore it", path, p.Source)
		}
	}
	return l, nil
}

// Write replaces the lock file, sorted by source.
func (l *Lock) Write() error {
	slices.SortFunc(l.Plugins, func(a, b Pin) int { return strings.Compare(a.Source, b.Source) })
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(l)
	if err == nil {
		err = writeAtomic(l.path, b.Bytes())
	}
	if err != nil {
		return fmt.Errorf("lock: write %s: %w; it is as it was", l.path, err)
	}
	return nil
}

// Path is where the lock file lies.
func (l *Lock) Path() string { return l.path }

// source is how the lock file names an address; "" where it cannot, as of a
// hash.
func (l *Lock) source(address string) (string, error) {
	if !IsFile(address) {
		if IsHash(address) {
			return "", nil
		}
		return address, nil
	}
	path, err := filepath.Abs(address)
	if err != nil {
		return "", err
	}
	folder, err := filepath.Abs(filepath.Dir(l.path))
	if err != nil {
		return "", err
	}
	if inside, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(inside) {
		path = "./" + filepath.ToSlash(inside)
	}
	return filepath.ToSlash(path), nil
}

// Pin pins a plugin, whose manifest is given, in place of what was pinned for
// its address before, which it returns; nil: nothing was.
func (l *Lock) Pin(p Plugin, manifest *spec.Manifest) (before *Pin, err error) {
	source, err := l.source(p.Address)
	if err == nil && source == "" {
		err = errors.New("a hash needs no lock: name the file or the built-in plugin that has it")
	}
	if err != nil {
		return nil, fmt.Errorf("lock: pin %s: %w", p.Address, err)
	}
	pin := Pin{Source: source, SHA256: p.Hash, Bytes: len(p.Wasm), Name: manifest.Name, Version: manifest.Version, Manifest: manifest}
	for i := range l.Plugins {
		if old := l.Plugins[i]; old.Source == source {
			l.Plugins[i] = pin
			return &old, nil
		}
	}
	l.Plugins = append(l.Plugins, pin)
	return nil, nil
}

// Find returns what is pinned for a plugin: by its source, or else, of a file,
// by the name in its manifest, if it is known, since files are copied and moved.
// Nil: nothing is.
func (l *Lock) Find(p Plugin, manifest *spec.Manifest) *Pin {
	source, err := l.source(p.Address)
	if err != nil {
		source = ""
	}
	var named *Pin
	for i := range l.Plugins {
		pin := &l.Plugins[i]
		if pin.Source == source {
			return pin
		}
		if manifest != nil && pin.Name == manifest.Name && IsFile(p.Address) && IsFile(filepath.FromSlash(pin.Source)) && (named == nil || pin.SHA256 == p.Hash) {
			named = pin
		}
	}
	return named
}

// Check refuses a plugin that differs from what is pinned for it, with a
// *PinError. An address by hash says itself which plugin is meant.
func (l *Lock) Check(p Plugin) error {
	if IsHash(p.Address) {
		return nil
	}
	pin := l.Find(p, Describe(p).Manifest)
	if pin == nil || pin.SHA256 == p.Hash {
		return nil
	}
	return &PinError{Lock: l.path, Pin: *pin, Plugin: p.Address, Hash: p.Hash, Changes: pin.Changes(p)}
}

// Changes says in what a plugin differs from what is pinned.
func (p *Pin) Changes(now Plugin) []string {
	was := event.Source{Plugin: p.Source, Hash: p.SHA256, Bytes: p.Bytes, Manifest: p.Manifest}
	return was.Changes(Describe(now))
}

// What has become of a plugin that is pinned.
const (
	Same    = "same"
	Changed = "changed"
	Missing = "missing" // or it cannot be read
)

// Address is where a pinned plugin lies, as Store.Open takes it.
func (l *Lock) Address(p Pin) string {
	path := filepath.FromSlash(p.Source)
	if !IsFile(path) {
		return p.Source
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.path), path)
	}
	if !IsFile(path) { // Join has cut the leading dot off
		path = "." + string(filepath.Separator) + path
	}
	return path
}

// Standing says what has become of a pinned plugin; of a file it reads at most
// limit bytes.
func (l *Lock) Standing(s Store, p Pin, limit int) string {
	found, err := s.Open(l.Address(p), limit)
	switch {
	case err != nil:
		return Missing
	case found.Hash != p.SHA256:
		return Changed
	}
	return Same
}

// Describe says of a plugin what a study keeps of it, without running it. A
// manifest that a host would refuse is left out.
func Describe(p Plugin) event.Source {
	s := event.Source{Plugin: p.Address, Hash: p.Hash, Bytes: len(p.Wasm)}
	if m, ok, err := spec.ReadManifest(p.Wasm); ok && err == nil && sandbox.CheckManifest(&m) == nil {
		s.Manifest = &m
	}
	return s
}

// PinError: a plugin is not the one that a lock file pins.
type PinError struct {
	Lock    string // path of the lock file
	Pin     Pin
	Plugin  string // address
	Hash    string
	Changes []string
}

// Error says what is pinned, what was found, and in what it differs.
func (e *PinError) Error() string {
	return fmt.Sprintf("plugin %s: %s pins another file for %s; nothing of it was run", e.Plugin, e.Lock, e.Pin.Source)
}

// IsMissing tells a lock file that is not there from one that cannot be used.
func IsMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
