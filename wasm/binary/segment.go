package binary

// element reads an element segment (core specification 2.0, 5.5.12): bit 0 of
// its flags means passive or declarative, bit 1 an explicit table index (or
// declarative), bit 2 expressions in place of function indices.
func (m *Module) element(r *reader) {
	start := r.pos
	flags := r.u32()
	if flags > 7 {
		r.failAt(start, "unknown flags %d of an element segment", flags)
		return
	}
	active := flags&1 == 0
	if active {
		if flags&2 != 0 {
			r.u32()
		}
		m.constant(r)
	} else if flags&2 == 0 {
		m.Passive = true
	}
	expressions := flags&4 != 0
	if flags&3 != 0 {
		if expressions {
			r.refType()
		} else if kind := r.u8(); kind != 0 {
			r.failAt(r.pos-1, "unknown kind %d of an element segment", kind)
		}
	}
	r.each("elements", maxTableSlots, func() {
		if expressions {
			m.constant(r)
		} else {
			m.below(r, "function", m.entries(Func))
		}
	})
}

// data reads a data segment (5.5.14).
func (m *Module) data(r *reader) {
	start := r.pos
	m.dataSegments++
	switch flags := r.u32(); flags {
	case 0:
		m.constant(r)
	case 1:
		m.Passive = true
	case 2:
		r.u32()
		m.constant(r)
	default:
		r.failAt(start, "unknown flags %d of a data segment", flags)
	}
	r.bytes("bytes of data")
}
