//go:build !js

package acceptance

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// TestLive: a search appears while it runs, and nothing is lost when the
// connection is.
func TestLive(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "search", "--name", "live", "--trials", "40", "--serve", "--addr", "127.0.0.1:0")
	home, err := url.Parse(p.address)
	if err != nil {
		t.Fatal(err)
	}
	line := newCable(t, home.Host)
	b := open(t, "http://"+line.address())
	b.follow("live")
	b.says("under way")
	b.until(`document.getElementById("chip").textContent === "live"`)
	b.press("#progress ~ .bar button")
	b.until(`document.getElementById("sentence").textContent.startsWith("Running") && document.querySelectorAll("#progress-data tbody tr").length > 3`)
	line.cut()
	b.forgive("WebSocket")
	b.until(`/of 40 trials/.test(document.getElementById("sentence").textContent) && document.getElementById("sentence").textContent.startsWith("Done: 40")`)
	b.until(`document.getElementById("shown").textContent === "40 trials."`)
	b.until(fmt.Sprintf(`new Set([...document.querySelectorAll("#progress-data tbody tr")].map((r) => r.children[1].textContent)).size === %d`, read(t, filepath.Join(dir, "runs", "live")).Counts.OK))
	b.until(`["ended", "live"].includes(document.getElementById("chip").textContent)`)
	b.forgive("WebSocket")
	b.forgive("ERR_CONNECTION")
}

// cable is a connection to a server that can be cut.
type cable struct {
	l     net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newCable(t testing.TB, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{l: l}
	go c.serve(to)
	t.Cleanup(func() {
		l.Close()
		c.cut()
	})
	return c
}

func (c *cable) address() string { return c.l.Addr().String() }

func (c *cable) serve(to string) {
	for {
		a, err := c.l.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", to)
		if err != nil {
			a.Close()
			continue
		}
		c.mu.Lock()
		c.conns = append(c.conns, a, b)
		c.mu.Unlock()
		go func() { _, _ = io.Copy(a, b); a.Close() }()
		go func() { _, _ = io.Copy(b, a); b.Close() }()
	}
}

// cut ends every connection. New ones can be made.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}
