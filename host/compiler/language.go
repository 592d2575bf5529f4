package compiler

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Language is one that a plugin can be written in.
type Language string

const (
	Go             Language = "go"
	Rust           Language = "rust"
	AssemblyScript Language = "assemblyscript"
	C              Language = "c"
)

// Languages lists all languages.
func Languages() []Language { return []Language{Go, Rust, AssemblyScript, C} }

// Title is the language's name for people.
func (l Language) Title() string {
	switch l {
	case Go:
		return "Go"
	case Rust:
		return "Rust"
	case AssemblyScript:
		return "AssemblyScript"
	}
	return "C"
}

// signs are the files that give a language away.
var signs = map[Language]string{Go: "go.mod", Rust: "plugin.rs", AssemblyScript: "plugin.ts", C: "plugin.c"}

// Detect finds out in which language the plugin in a folder is written.
func Detect(dir string) (Language, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return "", err
	}
	var found []Language
	for _, l := range Languages() {
		if info, err := os.Stat(filepath.Join(dir, signs[l])); err == nil && info.Mode().IsRegular() {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("%s holds the sources of no plugin: there is no go.mod (Go), plugin.rs (Rust), plugin.ts (AssemblyScript) or plugin.c (C)", dir)
	}
	return "", fmt.Errorf("%s holds both %s and %s; keep one plugin in a folder", dir, signs[found[0]], signs[found[1]])
}

// Command is the command that compiles the plugin in dir into out, a path
// relative to dir. Its error is a *Missing where the toolchain is not there.
func (l Language) Command(dir, out string) (Command, error) {
	switch l {
	case Go:
		return GoBuild(dir, ".", out)
	case Rust:
		return rustBuild(dir, out)
	case AssemblyScript:
		return assemblyBuild(dir, out)
	}
	return clangBuild(dir, out)
}

// GoFlags make a module that depends on nothing but its sources.
var GoFlags = []string{"-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s"}

// GoEnv selects the platform of guests.
var GoEnv = []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"}

// GoBuild compiles the main package pkg, such as ./guest, into out; both are
// relative to dir.
func GoBuild(dir, pkg, out string) (Command, error) {
	tool, err := find("go", "Go 1.24 or newer, see https://go.dev/dl")
	args := slices.Concat([]string{"build"}, GoFlags, []string{"-o", out, pkg})
	return Command{Dir: dir, Env: GoEnv, Tool: tool, Args: args}, err
}

// rustBuild uses the first rustc that has a standard library for WebAssembly.
func rustBuild(dir, out string) (Command, error) {
	const target = "wasm32-unknown-unknown"
	tool, err := findWhere("rustc", "a Rust compiler for "+target+" (Debian: apt-get install rustc libstd-rust-dev-wasm32 lld; rustup: rustup target add "+target+")",
		func(tool string) bool {
			libs, err := output(tool, "--print", "target-libdir", "--target", target)
			if err != nil {
				return false
			}
			std, _ := filepath.Glob(filepath.Join(libs, "libstd-*.rlib"))
			return len(std) > 0
		})
	return Command{Dir: dir, Tool: tool, Args: []string{"--edition", "2021", "--crate-type", "cdylib", "--target", target,
		"-C", "opt-level=s", "-C", "strip=debuginfo", "-o", out, "plugin.rs"}}, err
}

// assemblyBuild uses the compiler of the folder's node_modules; its options are
// in asconfig.json.
func assemblyBuild(dir, out string) (Command, error) {
	if _, err := find("node", "Node.js 20 or newer, with npm (Debian: apt-get install nodejs npm)"); err != nil {
		return Command{}, err
	}
	asc := filepath.Join("node_modules", "assemblyscript", "bin", "asc.js")
	var err error
	if _, e := os.Stat(filepath.Join(dir, asc)); e != nil {
		err = &Missing{Tool: "asc", Install: "the AssemblyScript compiler: run npm ci in " + folder(dir) + ", once; it needs the network"}
	}
	return Command{Dir: dir, Tool: "node", Args: []string{asc, "plugin.ts", "--config", "asconfig.json", "-o", out}}, err
}

// clangBuild compiles all C files but tests.
func clangBuild(dir, out string) (Command, error) {
	const install = "clang and its linker for WebAssembly (Debian: apt-get install clang lld)"
	tool, err := findWhere("clang", install, func(tool string) bool {
		// Where clang finds no linker, it answers with the bare name.
		linker, err := output(tool, "--target=wasm32", "-print-prog-name=wasm-ld")
		return err == nil && filepath.IsAbs(linker)
	})
	args := []string{"--target=wasm32", "-std=c11", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-nostdlib", "-Wl,--no-entry", "-Wl,--stack-first", "-o", out}
	files, e := fs.Glob(os.DirFS(dir), "*.c")
	if e != nil {
		return Command{}, e
	}
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.c") {
			args = append(args, f)
		}
	}
	return Command{Dir: dir, Tool: tool, Args: args}, err
}

// folder names a folder in a sentence.
func folder(dir string) string {
	if filepath.Clean(dir) == "." {
		return "this folder"
	}
	return dir
}
