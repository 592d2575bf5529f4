package wire

import "unicode/utf8"

// Text reads a string.
func (d *Decoder) Text() string {
	if !d.is(Text, "a string") {
		return ""
	}
	d.pos++
	start := d.pos
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			s := string(d.data[start:d.pos])
			d.pos++
			d.space()
			return s
		case c == '\\':
			return d.escaped(start)
		case c < utf8.RuneSelf && c >= ' ':
			d.pos++
		default:
			if !d.rune() {
				return ""
			}
		}
	}
	d.fail(d.pos, "the string does not end")
	return ""
}

// escaped reads the rest of a string that has escapes; it begins at start.
func (d *Decoder) escaped(start int) string {
	buf := append([]byte(nil), d.data[start:d.pos]...)
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			d.pos++
			d.space()
			return string(buf)
		case c == '\\':
			r, ok := d.escape()
			if !ok {
				return ""
			}
			buf = utf8.AppendRune(buf, r)
		default:
			from := d.pos
			if !d.rune() {
				return ""
			}
			buf = append(buf, d.data[from:d.pos]...)
		}
	}
	d.fail(d.pos, "the string does not end")
	return ""
}

// rune skips one character of a string that is neither quote nor backslash.
func (d *Decoder) rune() bool {
	if d.data[d.pos] < ' ' {
		d.fail(d.pos, "a control character in a string must be escaped")
		return false
	}
	r, size := utf8.DecodeRune(d.data[d.pos:])
	if r == utf8.RuneError && size == 1 {
		d.fail(d.pos, "the string is not UTF-8")
		return false
	}
	d.pos += size
	return true
}

// escape reads an escape sequence, two of them for a surrogate pair.
func (d *Decoder) escape() (rune, bool) {
	at := d.pos
	if d.pos+1 < len(d.data) {
		c := d.data[d.pos+1]
		d.pos += 2
		switch c {
		case '"', '\\', '/':
			return rune(c), true
		case 'b':
			return '\b', true
		case 'f':
			return '\f', true
		case 'n':
			return '\n', true
		case 'r':
			return '\r', true
		case 't':
			return '\t', true
		case 'u':
			return d.unicode(at)
		}
	}
	d.fail(at, "unknown escape in a string")
	return 0, false
}

// unicode reads the four digits after \u, and the second half of a surrogate
// pair; at is the offset of the escape.
func (d *Decoder) unicode(at int) (rune, bool) {
	r, ok := d.hex()
	if !ok {
		d.fail(at, "\\u needs four hexadecimal digits")
		return 0, false
	}
	if r < 0xD800 || r > 0xDFFF {
		return r, true
	}
	if r < 0xDC00 && d.pos+1 < len(d.data) && d.data[d.pos] == '\\' && d.data[d.pos+1] == 'u' {
		d.pos += 2
		if low, ok := d.hex(); ok && low >= 0xDC00 && low <= 0xDFFF {
			return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, true
		}
	}
	d.fail(at, "half of a surrogate pair")
	return 0, false
}

// hex reads four hexadecimal digits.
func (d *Decoder) hex() (rune, bool) {
	if len(d.data)-d.pos < 4 {
		return 0, false
	}
	var r rune
	for _, c := range d.data[d.pos : d.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	d.pos += 4
	return r, true
}
