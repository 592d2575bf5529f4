package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/espalier-nas/espalier/host/event"
)

// patience is how long the server waits for others.
type patience struct {
	write  time.Duration // for one message to a reader
	ping   time.Duration // between two pings
	pong   time.Duration // for a sign of life of a reader
	header time.Duration // for the header of a request
	body   time.Duration // for a whole request
	answer time.Duration // for a client to take an answer
	idle   time.Duration // for the next request on a connection
	close  time.Duration // for requests to end when the server does
}

// patient is what suits people and their networks. A reader that reads nothing
// is noticed by its missing answer to a ping: what is sent to it vanishes in
// the buffers of two kernels for minutes before a write blocks.
var patient = patience{
	write: 10 * time.Second, ping: 3 * time.Second, pong: 9 * time.Second,
	header: 5 * time.Second, body: 15 * time.Second, answer: 10 * time.Minute, idle: time.Minute, close: 3 * time.Second,
}

const (
	// messageBytes bounds what a reader may send, and messages how often: it has
	// nothing to say.
	messageBytes = 512
	messages     = 64
	// socketBuffer bounds in bytes what the kernel keeps for a slow reader.
	socketBuffer = 256 << 10
)

// client is one websocket. Its goroutine writes; another reads, which finds out
// that the reader has gone.
type client struct {
	conn     *websocket.Conn
	source   string
	patience patience
	server   *Server
	until    time.Time     // the end of all writing; zero: not known
	gone     chan struct{} // closed when nothing can be read any more
	why      error         // why, once gone is closed
}

// errReset ends the session of a reader whose place is no longer in memory.
var errReset = errors.New("reset")

func newClient(s *Server, conn *websocket.Conn, source string) *client {
	c := &client{conn: conn, source: source, patience: s.patience, server: s, gone: make(chan struct{})}
	if tcp, ok := conn.NetConn().(interface{ SetWriteBuffer(int) error }); ok {
		_ = tcp.SetWriteBuffer(socketBuffer) // the kernel's own choice works too
	}
	conn.SetReadLimit(messageBytes)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(c.patience.pong)) }
	_ = alive("") // a closed connection is noticed by reading
	conn.SetPongHandler(alive)
	go c.read()
	return c
}

// read discards what the reader sends, until it goes, falls silent or sends too
// much.
func (c *client) read() {
	defer close(c.gone)
	for n := 0; ; n++ {
		if n == messages {
			c.why = errTooMany
			return
		}
		if _, _, err := c.conn.NextReader(); err != nil {
			c.why = err
			return
		}
	}
}

var errTooMany = errors.New("it sends messages, and a reader has nothing to say")

// feed sends what is new, and again whenever the channel that send returns is
// closed, until the reader goes, what it reads is stopped, or ctx ends.
func (c *client) feed(ctx context.Context, stopped <-chan struct{}, send func() (wait <-chan struct{}, err error)) {
	ping := time.NewTicker(c.patience.ping)
	defer ping.Stop()
	var err error
	for err == nil {
		var wait <-chan struct{}
		if wait, err = send(); err != nil {
			break
		}
		select {
		case <-wait:
		case <-ping.C:
			err = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.patience.write))
		case <-c.gone:
			err = c.why
		case <-ctx.Done():
			err = c.last(ctx, stopped, send)
		case <-stopped:
			if err = errReset; ctx.Err() != nil {
				err = c.last(ctx, stopped, send)
			}
		}
	}
	c.end(err)
}

// last sends what was new when what the client reads was stopped, because the
// server ends.
func (c *client) last(ctx context.Context, stopped <-chan struct{}, send func() (<-chan struct{}, error)) error {
	c.until = time.Now().Add(c.patience.close)
	if stopped != nil {
		<-stopped
	}
	if _, err := send(); err != nil {
		return err
	}
	return ctx.Err()
}

