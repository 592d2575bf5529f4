package server

import (
	"sync"

	"github.com/gorilla/websocket"
)

// How much a ring keeps, and how large a frame may become. A frame has to cross
// a slow line within the time that one write may take.
const (
	ringLines  = 8192
	ringBytes  = 4 << 20
	frameBytes = 128 << 10
	frameCache = 64 // frames
)

// ring keeps the newest lines of a numbered stream, JSON objects all of them,
// and cuts frames from it for any number of readers. A reader is nothing but
// the number of the last line that it has: whoever reads slowly costs the ring
// nothing, and a thousand readers who stand at the same line share one frame,
// which is encoded once.
type ring struct {
	kind string // the type of its frames

	mu     sync.Mutex
	first  int64 // number of lines[0], or of the next line if there is none
	lines  [][]byte
	bytes  int
	frames map[int64]frame // by the number of the line before the first
}

// frame is a message that holds all lines up to the number last.
type frame struct {
	message *websocket.PreparedMessage
	last    int64
}

// newRing makes a ring whose next line has the given number.
func newRing(kind string, next int64) *ring {
	return &ring{kind: kind, first: next, frames: map[int64]frame{}}
}

// add appends a line and forgets the oldest ones that are too many. The line
// belongs to the ring.
func (r *ring) add(line []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
	r.bytes += len(line)
	for len(r.lines) > ringLines || r.bytes > ringBytes && len(r.lines) > 1 {
		r.bytes -= len(r.lines[0])
		r.lines[0] = nil
		r.lines = r.lines[1:]
		r.first++
	}
}

// span is the numbers of the oldest line and of the newest; of an empty ring
// the newest is the one before the oldest.
func (r *ring) span() (oldest, newest int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first, r.first + int64(len(r.lines)) - 1
}

// after returns a frame with the lines after number n. It is empty if there is
// none yet, and ok is false if the line n+1 was forgotten or n is still to
// come.
func (r *ring) after(n int64) (f frame, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.first + int64(len(r.lines))
	if n+1 < r.first || n >= next {
		return frame{}, false
	}
	if n+1 == next {
		return frame{last: n}, true
	}
	if f, ok := r.frames[n]; ok {
		return f, true
	}
	f, err := r.cut(n)
	if err != nil {
		return frame{}, false
	}
	if len(r.frames) >= frameCache {
		clear(r.frames)
	}
	r.frames[n] = f
	return f, true
}

// cut encodes the lines after number n, as many as a frame takes.
func (r *ring) cut(n int64) (frame, error) {
	text := []byte(`{"type":"` + r.kind + `","events":[`)
	lines := r.lines[n+1-r.first:]
	for i, line := range lines {
		if i > 0 && len(text)+len(line) > frameBytes {
			break
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, line...)
		n++
	}
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, append(text, "]}"...))
	return frame{message, n}, err
}
