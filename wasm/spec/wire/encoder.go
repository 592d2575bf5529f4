package wire

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Encoder appends JSON to a buffer. The zero value is ready to use. It places
// the commas; the caller balances Begin and End and precedes every value of an
// object by its Key.
//
// Small methods are kept from being inlined: in WebAssembly a call is a tenth
// of the size of an append.
type Encoder struct {
	buf   []byte
	comma bool // a value precedes at this level
}

// Bytes returns what has been written. The Encoder keeps the slice.
func (e *Encoder) Bytes() []byte { return e.buf }

// write appends s as a value, a key or an opening bracket, after a comma if one
// is due; comma says whether one is due after it.
//
//go:noinline
func (e *Encoder) write(s string, comma bool) {
	if e.comma {
		e.append(",")
	}
	e.append(s)
	e.comma = comma
}

func (e *Encoder) end(bracket string) {
	e.append(bracket)
	e.comma = true
}

//go:noinline
func (e *Encoder) append(s string) { e.buf = append(e.buf, s...) }

// BeginObject opens an object; EndObject closes it.
func (e *Encoder) BeginObject() { e.write("{", false) }

// EndObject closes the innermost object.
func (e *Encoder) EndObject() { e.end("}") }

// BeginArray opens an array; EndArray closes it.
func (e *Encoder) BeginArray() { e.write("[", false) }

// EndArray closes the innermost array.
func (e *Encoder) EndArray() { e.end("]") }

// Key writes the name of the next member of an object and returns the Encoder,
// so that the value can be written in the same line.
//
//go:noinline
func (e *Encoder) Key(name string) *Encoder {
	e.Text(name)
	e.append(":")
	e.comma = false
	return e
}

// Null writes null.
func (e *Encoder) Null() { e.write("null", true) }

// Bool writes true or false.
//
//go:noinline
func (e *Encoder) Bool(v bool) {
	s := "false"
	if v {
		s = "true"
	}
	e.write(s, true)
}

// Int writes an integer. JavaScript reads it exactly up to 2^53.
//
//go:noinline
func (e *Encoder) Int(v int64) {
	e.write("", true)
	e.buf = strconv.AppendInt(e.buf, v, 10)
}

// Float writes the shortest decimal that reads back as v; JSON has neither NaN
// nor infinity, so these become null.
//
//go:noinline
func (e *Encoder) Float(v float64) {
	if v-v != 0 {
		e.Null()
		return
	}
	e.write("", true)
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
//
//go:noinline
func (e *Encoder) Text(s string) {
	e.write(`"`, true)
	start := 0
	for i, r := range s {
		plain := r >= ' ' && r != '"' && r != '\\' && r != utf8.RuneError
		if plain || len(s)-i >= 3 && s[i:i+3] == "\uFFFD" {
			continue
		}
		e.append(s[start:i])
		start = i + 1
		switch r {
		case utf8.RuneError:
			e.append("\uFFFD")
		case '"', '\\':
			e.append("\\" + string(r))
		case '\n':
			e.append(`\n`)
		case '\r':
			e.append(`\r`)
		case '\t':
			e.append(`\t`)
		default:
			const hex = "0123456789abcdef"
			e.append(`\u00` + hex[r>>4:r>>4+1] + hex[r&15:r&15+1])
		}
	}
	e.append(s[start:])
	e.append(`"`)
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
	e.write(string(json), true)
}
