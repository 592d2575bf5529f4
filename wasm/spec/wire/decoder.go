package wire

import "math"

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

var kindNames = [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}

func (k Kind) String() string { return kindNames[k] }

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
		d.fail(MaxBytes, "the text is longer than 16 MiB")
	}
	d.space()
	return d
}

// Err returns the first problem met so far, an *Error, or nil.
//
//go:noinline
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Finish returns the first problem met, or that something follows the value.
func (d *Decoder) Finish() error {
	if d.pos < len(d.data) {
		d.fail(d.pos, "something follows the value")
	}
	return d.Err()
}

// peek returns the next byte, or 0 at the end.
//
//go:noinline
func (d *Decoder) peek() byte {
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// space skips white space.
//
//go:noinline
func (d *Decoder) space() {
	for d.pos < len(d.data) && isSpace(d.data[d.pos]) {
		d.pos++
	}
}

// next skips the byte that the caller has looked at, and white space.
//
//go:noinline
func (d *Decoder) next() {
	d.pos++
	d.space()
}

// Kind tells, from its first byte, what the next value is.
//
//go:noinline
func (d *Decoder) Kind() Kind {
	if d.err != nil {
		return Invalid
	}
	switch c := d.peek(); c {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return Text
	case '[':
		return Array
	case '{':
		return Object
	default:
		if c == '-' || isDigit(c) {
			return Number
		}
	}
	return Invalid
}

// is reports whether the next value is of kind k, which the caller is about to
// read; if not, it records that want was expected.
//
//go:noinline
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
//
//go:noinline
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
	word := "false"
	if d.peek() == 't' {
		word = "true"
	}
	d.literal(word)
	return word == "true" && d.err == nil
}

// Int64 reads an integer, written without fraction and exponent.
func (d *Decoder) Int64() int64 {
	if !d.is(Number, "an integer") {
		return 0
	}
	text, integer := d.number()
	if d.err == nil && !integer {
		d.Fail("expected an integer, found " + shorten(text))
	}
	if d.err != nil {
		return 0
	}
	v, ok := parseInt(text)
	if !ok {
		d.Fail("the integer does not fit into 64 bits")
	}
	return v
}

// parseInt reads an integer that has passed number.
func parseInt(text string) (v int64, ok bool) {
	digits := text
	if text[0] == '-' {
		digits = text[1:]
	}
	for i := range len(digits) {
		digit := int64(digits[i] - '0')
		if v < (math.MinInt64+digit)/10 {
			return 0, false
		}
		v = 10*v - digit // counted below zero, where the range is larger
	}
	if len(digits) < len(text) {
		return v, true
	}
	return -v, v != math.MinInt64
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
	text, _ := d.number()
	if d.err != nil {
		return 0
	}
	v, problem := parseFloat(text)
	if problem != "" {
		d.Fail(problem)
	}
	return v
}

func isDigit(c byte) bool { return c-'0' < 10 }

// number skips a number and returns it as written; integer says that it has
// neither fraction nor exponent.
func (d *Decoder) number() (text string, integer bool) {
	start := d.pos
	if d.peek() == '-' {
		d.pos++
	}
	if d.peek() == '0' {
		d.pos++
	} else {
		d.digits()
	}
	integer = true
	if d.peek() == '.' {
		d.pos++
		d.digits()
		integer = false
	}
	if d.peek()|0x20 == 'e' {
		d.pos++
		if c := d.peek(); c == '+' || c == '-' {
			d.pos++
		}
		d.digits()
		integer = false
	}
	text = string(d.data[start:d.pos])
	d.space()
	return text, integer
}

// digits skips one or more digits.
//
//go:noinline
func (d *Decoder) digits() {
	if !isDigit(d.peek()) {
		d.expected("a digit")
	}
	for isDigit(d.peek()) {
		d.pos++
	}
}

