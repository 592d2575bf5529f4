package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/espalier-nas/espalier/host/event"
)

// maxLine bounds the length of a record in bytes, so that a damaged file
// cannot make a reader hold all of it.
const maxLine = 64 << 20

// errTorn ends a scan: what is left is the beginning of a record, or a last
// record that does not match its checksum.
var errTorn = errors.New("journal: torn record")

// scanner reads the records of an events file in order and checks them.
type scanner struct {
	path   string // for messages
	r      *bufio.Reader
	offset int64 // at which the next record begins
	seq    int64 // of the last record read
	buf    []byte
	slim   bool // events are returned as event.Slim leaves them
}

// newScanner scans r, which stands at the given offset of path, after record
// seq.
func newScanner(path string, r io.Reader, offset, seq int64) *scanner {
	return &scanner{path: path, r: bufio.NewReaderSize(r, 1<<16), offset: offset, seq: seq}
}

// next returns the next event and the offset of its line. It returns io.EOF at
// the end, errTorn before a torn last record, and a *DamageError before a bad
// one.
func (s *scanner) next() (event.Event, int64, error) {
	at := s.offset
	line, err := s.line()
	if err != nil {
		return event.Event{}, at, err
	}
	parse := event.ParseLine
	if s.slim {
		parse = event.ParseSlim
	}
	e, err := parse(line[:len(line)-1])
	switch {
	case errors.Is(err, event.ErrChecksum):
		return event.Event{}, at, s.bad(line)
	case err != nil:
		return event.Event{}, at, s.damage(err.Error())
	case e.Seq != s.seq+1:
		return event.Event{}, at, s.damage(fmt.Sprintf("it has the number %d, so records are missing or repeated", e.Seq))
	}
	s.seq = e.Seq
	s.offset += int64(len(line))
	return e, at, nil
}

// line reads up to and including the next newline, into a buffer that the next
// call overwrites.
func (s *scanner) line() ([]byte, error) {
	line := s.buf[:0]
	for {
		part, err := s.r.ReadSlice('\n')
		line = append(line, part...)
		s.buf = line
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull) && len(line) <= maxLine:
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, s.damage("it does not end")
		case err != io.EOF:
			return nil, fmt.Errorf("journal: read %s: %w", s.path, err)
		case len(line) == 0:
			return nil, io.EOF
		case event.HidesLine(line):
			return nil, s.damage("the line break after it was overwritten")
		}
		return nil, errTorn
	}
}

// bad judges a line that does not match its checksum. Only the last one can
// have been torn by a crash.
func (s *scanner) bad(line []byte) error {
	if event.HidesLine(line) {
		return s.damage("the line break after it was overwritten")
	}
	if _, err := s.r.Peek(1); err == io.EOF {
		return errTorn
	}
	return s.damage("it does not match its checksum")
}

func (s *scanner) damage(problem string) error {
	return &DamageError{Path: s.path, Offset: s.offset, Record: s.seq + 1, Problem: problem}
}
