package binary

// Section ids of the core format.
const (
	idCustom = iota
	idType
	idImport
	idFunction
	idTable
	idMemory
	idGlobal
	idExport
	idStart
	idElement
	idCode
	idData
	idDataCount
	idTag // exception handling
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory",
	"global", "export", "start", "element", "code", "data", "data count", "tag"}

// sectionRank orders the sections; custom ones may stand anywhere.
var sectionRank = [...]int{idType: 1, idImport: 2, idFunction: 3, idTable: 4, idMemory: 5, idTag: 6,
	idGlobal: 7, idExport: 8, idStart: 9, idElement: 10, idDataCount: 11, idCode: 12, idData: 13}

// Parse reads a module. The result refers to file, which must not change
// afterwards. The error is a *FormatError.
func Parse(file []byte) (*Module, error) {
	if err := checkHeader(file); err != nil {
		return nil, err
	}
	m := &Module{dataCount: -1}
	r := &reader{file: file, pos: headerSize, end: len(file)}
	last := 0
	for r.left() > 0 && r.err == nil {
		last = m.section(r, last)
	}
	if r.err == nil {
		m.checkCounts(r)
	}
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// section reads one section and returns its rank.
func (m *Module) section(r *reader, last int) int {
	start := r.pos
	id := r.u8()
	if int(id) >= len(sectionNames) {
		r.failAt(start, "unknown section id %d", id)
		return 0
	}
	rank := last
	if id != idCustom {
		if rank = sectionRank[id]; rank <= last {
			r.failAt(start, "the %s section is out of order or repeated", sectionNames[id])
		}
	}
	size := r.u32()
	if r.err == nil && int64(size) > int64(r.left()) {
		r.failAt(start, "the %s section of %d bytes is cut off after %d", sectionNames[id], size, r.left())
	}
	if r.err != nil {
		return 0
	}
	s := &reader{file: r.file, pos: r.pos, end: r.pos + int(size), section: sectionNames[id]}
	m.sections = append(m.sections, section{id, r.file[s.pos:s.end]})
	m.content(s, id)
	if s.err == nil && s.left() > 0 {
		s.fail("%d bytes are left over", s.left())
	}
	r.err = s.err
	r.pos = s.end
	return rank
}

func (m *Module) content(r *reader, id byte) {
	switch id {
	case idCustom:
		m.custom(r)
	case idType:
		r.each("types", maxTypes, func() { m.Types = append(m.Types, r.funcType()) })
	case idImport:
		r.each("imports", maxImports, func() { m.importEntry(r) })
	case idFunction:
		r.each("functions", maxFunctions, func() { m.Functions = append(m.Functions, m.below(r, "type", len(m.Types))) })
	case idTable:
		r.each("tables", maxTables, func() { m.table(r) })
	case idMemory:
		r.each("memories", 1, func() { m.Memories = append(m.Memories, r.limits("memory")) })
	case idGlobal:
		r.each("globals", maxGlobals, func() {
			g := r.globalType()
			m.constant(r) // which sees the globals before this one
			m.Globals = append(m.Globals, g)
		})
	case idExport:
		r.each("exports", maxExports, func() {
			e := Export{Name: r.name(), Kind: r.kind()}
			e.Index = m.below(r, e.Kind.String(), m.entries(e.Kind))
			m.Exports = append(m.Exports, e)
		})
	case idStart:
		m.HasStart = true
		m.below(r, "function", m.entries(Func))
	case idElement:
		r.each("element segments", maxSegments, func() { m.element(r) })
	case idCode:
		r.each("function bodies", maxFunctions, func() { m.body(r) })
	case idData:
		r.each("data segments", maxSegments, func() { m.data(r) })
	case idDataCount:
		m.dataCount = int(r.u32())
	case idTag:
		r.fail("the module uses exception handling, which is not part of the plugin interface")
	}
}

// below reads an index and holds it against the length of its index space. An
// engine would refuse it as well; but a module with additions (see With) has
// longer index spaces, and what was no index must not become one.
func (m *Module) below(r *reader, what string, length int) uint32 {
	start := r.pos
	i := r.u32()
	if r.err == nil && int64(i) >= int64(length) {
		r.failAt(start, "it refers to %s %d of %d", what, i, length)
	}
	return i
}

// entries is the length of an index space.
func (m *Module) entries(k Kind) int {
	switch k {
	case Func:
		return len(m.imported) + len(m.Functions)
	case Table:
		return len(m.Tables)
	case Memory:
		return len(m.Memories)
	}
	return len(m.Globals)
}

// each reads a vector: its length, then each entry.
func (r *reader) each(what string, limit int, entry func()) {
	for n := r.count(what, limit); n > 0 && r.err == nil; n-- {
		entry()
	}
}

func (m *Module) custom(r *reader) {
	if len(m.Customs) == maxCustoms {
		r.fail("more than %d custom sections", maxCustoms)
		return
	}
	name := r.name()
	if r.err == nil {
		m.Customs = append(m.Customs, Custom{name, r.file[r.pos:r.end]})
		r.pos = r.end
	}
}

func (m *Module) importEntry(r *reader) {
	i := Import{Module: r.name(), Name: r.name(), Kind: r.kind()}
	switch i.Kind {
	case Func:
		start := r.pos
		t := r.u32()
		if int(t) >= len(m.Types) {
			r.failAt(start, "import %q refers to type %d of %d", i.Name, t, len(m.Types))
			return
		}
		i.Type = m.Types[t]
		m.imported = append(m.imported, t)
	case Table:
		m.table(r)
	case Memory:
		m.Memories = append(m.Memories, r.limits("memory"))
	case Global:
		m.Globals = append(m.Globals, r.globalType())
	}
	m.Imports = append(m.Imports, i)
}

func (m *Module) table(r *reader) {
	if r.u8() == 0x40 {
		r.fail("the module uses typed function references, which are not part of the plugin interface")
		return
	}
	r.pos--
	r.refType()
	l := r.limits("table")
	m.tableSlots += uint64(l.Min)
	if m.tableSlots > maxTableSlots {
		r.fail("the tables have more than %d entries", maxTableSlots)
	}
	m.Tables = append(m.Tables, l)
}

// checkCounts compares sections that have to agree in length.
func (m *Module) checkCounts(r *reader) {
	if len(m.Bodies) != len(m.Functions) {
		r.fail("%d functions are declared, but %d have a body: the file is incomplete", len(m.Functions), len(m.Bodies))
	}
	if m.dataCount >= 0 && m.dataCount != m.dataSegments {
		r.fail("%d data segments are announced, but %d present: the file is incomplete", m.dataCount, m.dataSegments)
	}
}
