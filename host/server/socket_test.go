package server

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestStream: a snapshot and the events after it make the state that the
// journal has.
func TestStream(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(5)
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	state, err := event.DecodeState([]byte(s.get("/api/studies/one/snapshot")))
	if err != nil || state.Seq != 11 {
		t.Fatalf("a snapshot at %d: %v", state.Seq, err)
	}
	r.trials(2)
	page := s.dial("?study=one&from=11")
	if m := page.next(); m.Type != "hello" || m.State != "running" || !m.Alive || m.Seq < 11 || m.Seq > 15 {
		t.Fatalf("the greeting: %+v", m)
	}
	r.trials(3)
	page.until("events", func(m message) bool {
		for _, e := range m.Events {
			if e.Sampled != nil && (e.Sampled.Network != nil || e.Sampled.Decisions != nil) {
				t.Error("an event is not slim")
			}
			if err := state.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		return state.Seq == r.seq
	})
	r.close()
	page.until("state", func(m message) bool { return m.State == "paused" && !m.Alive })
	want, err := journal.ReadState(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if string(event.AppendState(nil, state)) != string(event.AppendState(nil, want)) {
		t.Error("the page's state differs from the journal's")
	}
}

// TestCutSockets: whoever is cut off at any point and asks again misses nothing
// and gets nothing twice.
func TestCutSockets(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	s.get("/api/studies/one")
	at := int64(1)
	const cuts, each = 40, 3
	for cut := range cuts {
		page := s.dial(fmt.Sprintf("?study=one&from=%d", at))
		r.trials(each)
		target := at + 1 + int64(cut%(2*each)) // in the middle of what there is
		page.until("events", func(m message) bool {
			for _, e := range m.Events {
				if at++; e.Seq != at {
					t.Fatalf("after cut %d event %d comes in the place of %d", cut, e.Seq, at)
				}
			}
			return at >= target
		})
		if err := page.conn.NetConn().Close(); err != nil {
			t.Fatal(err)
		}
	}
	page := s.dial(fmt.Sprintf("?study=one&from=%d", at))
	r.trial()
	page.events(at, r.seq)
}

func TestReset(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(3)
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	s.get("/api/studies/one") // everything has been read before anybody asks for events
	for _, from := range []string{"0", "3", "8", "1000000", "9223372036854775807"} {
		page := s.dial("?study=one&from=" + from)
		if m := page.next(); m.Type != "hello" || m.Seq != 7 || m.Oldest != 8 {
			t.Errorf("from %s: %+v", from, m)
		}
		if m := page.next(); m.Type != "reset" {
			t.Errorf("from %s: %+v", from, m)
		}
		if _, err := page.read(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
			t.Errorf("from %s: after a reset comes %v", from, err)
		}
	}
	// Without a number only what is still to come is sent.
	page := s.dial("?study=one")
	page.next()
	r.trial()
	page.events(7, 9)
}

// TestReplacedStudy: another study in the same directory is not taken for the
// continuation of the first.
func TestReplacedStudy(t *testing.T) {
	runs := t.TempDir()
	r := begin(t, runs, "one").trials(3)
	s := serve(t, Options{Runs: runs}, patient)
	page := s.dial("?study=one&from=7")
	page.next()
	r.close()
	if err := os.RemoveAll(r.dir); err != nil {
		t.Fatal(err)
	}
	again := begin(t, runs, "one").trials(20)
	page.until("reset", func(message) bool { return true })
	eventually(t, "the other study is read", func() bool {
		status, text, _ := s.ask("GET", "/api/studies/one/snapshot", "")
		if status != http.StatusOK {
			return false
		}
		state, err := event.DecodeState([]byte(text))
		return err == nil && state.Seq == again.seq
	})
}

func TestList(t *testing.T) {
	runs := t.TempDir()
	r := begin(t, runs, "one")
	s := serve(t, Options{Runs: runs}, patient)
	page := s.dial("")
	if m := page.next(); m.Type != "hello" {
		t.Fatalf("%+v", m)
	}
	page.until("studies", func(m message) bool { return len(m.Studies) == 1 && !m.Studies[0].Loading })
	r.trials(2)
	page.until("studies", func(m message) bool { return m.Studies[0].Counts.OK == 2 })
	begin(t, runs, "two")
	page.until("studies", func(m message) bool { return len(m.Studies) == 2 && m.Studies[0].ID == "two" })
}

// TestLive: epochs of a child in training arrive, and make the same curve in a
// page that comes later.
func TestLive(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	r.sample()
	epoch := func(n int) {
		r.log.Live(event.Event{Type: event.TrialEpoch, Epoch: &event.Epoch{Trial: 1, Epoch: spec.Epoch{Epoch: n, TrainLoss: 1 / float64(n)}}})
	}
	epoch(1)
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	page := s.dial("?study=one")
	page.next()
	epoch(2)
	epoch(3)
	var got []int
	page.until("live", func(m message) bool {
		for _, e := range m.Events {
			got = append(got, e.Epoch.Epoch.Epoch)
		}
		return len(got) == 2
	})
	if got[0] != 2 || got[1] != 3 {
		t.Errorf("epochs %v, want 2 and 3", got)
	}
	state, err := event.DecodeState([]byte(s.get("/api/studies/one/snapshot")))
	if err != nil || len(state.Trial(1).Metrics.Epochs) != 3 {
		t.Errorf("a later page sees %d epochs: %v", len(state.Trial(1).Metrics.Epochs), err)
	}
}

// TestSlowReader: one that takes nothing is dropped, and others do not notice.
func TestSlowReader(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	s := serve(t, Options{Dirs: []string{r.dir}}, hasty)
	page := s.dial("?study=one&from=1")
	page.conn.SetPingHandler(nil)
	s.dial("?study=one&from=1") // reads nothing, so it answers no ping
	eventually(t, "both are there", func() bool { return s.open.Load() == 2 })
	done := make(chan struct{})
	go func() {
		defer close(done)
		page.events(1, 201)
	}()
	for range 100 {
		r.trial()
	}
	<-done
	go func() { _, _ = page.read() }() // goes on answering pings
	eventually(t, "the reader that reads nothing is dropped", func() bool { return s.refusals.count(silentReader) == 1 })
	eventually(t, "one is left", func() bool { return s.open.Load() == 1 })
	if got := s.lines("answered no ping"); len(got) != 1 {
		t.Errorf("logged %q", got)
	}
}

// TestStuckReader: one whose kernel takes no more is dropped, too, though it
// has answered pings until then.
func TestStuckReader(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	p := hasty
	p.pong = time.Hour
	s := serve(t, Options{Dirs: []string{r.dir}}, p)
	page := s.dial("?study=one&from=1")
	page.next()
	for i := 0; s.refusals.count(slowReader) == 0; i++ {
		if i == 100_000 {
			t.Fatal("a reader that takes nothing is kept for ever")
		}
		r.trials(10)
	}
	eventually(t, "it is gone", func() bool { return s.open.Load() == 0 })
	if got := s.lines("took no message"); len(got) != 1 {
		t.Errorf("logged %q", got)
	}
}

// TestTalkers: a reader has nothing to say.
func TestTalkers(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	for name, c := range map[string]struct {
		send func(*websocket.Conn) error
		code int
		kind string
	}{
		"a large message": {func(c *websocket.Conn) error {
			return c.WriteMessage(websocket.TextMessage, make([]byte, messageBytes+1))
		}, websocket.CloseMessageTooBig, tooLarge},
		"a message in a thousand parts": {func(c *websocket.Conn) error {
			w, err := c.NextWriter(websocket.BinaryMessage)
			for range 1000 {
				if _, e := w.Write(make([]byte, 4096)); err == nil {
					err = e
				}
			}
			return err
		}, websocket.CloseMessageTooBig, tooLarge},
		"many messages": {func(c *websocket.Conn) error {
			for range messages {
				if err := c.WriteMessage(websocket.TextMessage, []byte("{}")); err != nil {
					return err
				}
			}
			return nil
		}, websocket.ClosePolicyViolation, badMessage},
		"an unmasked frame": {func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0x81, 0x01, 'x'})
			return err
		}, websocket.CloseProtocolError, badMessage},
		"reserved bits": {func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0xf1, 0x80, 0, 0, 0, 0})
			return err
		}, websocket.CloseProtocolError, badMessage},
		"an unknown opcode": {func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0x83, 0x80, 0, 0, 0, 0})
			return err
		}, websocket.CloseProtocolError, badMessage},
		"a length of 2^63": {func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})
			return err
		}, websocket.CloseMessageTooBig, tooLarge},
	} {
		before := s.refusals.count(c.kind)
		page := s.dial("?study=one")
		page.next()
		if err := c.send(page.conn); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Logf("%s: %v", name, err) // the server was quicker
		}
		eventually(t, name+" is noticed", func() bool { return s.refusals.count(c.kind) == before+1 })
		for {
			_, err := page.read()
			if err == nil {
				continue
			}
			var closed *websocket.CloseError
			if errors.As(err, &closed) && closed.Code != c.code {
				t.Errorf("%s: closed with %v, want %d", name, closed, c.code)
			}
			break
		}
	}
	eventually(t, "they are gone", func() bool { return s.open.Load() == 0 })
	if got := len(s.lines("refused")); got != 2 {
		t.Errorf("%d lines of the log, want one for each kind: %q", got, s.log)
	}
}

