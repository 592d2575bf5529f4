package binary

// Body is the code of one function.
type Body struct {
	// Declared is the declaration of its locals, a vector of pairs of a number
	// and a type. It is part of the file, as is Code.
	Declared []byte
	// Code holds its instructions, with the end that closes the function.
	Code []byte

	params, locals int
	results        []ValueType
}

// Locals is how many locals the function has, with its parameters.
func (b Body) Locals() int { return b.params + b.locals }

// Instruction is one instruction of a body.
type Instruction struct {
	Op         uint32 // such as OpCall
	Index      uint32 // of the function, local, global or table that it names
	Start, End int    // where it stands in the code
}

// Each visits the instructions in order.
func (b Body) Each(visit func(Instruction)) {
	r := &reader{file: b.Code, end: len(b.Code)}
	for r.left() > 0 && r.err == nil {
		i := Instruction{Start: r.pos}
		i.Op = r.instruction()
		i.Index, i.End = r.index, r.pos
		visit(i)
	}
}

// body reads one function: its locals, then its instructions.
func (m *Module) body(r *reader) {
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
	if len(m.Bodies) == len(m.Functions) {
		r.failAt(start, "there are more function bodies than the %d functions declared", len(m.Functions))
		return
	}
	end := r.end
	r.end = r.pos + int(size)
	t := m.Types[m.Functions[len(m.Bodies)]]
	f := Body{params: len(t.Params), results: t.Results}
	start = r.pos
	f.locals = m.declareLocals(r)
	f.Declared = r.file[start:r.pos]
	start = r.pos
	m.instructions(r, f)
	f.Code = r.file[start:r.pos]
	m.Bodies = append(m.Bodies, f)
	if r.err == nil && r.left() > 0 {
		r.fail("%d bytes follow a function's end", r.left())
	}
	r.end = end
	if r.err != nil {
		r.pos = end
	}
}

// declareLocals reads the locals' types and returns how many there are.
func (m *Module) declareLocals(r *reader) int {
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
	return int(locals)
}

// instructions reads up to the end that closes the function. It bounds how
// deep blocks are nested, and loops among them more strictly, since compilers
// take time that is quadratic in the depth.
func (m *Module) instructions(r *reader, f Body) {
	open := append(m.open[:0], label{OpBlock, len(f.results)}) // the blocks around the instruction
	loops, toil, begin, most := 0, 0, r.pos, len(f.results)
	for len(open) > 0 && r.err == nil {
		start := r.pos
		op := r.instruction()
		m.checkIndex(r, f, op, start)
		moved := m.movedBy(op, r.index, open)
		if op == opBrTable {
			moved = (r.pos - start) * beyondFew(most)
		}
		m.moves += moved
		toil += toilOf(op, r.pos-start) + moved/movesPerToil
		switch op {
		case OpBlock, OpLoop, OpIf:
			open = append(open, m.labelOf(op, r.index))
			most = max(most, open[len(open)-1].values)
			if op == OpLoop {
				loops++
			}
			if len(open) > maxDepth || loops > maxLoops {
				r.fail("more than %d nested blocks or %d nested loops", maxDepth, maxLoops)
			}
		case OpEnd:
			if open[len(open)-1].op == OpLoop {
				loops--
			}
			open = open[:len(open)-1]
		case OpTableSet, OpTableInit, OpTableCopy, OpTableFill:
			m.WritesTables = true
		case OpTableGrow:
			m.WritesTables = true
			m.GrowsTables = true
		}
	}
	m.open = open
	m.toil += int64(toil) * int64(toil+toilPerLocal*f.Locals())
	switch {
	case toil > maxToil:
		r.failAt(begin, "a function has too many branches, calls and memory accesses to be compiled in bounded time: their weight is %d, of at most %d", toil, maxToil)
	case m.toil > maxAllToil:
		r.failAt(begin, "the functions up to here have too many branches, calls and locals to be compiled in bounded time: their weight is %.3g, of at most %.3g",
			float64(m.toil), float64(maxAllToil))
	case m.moves > maxMoves:
		r.failAt(begin, "the functions up to here give each other, and carry along branches, too many values to be compiled in bounded time: %d, of at most %d", m.moves, maxMoves)
	}
}

// label is a block that is open.
type label struct {
	op     byte
	values int // that a branch to it carries
}

// labelOf returns the label of a block whose type has the given index, noType
// or another that does not exist for one of a single value at most.
func (m *Module) labelOf(op, index uint32) label {
	l := label{op: byte(op)}
	if int64(index) < int64(len(m.Types)) {
		if l.values = len(m.Types[index].Results); op == OpLoop {
			l.values = len(m.Types[index].Params)
		}
	}
	return l
}

// movedBy is how many values an instruction takes and gives, or carries along a
// branch, beyond a few. A compiler moves each of them one by one.
func (m *Module) movedBy(op, index uint32, open []label) int {
	switch op {
	case OpCall:
		t, _ := m.FuncType(index)
		return beyondFew(len(t.Params) + len(t.Results))
	case OpCallIndirect, OpBlock, OpLoop, OpIf:
		if int64(index) < int64(len(m.Types)) {
			return beyondFew(len(m.Types[index].Params) + len(m.Types[index].Results))
		}
	case opBr, opBrIf:
		if int64(index) < int64(len(open)) {
			return beyondFew(open[len(open)-1-int(index)].values)
		}
	case opReturn:
		return beyondFew(open[0].values)
	}
	return 0
}

func beyondFew(values int) int { return max(0, values-fewValues) }

