package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/espalier-nas/espalier/host/event"
)

// Live events are lines of live.jsonl, for whoever watches. They are never
// flushed, and when the file has become long it is emptied.
const (
	liveFile = "live.jsonl"
	maxLive  = 1 << 20 // bytes
)

// live is the end of live.jsonl that is written. It has a lock of its own, so
// that children do not wait for the flushes of events.
type live struct {
	mu   sync.Mutex
	file File  // nil: live events are not kept
	size int64 // in bytes
	buf  []byte
}

// Live tells those who watch the study of a live event. That it cannot is no
// problem of the study: they see less, and nothing else changes.
func (j *Journal) Live(e event.Event) {
	l := &j.live
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return
	}
	line, err := event.AppendLine(l.buf[:0], e)
	if err != nil {
		return
	}
	l.buf = line
	if l.size+int64(len(line)) > maxLive {
		if l.file.Truncate(0) != nil {
			return
		}
		l.size = 0
	}
	n, _ := l.file.Write(line)
	l.size += int64(n)
}

// begin empties the live events of the last session.
func (l *live) begin(files Files, dir string) {
	f, err := files.OpenAppend(filepath.Join(dir, liveFile))
	if err != nil {
		return
	}
	if f.Truncate(0) != nil {
		_ = f.Close()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file = f
}

// close closes the file, if it is open.
func (l *live) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// LiveReader reads the live events of a run directory, without its lock.
type LiveReader struct {
	path   string
	f      *os.File // nil while there is none
	offset int64    // of what has been read
	buf    []byte   // read and not returned
	chunk  []byte
}

// OpenLive prepares to read the live events of the study in dir, from the
// oldest that are kept. That there are none yet is no error.
func OpenLive(dir string) (*LiveReader, error) {
	if _, err := ReadStudy(dir); err != nil {
		return nil, err
	}
	return &LiveReader{path: filepath.Join(dir, liveFile)}, nil
}

// Next returns the next live event, or io.EOF when there is none yet; a later
// call returns what has been added since. Lines that are torn or no live events
// are passed over, and when the file was emptied it begins again: events may be
// lost. Other errors are those of the file system, and a later call tries
// again.
func (r *LiveReader) Next() (event.Event, error) {
	for {
		for {
			line, rest, whole := bytes.Cut(r.buf, []byte{'\n'})
			if !whole {
				break
			}
			r.buf = rest
			e, err := event.ParseLine(line)
			if err == nil && e.Seq == 0 && e.Epoch != nil {
				return e, nil
			}
		}
		if err := r.fill(); err != nil {
			return event.Event{}, err
		}
	}
}

// fill reads what comes after the buffer, or returns io.EOF.
func (r *LiveReader) fill() error {
	if r.f == nil {
		f, err := openRegular(r.path)
		if errors.Is(err, fs.ErrNotExist) {
			return io.EOF
		}
		if err != nil {
			return err
		}
		r.f = f
		r.chunk = make([]byte, 1<<16)
	}
	info, err := r.f.Stat()
	if err != nil {
		return fmt.Errorf("journal: read: %w", err)
	}
	if info.Size() < r.offset { // it was emptied
		r.offset, r.buf = 0, nil
	}
	if len(r.buf) > maxLive { // no line is as long as that
		r.buf = nil
	}
	n, err := r.f.ReadAt(r.chunk, r.offset)
	r.offset += int64(n)
	r.buf = append(r.buf, r.chunk[:n]...)
	switch {
	case n > 0:
		return nil
	case err == io.EOF:
		return io.EOF
	}
	return fmt.Errorf("journal: read: %w", err)
}

// Close closes the file.
func (r *LiveReader) Close() error {
	if r.f == nil {
		return nil
	}
	return r.f.Close()
}
