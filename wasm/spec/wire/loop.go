package wire

// frame is an array or object that the Decoder is inside of.
type frame struct {
	object bool
	index  int    // of the element or member being read
	key    string // of the member being read
	keys   int    // how many names it has had, the last in Decoder.keys
	value  int    // offset of the element's or member's value
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
