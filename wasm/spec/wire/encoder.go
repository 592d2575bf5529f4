package wire

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Encoder appends JSON to a buffer. The zero value is ready to use. It places
// the commas; the caller balances Begin and End and precedes every value of an
// object by its Key.
type Encoder struct {
	buf   []byte
	comma bool // a value precedes at this level
}

// Bytes returns what has been written. The Encoder keeps the slice.
func (e *Encoder) Bytes() []byte { return e.buf }

// next writes the comma that separates the coming value or key from the last.
func (e *Encoder) next() {
	if e.comma {
		e.buf = append(e.buf, ',')
	}
	e.comma = true
}

func (e *Encoder) begin(c byte) {
	e.next()
	e.buf = append(e.buf, c)
	e.comma = false
}

func (e *Encoder) end(c byte) {
	e.buf = append(e.buf, c)
	e.comma = true
}

// BeginObject opens an object; EndObject closes it.
func (e *Encoder) BeginObject() { e.begin('{') }

// EndObject closes the innermost object.
func (e *Encoder) EndObject() { e.end('}') }

// BeginArray opens an array; EndArray closes it.
func (e *Encoder) BeginArray() { e.begin('[') }

// EndArray closes the innermost array.
func (e *Encoder) EndArray() { e.end(']') }

// Key writes the name of the next member of an object and returns the Encoder,
// so that the value can be written in the same line.
func (e *Encoder) Key(name string) *Encoder {
	e.next()
	e.buf = appendText(e.buf, name)
	e.buf = append(e.buf, ':')
	e.comma = false
	return e
}

// Null writes null.
func (e *Encoder) Null() { e.literal("null") }

// Bool writes true or false.
func (e *Encoder) Bool(v bool) {
	if v {
		e.literal("true")
	} else {
		e.literal("false")
	}
}

func (e *Encoder) literal(s string) {
	e.next()
	e.buf = append(e.buf, s...)
}

// Int writes an integer. JavaScript reads it exactly up to 2^53.
func (e *Encoder) Int(v int64) {
	e.next()
	e.buf = strconv.AppendInt(e.buf, v, 10)
}

// Float writes the shortest decimal that reads back as v; JSON has neither NaN
// nor infinity, so these become null.
func (e *Encoder) Float(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		e.Null()
		return
	}
	e.next()
	// The exponent form begins where ECMAScript's Number::toString begins it.
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	e.buf = strconv.AppendFloat(e.buf, v, format, -1, 64)
	if n := len(e.buf); format == 'e' && e.buf[n-4] == 'e' && e.buf[n-3] == '-' && e.buf[n-2] == '0' {
		e.buf[n-2] = e.buf[n-1] // 1e-07 is written 1e-7
		e.buf = e.buf[:n-1]
	}
}

// Text writes a string. Bytes that are not UTF-8 become U+FFFD.
func (e *Encoder) Text(s string) {
	e.next()
	e.buf = appendText(e.buf, s)
}

// Texts writes an array of strings.
func (e *Encoder) Texts(list []string) {
	e.BeginArray()
	for _, s := range list {
		e.Text(s)
	}
	e.EndArray()
}

// Ints writes an array of integers.
func (e *Encoder) Ints(list []int) {
	e.BeginArray()
	for _, v := range list {
		e.Int(int64(v))
	}
	e.EndArray()
}

// Raw writes a piece of JSON as it is, or null if it is empty. The caller
// vouches that it is one valid value.
func (e *Encoder) Raw(json []byte) {
	if len(json) == 0 {
		e.Null()
		return
	}
	e.next()
	e.buf = append(e.buf, json...)
}

const hex = "0123456789abcdef"

func appendText(buf []byte, s string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(append(buf, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		buf = append(append(buf, s[start:i]...), '\\')
		switch c {
		case '"', '\\':
			buf = append(buf, c)
		case '\n':
			buf = append(buf, 'n')
		case '\r':
			buf = append(buf, 'r')
		case '\t':
			buf = append(buf, 't')
		default:
			buf = append(buf, 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(buf, s[start:]...), '"')
}
