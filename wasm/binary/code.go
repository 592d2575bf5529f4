package binary

// body reads one function: its locals, then its instructions.
func (m *Module) body(r *reader) {
	m.definedBodies++
	start := r.pos
	size := r.u32()
	if r.err == nil && int64(size) > int64(r.left()) {
		r.failAt(start, "a function of %d bytes is cut off after %d", size, r.left())
	}
	if r.err == nil && size > maxBody {
		r.failAt(start, "a function of %d bytes; at most %d are allowed", size, maxBody)
	}
	if r.err != nil {
		return
	}
	end := r.end
	r.end = r.pos + int(size)
	m.declareLocals(r)
	m.instructions(r)
	if r.err == nil && r.left() > 0 {
		r.fail("%d bytes follow a function's end", r.left())
	}
	r.end = end
	if r.err != nil {
		r.pos = end
	}
}

func (m *Module) declareLocals(r *reader) {
	locals := uint64(0)
	r.each("groups of locals", maxLocals, func() {
		start := r.pos
		locals += uint64(r.u32())
		r.valueType()
		if locals > maxLocals {
			r.failAt(start, "a function has more than %d locals", maxLocals)
		}
	})
	m.locals += int(locals)
	if m.locals > maxAllLocals {
		r.fail("the functions have more than %d locals in all", maxAllLocals)
	}
}

// instructions reads up to the end that closes the function. It bounds how
// deep blocks are nested, and loops among them more strictly, since compilers
// take time that is quadratic in the depth.
func (m *Module) instructions(r *reader) {
	open := append(m.open[:0], opBlock) // the blocks around the instruction
	loops := 0
	for len(open) > 0 && r.err == nil {
		switch op := r.instruction(); op {
		case opBlock, opLoop, opIf:
			open = append(open, byte(op))
			if op == opLoop {
				loops++
			}
			if len(open) > maxDepth || loops > maxLoops {
				r.fail("more than %d nested blocks or %d nested loops", maxDepth, maxLoops)
			}
		case opEnd:
			if open[len(open)-1] == opLoop {
				loops--
			}
			open = open[:len(open)-1]
		case opTableSet, opTableInit, opTableCopy, opTableFill:
			m.WritesTables = true
		case opTableGrow:
			m.WritesTables = true
			m.GrowsTables = true
		}
	}
	m.open = open
}

// constant skips a constant expression.
func (r *reader) constant() {
	start := r.pos
	for r.err == nil {
		switch op := r.instruction(); op {
		case opEnd:
			return
		case opI32Const, opI64Const, opF32Const, opF64Const, opV128Const, opGlobalGet, opRefNull, opRefFunc:
		default:
			r.failAt(start, "instruction 0x%02x cannot stand in a constant expression", op)
		}
	}
}

// Instructions that are told apart by name. A prefixed one is its prefix,
// shifted, and its number.
const (
	opBlock     = 0x02
	opLoop      = 0x03
	opIf        = 0x04
	opEnd       = 0x0b
	opGlobalGet = 0x23
	opTableSet  = 0x26
	opI32Const  = 0x41
	opI64Const  = 0x42
	opF32Const  = 0x43
	opF64Const  = 0x44
	opRefNull   = 0xd0
	opRefFunc   = 0xd2
	opTableInit = 0xfc<<16 | 12
	opTableCopy = 0xfc<<16 | 14
	opTableGrow = 0xfc<<16 | 15
	opTableFill = 0xfc<<16 | 17
	opV128Const = 0xfd<<16 | 12
)

