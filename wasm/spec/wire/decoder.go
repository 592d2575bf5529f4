package wire

import (
	"math"
	"strconv"
)

// Kind is the kind of a JSON value.
type Kind int

const (
	Invalid Kind = iota // no value begins here
	Null
	Bool
	Number
	Text
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// Decoder reads one JSON text from front to back. The first error sticks:
// after it every method returns a zero value and every loop ends, so callers
// check once, with Finish.
type Decoder struct {
	data   []byte
	pos    int
	start  int // offset of the value read last, for Fail
	frames []frame
	keys   []string // names met so far in the open objects
	err    *Error
}

// NewDecoder reads data, which must not change meanwhile.
func NewDecoder(data []byte) *Decoder {
	d := &Decoder{data: data}
	if len(data) > MaxBytes {
		d.fail(MaxBytes, "the text is longer than "+strconv.Itoa(MaxBytes)+" bytes")
	}
	d.space()
	return d
}

// Err returns the first problem met so far, an *Error, or nil.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Finish returns the first problem met, or that something follows the value.
func (d *Decoder) Finish() error {
	if d.err == nil && d.pos < len(d.data) {
		d.fail(d.pos, "something follows the value")
	}
	return d.Err()
}

// space skips white space.
func (d *Decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// Kind tells, from its first byte, what the next value is.
func (d *Decoder) Kind() Kind {
	if d.err != nil || d.pos >= len(d.data) {
		return Invalid
	}
	switch c := d.data[d.pos]; {
	case c == 'n':
		return Null
	case c == 't', c == 'f':
		return Bool
	case c == '-', c >= '0' && c <= '9':
		return Number
	case c == '"':
		return Text
	case c == '[':
		return Array
	case c == '{':
		return Object
	}
	return Invalid
}

// is reports whether the next value is of kind k, which the caller is about to
// read; if not, it records that want was expected.
func (d *Decoder) is(k Kind, want string) bool {
	if d.err != nil {
		return false
	}
	d.start = d.pos
	if d.Kind() != k {
		d.expected(want)
		return false
	}
	return true
}

// at reports whether the word w comes next.
func (d *Decoder) at(w string) bool {
	return len(d.data)-d.pos >= len(w) && string(d.data[d.pos:d.pos+len(w)]) == w
}

// literal skips the word w.
func (d *Decoder) literal(w string) {
	if !d.at(w) {
		d.fail(d.pos, "expected "+w)
		return
	}
	d.pos += len(w)
	d.space()
}

// Bool reads true or false.
func (d *Decoder) Bool() bool {
	if !d.is(Bool, "a boolean") {
		return false
	}
	v := d.data[d.pos] == 't'
	if v {
		d.literal("true")
	} else {
		d.literal("false")
	}
	return v && d.err == nil
}

// Int64 reads an integer, written without fraction and exponent.
func (d *Decoder) Int64() int64 {
	if !d.is(Number, "an integer") {
		return 0
	}
	digits, integer := d.number()
	if d.err != nil {
		return 0
	}
	if !integer {
		d.Fail("expected an integer, found " + shorten(digits))
		return 0
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		d.Fail("the integer does not fit into 64 bits")
		return 0
	}
	return v
}

// Int reads an integer that fits into an int.
func (d *Decoder) Int() int {
	v := d.Int64()
	if int64(int(v)) != v {
		d.Fail("the integer is too large")
		return 0
	}
	return int(v)
}

// Float reads a number, or null as NaN.
func (d *Decoder) Float() float64 {
	if d.Kind() == Null {
		d.start = d.pos
		d.literal("null")
		return math.NaN()
	}
	if !d.is(Number, "a number") {
		return 0
	}
	digits, _ := d.number()
	if d.err != nil {
		return 0
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		d.Fail("the number is beyond the range of a float64")
		return 0
	}
	return v
}

// number skips a number and returns it as written; integer says that it has
// neither fraction nor exponent.
func (d *Decoder) number() (digits string, integer bool) {
	start := d.pos
	if d.data[d.pos] == '-' {
		d.pos++
	}
	if d.pos < len(d.data) && d.data[d.pos] == '0' {
		d.pos++
	} else {
		d.digits()
	}
	integer = true
	if d.pos < len(d.data) && d.data[d.pos] == '.' {
		d.pos++
		d.digits()
		integer = false
	}
	if d.pos < len(d.data) && d.data[d.pos]|0x20 == 'e' {
		d.pos++
		if d.pos < len(d.data) && (d.data[d.pos] == '+' || d.data[d.pos] == '-') {
			d.pos++
		}
		d.digits()
		integer = false
	}
	digits = string(d.data[start:d.pos])
	d.space()
	return digits, integer
}

// digits skips one or more digits.
func (d *Decoder) digits() {
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos] >= '0' && d.data[d.pos] <= '9' {
		d.pos++
	}
	if d.pos == start {
		d.expected("a digit")
	}
}

// Array yields the index of each element of an array; the body of the loop
// reads the element, or leaves it, which skips it.
func (d *Decoder) Array() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		if !d.is(Array, "an array") || !d.push(false) {
			return
		}
		level, more := len(d.frames)-1, true
		for i := 0; d.element(']', i == 0); i++ {
			d.frames[level].index = i
			start := d.pos
			more = more && yield(i)
			if d.pos == start {
				d.Skip()
			}
		}
		d.pop(level)
	}
}

