package binary

import (
	"fmt"
	"slices"
	"strings"
)

// ValueType is the binary code of a value type.
type ValueType byte

const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

func (v ValueType) String() string {
	switch v {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return fmt.Sprintf("type 0x%02x", byte(v))
}

// FuncType is the signature of a function.
type FuncType struct {
	Params, Results []ValueType
}

// String writes the signature as "(i32, i32) -> i64", or "()" for none.
func (f FuncType) String() string {
	s := "(" + join(f.Params) + ")"
	switch len(f.Results) {
	case 0:
		return s
	case 1:
		return s + " -> " + f.Results[0].String()
	}
	return s + " -> (" + join(f.Results) + ")"
}

func join(types []ValueType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return strings.Join(names, ", ")
}

// Equal tells whether two signatures are the same.
func (f FuncType) Equal(g FuncType) bool {
	return slices.Equal(f.Params, g.Params) && slices.Equal(f.Results, g.Results)
}

// Kind says what an import or export is.
type Kind byte

const (
	Func Kind = iota
	Table
	Memory
	Global
)

func (k Kind) String() string {
	if k > Global {
		return fmt.Sprintf("kind %d", byte(k))
	}
	return [...]string{"function", "table", "memory", "global"}[k]
}

// Import is something that a module needs from its host.
type Import struct {
	Module, Name string
	Kind         Kind
	Type         FuncType // of a function
}

// Export is something that a module offers to its host.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32 // in the index space of its kind; imports come first
}

// Limits are the sizes of a memory, in pages of 64 KiB, or of a table.
type Limits struct {
	Min, Max uint32
	Bounded  bool // Max is given
}

// GlobalType is a global variable's type.
type GlobalType struct {
	Type    ValueType
	Mutable bool
}

// Custom is a custom section.
type Custom struct {
	Name string
	Data []byte // part of the file, not to be written to
}

// Module is what a file declares. Lists are in index order; those that have an
// index space hold the imported entries first, except Functions.
type Module struct {
	Types     []FuncType
	Imports   []Import
	Functions []uint32 // type index of each function the module defines
	Tables    []Limits
	Memories  []Limits
	Globals   []GlobalType
	Exports   []Export
	Customs   []Custom
	Bodies    []Body // of each function the module defines
	HasStart  bool

	// Passive tells of data or element segments that code may still drop or
	// copy from after instantiation.
	Passive bool
	// WritesTables tells of an instruction that may change a table.
	WritesTables bool
	// GrowsTables tells of a table.grow instruction.
	GrowsTables bool

	sections     []section
	imported     []uint32 // type indices of the imported functions
	tableSlots   uint64
	locals       int
	toil         int64
	dataCount    int // of the data count section; -1 without
	dataSegments int
	moves        int
	open         []label // scratch of instructions
}

// section is one section of the file, without its header.
type section struct {
	id   byte
	data []byte
}

// FuncType returns the signature of a function by its index, imports first.
func (m *Module) FuncType(index uint32) (FuncType, bool) {
	i := int(index)
	var t uint32
	switch {
	case i < len(m.imported):
		t = m.imported[i]
	case i-len(m.imported) < len(m.Functions):
		t = m.Functions[i-len(m.imported)]
	default:
		return FuncType{}, false
	}
	if int(t) >= len(m.Types) {
		return FuncType{}, false
	}
	return m.Types[t], true
}

// ImportedFunctions is how many functions are imported: the index of the first
// one that the module defines.
func (m *Module) ImportedFunctions() int { return len(m.imported) }

// Export finds an export by name.
func (m *Module) Export(name string) (Export, bool) {
	for _, e := range m.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return Export{}, false
}
