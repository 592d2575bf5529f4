package wire

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

// Offset is where the next value begins, in bytes from the start of the text.
func (d *Decoder) Offset() int { return d.pos }

// Finish returns the first problem met, or that something follows the value.
func (d *Decoder) Finish() error {
	if d.pos < len(d.data) {
		d.expected("the end")
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
		d.expected(w)
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
