package server

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// requestBytes bounds the body of a request.
const requestBytes = 4096

// pagePolicy is the Content-Security-Policy of the page. Everything comes from the
// program itself.
//
// script-src needs 'unsafe-eval': vugu builds its bridge to the DOM with
// window.eval, and 'wasm-unsafe-eval' alone, which WebAssembly would need,
// stops it. Text of a study never becomes code: the page puts it into text
// nodes only. Styles come from the style sheet alone: the drawings of networks in
// the page carry none.
const pagePolicy = "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self'; " +
	"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// picturePolicy is that of a picture which is opened as a document of its own.
const picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

// guard decides who may ask. Two attacks reach a server on the loopback
// interface from any web page: a page elsewhere sends requests or opens a
// websocket to it (Origin tells), and a page's own name is made to point at
// this machine (Host tells; DNS rebinding). On any other address everybody
// needs the token.
type guard struct {
	token    [sha256.Size]byte // hash of the token
	needed   bool
	cookie   string
	hosts    []string // names under which the server may be asked for, besides addresses
	refusals *refusals
}

// newGuard makes a guard. An empty token lets everybody in.
func newGuard(token string, hosts []string, refusals *refusals) *guard {
	g := &guard{token: sha256.Sum256([]byte(token)), needed: token != "", refusals: refusals}
	// Cookies do not know ports: each token has a name of its own, so that two
	// servers on one machine do not take each other's place.
	name := sha256.Sum256(g.token[:])
	g.cookie = "espalier_" + hex.EncodeToString(name[:4])
	for _, h := range hosts {
		g.hosts = append(g.hosts, strings.ToLower(h))
	}
	if name, err := os.Hostname(); err == nil {
		g.hosts = append(g.hosts, strings.ToLower(name))
	}
	return g
}

// NewToken makes a token of 128 random bits.
func NewToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// wrap lets the requests through to next that may pass.
func (g *guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, requestBytes)
		if p := g.check(r); p != nil {
			w.Header().Set("Connection", "close")
			fail(w, p)
			return
		}
		if g.needed && r.URL.Path != "/healthz" {
			if r.URL.Path == "/" && r.URL.Query().Has("token") {
				g.login(w, r)
				return
			}
			if !g.admitted(r) {
				g.refuse(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that every answer has.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
}

// check refuses requests that a page elsewhere has made a browser send.
func (g *guard) check(r *http.Request) *problem {
	if !g.knows(r.Host) {
		g.refusals.note(badHost, source(r), fmt.Sprintf("the request names the host %.100q", r.Host))
		return &problem{http.StatusMisdirectedRequest, "host", fmt.Sprintf("this server is not known as %.100q", r.Host),
			"use the address that the program printed, or allow the name with --allow-host"}
	}
	foreign := ""
	if origins, sent := r.Header["Origin"]; sent {
		if len(origins) != 1 || !sameHost(origins[0], r.Host) {
			foreign = fmt.Sprintf("the request comes from a page at %.100q", strings.Join(origins, ", "))
		}
	} else if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" && r.URL.Path != "/" {
		foreign = "the request comes from a page elsewhere"
	}
	if foreign != "" {
		g.refusals.note(badOrigin, source(r), foreign)
		return &problem{http.StatusForbidden, "origin", foreign + ", which may not ask this server", "open the dashboard itself"}
	}
	return nil
}

// knows reports whether the server may be asked for under a Host header. A
// rebinding attack needs a name: addresses are safe.
func (g *guard) knows(header string) bool {
	name := strings.ToLower(header)
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		name = strings.TrimSuffix(inner, "]")
	}
	name = strings.TrimSuffix(name, ".")
	if name == "localhost" || net.ParseIP(name) != nil {
		return true
	}
	return slices.Contains(g.hosts, name)
}

// sameHost reports whether an Origin header names the host that was asked.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// admitted reports whether the request carries the token: as a cookie, or in
// the header "Authorization: Bearer".
func (g *guard) admitted(r *http.Request) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && g.fits(bearer) {
		return true
	}
	for _, c := range r.CookiesNamed(g.cookie) {
		if g.fits(c.Value) {
			return true
		}
	}
	return false
}

// fits compares in a time that tells nothing about the token.
func (g *guard) fits(token string) bool {
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
}

// onward goes on to the page, at the place that the address names behind '#',
// which a browser tells no server.
const onward = `location.replace("/"+location.hash)`

// welcome is the page that login answers with; without scripts it goes on, too,
// but forgets the place.
const welcome = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Espalier</title><script>` + onward +
	`</script><noscript><meta http-equiv="refresh" content="0;url=/"></noscript><p><a href="/">Go on to the dashboard</a></p></html>`

// welcomePolicy is the Content-Security-Policy of welcome: it runs onward and
// nothing else.
var welcomePolicy = func() string {
	sum := sha256.Sum256([]byte(onward))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// login takes the token out of the address and puts it into a cookie. It
// answers with a page that goes on by itself, and not with a redirect: a
// browser that followed a link from elsewhere would not send a strict cookie
// along with that.
func (g *guard) login(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	if !g.fits(token) {
		g.refuse(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", welcomePolicy)
	_, _ = w.Write([]byte(welcome)) // a client that has gone is none of our concern
}

// refuse answers a request without the right token.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request) {
	g.refusals.note(badToken, source(r), "the request carries no token, or a wrong one")
	w.Header().Set("WWW-Authenticate", `Bearer realm="espalier"`)
	w.Header().Set("Connection", "close") // who is not let in keeps none
	const message = "this dashboard needs its token"
	const next = "open the address that the program printed when it began, which ends in ?token=…, or send the header Authorization: Bearer TOKEN"
	if r.URL.Path == "/" && strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Espalier</title><h1>Espalier</h1><p>` + message + ": " + next + `.</p></html>`))
		return
	}
	fail(w, &problem{http.StatusUnauthorized, "token", message, next})
}
