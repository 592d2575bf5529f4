package server

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const secret = "a-token-of-some-length"

// TestToken: everything but /healthz needs the token, however it is sent.
func TestToken(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(2).close()
	s := serve(t, Options{Dirs: []string{r.dir}, Token: secret}, patient)
	all := []string{"/", "/assets/x", "/api/studies", "/api/studies/one", "/api/studies/one/snapshot", "/api/studies/one/events", "/api/studies/one/export/study.json", "/metrics", "/ws?study=one", "/nothing", "//healthz", "/./healthz", "/healthz/"}
	for _, path := range all {
		for _, header := range [][]string{
			nil, {"Authorization", "Bearer wrong"}, {"Authorization", secret}, {"Authorization", "Basic " + secret}, {"Authorization", "Bearer " + secret + "x"},
			{"Authorization", "Bearer "}, {"Cookie", "espalier=" + secret}, {"Cookie", "espalier_00000000=" + secret},
		} {
			if status, body, _ := s.ask("GET", path, "", header...); status != http.StatusUnauthorized || !strings.Contains(body, "token") {
				t.Errorf("%s with %q: %d %.80s", path, header, status, body)
			}
		}
	}
	if status, _, _ := s.ask("POST", "/api/studies/one/control", `{"action":"stop"}`, "Content-Type", "application/json"); status != http.StatusUnauthorized {
		t.Errorf("a control without a token: %d", status)
	}
	if got := s.lines("(token)"); len(got) != 1 {
		t.Errorf("logged %d times: %q", len(got), got)
	}
	if got := s.lines(secret); len(got) != 0 {
		t.Errorf("the token is in the log: %q", got)
	}
	if status, _, _ := s.ask("GET", "/api/studies", "", "Authorization", "Bearer "+secret); status != http.StatusOK {
		t.Errorf("with the token: %d", status)
	}
	if got := s.get("/healthz"); got != "ok\n" {
		t.Errorf("healthz: %q", got)
	}
}

// TestRefusedConnection: who is not let in keeps no connection either.
func TestRefusedConnection(t *testing.T) {
	s := serve(t, Options{Token: secret}, patient)
	for _, host := range []string{s.address, "evil.example"} {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET /api/studies HTTP/1.1\r\nHost: %s\r\n\r\n", host)
		_ = conn.SetReadDeadline(time.Now().Add(patient.idle / 2))
		if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%s: %v after %.40q", host, err, answer)
		}
		_ = conn.Close()
	}
}

// TestLogin: the address with the token gives the browser a cookie.
func TestLogin(t *testing.T) {
	s := serve(t, Options{Token: secret}, patient)
	status, body, h := s.ask("GET", "/?token="+secret, "", "Sec-Fetch-Site", "cross-site", "Accept", "text/html")
	cookie := h.Get("Set-Cookie")
	if status != http.StatusOK || !strings.Contains(body, "refresh") || strings.Contains(body, secret) {
		t.Errorf("%d: %s", status, body)
	}
	_, script, _ := strings.Cut(body, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';") {
		t.Errorf("the policy %q lets no browser run %q", policy, script)
	}
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q is not %s", cookie, want)
		}
	}
	pair, _, _ := strings.Cut(cookie, ";")
	if status, _, _ := s.ask("GET", "/api/studies", "", "Cookie", "other=1; "+pair); status != http.StatusOK {
		t.Errorf("with the cookie: %d", status)
	}
	dialer := websocket.Dialer{}
	conn, _, err := dialer.Dial("ws://"+s.address+"/ws", http.Header{"Cookie": {pair}, "Origin": {"http://" + s.address}})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	status, body, h = s.ask("GET", "/?token=wrong", "", "Accept", "text/html")
	if status != http.StatusUnauthorized || h.Get("Set-Cookie") != "" || !strings.Contains(h.Get("Content-Type"), "html") || !strings.Contains(body, "token") {
		t.Errorf("a wrong token: %d %v %s", status, h, body)
	}
	// Two servers on one machine share the browser's cookies.
	if a, b := newGuard(secret, nil, nil), newGuard(secret+"2", nil, nil); a.cookie == b.cookie {
		t.Error("two tokens have one cookie")
	}
}

