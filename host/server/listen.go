package server

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Limits of connections. A browser keeps six, and one for each websocket.
const (
	maxConnections = 4096
	// crowdHalfOpen is how many connections of one source may wait without a
	// request before the log says so; browsers open some ahead of time.
	crowdHalfOpen = 64
	portsTried    = 20
)

// Listen opens the address for Serve, or the next free port after it. The port
// 0 is any free one.
func Listen(address string) (net.Listener, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("server: %w; write an address as 127.0.0.1:7777", err)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("server: the port %q is no number from 0 to 65535", text)
	}
	for n := port; ; n++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.FormatUint(n, 10)))
		if err == nil {
			return l, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) || n == 65535 || n == port+portsTried {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
}

// Loopback reports whether only this machine reaches a listener.
func Loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// door is a listener that bounds the number of connections and watches those
// that ask nothing.
type door struct {
	net.Listener
	refusals *refusals

	mu       sync.Mutex
	open     int
	waiting  map[string]int // connections without a request yet, by source
	patience time.Duration
}

func newDoor(l net.Listener, s *Server) *door {
	return &door{Listener: l, refusals: s.refusals, waiting: map[string]int{}, patience: s.patience.header}
}

// Accept closes connections that are too many at once: in a queue they would
// keep those waiting that come after.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := host(conn.RemoteAddr().String())
		d.mu.Lock()
		full := d.open >= maxConnections
		crowded := false
		if !full {
			d.open++
			d.waiting[from]++
			crowded = d.waiting[from] > crowdHalfOpen
		}
		d.mu.Unlock()
		if full {
			d.refusals.note(tooManyOpen, from, fmt.Sprintf("%d connections are open, which is the limit", maxConnections))
			_ = conn.Close() // it was never ours
			continue
		}
		if crowded {
			d.refusals.note(halfOpen, from, fmt.Sprintf("more than %d connections wait without sending a request; each is closed after %v", crowdHalfOpen, d.patience))
		}
		return &visitor{Conn: conn, door: d, from: from}, nil
	}
}

// counts returns how many connections are open, and how many of them have sent
// no request yet.
func (d *door) counts() (open, waiting int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.waiting {
		waiting += n
	}
	return d.open, waiting
}

// visitor is a connection of a door.
type visitor struct {
	net.Conn
	door   *door
	from   string
	asked  sync.Once
	closed sync.Once
}

// ask notes that a whole request has come.
func (v *visitor) ask() {
	v.asked.Do(func() {
		v.door.mu.Lock()
		defer v.door.mu.Unlock()
		if v.door.waiting[v.from]--; v.door.waiting[v.from] <= 0 {
			delete(v.door.waiting, v.from)
		}
	})
}

func (v *visitor) Close() error {
	v.ask()
	v.closed.Do(func() {
		v.door.mu.Lock()
		defer v.door.mu.Unlock()
		v.door.open--
	})
	return v.Conn.Close()
}

// SetWriteBuffer bounds what the kernel keeps for a reader.
func (v *visitor) SetWriteBuffer(bytes int) error {
	if tcp, ok := v.Conn.(*net.TCPConn); ok {
		return tcp.SetWriteBuffer(bytes)
	}
	return nil
}