// Array enters an array: while Next is true, the caller reads an element.
//
//	for d.Array(); d.Next(); {
//		list = append(list, d.Int())
//	}
func (d *Decoder) Array() { d.enter(Array, "an array") }

// Object enters an object: while Next is true, the caller reads the value of
// the member that Key names.
//
//	for d.Object(); d.Next(); {
//		switch d.Key() {
//		case "name":
//			name = d.Text()
//		}
//	}
func (d *Decoder) Object() { d.enter(Object, "an object") }

func (d *Decoder) enter(k Kind, want string) {
	if !d.is(k, want) {
		return
	}
	if len(d.frames) == MaxDepth {
		d.fail(d.pos, "nested more than 64 deep")
		return
	}
	d.next()
	d.frames = append(d.frames, frame{object: k == Object, index: -1, value: -1})
}

// Next moves to the next element or member of the array or object entered last,
// past the present one if that has not been read, and leaves the array or
// object if there is none. The caller goes on until it returns false. A member
// whose value is null counts as absent.
func (d *Decoder) Next() bool {
	for d.err == nil {
		f := &d.frames[len(d.frames)-1]
		if f.value == d.pos {
			d.Skip()
		} else if d.more(f); f.value < 0 {
			return false
		} else if !f.object || d.Kind() != Null {
			return d.err == nil
		}
	}
	return false
}

// more moves to the next element or member of f and sets f.value to the offset
// of its value; at the end it leaves f and sets it to -1.
func (d *Decoder) more(f *frame) {
	f.value = -1
	closing := byte(']')
	if f.object {
		closing = '}'
	}
	switch c := d.peek(); {
	case c == closing:
		d.next()
		d.frames = d.frames[:len(d.frames)-1]
		d.keys = d.keys[:len(d.keys)-f.keys]
		return
	case f.index < 0:
	case c != ',':
		d.expected("',' or '" + string(rune(closing)) + "'")
		return
	default:
		d.next()
	}
	f.index++
	if f.object {
		d.key(f)
	}
	f.value = d.pos
}

// key reads the name of a member of f, and its colon.
func (d *Decoder) key(f *frame) {
	f.key = "" // a bad name is the object's own problem
	start := d.pos
	if !d.is(Text, "a name in quotes") {
		return
	}
	key := d.Text()
	for _, k := range d.keys[len(d.keys)-f.keys:] {
		if k == key {
			d.fail(start, "duplicate name "+Quote(key))
		}
	}
	if f.keys == MaxMembers {
		d.fail(start, "an object of more than 256 members")
	}
	d.keys = append(d.keys, key)
	f.keys++
	if d.err != nil {
		return
	}
	if d.peek() != ':' {
		d.expected("':'")
		return
	}
	d.next()
	f.key = key
}

// Key returns the name of the member that Next has moved to.
func (d *Decoder) Key() string {
	if len(d.frames) == 0 {
		return ""
	}
	return d.frames[len(d.frames)-1].key
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
		for d.Array(); d.Next(); {
		}
	case Object:
		for d.Object(); d.Next(); {
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
	d.Skip()
	d.start = start
	if d.err != nil {
		return nil
	}
	end := d.pos
	for isSpace(d.data[end-1]) {
		end--
	}
	return append([]byte(nil), d.data[start:end]...)
}

// Bools reads an array of booleans; nil if it is empty.
func (d *Decoder) Bools() []bool {
	var list []bool
	for d.Array(); d.Next(); {
		list = append(list, d.Bool())
	}
	return list
}

// Ints reads an array of integers; nil if it is empty.
func (d *Decoder) Ints() []int {
	var list []int
	for d.Array(); d.Next(); {
		list = append(list, d.Int())
	}
	return list
}

// Texts reads an array of strings; nil if it is empty.
func (d *Decoder) Texts() []string {
	var list []string
	for d.Array(); d.Next(); {
		list = append(list, d.Text())
	}
	return list
}
