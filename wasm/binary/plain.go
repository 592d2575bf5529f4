package binary

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// reservedPrefix begins the names under which Plain exports globals.
const reservedPrefix = "espalier:global:"

// StateName is the name under which Plain exports mutable global i.
func StateName(i int) string { return fmt.Sprint(reservedPrefix, i) }

// Mutable lists the globals that code may change, by index.
func (m *Module) Mutable() []int {
	var list []int
	for i, g := range m.Globals {
		if g.Mutable {
			list = append(list, i)
		}
	}
	return list
}

// Plain writes the module anew for an engine: every mutable global is exported
// under its StateName, so that a host can save and restore it, and no custom
// section is left except the names of functions, which make stack traces
// readable. Two files that differ only in other custom sections become equal,
// and so share one entry of a compile cache.
func (m *Module) Plain() []byte {
	out := append(make([]byte, 0, m.size()), magic...)
	out = append(out, coreVersion...)
	wroteExports := false
	for _, s := range m.sections {
		if s.id == idCustom {
			continue
		}
		if sectionRank[s.id] > sectionRank[idExport] && !wroteExports {
			out = m.appendExports(out)
			wroteExports = true
		}
		if s.id != idExport {
			out = appendSection(out, s.id, s.data)
		}
	}
	if !wroteExports {
		out = m.appendExports(out)
	}
	return m.appendNames(out)
}

// appendExports writes the exports with those of the mutable globals.
func (m *Module) appendExports(out []byte) []byte {
	n := Module{Exports: slices.Clone(m.Exports)}
	for _, i := range m.Mutable() {
		n.Exports = append(n.Exports, Export{StateName(i), Global, uint32(i)})
	}
	return appendSection(out, idExport, n.exports())
}

// exports writes what an export section holds.
func (m *Module) exports() []byte {
	body := appendCount(nil, len(m.Exports))
	for _, e := range m.Exports {
		body = appendExport(body, e)
	}
	return body
}

func appendExport(out []byte, e Export) []byte {
	out = binary.AppendUvarint(out, uint64(len(e.Name)))
	out = append(out, e.Name...)
	out = append(out, byte(e.Kind))
	return binary.AppendUvarint(out, uint64(e.Index))
}

func appendSection(out []byte, id byte, data []byte) []byte {
	out = append(out, id)
	out = binary.AppendUvarint(out, uint64(len(data)))
	return append(out, data...)
}

const functionNames = 1 // id of the subsection of "name" that names functions

// appendNames copies the names of functions, if they are well formed.
func (m *Module) appendNames(out []byte) []byte {
	for _, c := range m.Customs {
		if c.Name != "name" {
			continue
		}
		if names := soundNames(c.Data); names != nil {
			body := []byte("\x04name\x01")
			body = binary.AppendUvarint(body, uint64(len(names)))
			return appendSection(out, idCustom, append(body, names...))
		}
	}
	return out
}

// soundNames returns the subsection of function names, or nil where it is
// absent or damaged.
func soundNames(data []byte) []byte {
	r := &reader{file: data, end: len(data)}
	for r.left() > 0 {
		id := r.u8()
		sub := r.bytes("bytes of a subsection")
		if r.err != nil {
			return nil
		}
		if id != functionNames {
			continue
		}
		s := &reader{file: sub, end: len(sub)}
		s.each("names", maxFunctions, func() {
			s.u32()
			s.name()
		})
		if s.err != nil || s.left() > 0 {
			return nil
		}
		return sub
	}
	return nil
}

// size is about how many bytes Plain will write.
func (m *Module) size() int {
	n := headerSize
	for _, s := range m.sections {
		n += len(s.data) + 16
	}
	return n + 32*len(m.Globals)
}