func TestForeignOrigin(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(2)
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	for _, origin := range []string{"https://evil.example", "null", "http://" + s.address + ".evil.example", "http://localhost", "http://127.0.0.1:1", "", "file://", "://"} {
		for _, ask := range [][2]string{{"GET", "/api/studies"}, {"GET", "/ws?study=one"}, {"POST", "/api/studies/one/control"}, {"GET", "/metrics"}} {
			status, _, h := s.ask(ask[0], ask[1], `{"action":"pause"}`, "Origin", origin, "Content-Type", "application/json",
				"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			if status != http.StatusForbidden || h.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s from %q: %d", ask[0], ask[1], origin, status)
			}
		}
	}
	if got := s.lines("(origin)"); len(got) != 1 {
		t.Errorf("logged %d times: %q", len(got), got)
	}
	for _, site := range []string{"cross-site", "same-site"} {
		if status, _, _ := s.ask("GET", "/api/studies", "", "Sec-Fetch-Site", site); status != http.StatusForbidden {
			t.Errorf("a picture on a page elsewhere (%s): %d", site, status)
		}
	}
	for _, header := range [][]string{{"Origin", "http://" + s.address}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}} {
		if status, _, _ := s.ask("GET", "/api/studies", "", header...); status != http.StatusOK {
			t.Errorf("the page itself (%q): %d", header, status)
		}
	}
	if got := r.read("study.json"); strings.Contains(got, `"paused"`) {
		t.Error("a foreign page has paused the study")
	}
}

func TestForeignHost(t *testing.T) {
	s := serve(t, Options{Hosts: []string{"Dash.Example.org"}}, patient)
	for _, name := range []string{"evil.example", "evil.example:7777", "localhost.evil.example", "127.0.0.1.evil.example", "dash.example.org.evil.example", "127.0.0.1 evil", "[::1.evil", "1.2.3", "0x7f.1"} {
		if s.known(name) {
			t.Errorf("the host %q is known", name)
		}
	}
	for _, name := range []string{"localhost", "LOCALHOST:80", "localhost.", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:7777", "192.168.1.7:7777", "dash.example.org", "DASH.example.org:443"} {
		if !s.known(name) {
			t.Errorf("the host %q is not known", name)
		}
	}
	status, body, _ := s.ask("GET", "/", "", "Host", "evil.example:7777")
	if status != http.StatusMisdirectedRequest || !strings.Contains(body, "--allow-host") {
		t.Errorf("%d: %s", status, body)
	}
	s.ask("GET", "/", "", "Host", "other.example")
	if got := s.lines("(host)"); len(got) != 1 || !strings.Contains(got[0], "evil.example") {
		t.Errorf("logged %q", got)
	}
}

// known is what the guard of a server with the same options thinks of a host.
func (s *site) known(name string) bool {
	return newGuard("", s.options.Hosts, s.refusals).knows(name)
}

func TestHeaders(t *testing.T) {
	s := serve(t, Options{}, patient)
	for _, path := range []string{"/", "/api/studies", "/healthz", "/nothing", "/metrics"} {
		_, _, h := s.ask("GET", path, "")
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if !strings.HasPrefix(h.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	for _, never := range []string{"unsafe-inline' 'unsafe", "*", "http:"} {
		script := strings.SplitAfter(pagePolicy, "script-src")[1]
		if strings.Contains(script[:strings.IndexByte(script, ';')], never) || strings.Contains(pagePolicy, "*") {
			t.Errorf("the policy allows %s", never)
		}
	}
}

// TestRefusals: an attacker with many addresses fills neither the log nor
// memory, and hides nobody's first refusal of another kind before that.
func TestRefusals(t *testing.T) {
	var log []string
	r := newRefusals(func(line string) { log = append(log, line) })
	for i := range 3 * refusalSources {
		r.note(badToken, strings.Repeat("x", i), "why")
	}
	if len(log) != refusalSources+1 || len(r.seen) != refusalSources || r.count(badToken) != 3*refusalSources {
		t.Errorf("%d lines, %d sources, %d refusals", len(log), len(r.seen), r.count(badToken))
	}
}
