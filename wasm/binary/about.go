package binary

// SectionSize is a section of a file and how many bytes it takes without its
// header.
type SectionSize struct {
	Name  string // "code", or a custom section's own name
	Bytes int
}

// Sizes lists the sections in their order in the file.
func (m *Module) Sizes() []SectionSize {
	list := make([]SectionSize, len(m.sections))
	custom := 0
	for i, s := range m.sections {
		list[i] = SectionSize{sectionNames[s.id], len(s.data)}
		if s.id == idCustom {
			list[i].Name = m.Customs[custom].Name
			custom++
		}
	}
	return list
}

// Producer is one entry of the custom section "producers", in which compilers
// and linkers name themselves (WebAssembly tool conventions).
type Producer struct {
	Field   string // "language", "processed-by" or "sdk"
	Name    string
	Version string
}

// maxProducers bounds the entries of one field, and the fields.
const maxProducers = 100

// Producers reads that section. It is for people: one that is damaged gives
// the entries before the damage.
func (m *Module) Producers() []Producer {
	var list []Producer
	for _, c := range m.Customs {
		if c.Name != "producers" {
			continue
		}
		r := &reader{file: c.Data, end: len(c.Data)}
		r.each("fields", maxProducers, func() {
			field := r.name()
			r.each("values", maxProducers, func() {
				p := Producer{Field: field, Name: r.name(), Version: r.name()}
				if r.err == nil {
					list = append(list, p)
				}
			})
		})
	}
	return list
}
