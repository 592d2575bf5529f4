// Command gen writes the assembly of package kernels, its WebAssembly modules, and the declarations of their functions.
//
// go generate ./kernels runs it in its own folder, and it writes to the one above. The assembly uses virtual registers,
// which avo allocates; its comments say in Go what the instructions below them do.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/espalier-nas/espalier/kernels/gen/arm64"
	"github.com/espalier-nas/espalier/kernels/gen/simd128"
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// files lists what is written, by the noun of the file, and for which instruction sets.
var files = []struct {
	name  string
	write func(*writer)
	sets  []*set
}{
	{"tile", tiles, []*set{avx2}},
	{"tile512", tiles512, []*set{avx512}},
	{"winograd", winograd, []*set{avx2, avx512}},
	{"pack", packs, []*set{avx2, avx512}},
	{"vector", vectors, []*set{avx2, avx512}},
	{"activation", activations, []*set{avx2, avx512}},
	{"vectorop", vectorOps, []*set{avx2, avx512}},
	{"softmax", softmaxes, []*set{avx2, avx512}},
	{"optimizer", optimizers, []*set{avx2, avx512}},
	{"columns", columns, []*set{avx2, avx512}},
	{"pool", pools, []*set{avx2, avx512}},
	{"depthwise", depthwises, []*set{avx2, avx512}},
	{"image", images, []*set{avx2}},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	config := printer.Config{Name: "kernels/gen", Pkg: "kernels"}
	stubs := ir.NewFile()
	for _, f := range files {
		w := &writer{Context: build.NewContext(), consts: map[string]operand.Mem{}, residents: map[string][]resident{}}
		w.ConstraintExpr("!purego")
		for _, s := range f.sets {
			w.set = s
			f.write(w)
		}
		file, err := w.Result()
		if err == nil {
			err = w.finish(file)
		}
		if err != nil {
			log.Fatalf("%s: %v", f.name, err)
		}
		output(f.name+"_amd64.s", printer.NewGoAsm(config), file)
		stubs.Constraints = file.Constraints
		stubs.Sections = append(stubs.Sections, file.Sections...)
	}
	output("declarations_amd64.go", printer.NewStubs(config), stubs)
	if err := arm64.Write(".."); err != nil {
		log.Fatal(err)
	}
	if err := simd128.Write(".."); err != nil {
		log.Fatal(err)
	}
}

func output(name string, p printer.Printer, file *ir.File) {
	text, err := p.Print(file)
	if err == nil {
		err = os.WriteFile(filepath.Join("..", name), text, 0o644)
	}
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
}

// writer is the assembly of one file.
type writer struct {
	*build.Context
	set       *set
	labels    int
	consts    map[string]operand.Mem
	current   string                // the function under way
	mask      reg.OpmaskVirtual     // the elements that the lanes of a negative number have
	residents map[string][]resident // of each function
	asides    []func()              // of the function under way
}

// finish loads the functions' constants, allocates registers, and checks that no function has more than its set.
func (w *writer) finish(file *ir.File) error {
	for _, f := range file.Functions() {
		var loads []ir.Node
		for _, r := range w.residents[f.Name] {
			load, err := x86.VBROADCASTSS(r.from, r.to)
			if r.size == 8 {
				load, err = x86.VBROADCASTSD(r.from, r.to)
			}
			if err != nil {
				return err
			}
			loads = append(loads, load)
		}
		f.Nodes = append(loads, f.Nodes...)
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	for _, f := range file.Functions() {
		for _, isa := range f.ISA {
			if strings.HasPrefix(isa, "AVX512") && !strings.HasSuffix(f.Name, avx512.name) {
				return fmt.Errorf("%s needs %s", f.Name, isa)
			}
		}
	}
	return nil
}

// function begins a function that calls nothing, so that it needs no stack check.
func (w *writer) function(name, signature, doc string) {
	w.current = name
	w.Function(name)
	w.Attributes(attr.NOSPLIT)
	w.SignatureExpr(signature)
	w.Doc(doc)
	w.Pragma("noescape")
}

// label returns a label that is used once in the file.
func (w *writer) label(name string) string {
	w.labels++
	return fmt.Sprintf("%s%d", name, w.labels)
}

// aside writes what is seldom done after the function's end, so that a loop does not jump over it.
func (w *writer) aside(write func()) { w.asides = append(w.asides, write) }

// done ends a function. Legacy SSE instructions after it would be slow with the upper halves in use.
func (w *writer) done() {
	w.VZEROUPPER()
	w.RET()
	for _, write := range w.asides {
		write()
	}
	w.asides = nil
}

// long loads an int or the base of a slice.
func (w *writer) long(name string) reg.GPVirtual {
	r := w.GP64()
	w.loadLong(name, r)
	return r
}

func (w *writer) loadLong(name string, r reg.Register) {
	w.Load(w.Param(name), r)
}

// move copies a parameter to a place in the stack frame.
func (w *writer) move(from gotypes.Component, by reg.GPVirtual, to operand.Mem) {
	w.Load(from, by)
	w.MOVQ(by, to)
}

// base loads the address of a slice's first element.
func (w *writer) base(name string) reg.GPVirtual {
	r := w.GP64()
	w.Load(w.Param(name).Base(), r)
	return r
}
