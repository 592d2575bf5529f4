// Package bundled holds the plugins that are built into the program. Command
// host/cmd/bundle makes them; a program built before that has none, and works
// with plugins from files all the same.
package bundled

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// The pattern matches README.md, so that it matches something even where no
// plugin has been built, and every *.wasm.gz, but no Go file.
//
//go:embed *.[mw]*
var built embed.FS

const suffix = ".wasm.gz"

var (
	// ErrNone: the program was built without bundled plugins.
	ErrNone = errors.New("this program was built without bundled plugins; build it with make build, which makes them first")
	// ErrUnknown: there are bundled plugins, but not of that name.
	ErrUnknown = errors.New("no such bundled plugin")
)

// Names lists the bundled plugins in alphabetical order.
func Names() []string { return names(built) }

// Open returns the module of a bundled plugin, decompressed.
func Open(name string) ([]byte, error) { return open(built, name) }

func names(files fs.FS) []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic("bundled: the embedded folder cannot be listed")
	}
	var list []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok {
			list = append(list, name)
		}
	}
	return list
}

func open(files fs.FS, name string) ([]byte, error) {
	all := names(files)
	if len(all) == 0 {
		return nil, fmt.Errorf("bundled: open %q: %w", name, ErrNone)
	}
	compressed, err := fs.ReadFile(files, name+suffix)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("bundled: open %q: %w; there are %s", name, ErrUnknown, strings.Join(all, ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("bundled: open %q: %w", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("bundled: open %q: %w; build the program again with make build", name, err)
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("bundled: open %q: %w; build the program again with make build", name, err)
	}
	return wasm, nil
}
