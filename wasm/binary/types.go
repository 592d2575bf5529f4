package binary

const notPartOfABI = "which is not part of the plugin interface"

func (r *reader) valueType() ValueType {
	switch t := ValueType(r.u8()); t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef:
		return t
	default:
		r.failAt(r.pos-1, "%v is no value type of WebAssembly 2.0", t)
		return 0
	}
}

func (r *reader) refType() {
	if t := ValueType(r.u8()); t != FuncRef && t != ExternRef {
		r.failAt(r.pos-1, "%v is no reference type of WebAssembly 2.0", t)
	}
}

func (r *reader) funcType() FuncType {
	switch form := r.u8(); form {
	case 0x60:
	case 0x4d, 0x4e, 0x4f, 0x50, 0x5e, 0x5f:
		r.failAt(r.pos-1, "the module uses garbage-collected types, %s", notPartOfABI)
	default:
		r.failAt(r.pos-1, "0x%02x does not begin a function type", form)
	}
	var f FuncType
	r.each("parameters", maxParams, func() { f.Params = append(f.Params, r.valueType()) })
	r.each("results", maxParams, func() { f.Results = append(f.Results, r.valueType()) })
	return f
}

func (r *reader) globalType() GlobalType {
	g := GlobalType{Type: r.valueType()}
	switch b := r.u8(); b {
	case 0:
	case 1:
		g.Mutable = true
	default:
		r.failAt(r.pos-1, "0x%02x is neither const nor mut", b)
	}
	return g
}

func (r *reader) kind() Kind {
	b := r.u8()
	switch {
	case b == 4:
		r.failAt(r.pos-1, "the module uses exception handling, %s", notPartOfABI)
	case b > byte(Global):
		r.failAt(r.pos-1, "unknown kind %d of import or export", b)
	}
	return Kind(b)
}

// limits reads the sizes of a memory or table.
func (r *reader) limits(what string) Limits {
	var l Limits
	switch flags := r.u8(); {
	case flags <= 1:
		l.Bounded = flags == 1
	case flags <= 3:
		r.failAt(r.pos-1, "the module uses threads (a shared %s), %s", what, notPartOfABI)
	case flags <= 7:
		r.failAt(r.pos-1, "the module uses a 64-bit %s, %s", what, notPartOfABI)
	default:
		r.failAt(r.pos-1, "unknown flags 0x%02x of a %s", flags, what)
	}
	l.Min = r.u32()
	if l.Bounded {
		start := r.pos
		l.Max = r.u32()
		if r.err == nil && l.Max < l.Min {
			r.failAt(start, "a %s of at least %d and at most %d", what, l.Min, l.Max)
		}
	}
	return l
}
