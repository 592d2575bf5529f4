package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// value is a piece of a document. The interpreter runs these, once check has
// found them sound.
type value struct {
	kind  wire.Kind
	at    int     // offset in the document
	key   string  // of a member of an object
	text  string  // of a string, or of a number as written
	num   float64 // of a number; 1 for true
	items []value // of an array or object

	announces bool // a decision: it stands for its iteration as an anchor point
}

// parse reads a value.
func parse(d *wire.Decoder) value {
	v := value{kind: d.Kind(), at: d.Offset()}
	switch v.kind {
	case wire.Text:
		v.text = d.Text()
	case wire.Bool:
		if d.Bool() {
			v.num = 1
		}
	case wire.Number:
		raw := d.Raw()
		v.text = string(raw)
		if n, ok := natural(v.text); ok { // most are, and reading any number takes long
			v.num = float64(n)
		} else {
			v.num = wire.NewDecoder(raw).Float()
		}
	case wire.Array:
		for d.Array(); d.Next(); {
			v.items = append(v.items, parse(d))
		}
	case wire.Object:
		for d.Object(); d.Next(); {
			key := d.Key()
			v.items = append(v.items, parse(d))
			v.items[len(v.items)-1].key = key
		}
	default:
		d.Skip()
	}
	return v
}

// natural reads a number of at most nine digits. The errors of strconv.Atoi would
// make the guest 27 KB larger.
func natural(text string) (n int, ok bool) {
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 || i == 9 {
			return 0, false
		}
		n = 10*n + int(digit)
	}
	return n, text != ""
}

// get returns the member of an object with the given key, or nil.
//
//go:noinline
func (v *value) get(key string) *value {
	for i := range v.items {
		if v.kind == wire.Object && v.items[i].key == key {
			return &v.items[i]
		}
	}
	return nil
}

// word returns the text of a member, or otherwise if there is none.
//
//go:noinline
func (v *value) word(key, otherwise string) string {
	if m := v.get(key); m != nil {
		return m.text
	}
	return otherwise
}

// each returns the elements of an array, or the value itself: one may be
// written without brackets.
//
//go:noinline
func (v *value) each() []value {
	if v == nil || v.kind == wire.Array {
		return v.list()
	}
	return []value{*v}
}

func (v *value) list() []value {
	if v == nil {
		return nil
	}
	return v.items
}

// conditions counts the values that an item's conditions name.
func (v *value) conditions() (count int) {
	for _, key := range [...]string{"if", "unless"} {
		list := v.get(key).list()
		for i := range list {
			count += max(1, len(list[i].items))
		}
	}
	return count
}

// shorthand returns what an item is about: a decision's kind or a node's op,
// which may be written as a mere string.
//
//go:noinline
func (v *value) shorthand(key string) string {
	if v.kind == wire.Text {
		return v.text
	}
	return v.word(key, "")
}

// place names the position of an offset in a document: its line and the path to
// the value that begins there.
func place(text string, root *value, at int) string {
	line := 1
	for i := range at {
		if text[i] == '\n' {
			line++
		}
	}
	path := ""
	for v := root; v.at != at; {
		var next *value
		index := 0
		for i := range v.items {
			if v.items[i].at <= at {
				next, index = &v.items[i], i
			}
		}
		if next == nil {
			break
		}
		if v.kind == wire.Array {
			path += "[" + strconv.Itoa(index) + "]"
		} else if path != "" {
			path += "." + next.key
		} else {
			path = next.key
		}
		v = next
	}
	s := "line " + strconv.Itoa(line)
	if path != "" {
		s += ", " + path
	}
	return s
}
