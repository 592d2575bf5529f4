// Package templates holds a plugin to start from in each of four languages.
// All are the same plugin: a search space, stack, and a reward shaper, thrifty,
// with their tests and a README; a test holds that they answer alike.
//
// What stands in go/ is part of this module and built with it. The others have
// a compiler of their own.
//
// # Why?
//
// Why is the SDK copied into a new plugin's vendor folder? A person who has only
// the program can then build offline, with import paths that stay right when the
// SDK comes from a module proxy one day. A replace directive would need a folder to
// point to, and a download a network.
//
// Why kits in place of libraries for the other languages? A crate or a package
// would have to be fetched, and hides what an author may want to change, such as that
// params are numbers. A kit is a file or two that can be read beside the page of the
// interface.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm"
)

//go:embed all:assemblyscript all:c all:go all:rust
var sources embed.FS

// placeholder is what the plugin is called in the templates.
const placeholder = "sapling"

// File is a file of a new plugin.
type File struct {
	Path string // slash-separated
	Data []byte
}

// Files are those of a new plugin in a language: go, rust, assemblyscript or c.
func Files(language, name string) ([]File, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	files, err := collect(sources, language)
	if err != nil {
		return nil, fmt.Errorf("templates: there is no template %q", language)
	}
	for i := range files {
		files[i].Data = bytes.ReplaceAll(files[i].Data, []byte(placeholder), []byte(name))
	}
	if language == "go" {
		files = append(files, goModule(name)...)
	}
	return files, nil
}

// collect reads all files below a folder, in the order of their paths.
func collect(from fs.FS, dir string) ([]File, error) {
	var files []File
	err := fs.WalkDir(from, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, p)
		files = append(files, File{strings.TrimPrefix(strings.TrimPrefix(p, dir), "/"), text})
		return err
	})
	return files, err
}

const longestName = 40

// CheckName says what is wrong with the name of a new plugin.
func CheckName(name string) error {
	const letters, more = "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz0123456789-"
	if name == "" || len(name) > longestName || !strings.Contains(letters, name[:1]) || strings.Trim(name, more) != "" ||
		strings.HasSuffix(name, "-") || strings.Contains(name, "--") {
		return fmt.Errorf("a plugin's name is a lower-case letter, then letters, digits and single dashes, at most %d in all; %.60q is none", longestName, name)
	}
	return nil
}

const (
	project   = "github.com/espalier-nas/espalier"
	goVersion = "1.24" // the first to export functions from WebAssembly
	sdk       = "v1.0.0"
)

// goModule makes a Go module of its own, which has the SDK in its vendor folder
// and so needs no network.
func goModule(name string) []File {
	vendored, err := collect(wasm.SDK(), ".")
	if err != nil {
		panic("templates: the embedded SDK cannot be listed")
	}
	var packages []string
	for i := range vendored {
		p := path.Join(project, "wasm", vendored[i].Path)
		if dir := path.Dir(p); !slices.Contains(packages, dir) {
			packages = append(packages, dir)
		}
		vendored[i].Path = "vendor/" + p
	}
	slices.Sort(packages)
	module := fmt.Sprintf("module example.org/%s\n\ngo %s\n\n// The SDK lies in vendor.\nrequire %s %s\n", name, goVersion, project, sdk)
	list := fmt.Sprintf("# %s %s\n## explicit; go %s\n%s\n", project, sdk, goVersion, strings.Join(packages, "\n"))
	return append(vendored, File{"go.mod", []byte(module)}, File{"vendor/modules.txt", []byte(list)})
}