// toilOf weighs an instruction of the given length by what it adds to a
// compiler's work that is not proportional to the size of the code: blocks and
// the edges between them, of which package meter adds some, and values that
// must survive a call.
func toilOf(op uint32, length int) int {
	switch {
	case op == OpLoop:
		return 16
	case op == OpBlock, op == OpIf:
		return 12
	case op == opBrIf:
		return 4
	case op == opBrTable:
		return 4 * length // a target is a byte at least
	case op >= OpMemoryInit && op <= OpTableFill:
		return 20
	case op == OpCall, op == OpCallIndirect, op >= opLoad && op <= OpMemoryGrow:
		return 1
	case op >= opVectorLoad && op <= opVectorStore, op >= opLoadLane && op <= opLoadZero64:
		return 1
	}
	return 0
}

// checkIndex holds the index that an instruction names against its index
// space, see below.
func (m *Module) checkIndex(r *reader, f Body, op uint32, at int) {
	length, what := 0, ""
	switch op {
	case OpCall, OpRefFunc:
		length, what = m.entries(Func), "function"
	case OpLocalGet, OpLocalSet, OpLocalTee:
		length, what = f.Locals(), "local"
	case OpGlobalGet, OpGlobalSet:
		length, what = len(m.Globals), "global"
	case OpBlock, OpLoop, OpIf, OpCallIndirect:
		if r.index == noType {
			return
		}
		length, what = len(m.Types), "type"
	default:
		return
	}
	if r.err == nil && int64(r.index) >= int64(length) {
		r.failAt(at, "it refers to %s %d of %d", what, r.index, length)
	}
}

// constant skips a constant expression.
func (m *Module) constant(r *reader) {
	start := r.pos
	for r.err == nil {
		at := r.pos
		op := r.instruction()
		m.checkIndex(r, Body{}, op, at)
		switch op {
		case OpEnd:
			return
		case OpI32Const, OpI64Const, OpF32Const, OpF64Const, OpV128Const, OpGlobalGet, OpRefNull, OpRefFunc:
		default:
			r.failAt(start, "instruction 0x%02x cannot stand in a constant expression", op)
		}
	}
}

const (
	opBr          = 0x0c
	opBrIf        = 0x0d
	opBrTable     = 0x0e
	opReturn      = 0x0f
	opLoad        = 0x28 // the first that accesses memory
	opVectorLoad  = 0xfd << 16
	opVectorStore = 0xfd<<16 | 11
	opLoadLane    = 0xfd<<16 | 84
	opLoadZero64  = 0xfd<<16 | 93
)

// Instructions that are told apart by name. A prefixed one is its prefix,
// shifted, and its number.
const (
	OpUnreachable  = 0x00
	OpBlock        = 0x02
	OpLoop         = 0x03
	OpIf           = 0x04
	OpElse         = 0x05
	OpEnd          = 0x0b
	OpCall         = 0x10
	OpCallIndirect = 0x11
	OpDrop         = 0x1a
	OpSelect       = 0x1b
	OpLocalGet     = 0x20
	OpLocalSet     = 0x21
	OpLocalTee     = 0x22
	OpGlobalGet    = 0x23
	OpGlobalSet    = 0x24
	OpTableSet     = 0x26
	OpMemorySize   = 0x3f
	OpMemoryGrow   = 0x40
	OpI32Const     = 0x41
	OpI64Const     = 0x42
	OpF32Const     = 0x43
	OpF64Const     = 0x44
	OpRefNull      = 0xd0
	OpRefFunc      = 0xd2
	OpMemoryInit   = 0xfc<<16 | 8
	OpMemoryCopy   = 0xfc<<16 | 10
	OpMemoryFill   = 0xfc<<16 | 11
	OpTableInit    = 0xfc<<16 | 12
	OpTableCopy    = 0xfc<<16 | 14
	OpTableGrow    = 0xfc<<16 | 15
	OpTableSize    = 0xfc<<16 | 16
	OpTableFill    = 0xfc<<16 | 17
	OpV128Const    = 0xfd<<16 | 12
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
	case OpUnreachable, 0x01, OpElse, OpEnd, 0x0f, OpDrop, OpSelect, 0xd1:
	case OpBlock, OpLoop, OpIf:
		r.blockType()
	case 0x0c, 0x0d, OpCall, OpLocalGet, OpLocalSet, OpLocalTee, OpGlobalGet, OpGlobalSet, 0x25, OpTableSet, OpRefFunc:
		r.index = r.u32()
	case 0x0e: // br_table
		r.each("branch targets", maxBody, func() { r.u32() })
		r.u32()
	case OpCallIndirect: // its type, then its table
		r.index = r.u32()
		r.u32()
	case 0x1c: // select with types
		r.each("types of select", maxParams, func() { r.valueType() })
	case OpMemorySize, OpMemoryGrow:
		r.zero()
	case OpI32Const:
		r.skipSigned(5)
	case OpI64Const:
		r.skipSigned(10)
	case OpF32Const:
		r.skip(4)
	case OpF64Const:
		r.skip(8)
	case OpRefNull:
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
	r.index = noType
	b := r.u8()
	switch t := ValueType(b); {
	case b == 0x40 || t >= V128 && t <= I32 || t == FuncRef || t == ExternRef:
	case b&0x40 != 0 && b < 0x80:
		r.failAt(r.pos-1, "0x%02x is no type of a block", b)
	default:
		r.pos--
		start := r.pos
		r.skipSigned(5)
		r.index = 0
		for i, c := range r.file[start:r.pos] {
			r.index |= uint32(c&0x7f) << (7 * i)
		}
	}
}

// noType is the index of a block whose type is not in the type section, and no
// index that a type can have.
const noType = maxTypes

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
		r.index = r.u32()
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
