package server

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestHalfOpen: a thousand connections that never end their request are closed
// in time, are named once, and keep nobody waiting.
func TestHalfOpen(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	p := patient
	p.header = 2 * time.Second
	s := serve(t, Options{Dirs: []string{r.dir}}, p)
	page := s.dial("?study=one&from=1")
	const many = 1000
	conns := make([]net.Conn, many)
	for i := range conns {
		conns[i] = s.halfOpen()
	}
	eventually(t, "they are seen", func() bool { _, waiting := s.door.counts(); return waiting >= many })
	s.get("/api/studies")
	r.trial()
	page.events(1, 3)
	eventually(t, "they are closed", func() bool { open, waiting := s.door.counts(); return waiting == 0 && open < 10 })
	if got := s.lines("(half_open)"); len(got) != 1 {
		t.Errorf("logged %d times: %q", len(got), got)
	}
	s.get("/api/studies")
	r.trial()
	page.events(3, 5)
}

// TestHugeRequests: long headers, bodies and paths are refused.
func TestHugeRequests(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	status, body, _ := s.ask("POST", "/api/studies/one/control", `{"action":"`+strings.Repeat("x", 1<<20)+`"}`, "Content-Type", "application/json")
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of a megabyte: %d %s", status, body)
	}
	for what, request := range map[string]string{
		"a long header": "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 1<<20),
		"a long path":   "GET /" + strings.Repeat("x", 1<<20),
		"no HTTP":       "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"nothing":       "\r\n\r\n\r\n",
		"two lengths":   "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"no host":       "GET / HTTP/1.1\r\n\r\n",
		"two hosts":     "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = fmt.Fprint(conn, request+"\r\n\r\n") }() // it may be cut off
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.HasPrefix(line, "HTTP/1.1 4") && line != "" {
			t.Errorf("%s: %q", what, line)
		}
		_ = conn.Close()
	}
	s.get("/api/studies")
}

// TestSlowBody: who sends the body of a request drop by drop is cut off.
func TestSlowBody(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	s := serve(t, Options{Dirs: []string{r.dir}}, hasty)
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /api/studies/one/control HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	got := bufio.NewReader(conn)
	for err == nil {
		_, err = got.ReadString('\n')
	}
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Error("the connection stays open")
	}
}

func TestListen(t *testing.T) {
	first, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	busy := first.Addr().(*net.TCPAddr).Port
	next, err := Listen(first.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if got := next.Addr().(*net.TCPAddr).Port; got <= busy || got > busy+portsTried {
		t.Errorf("after the busy port %d comes %d", busy, got)
	}
	if !Loopback(next.Addr()) {
		t.Error("127.0.0.1 is not the loopback interface")
	}
	for _, address := range []string{"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:70000", ":", "192.0.2.1:7777", "no such host:7777"} {
		if l, err := Listen(address); err == nil {
			_ = l.Close()
			t.Errorf("%q can be listened to", address)
		}
	}
	for _, ip := range []string{"0.0.0.0", "::", "192.168.1.1"} {
		if Loopback(&net.TCPAddr{IP: net.ParseIP(ip)}) {
			t.Errorf("%s is the loopback interface", ip)
		}
	}
}

// TestFullDoor: connections beyond the limit are closed, and counted out again.
func TestFullDoor(t *testing.T) {
	s := serve(t, Options{}, patient)
	s.get("/healthz")
	eventually(t, "its connection is closed", func() bool { open, _ := s.door.counts(); return open == 0 })
	s.door.mu.Lock()
	s.door.open = maxConnections
	s.door.mu.Unlock()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("it is let in")
	}
	s.door.mu.Lock()
	s.door.open = 0
	s.door.mu.Unlock()
	s.get("/healthz")
	if got := s.lines("(connections)"); len(got) != 1 {
		t.Errorf("logged %q", got)
	}
}
