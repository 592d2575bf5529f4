package binary

import (
	"fmt"
	"unicode/utf8"
)

// FormatError says why a file is no module that a plugin host may compile.
type FormatError struct {
	Section string // "code", or empty outside of sections
	Offset  int    // in the file, of the first byte that cannot be right
	Problem string
	Fix     string // what to do, if that is known
}

func (e *FormatError) Error() string {
	if e.Section == "" {
		return fmt.Sprintf("at byte %d: %s", e.Offset, e.Problem)
	}
	return fmt.Sprintf("%s section, at byte %d: %s", e.Section, e.Offset, e.Problem)
}

// reader decodes one stretch of a file. Its first error sticks: after it,
// every read returns zero, so callers check err once per item.
type reader struct {
	file    []byte
	pos     int
	end     int // of the stretch; reads stop here
	section string
	err     *FormatError
	index   uint32 // that the last instruction with an index named
}

func (r *reader) fail(format string, args ...any) {
	r.failAt(r.pos, format, args...)
}

func (r *reader) failAt(offset int, format string, args ...any) {
	if r.err == nil {
		r.err = &FormatError{Section: r.section, Offset: offset, Problem: fmt.Sprintf(format, args...)}
		r.pos = r.end
	}
}

func (r *reader) left() int { return r.end - r.pos }

func (r *reader) u8() byte {
	if r.pos >= r.end {
		r.fail("the bytes end too early")
		return 0
	}
	b := r.file[r.pos]
	r.pos++
	return b
}

func (r *reader) skip(n int) {
	if n > r.left() {
		r.fail("the bytes end too early: %d needed, %d left", n, r.left())
		return
	}
	r.pos += n
}

// u32 reads an unsigned LEB128 of at most 32 bits.
func (r *reader) u32() uint32 {
	if r.pos < r.end && r.file[r.pos] < 0x80 {
		r.pos++
		return uint32(r.file[r.pos-1])
	}
	start := r.pos
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.u8()
		if r.err != nil {
			return 0
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v>>32 != 0 {
				r.failAt(start, "a number exceeds 32 bits")
				return 0
			}
			return uint32(v)
		}
	}
	r.failAt(start, "a number is longer than five bytes")
	return 0
}

// skipSigned skips a signed LEB128 of at most the given number of bytes.
func (r *reader) skipSigned(bytes int) {
	start := r.pos
	for range bytes {
		if r.u8() < 0x80 {
			return
		}
	}
	r.failAt(start, "a number is longer than %d bytes", bytes)
}

// count reads a vector's length. Each entry takes at least one byte, so a
// length beyond the bytes left cannot be true.
func (r *reader) count(what string, limit int) int {
	start := r.pos
	n := int64(r.u32())
	if r.err == nil && n > int64(r.left()) {
		r.failAt(start, "%d %s declared, but only %d bytes follow", n, what, r.left())
		return 0
	}
	if r.err == nil && n > int64(limit) {
		r.failAt(start, "%d %s declared; at most %d are allowed", n, what, limit)
		return 0
	}
	return int(n)
}

func (r *reader) bytes(what string) []byte {
	n := r.count(what, r.left())
	if r.err != nil {
		return nil
	}
	r.pos += n
	return r.file[r.pos-n : r.pos]
}

func (r *reader) name() string {
	start := r.pos
	b := r.bytes("bytes of a name")
	if r.err == nil && !utf8.Valid(b) {
		r.failAt(start, "a name is not valid UTF-8")
		return ""
	}
	return string(b)
}
