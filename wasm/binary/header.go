package binary

import "bytes"

const headerSize = 8

var (
	magic            = []byte("\x00asm")
	coreVersion      = []byte{1, 0, 0, 0}
	componentVersion = []byte{0x0d, 0, 1, 0} // version 13 of layer 1
)

const fixFile = "give the path of the .wasm file that the compiler wrote"

// strangers are files that people mistake for a module, by their first bytes.
var strangers = []struct{ prefix, problem, fix string }{
	{"\x7fELF", "it is a native program or library (ELF)", "compile for WebAssembly; in Go: GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared"},
	{"MZ", "it is a Windows program", "compile for WebAssembly; in Go: GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared"},
	{"\xcf\xfa\xed\xfe", "it is a macOS program", "compile for WebAssembly; in Go: GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared"},
	{"BC\xc0\xde", "it is LLVM bitcode", "link it into a WebAssembly module first"},
	{"!<arch>", "it is an archive of object files", "link it into a WebAssembly module first"},
	{"\x1f\x8b", "it is compressed with gzip", "decompress it first"},
	{"PK\x03\x04", "it is a zip archive", "extract the .wasm file from it"},
	{"(module", "it is WebAssembly text", "assemble it with wat2wasm"},
	{"(component", "it is the text of a WebAssembly component", "build a core module instead, for example for wasm32-wasip1"},
	{"#!", "it is a script", fixFile},
	{"<", "it is an HTML or XML page", "download the file itself"},
}

// checkHeader explains what a file is that does not begin as a core module.
func checkHeader(file []byte) *FormatError {
	refuse := func(offset int, problem, fix string) *FormatError {
		return &FormatError{Offset: offset, Problem: problem, Fix: fix}
	}
	if len(file) == 0 {
		return refuse(0, "the file is empty", "build the plugin again")
	}
	if !bytes.HasPrefix(file, magic) {
		text := bytes.TrimLeft(file, " \t\r\n\ufeff")
		for _, s := range strangers {
			if bytes.HasPrefix(text, []byte(s.prefix)) {
				return refuse(0, "not a WebAssembly module: "+s.problem, s.fix)
			}
		}
		if bytes.HasPrefix(magic, file) {
			return refuse(len(file), "the file ends within its first four bytes", "build or copy the plugin again")
		}
		return refuse(0, "not a WebAssembly module: it does not begin with \\0asm", fixFile)
	}
	version := file[len(magic):min(len(file), headerSize)]
	switch {
	case bytes.Equal(version, coreVersion):
		return nil
	case bytes.Equal(version, componentVersion):
		return refuse(4, "it is a WebAssembly component, not a core module",
			"build a core module: in Rust for wasm32-wasip1 or wasm32-unknown-unknown, in TinyGo with -target=wasip1")
	case len(version) < len(coreVersion):
		return refuse(len(file), "the file ends within its header", "build or copy the plugin again")
	}
	return refuse(4, "unknown version of the WebAssembly format", "build a core module of version 1")
}
