package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/host/event"
)

// Reader reads the events of a run directory without its lock, also while the
// study runs.
type Reader struct {
	path    string
	f       *os.File
	s       *scanner
	offsets []int64 // of the records read so far
}

// OpenReader opens the events of the study in dir for reading.
func OpenReader(dir string) (*Reader, error) {
	if _, err := ReadStudy(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, eventsFile)
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	return &Reader{path: path, f: f, s: newScanner(path, f, 0, 0)}, nil
}

// openRegular opens a file of a run directory for reading. One that is no regular
// file is refused: a pipe would keep whoever opens it waiting for ever.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("journal: open: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("journal: open: %w", err)
	}
	return f, nil
}

// Next returns the next event. At the end it returns io.EOF; if the study goes
// on, a later call returns what has been added since. A torn last record is
// the end too: a writer is just writing it, or the next one cuts it off. Other
// damage is an ErrDamaged.
func (r *Reader) Next() (event.Event, error) {
	e, at, err := r.s.next()
	if err == nil {
		r.offsets = append(r.offsets, at)
		return e, nil
	}
	if err == io.EOF || err == errTorn {
		if err := r.rewind(); err != nil {
			return event.Event{}, err
		}
		return event.Event{}, io.EOF
	}
	return event.Event{}, err
}

// Slim lets Next return events as event.Slim leaves them, which takes half of
// the time; Event still returns whole ones.
func (r *Reader) Slim() { r.s.slim = true }

// rewind lets the next call read from the end of the last intact record.
func (r *Reader) rewind() error {
	if _, err := r.f.Seek(r.s.offset, io.SeekStart); err != nil {
		return fmt.Errorf("journal: read: %w", err)
	}
	slim := r.s.slim
	r.s = newScanner(r.path, r.f, r.s.offset, r.s.seq)
	r.s.slim = slim
	return nil
}

// Event reads again the event with the given number, which Next has returned.
func (r *Reader) Event(seq int64) (event.Event, error) {
	if seq < 1 || seq > int64(len(r.offsets)) {
		return event.Event{}, fmt.Errorf("journal: event %d has not been read; the last was %d", seq, len(r.offsets))
	}
	at := r.offsets[seq-1]
	s := newScanner(r.path, io.NewSectionReader(r.f, at, maxLine), at, seq-1)
	e, _, err := s.next()
	if errors.Is(err, io.EOF) || err == errTorn {
		err = &DamageError{Path: r.path, Offset: at, Record: seq, Problem: "it has changed since it was read"}
	}
	return e, err
}

// Close closes the file.
func (r *Reader) Close() error { return r.f.Close() }

// ReadState folds all events of the study in dir, without its lock.
func ReadState(dir string) (*event.State, error) {
	r, err := OpenReader(dir)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.Slim()
	var s event.State
	for {
		e, err := r.Next()
		if err == io.EOF {
			return &s, nil
		}
		if err != nil {
			return nil, err
		}
		if err := s.Apply(e); err != nil {
			return nil, &DamageError{Path: r.path, Offset: r.offsets[len(r.offsets)-1], Record: e.Seq, Problem: err.Error()}
		}
	}
}
