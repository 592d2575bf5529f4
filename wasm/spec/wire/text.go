package wire

import "unicode/utf8"

// Text reads a string.
func (d *Decoder) Text() string {
	if !d.is(Text, "a string") {
		return ""
	}
	d.pos++
	start := d.pos
	var buf []byte // the text before start, if there are escapes in it
	for d.err == nil {
		switch d.peek() {
		case '"':
			tail := d.data[start:d.pos]
			d.next()
			if buf == nil {
				return string(tail)
			}
			return string(append(buf, tail...))
		case '\\':
			buf = append(buf, d.data[start:d.pos]...)
			buf = utf8.AppendRune(buf, d.escape())
			start = d.pos
		default:
			d.rune()
		}
	}
	return ""
}

// rune skips one character of a string that is neither quote nor backslash.
func (d *Decoder) rune() {
	r, size := utf8.DecodeRune(d.data[d.pos:])
	switch {
	case size == 0:
		d.fail(d.pos, "the string does not end")
	case r == utf8.RuneError && size == 1:
		d.fail(d.pos, "the string is not UTF-8")
	case r < ' ':
		d.fail(d.pos, "a control character in a string must be escaped")
	}
	d.pos += size
}

// The escapes of one letter, and what they stand for.
const (
	escapes = `"\/bfnrt`
	escaped = "\"\\/\b\f\n\r\t"
)

// escape reads an escape sequence, two of them for a surrogate pair.
func (d *Decoder) escape() rune {
	at := d.pos
	d.pos++
	c := d.peek()
	d.pos++
	for i := range len(escapes) {
		if c == escapes[i] {
			return rune(escaped[i])
		}
	}
	if c != 'u' {
		d.fail(at, "unknown escape in a string")
		return 0
	}
	r := d.hex()
	if r&^0x3ff == 0xD800 && d.at(`\u`) {
		d.pos += 2
		if low := d.hex(); low&^0x3ff == 0xDC00 {
			return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
		}
	}
	switch {
	case r < 0:
		d.fail(at, "\\u needs four hexadecimal digits")
	case r&^0x7ff == 0xD800:
		d.fail(at, "half of a surrogate pair")
	}
	return r
}

// hex reads four hexadecimal digits; it returns -1 if there are none.
func (d *Decoder) hex() (r rune) {
	for range 4 {
		c := d.peek()
		switch letter := c | 0x20; {
		case isDigit(c):
			c -= '0'
		case letter >= 'a' && letter <= 'f':
			c = letter - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
		d.pos++
	}
	return r
}