// instruction skips one instruction and returns its number.
func (r *reader) instruction() uint32 {
	start := r.pos
	op := r.u8()
	switch {
	case op == 0xfc:
		return r.bulk(start)
	case op == 0xfd:
		return r.vector(start)
	case op >= 0x45 && op <= 0xc4: // comparisons, arithmetic, conversions
		return uint32(op)
	}
	switch op {
	case 0x00, 0x01, 0x05, opEnd, 0x0f, 0x1a, 0x1b, 0xd1:
	case opBlock, opLoop, opIf:
		r.blockType()
	case 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, opGlobalGet, 0x24, 0x25, opTableSet, opRefFunc:
		r.u32()
	case 0x0e: // br_table
		r.each("branch targets", maxBody, func() { r.u32() })
		r.u32()
	case 0x11: // call_indirect
		r.u32()
		r.u32()
	case 0x1c: // select with types
		r.each("types of select", maxParams, func() { r.valueType() })
	case 0x3f, 0x40: // memory.size, memory.grow
		r.zero()
	case opI32Const:
		r.skipSigned(5)
	case opI64Const:
		r.skipSigned(10)
	case opF32Const:
		r.skip(4)
	case opF64Const:
		r.skip(8)
	case opRefNull:
		r.refType()
	default:
		if op >= 0x28 && op <= 0x3e {
			r.memoryArgument()
			break
		}
		r.failAt(start, "%s", unknown(op))
	}
	return uint32(op)
}

// blockType skips a block's type: empty, one value type, or a type index.
func (r *reader) blockType() {
	b := r.u8()
	switch t := ValueType(b); {
	case b == 0x40 || t >= V128 && t <= I32 || t == FuncRef || t == ExternRef:
	case b&0x40 != 0 && b < 0x80:
		r.failAt(r.pos-1, "0x%02x is no type of a block", b)
	default:
		r.pos--
		r.skipSigned(5)
	}
}

func (r *reader) memoryArgument() {
	start := r.pos
	if align := r.u32(); align >= 0x40 {
		r.failAt(start, "an alignment of 2^%d: the module uses more than one memory or is damaged", align)
	}
	r.u32()
}

func (r *reader) zero() {
	if b := r.u8(); b != 0 {
		r.failAt(r.pos-1, "the module uses more than one memory, %s", notPartOfABI)
	}
}

// bulk reads what follows prefix 0xfc: saturating conversions, bulk memory
// and table instructions.
func (r *reader) bulk(start int) uint32 {
	n := r.u32()
	switch n {
	case 0, 1, 2, 3, 4, 5, 6, 7:
	case 8: // memory.init
		r.u32()
		r.zero()
	case 9, 13, 15, 16, 17: // data.drop, elem.drop, table.grow, table.size, table.fill
		r.u32()
	case 10: // memory.copy
		r.zero()
		r.zero()
	case 11: // memory.fill
		r.zero()
	case 12, 14: // table.init, table.copy
		r.u32()
		r.u32()
	default:
		r.failAt(start, "unknown instruction 0xfc %d", n)
	}
	return 0xfc<<16 | n
}

// vector reads what follows prefix 0xfd: the 128-bit SIMD instructions.
func (r *reader) vector(start int) uint32 {
	n := r.u32()
	switch {
	case n <= 11 || n == 92 || n == 93: // loads and the store
		r.memoryArgument()
	case n == 12 || n == 13: // v128.const, i8x16.shuffle
		r.skip(16)
	case n >= 21 && n <= 34: // extract_lane, replace_lane
		r.u8()
	case n >= 84 && n <= 91: // load and store of one lane
		r.memoryArgument()
		r.u8()
	case n >= 256:
		r.failAt(start, "the module uses relaxed SIMD, %s", notPartOfABI)
	}
	return 0xfd<<16 | n
}

func unknown(op byte) string {
	feature := ""
	switch op {
	case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f:
		feature = "exception handling"
	case 0x12, 0x13, 0x15:
		feature = "tail calls"
	case 0x14, 0xd3, 0xd4, 0xd5, 0xd6:
		feature = "typed function references"
	case 0xfb:
		feature = "garbage-collected types"
	case 0xfe:
		feature = "threads (atomic instructions)"
	default:
		return "unknown instruction"
	}
	return "the module uses " + feature + ", " + notPartOfABI
}
