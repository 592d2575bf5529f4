package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"strings"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Inspection is what a file says of itself, found out without running it.
type Inspection struct {
	Name  string // the name given to Inspect
	Hash  string // SHA-256 of the file, in hex
	Bytes int    // size of the file

	// Manifest is what its manifest section says; nil where there is none, or
	// none that Load accepts.
	Manifest  *spec.Manifest
	Sections  []binary.SectionSize
	Imports   []string // such as "esp.log (i32, i32, i32)"
	Exports   []string // such as "esp_abi () -> i32" or "memory memory"
	Producers []binary.Producer
	// MemoryBytes is the size of the memory that it starts with, MemoryMost
	// that to which it may grow by its own word; 0: no bound.
	MemoryBytes, MemoryMost int64
	// Restorable: every call starts from a copy of the state after
	// initialisation. Else every call has an instance of its own, which takes
	// milliseconds.
	Restorable bool

	// Problems are the reasons for which Load refuses it, all that can be
	// known before anything runs.
	Problems []*Error
}

// Inspect reads a file and holds it against the plugin interface. It compiles
// nothing and runs nothing.
func Inspect(name string, wasm []byte, limits Limits) *Inspection {
	sum := sha256.Sum256(wasm)
	x := &Inspection{Name: name, Hash: hex.EncodeToString(sum[:]), Bytes: len(wasm)}
	m := &Module{name: name}
	parsed, r := readModule(wasm, limits)
	if r != nil {
		x.Problems = append(x.Problems, m.refused(r))
		return x
	}
	x.describe(parsed)
	for _, check := range checks {
		if r := check(parsed, limits); r != nil {
			x.Problems = append(x.Problems, m.refused(r))
		}
	}
	manifest, err := m.embedded(parsed)
	if manifest != nil {
		if r := checkManifest(manifest); r != nil {
			err = m.refused(r)
		} else {
			x.Manifest = manifest
		}
	}
	if e, ok := err.(*Error); ok {
		x.Problems = append(x.Problems, e)
	}
	return x
}

func (x *Inspection) describe(m *binary.Module) {
	x.Restorable = restorable(m)
	for _, s := range m.Sizes() {
		x.Sections = append(x.Sections, binary.SectionSize{Name: label(s.Name), Bytes: s.Bytes})
	}
	for _, p := range m.Producers() {
		x.Producers = append(x.Producers, binary.Producer{Field: label(p.Field), Name: label(p.Name), Version: label(p.Version)})
	}
	for _, i := range m.Imports {
		x.Imports = append(x.Imports, label(i.Module+"."+i.Name)+" "+typeText(i.Kind, i.Type))
	}
	for _, e := range m.Exports {
		t, _ := m.FuncType(e.Index)
		x.Exports = append(x.Exports, label(e.Name)+" "+typeText(e.Kind, t))
	}
	if len(m.Memories) > 0 {
		x.MemoryBytes = int64(m.Memories[0].Min) * pageBytes
		if m.Memories[0].Bounded {
			x.MemoryMost = int64(m.Memories[0].Max) * pageBytes
		}
	}
}

// typeText is the signature of a function, and the kind of anything else.
func typeText(k binary.Kind, t binary.FuncType) string {
	if k != binary.Func {
		return k.String()
	}
	return t.String()
}

// label makes a name out of a file fit for a list on a terminal.
func label(name string) string {
	name = strings.NewReplacer("\n", "·", "\t", "·").Replace(clean(name))
	if runes := []rune(name); len(runes) > maxLabel {
		return string(runes[:maxLabel-1]) + "…"
	}
	return name
}

// maxLabel is the longest label in characters.
const maxLabel = 100

// Engine says what runs guests on this machine: a compiler to machine code
// where there is one, else an interpreter, which takes 30 to 70 times as long.
func Engine() string {
	compiled := map[string][]string{
		"amd64": {"linux", "darwin", "freebsd", "netbsd", "windows", "dragonfly", "solaris", "illumos"},
		"arm64": {"linux", "darwin", "freebsd", "netbsd", "windows"},
	}
	for _, system := range compiled[runtime.GOARCH] {
		if system == runtime.GOOS {
			return "wazero's compiler for " + runtime.GOARCH
		}
	}
	return "wazero's interpreter"
}