// TestShutdown: the server takes its leave of readers, and keeps nobody waiting.
func TestShutdown(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	s := serve(t, Options{Dirs: []string{r.dir}}, hasty)
	pages := []*reader{s.dial("?study=one"), s.dial("")}
	for _, p := range pages {
		p.next()
	}
	s.halfOpen()
	s.stop()
	for _, p := range pages {
		for {
			_, err := p.read()
			if err == nil {
				continue
			}
			if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
				t.Errorf("closed with %v", err)
			}
			break
		}
	}
	r.trial() // and the study is none the worse
}

// TestLastWords: whoever watches a search that serves itself sees its end, even
// if the server ends right after it.
func TestLastWords(t *testing.T) {
	for range 10 {
		r := begin(t, t.TempDir(), "one").trials(2)
		s := serve(t, Options{Dirs: []string{r.dir}}, patient)
		page := s.dial("?study=one&from=5")
		page.next()
		r.trials(300).close()
		s.stop()
		page.events(5, r.seq)
		page.until("state", func(m message) bool { return m.State == "paused" && !m.Alive })
		if _, err := page.read(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
			t.Errorf("closed with %v", err)
		}
	}
}

// TestRing compares a ring with the whole list of lines.
func TestRing(t *testing.T) {
	r := newRing("events", 5)
	check := func(after int64, wantFirst, wantLast int64, wantOK bool) {
		t.Helper()
		f, ok := r.after(after)
		if ok != wantOK || ok && f.last != wantLast {
			t.Fatalf("after %d: up to %d, %v, want %d, %v", after, f.last, ok, wantLast, wantOK)
		}
		if again, _ := r.after(after); again.message != f.message {
			t.Fatalf("after %d: two readers get two frames", after)
		}
		if (f.message == nil) != (wantFirst > wantLast || !ok) {
			t.Fatalf("after %d: a message: %v", after, f.message != nil)
		}
	}
	check(4, 5, 4, true)
	check(3, 0, 0, false)
	check(5, 0, 0, false)
	for n := 5; n <= 9; n++ {
		r.add(fmt.Appendf(nil, `{"n":%d}`, n))
	}
	check(4, 5, 9, true)
	check(7, 8, 9, true)
	check(9, 10, 9, true)
	check(10, 0, 0, false)
	for n := 10; n <= ringLines+20; n++ {
		r.add([]byte("{}"))
	}
	if oldest, newest := r.span(); oldest != 21 || newest != ringLines+20 {
		t.Errorf("it holds %d to %d", oldest, newest)
	}
	check(19, 0, 0, false)
	if f, ok := r.after(20); !ok || f.last <= 20 {
		t.Errorf("the oldest line: %v, %v", f, ok)
	}
	// Long lines come one to a frame, and push out all others.
	long := []byte(`"` + strings.Repeat("x", frameBytes) + `"`)
	for range 2 * ringBytes / frameBytes {
		r.add(long)
	}
	oldest, newest := r.span()
	if f, ok := r.after(oldest - 1); !ok || f.last != oldest {
		t.Errorf("after a long line: %d, want %d", f.last, oldest)
	}
	if kept := newest - oldest + 1; kept*frameBytes > ringBytes {
		t.Errorf("it holds %d lines of %d bytes", kept, frameBytes)
	}
}