// end closes the connection, says why where somebody may hear it, and notes
// what was the reader's fault.
func (c *client) end(err error) {
	code, text := websocket.CloseGoingAway, "the server ends"
	var timeout net.Error
	switch {
	case errors.Is(err, errReset):
		code, text = websocket.CloseServiceRestart, "take a new snapshot"
	case errors.Is(err, websocket.ErrReadLimit):
		code, text = websocket.CloseMessageTooBig, ""
		c.server.refusals.note(tooLarge, c.source, fmt.Sprintf("a message of more than %d bytes on a websocket", messageBytes))
	case errors.Is(err, errTooMany):
		code, text = websocket.ClosePolicyViolation, errTooMany.Error()
		c.server.refusals.note(badMessage, c.source, errTooMany.Error())
	case errors.As(err, &timeout) && timeout.Timeout():
		code = 0
		select {
		case <-c.gone:
			c.server.refusals.note(silentReader, c.source, fmt.Sprintf("a websocket answered no ping for %v", c.patience.pong))
		default:
			c.server.refusals.note(slowReader, c.source, fmt.Sprintf("a websocket took no message for %v", c.patience.write))
		}
	case malformed(err):
		code = 0 // gorilla has answered it
		c.server.refusals.note(badMessage, c.source, "a malformed frame on a websocket")
	}
	if code != 0 {
		_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(time.Second))
	}
	_ = c.conn.Close() // whoever is there sees it
	<-c.gone
}

// malformed reports whether a frame broke the protocol, for which gorilla has
// no type of error.
func malformed(err error) bool {
	var closed *websocket.CloseError
	return err != nil && !errors.As(err, &closed) && err != websocket.ErrCloseSent && strings.HasPrefix(err.Error(), "websocket: ")
}

// write sends a message.
func (c *client) write(message *websocket.PreparedMessage) error {
	deadline := time.Now().Add(c.patience.write)
	if !c.until.IsZero() && c.until.Before(deadline) {
		deadline = c.until
	}
	if err := c.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	err := c.conn.WritePreparedMessage(message)
	if err == nil {
		c.server.metrics.frames.Add(1)
	}
	return err
}

// greet sends a message that only this reader gets.
func (c *client) greet(text string) error {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(text))
	if err != nil {
		return err
	}
	return c.write(message)
}

// watchList sends the list of studies whenever it has changed.
func (c *client) watchList(ctx context.Context, list *catalog) {
	sent, hello := int64(0), false
	c.feed(ctx, nil, func() (<-chan struct{}, error) {
		wait := list.bell.wait()
		if !hello {
			hello = true
			if err := c.greet(fmt.Sprintf(`{"type":"hello","schema":%d}`, event.Schema)); err != nil {
				return nil, err
			}
		}
		if f := list.current(); f.message != nil && f.last != sent {
			sent = f.last
			return wait, c.write(f.message)
		}
		return wait, nil
	})
}

// watchStudy sends the events of a study after the number from; a negative one
// means those that are still to come.
func (c *client) watchStudy(ctx context.Context, f *follower, from int64) {
	at, err := c.hello(f, from)
	if err != nil {
		c.end(err)
		return
	}
	c.feed(ctx, f.stopped, func() (<-chan struct{}, error) {
		wait := f.bell.wait()
		return wait, c.catchUp(f, &at)
	})
}

// place is how far a reader has come.
type place struct {
	generation int
	event      int64
	live       int64
	standing   int64
}

// hello greets a reader and finds its place.
func (c *client) hello(f *follower, from int64) (place, error) {
	f.mu.RLock()
	oldest, head := f.events.span()
	_, live := f.live.span()
	at := place{f.generation, from, live, f.standing.last}
	text := fmt.Sprintf(`{"type":"hello","seq":%d,"oldest":%d,"state":%s,"alive":%t,"schema":%d}`, head, oldest, quote(f.study.State), f.alive, event.Schema)
	f.mu.RUnlock()
	if from < 0 {
		at.event = head
	}
	return at, c.greet(text)
}

// catchUp sends everything that the reader does not have.
func (c *client) catchUp(f *follower, at *place) error {
	for {
		f.mu.RLock()
		generation, events, live, standing := f.generation, f.events, f.live, f.standing
		f.mu.RUnlock()
		next, ok := events.after(at.event)
		if !ok || generation != at.generation {
			if err := c.greet(`{"type":"reset"}`); err != nil {
				return err
			}
			return errReset
		}
		if next.message != nil {
			if err := c.write(next.message); err != nil {
				return err
			}
			at.event = next.last
			continue
		}
		if next, ok = live.after(at.live); !ok {
			_, at.live = live.span() // epochs may be lost
			continue
		}
		if next.message != nil {
			if err := c.write(next.message); err != nil {
				return err
			}
			at.live = next.last
			continue
		}
		if standing.last == at.standing {
			return nil
		}
		if err := c.write(standing.message); err != nil {
			return err
		}
		at.standing = standing.last
	}
}
