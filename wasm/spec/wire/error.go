package wire

import "strconv"

// Error says what is wrong with a JSON text and where.
type Error struct {
	Offset  int    // in bytes from the start of the text
	Path    string // of the value, e.g. "nodes[3].kernel"; empty at the top
	Problem string
}

func (e *Error) Error() string {
	s := "json: "
	if e.Path != "" {
		s += e.Path + ": "
	}
	return s + e.Problem + " (byte " + strconv.Itoa(e.Offset) + ")"
}

// maxQuoted is how many bytes of a foreign string an error message shows.
const maxQuoted = 64

// Quote returns s in quotes, shortened if it is long and without control
// characters, for messages that show a string which somebody else wrote.
//
//go:noinline
func Quote(s string) string {
	buf := []byte{'"'}
	for _, r := range shorten(s) {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			r = '\uFFFD'
		}
		buf = append(buf, string(r)...)
	}
	return string(append(buf, '"'))
}

func shorten(s string) string {
	if len(s) > maxQuoted {
		return s[:maxQuoted] + "..."
	}
	return s
}

// path names the value that is being read.
func (d *Decoder) path() string {
	p := ""
	for i, f := range d.frames {
		if !f.object {
			p += "[" + strconv.Itoa(f.index) + "]"
			continue
		}
		if i > 0 && f.key != "" {
			p += "."
		}
		p += shorten(f.key)
	}
	return p
}

// fail records the first problem, at the given offset; later ones follow from
// it and are dropped.
//
//go:noinline
func (d *Decoder) fail(offset int, problem string) {
	if d.err == nil {
		d.err = &Error{Offset: offset, Path: d.path(), Problem: problem}
	}
}

// Fail records that the value read last breaks a rule of the caller's, unless
// an earlier problem is already recorded.
func (d *Decoder) Fail(problem string) { d.fail(d.start, problem) }

// expected records that another kind of value was wanted at the present offset.
//
//go:noinline
func (d *Decoder) expected(want string) {
	found := "the end"
	if d.pos < len(d.data) {
		switch k := d.Kind(); {
		case k == Invalid, k == Null && !d.at("null"), k == Bool && !d.at("true") && !d.at("false"):
			found = Quote(string(d.data[d.pos : d.pos+1]))
		default:
			found = k.String()
		}
	}
	d.fail(d.pos, "expected "+want+", found "+found)
}
