package page

import (
	"net/http"
	"path"
	"strconv"
	"strings"
)

// forever is how long a browser may keep what carries its hash in its name.
const forever = "public, max-age=31536000, immutable"

// types are the MIME types of what a page is made of. They are written here,
// since those that the system knows differ from machine to machine, and a
// browser compiles WebAssembly while it loads only under the right one.
var types = map[string]string{
	".html":        "text/html; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".ico":         "image/x-icon",
	".wasm":        "application/wasm",
	".txt":         "text/plain; charset=utf-8",
	".map":         "application/json",
	".webmanifest": "application/manifest+json",
}

// Index answers a request for the page itself.
func (p *Page) Index(w http.ResponseWriter, r *http.Request) {
	p.serve(w, r, p.assets[index], "no-cache")
}

// Asset answers a request for the file name, and reports whether there is one.
func (p *Page) Asset(w http.ResponseWriter, r *http.Request, name string) bool {
	a := p.assets[name]
	if a == nil || name == index {
		return false
	}
	p.serve(w, r, a, forever)
	return true
}

func (p *Page) serve(w http.ResponseWriter, r *http.Request, a *asset, caching string) {
	h := w.Header()
	h.Set("Cache-Control", caching)
	h.Set("Vary", "Accept-Encoding")
	kind := types[path.Ext(a.name)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	body, etag := a.compressed, `"`+a.etag+`-br"`
	if takes(r.Header.Values("Accept-Encoding"), "br") {
		h.Set("Content-Encoding", "br")
	} else {
		var err error
		if body, err = a.plain(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		etag = `"` + a.etag + `"`
	}
	h.Set("ETag", etag)
	if matches(r.Header.Values("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that has gone is none of our concern
	}
}

// takes reports whether the Accept-Encoding lines accept an encoding (RFC 9110,
// section 12.5.3).
func takes(lines []string, encoding string) bool {
	any := false
	for _, item := range strings.Split(strings.Join(lines, ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		q, given := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		accepted := !given || err == nil && weight > 0
		switch name {
		case encoding:
			return accepted
		case "*":
			any = accepted
		}
	}
	return any
}

// matches reports whether the If-None-Match lines name an entity tag.
func matches(lines []string, etag string) bool {
	for _, item := range strings.Split(strings.Join(lines, ","), ",") {
		item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if item == etag || item == "*" {
			return true
		}
	}
	return false
}
