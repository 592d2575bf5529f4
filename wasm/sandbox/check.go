package sandbox

import (
	"errors"
	"fmt"
	"strings"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// refusal is why a file is not loaded.
type refusal struct {
	code, msg, hint string
}

func (r *refusal) Error() string { return r.msg }

// Exports of the plugin interface (ABI 1).
const (
	exportMemory = "memory"
	exportABI    = "esp_abi"
	exportAlloc  = "esp_alloc"
	exportFree   = "esp_free"
	exportCall   = "esp_call"
	exportInit   = "_initialize"
	exportMain   = "_start"
)

var wantedFuncs = []struct {
	name     string
	optional bool
	want     binary.FuncType
}{
	{exportABI, false, signature("", "i")},
	{exportAlloc, false, signature("i", "i")},
	{exportFree, false, signature("ii", "")},
	{exportCall, false, signature("iii", "I")},
	{exportInit, true, signature("", "")},
}

func signature(params, results string) binary.FuncType {
	return binary.FuncType{Params: types(params), Results: types(results)}
}

func types(letters string) []binary.ValueType {
	var list []binary.ValueType
	for _, c := range letters {
		if c == 'I' {
			list = append(list, binary.I64)
		} else {
			list = append(list, binary.I32)
		}
	}
	return list
}

// checks hold a module against the plugin interface, without running it.
var checks = []func(*binary.Module, Limits) *refusal{checkImports, checkExports, checkMemory, checkTables}

// inspect reads a file and refuses it by the first check that fails.
func inspect(file []byte, limits Limits) (*binary.Module, *refusal) {
	m, r := readModule(file, limits)
	if r != nil {
		return nil, r
	}
	for _, check := range checks {
		if r := check(m, limits); r != nil {
			return nil, r
		}
	}
	return m, nil
}

// readModule reads a file of a size that is allowed.
func readModule(file []byte, limits Limits) (*binary.Module, *refusal) {
	if len(file) > limits.FileBytes {
		return nil, &refusal{"size", fmt.Sprintf("the file has %s; at most %s are allowed (limit file)", size(int64(len(file))), size(int64(limits.FileBytes))),
			"leave out what the plugin does not need" + orRaise(limits.raised("file", int64(len(file))))}
	}
	m, err := binary.Parse(file)
	if err != nil {
		r := &refusal{code: "format", msg: err.Error(), hint: "build or copy the plugin again"}
		var format *binary.FormatError
		if errors.As(err, &format) && format.Fix != "" {
			r.hint = format.Fix
		}
		return nil, r
	}
	return m, nil
}

// checkImports lists everything that the module asks for and does not get.
func checkImports(m *binary.Module, _ Limits) *refusal {
	var bad []string
	hint := "a plugin may import esp.log, env.abort and " + wasiModule
	for _, i := range m.Imports {
		name := i.Module + "." + i.Name
		f, known := hostModules[i.Module][i.Name]
		switch {
		case i.Kind != binary.Func:
			bad = append(bad, fmt.Sprintf("%s (a %v; only functions can be imported)", name, i.Kind))
		case !known:
			bad = append(bad, name)
		case !i.Type.Equal(signature(f.params, f.result)):
			bad = append(bad, fmt.Sprintf("%s as %v, which is %v", name, i.Type, signature(f.params, f.result)))
		}
		if h := importHint(i); h != "" && !known && !strings.Contains(hint, h) {
			hint += "; " + h
		}
	}
	if bad == nil {
		return nil
	}
	return &refusal{"imports", "it imports what this host does not offer: " + strings.Join(bad, ", "), hint}
}

func importHint(i binary.Import) string {
	switch {
	case i.Module == "wasi_unstable":
		return "build for wasi_snapshot_preview1, which replaced wasi_unstable"
	case strings.HasPrefix(i.Module, "wasi:"):
		return "build for WASI preview 1 (wasm32-wasip1), not preview 2"
	case i.Module == "gojs" || i.Module == "go":
		return "build with GOOS=wasip1, not GOOS=js"
	case i.Module == "env" && i.Name == "seed":
		return "env.seed is AssemblyScript's Math.random: plugins are pure, so there is no seed"
	case i.Module == "env" && strings.HasPrefix(i.Name, "console."):
		return "write messages with esp.log in place of AssemblyScript's console"
	case i.Module == "env" && strings.HasSuffix(i.Name, ".now"):
		return "plugins are pure, so there is no clock"
	case i.Module == "env" && i.Kind == binary.Func:
		return "what compilers import from env is declared, but not defined by anything that is linked: write it, or link what defines it"
	case strings.HasPrefix(i.Module, "__wbindgen"):
		return "build without wasm-bindgen"
	}
	return ""
}

// checkExports lists every export that is missing or wrong.
func checkExports(m *binary.Module, _ Limits) *refusal {
	var missing, wrong []string
	if e, ok := m.Export(exportMemory); !ok {
		missing = append(missing, exportMemory)
	} else if e.Kind != binary.Memory {
		wrong = append(wrong, fmt.Sprintf("%s is a %v", exportMemory, e.Kind))
	}
	for _, f := range wantedFuncs {
		e, ok := m.Export(f.name)
		if !ok {
			if !f.optional {
				missing = append(missing, fmt.Sprintf("%s %v", f.name, f.want))
			}
			continue
		}
		if e.Kind != binary.Func {
			wrong = append(wrong, fmt.Sprintf("%s is a %v, not a function", f.name, e.Kind))
		} else if t, ok := m.FuncType(e.Index); !ok || !t.Equal(f.want) {
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", f.name, t, f.want))
		}
	}
	if missing == nil && wrong == nil {
		return nil
	}
	var parts []string
	if missing != nil {
		parts = append(parts, "missing exports: "+strings.Join(missing, ", "))
	}
	if wrong != nil {
		parts = append(parts, "wrong exports: "+strings.Join(wrong, ", "))
	}
	hint := "export the functions under these names, with these types: espalier plugin abi prints the interface"
	if _, ok := m.Export(exportMain); ok {
		hint = "this is a program, not a library: in Go build with -buildmode=c-shared, in Rust with crate-type cdylib, in C with -mexec-model=reactor"
	}
	return &refusal{"exports", strings.Join(parts, "; "), hint}
}

func checkMemory(m *binary.Module, limits Limits) *refusal {
	if len(m.Memories) == 0 {
		return nil // an export that says otherwise is refused by the compiler
	}
	if need := int64(m.Memories[0].Min) * pageBytes; need > limits.MemoryBytes {
		return &refusal{"memory", fmt.Sprintf("it starts with a memory of %s; at most %s are allowed (limit memory)", size(need), size(limits.MemoryBytes)),
			"lower the initial memory when linking" + orRaise(limits.raised("memory", need))}
	}
	return nil
}

func checkTables(m *binary.Module, _ Limits) *refusal {
	if m.GrowsTables {
		return &refusal{"tables", "it grows a table, which the memory limit would not cover", "build without table.grow"}
	}
	return nil
}

// checkABI compares the version that a guest speaks with the host's.
func checkABI(major, minor int) *refusal {
	have := fmt.Sprintf("%d.%d", spec.ABIMajor, spec.ABIMinor)
	switch {
	case major != spec.ABIMajor:
		return &refusal{"abi", fmt.Sprintf("it speaks version %d.%d of the plugin interface, this host speaks %s", major, minor, have),
			"build the plugin against the interface's version " + have}
	case minor > spec.ABIMinor:
		return &refusal{"abi", fmt.Sprintf("it needs version %d.%d of the plugin interface, this host has %s", major, minor, have),
			"use a newer espalier, or build the plugin against version " + have}
	}
	return nil
}