// Object yields the name of each member of an object; the body of the loop
// reads the value, or leaves it, which skips it. A member whose value is null
// counts as absent.
func (d *Decoder) Object() func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !d.is(Object, "an object") || !d.push(true) {
			return
		}
		level, first, more := len(d.frames)-1, len(d.keys), true
		var seen map[string]bool // of objects with many members
		for i := 0; d.element('}', i == 0); i++ {
			d.frames[level].key = "" // a bad name is the object's own problem
			key := d.key(first, &seen)
			d.frames[level].key = key
			start := d.pos
			if d.Kind() != Null {
				more = more && yield(key)
			}
			if d.pos == start {
				d.Skip()
			}
		}
		d.keys = d.keys[:first]
		d.pop(level)
	}
}

// push enters an array or object.
func (d *Decoder) push(object bool) bool {
	if len(d.frames) == MaxDepth {
		d.fail(d.pos, "nested more than "+strconv.Itoa(MaxDepth)+" deep")
		return false
	}
	d.frames = append(d.frames, frame{object: object})
	d.pos++
	d.space()
	return true
}

// pop leaves the array or object at the given level. After an error the frames
// may still hold deeper ones.
func (d *Decoder) pop(level int) {
	d.frames = d.frames[:level]
}

// element moves to the next element or member; at the closing byte it skips
// that and returns false.
func (d *Decoder) element(closing byte, first bool) bool {
	if d.err != nil {
		return false
	}
	if d.pos < len(d.data) && d.data[d.pos] == closing {
		d.pos++
		d.space()
		return false
	}
	if first {
		return true
	}
	if d.pos >= len(d.data) || d.data[d.pos] != ',' {
		d.expected("',' or '" + string(rune(closing)) + "'")
		return false
	}
	d.pos++
	d.space()
	return true
}

// manyKeys is how many names of an object are compared one by one before a map
// is made of them.
const manyKeys = 16

// key reads a member's name and its colon. d.keys[first:] are the names of the
// object so far.
func (d *Decoder) key(first int, seen *map[string]bool) string {
	start := d.pos
	if !d.is(Text, "a name in quotes") {
		return ""
	}
	key := d.Text()
	if d.err != nil {
		return ""
	}
	duplicate := false
	if *seen != nil {
		duplicate = (*seen)[key]
		(*seen)[key] = true
	} else {
		for _, k := range d.keys[first:] {
			duplicate = duplicate || k == key
		}
		d.keys = append(d.keys, key)
		if len(d.keys)-first == manyKeys {
			*seen = make(map[string]bool, 2*manyKeys)
			for _, k := range d.keys[first:] {
				(*seen)[k] = true
			}
		}
	}
	if duplicate {
		d.fail(start, "duplicate name "+Quote(key))
		return ""
	}
	if d.pos >= len(d.data) || d.data[d.pos] != ':' {
		d.expected("':'")
		return ""
	}
	d.pos++
	d.space()
	return key
}

// Skip reads a value of any kind and drops it.
func (d *Decoder) Skip() {
	switch d.Kind() {
	case Null:
		d.literal("null")
	case Bool:
		d.Bool()
	case Number:
		d.number()
	case Text:
		d.Text()
	case Array:
		for range d.Array() {
		}
	case Object:
		for range d.Object() {
		}
	default:
		if d.err == nil {
			d.expected("a value")
		}
	}
}

// Raw reads a value of any kind and returns a copy of its text.
func (d *Decoder) Raw() []byte {
	start := d.pos
	d.start = start
	d.Skip()
	if d.err != nil {
		return nil
	}
	end := d.pos
	for end > start && (d.data[end-1] == ' ' || d.data[end-1] == '\t' || d.data[end-1] == '\n' || d.data[end-1] == '\r') {
		end--
	}
	return append([]byte(nil), d.data[start:end]...)
}

// Ints reads an array of integers; nil if it is empty.
func (d *Decoder) Ints() []int {
	var list []int
	for range d.Array() {
		list = append(list, d.Int())
	}
	return list
}

// Texts reads an array of strings; nil if it is empty.
func (d *Decoder) Texts() []string {
	var list []string
	for range d.Array() {
		list = append(list, d.Text())
	}
	return list
}
