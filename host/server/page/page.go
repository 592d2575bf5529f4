// Package page holds the dashboard's page, which is built into the program:
// index.html and the files that it names, each compressed with brotli. A
// program that was built without it works all the same, but for its dashboard.
// It is the only package that knows brotli.
//
// Every file but index.html carries a hash of its contents in its name, so that
// a browser may keep it for ever: another version has another name.
//
// # Why brotli, and not gzip?
//
// The page is a Go program as WebAssembly of about four megabytes, which brotli
// makes a quarter smaller than gzip does. It is compressed when the program is
// built and sent as it lies here; the few clients that do not take brotli get
// it decompressed.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// dist holds README.md, so that the pattern matches something even where no
// page has been built.
//
//go:embed dist
var built embed.FS

// ErrNone: the program was built without the page.
var ErrNone = errors.New("this program was built without the dashboard's page; build it with make build, which makes the page first")

const (
	index  = "index.html"
	suffix = ".br"
	// hashDigits is the length of the hash in a file's name, of hexadecimal
	// digits: 64 bits, since nobody gains anything by a collision with himself.
	hashDigits = 16
)

// Page is the page of the dashboard. Its methods may be called by several
// goroutines.
type Page struct {
	assets map[string]*asset // by the name that a browser asks for
}

// asset is one file of the page.
type asset struct {
	name       string
	compressed []byte
	etag       string // without quotes
	plain      func() ([]byte, error)
}

// Open returns the page that is built into the program, or an ErrNone.
func Open() (*Page, error) {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic("page: the embedded folder cannot be opened")
	}
	return OpenFS(dist)
}

// OpenFS returns the page in a folder as the build fills it, or an ErrNone if
// it holds no index.html.
func OpenFS(files fs.FS) (*Page, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("page: open: %w", err)
	}
	p := &Page{assets: map[string]*asset{}}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || e.IsDir() {
			continue
		}
		compressed, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, fmt.Errorf("page: open %s: %w", name, err)
		}
		sum := sha256.Sum256(compressed)
		a := &asset{name: name, compressed: compressed, etag: hex.EncodeToString(sum[:])[:hashDigits]}
		a.plain = sync.OnceValues(a.decompress)
		p.assets[name] = a
	}
	if p.assets[index] == nil {
		return nil, fmt.Errorf("page: open: %w", ErrNone)
	}
	return p, nil
}

func (a *asset) decompress() ([]byte, error) {
	b, err := io.ReadAll(brotli.NewReader(bytes.NewReader(a.compressed)))
	if err != nil {
		return nil, fmt.Errorf("page: decompress %s: %w; build the program again with make build", a.name, err)
	}
	return b, nil
}

// FileName is the name under which the build stores a file of the page, and
// URLName the one by which the page asks for it: "app.wasm" becomes
// "app.0123456789abcdef.wasm", stored with ".br" behind it. index.html keeps
// its name.
func FileName(name string, content []byte) string { return URLName(name, content) + suffix }

// URLName is described with FileName.
func URLName(name string, content []byte) string {
	if name == index {
		return name
	}
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:])[:hashDigits] + ext
}

// Compress compresses a file of the page as small as brotli can, which takes
// seconds for megabytes. The same content gives the same bytes.
func Compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("page: compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("page: compress: %w", err)
	}
	return b.Bytes(), nil
}
