package sandboxtest

import (
	"slices"
	"strings"
)

// Func is a function of a Guest. Its type is written "(params)results" with one
// letter for each value: i (i32), I (i64), f (f32) or F (f64).
type Func struct {
	Export string // empty: not exported
	Type   string
	Locals string
	Body   []byte // without the closing end
}

// Global is a global variable.
type Global struct {
	Type    byte // binary code of its value type
	Mutable bool
	Init    []byte // without the closing end
}

// Guest is a plugin of four tiny functions that gives fixed answers. Its zero
// value is a sound plugin; each field changes one thing. Function indices count
// the imports first, then Funcs, then the functions that every guest has.
type Guest struct {
	Answers map[int]string // by operation; without an entry: Answers[0], or {}
	// Call, if given, makes the body of esp_call out of the usual one, which
	// leaves the answer on the stack.
	Call    func(usual []byte) []byte
	Locals  string   // of esp_call, after its three parameters
	Imports []string // such as "env abort(iiii)"
	Funcs   []Func   // one whose Export is that of a standard function replaces it
	Exports [][]byte // entries of the export section to add
	Omit    []string // exports to leave out
	Globals []Global
	Init    []byte          // body of _initialize
	Start   []byte          // body of the start function
	Pages   uint32          // initial memory; 0: 20 pages, of 64 KiB each
	Raw     map[byte][]byte // contents of sections, by id
	Customs [][2]string     // custom sections: name and data
}

// Layout of a Guest's memory.
const (
	inputAt  = 64 << 10      // what esp_alloc answers
	answerAt = 17 * 64 << 10 // where the answers lie, one after the other
)

// Wasm writes the module.
func (g Guest) Wasm() []byte {
	texts, code := g.answers()
	if g.Call != nil {
		code = g.Call(code)
	}
	funcs := slices.Clone(g.Funcs)
	standard := []Func{
		{"esp_abi", "()i", "", I32(1 << 16)},
		{"esp_alloc", "(i)i", "", I32(inputAt)},
		{"esp_free", "(ii)", "", nil},
		{"esp_call", "(iii)I", g.Locals, code},
	}
	if g.Init != nil {
		standard = append(standard, Func{Export: "_initialize", Type: "()", Body: g.Init})
	}
	if g.Start != nil {
		standard = append(standard, Func{Type: "()", Body: g.Start})
	}
	for _, f := range standard {
		if f.Export == "" || !slices.ContainsFunc(g.Funcs, func(o Func) bool { return o.Export == f.Export }) {
			funcs = append(funcs, f)
		}
	}
	sections := g.sections(funcs, texts)
	for id, data := range g.Raw {
		sections[id] = data
	}
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	for _, id := range []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11} {
		if data := sections[id]; data != nil {
			wasm = append(wasm, Section(id, data)...)
		}
	}
	for _, c := range g.Customs {
		wasm = append(wasm, Section(0, Name(c[0]), []byte(c[1]))...)
	}
	return wasm
}

// answers lays the answers out in memory and writes the function that picks
// one by operation.
func (g Guest) answers() (texts string, code []byte) {
	last := "{}"
	ops := make([]int, 0, len(g.Answers))
	for op, text := range g.Answers {
		if op == 0 {
			last = text
		} else {
			ops = append(ops, op)
		}
	}
	slices.Sort(ops)
	place := func(text string) []byte {
		at := answerAt + len(texts)
		texts += text
		return I64(int64(at)<<32 | int64(len(text)))
	}
	for _, op := range ops {
		code = append(code, Code(Get(0), I32(int32(op)), Equal, If, place(g.Answers[op]), Return, End)...)
	}
	return texts + last, append(code, place(last)...)
}

// sections writes the contents of the sections by id.
func (g Guest) sections(funcs []Func, texts string) map[byte][]byte {
	var types, imports, indices, exports, bodies, globals [][]byte
	addType := func(t string) []byte {
		params, results, _ := strings.Cut(strings.TrimPrefix(t, "("), ")")
		types = append(types, Code(Op(0x60), Name(string(valueTypes(params))), Name(string(valueTypes(results)))))
		return Uleb(uint64(len(types) - 1))
	}
	for _, i := range g.Imports {
		name, t, _ := strings.Cut(i, "(")
		module, name, _ := strings.Cut(name, " ")
		imports = append(imports, Code(Name(module), Name(name), Op(0), addType("("+t)))
	}
	export := func(name string, kind byte, index int) {
		if name != "" && !slices.Contains(g.Omit, name) {
			exports = append(exports, Code(Name(name), Op(kind), Uleb(uint64(index))))
		}
	}
	export("memory", 2, 0)
	for n, f := range funcs {
		indices = append(indices, addType(f.Type))
		export(f.Export, 0, len(imports)+n)
		var locals [][]byte
		for _, l := range valueTypes(f.Locals) {
			locals = append(locals, Op(1, l))
		}
		body := Code(Vec(locals...), f.Body, End)
		bodies = append(bodies, append(Uleb(uint64(len(body))), body...))
	}
	for _, v := range g.Globals {
		mutable := byte(0)
		if v.Mutable {
			mutable = 1
		}
		globals = append(globals, Code(Op(v.Type, mutable), v.Init, End))
	}
	exports = append(exports, g.Exports...)
	pages := g.Pages
	if pages == 0 {
		pages = 20
	}
	s := map[byte][]byte{
		1: Vec(types...), 3: Vec(indices...), 5: Vec(Code(Op(0), Uleb(uint64(pages)))), 7: Vec(exports...), 10: Vec(bodies...),
		11: Vec(Code(Op(0), I32(answerAt), End, Name(texts))),
	}
	if imports != nil {
		s[2] = Vec(imports...)
	}
	if globals != nil {
		s[6] = Vec(globals...)
	}
	if g.Start != nil {
		s[8] = Uleb(uint64(len(imports) + len(funcs) - 1))
	}
	return s
}

func valueTypes(letters string) []byte {
	b := make([]byte, len(letters))
	for i, c := range letters {
		b[i] = map[rune]byte{'i': 0x7f, 'I': 0x7e, 'f': 0x7d, 'F': 0x7c}[c]
	}
	return b
}
