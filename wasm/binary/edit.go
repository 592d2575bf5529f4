package binary

import (
	"encoding/binary"
	"slices"
)

// Addition is what With adds to a module. All of it comes after what is there,
// so that every index keeps its meaning.
type Addition struct {
	Globals []NewGlobal
	Exports []Export
	Func    FuncType // the signature of one more function
	// Bodies are the contents of all functions, that one's last: the
	// declaration of locals, then the instructions.
	Bodies [][]byte
}

// NewGlobal is a global variable of type i32 or i64.
type NewGlobal struct {
	GlobalType
	Value int64
}

// With returns the module with an addition. Its sections share bytes with
// those of m; Passive, WritesTables and GrowsTables stay as they are.
func (m *Module) With(a Addition) *Module {
	n := *m
	n.Globals = slices.Clone(m.Globals)
	globals := appendCount(nil, len(m.Globals)+len(a.Globals))
	globals = append(globals, m.entriesOf(idGlobal)...)
	for _, g := range a.Globals {
		n.Globals = append(n.Globals, g.GlobalType)
		globals = appendGlobal(globals, g)
	}
	n.Exports = append(slices.Clone(m.Exports), a.Exports...)
	index := slices.IndexFunc(m.Types, a.Func.Equal)
	if index < 0 {
		index = len(m.Types)
		n.Types = append(slices.Clone(m.Types), a.Func)
		types := append(appendCount(nil, len(n.Types)), m.entriesOf(idType)...)
		n.replace(idType, appendFuncType(types, a.Func))
	}
	n.Functions = append(slices.Clone(m.Functions), uint32(index))
	functions := append(appendCount(nil, len(n.Functions)), m.entriesOf(idFunction)...)
	n.replace(idFunction, binary.AppendUvarint(functions, uint64(index)))
	n.replace(idGlobal, globals)
	n.replace(idExport, n.exports())
	size := 8
	for _, b := range a.Bodies {
		size += len(b) + 5
	}
	code := appendCount(make([]byte, 0, size), len(a.Bodies))
	for _, b := range a.Bodies {
		code = append(appendCount(code, len(b)), b...)
	}
	n.replace(idCode, code)
	n.Bodies = nil
	return &n
}

// entriesOf returns a section's entries without their number.
func (m *Module) entriesOf(id byte) []byte {
	for _, s := range m.sections {
		if s.id == id {
			_, n := binary.Uvarint(s.data)
			return s.data[n:]
		}
	}
	return nil
}

// replace puts a section in place of the one of the same kind, or where that
// would stand.
func (m *Module) replace(id byte, data []byte) {
	at := len(m.sections)
	for i, s := range m.sections {
		if s.id == id {
			m.sections = slices.Clone(m.sections)
			m.sections[i].data = data
			return
		}
		if s.id != idCustom && sectionRank[s.id] > sectionRank[id] {
			at = i
			break
		}
	}
	m.sections = slices.Insert(slices.Clone(m.sections), at, section{id, data})
}

// Bytes writes the module as a file, all sections in their order.
func (m *Module) Bytes() []byte {
	out := append(make([]byte, 0, m.size()), magic...)
	out = append(out, coreVersion...)
	for _, s := range m.sections {
		out = appendSection(out, s.id, s.data)
	}
	return out
}

func appendCount(out []byte, n int) []byte { return binary.AppendUvarint(out, uint64(n)) }

func appendFuncType(out []byte, f FuncType) []byte {
	out = append(out, 0x60)
	for _, list := range [][]ValueType{f.Params, f.Results} {
		out = appendCount(out, len(list))
		for _, t := range list {
			out = append(out, byte(t))
		}
	}
	return out
}

func appendGlobal(out []byte, g NewGlobal) []byte {
	mutable, op := byte(0), byte(OpI64Const)
	if g.Mutable {
		mutable = 1
	}
	if g.Type == I32 {
		op = OpI32Const
	}
	out = append(out, byte(g.Type), mutable, op)
	return append(AppendSigned(out, g.Value), OpEnd)
}

// AppendSigned appends a signed LEB128.
func AppendSigned(out []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(out, low)
		}
		out = append(out, low|0x80)
	}
}
