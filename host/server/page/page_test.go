package page

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

var files = map[string]string{
	"index.html": "<!doctype html><title>a page</title>",
	"app.wasm":   "\x00asm" + strings.Repeat("instructions ", 500),
	"style.css":  strings.Repeat("p{color:red}", 50),
}

// folder is what the build would make of files.
func folder(t *testing.T) fstest.MapFS {
	t.Helper()
	dist := fstest.MapFS{"README.md": {Data: []byte("text")}}
	for name, content := range files {
		b, err := Compress([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		dist[FileName(name, []byte(content))] = &fstest.MapFile{Data: b}
	}
	return dist
}

func get(t *testing.T, p *Page, name string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "/assets/x", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	if name == index {
		p.Index(w, r)
	} else if !p.Asset(w, r, name) {
		t.Fatalf("there is no %s", name)
	}
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Header.Get("Content-Length"); n != strconv.Itoa(len(b)) && r.StatusCode == http.StatusOK {
		t.Errorf("Content-Length %s of %d bytes", n, len(b))
	}
	if r.Header.Get("Content-Encoding") != "br" {
		return string(b)
	}
	b, err = io.ReadAll(brotli.NewReader(bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestServe(t *testing.T) {
	p, err := OpenFS(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{"index.html": "text/html; charset=utf-8", "app.wasm": "application/wasm", "style.css": "text/css; charset=utf-8"}
	for name, content := range files {
		url := URLName(name, []byte(content))
		for accept, want := range map[string]string{"": "", "gzip": "", "gzip, deflate, br, zstd": "br", "br;q=0, *": "", "*;q=0.1": "br", "identity;q=1, *;q=0": "", "BR ; q=0.5": "br"} {
			r := get(t, p, url, "Accept-Encoding", accept)
			if got := r.Header.Get("Content-Encoding"); got != want {
				t.Errorf("%s for %q: encoded as %q, want %q", name, accept, got, want)
			}
			if got := body(t, r); got != content {
				t.Errorf("%s for %q: %d bytes, want %d", name, accept, len(got), len(content))
			}
			if got := r.Header.Get("Content-Type"); got != kinds[name] {
				t.Errorf("%s is a %s", name, got)
			}
			if r.Header.Get("Vary") != "Accept-Encoding" {
				t.Error("a cache could give one client's encoding to another")
			}
			want := forever
			if name == index {
				want = "no-cache"
			}
			if got := r.Header.Get("Cache-Control"); got != want {
				t.Errorf("%s: caching %q, want %q", name, got, want)
			}
			etag := r.Header.Get("ETag")
			again := get(t, p, url, "Accept-Encoding", accept, "If-None-Match", `"other", W/`+etag)
			if again.StatusCode != http.StatusNotModified || body(t, again) != "" || again.Header.Get("Content-Encoding") != "" {
				t.Errorf("%s for %q: asked again, status %d", name, accept, again.StatusCode)
			}
		}
	}
	plain, packed := get(t, p, index), get(t, p, index, "Accept-Encoding", "br")
	if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Error("two encodings have one entity tag")
	}
}

func TestUnknownAssets(t *testing.T) {
	p, err := OpenFS(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "app.wasm", "README.md", "../page.go", "index.html", "index.html.br", URLName("app.wasm", []byte("other"))} {
		if p.Asset(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), name) {
			t.Errorf("there is an asset %q", name)
		}
	}
}

func TestHead(t *testing.T) {
	p, err := OpenFS(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p.Index(w, httptest.NewRequest("HEAD", "/", nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("%d, %d bytes, Content-Length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func TestDamaged(t *testing.T) {
	dist := folder(t)
	cut := dist["index.html.br"]
	cut.Data = cut.Data[:len(cut.Data)-3]
	p, err := OpenFS(dist)
	if err != nil {
		t.Fatal(err)
	}
	r := get(t, p, index)
	if b, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusInternalServerError || !strings.Contains(string(b), "make build") {
		t.Errorf("%d: %s", r.StatusCode, b)
	}
}

func TestNothingBuilt(t *testing.T) {
	_, err := OpenFS(fstest.MapFS{"README.md": {Data: []byte("text")}})
	if !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "make build") {
		t.Error(err)
	}
}

// TestBuilt opens what has been built, if anything has: each file's name fits
// its contents.
func TestBuilt(t *testing.T) {
	p, err := Open()
	if errors.Is(err, ErrNone) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range p.assets {
		content, err := a.plain()
		if err != nil {
			t.Error(err)
			continue
		}
		ext := path.Ext(name)
		stem := strings.TrimSuffix(name, ext)
		if name != index && name != URLName(strings.TrimSuffix(stem, path.Ext(stem))+ext, content) {
			t.Errorf("%s: its name is not that of its contents", name)
		}
	}
}

// TestNames: what the page asks for is where the build puts it.
func TestNames(t *testing.T) {
	if got := FileName("index.html", []byte("x")); got != "index.html.br" {
		t.Error(got)
	}
	if got := URLName("app.wasm", []byte("x")); got != "app.2d711642b726b044.wasm" {
		t.Error(got)
	}
	if got := FileName("app.wasm", []byte("x")); got != "app.2d711642b726b044.wasm.br" {
		t.Error(got)
	}
}
