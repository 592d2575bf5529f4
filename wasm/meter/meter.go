package meter

import (
	"encoding/binary"
	"fmt"

	wasm "github.com/espalier-nas/espalier/wasm/binary"
)

// Names under which a metered module exports its counters. A module that
// exports one of them already is refused.
const (
	// Fuel is what is left of the present slice: a mutable i64, negative once
	// the module has run out of fuel.
	Fuel = "espalier:fuel"
	// Reserve is what is left beyond the present slice: a mutable i64. To give
	// a call a budget, set Fuel to 0 and Reserve to the budget; what the call
	// has spent is the budget less their sum.
	Reserve = "espalier:reserve"
	// Stop ends the module at the end of the present slice if a host sets it:
	// a mutable i32, which the module only reads.
	Stop = "espalier:stop"
	// Refuel is the function that takes the next slice out of the reserve. It
	// is exported so that a host can tell it from others; nobody but the
	// module has a reason to call it.
	Refuel = "espalier:refuel"
)

// Slice is how much fuel a module takes out of its reserve at a time.
const Slice = 1 << 17

// MaxBudget is the largest budget: no cost can make the counters overflow.
const MaxBudget = 1 << 60

// Module returns m with its functions metered and the counters added, with a
// budget for whatever runs before a host sets one, which only a start function
// can. m itself does not change.
func Module(m *wasm.Module, budget int64) (*wasm.Module, error) {
	for _, name := range []string{Fuel, Reserve, Stop, Refuel} {
		if _, taken := m.Export(name); taken {
			return nil, fmt.Errorf("the module exports %q, a name that metering needs", name)
		}
	}
	w := &writer{
		types:  m.Types,
		fuel:   uint64(len(m.Globals)),
		refuel: uint64(m.ImportedFunctions() + len(m.Functions)),
	}
	a := wasm.Addition{
		Globals: []wasm.NewGlobal{
			{GlobalType: wasm.GlobalType{Type: wasm.I64, Mutable: true}},
			{GlobalType: wasm.GlobalType{Type: wasm.I64, Mutable: true}, Value: budget},
			{GlobalType: wasm.GlobalType{Type: wasm.I32, Mutable: true}},
		},
		Bodies: make([][]byte, 0, len(m.Bodies)+1),
	}
	for i, name := range []string{Fuel, Reserve, Stop} {
		a.Exports = append(a.Exports, wasm.Export{Name: name, Kind: wasm.Global, Index: uint32(w.fuel) + uint32(i)})
	}
	a.Exports = append(a.Exports, wasm.Export{Name: Refuel, Kind: wasm.Func, Index: uint32(w.refuel)})
	for i, b := range m.Bodies {
		a.Bodies = append(a.Bodies, w.body(b, m.Types[m.Functions[i]]))
	}
	a.Bodies = append(a.Bodies, w.refuelling())
	return m.With(a), nil
}

// File meters a module file. The error of a file that is no module, or not one
// of WebAssembly 2.0, is a *binary.FormatError.
func File(file []byte, budget int64) ([]byte, error) {
	m, err := wasm.Parse(file)
	if err != nil {
		return nil, err
	}
	if m, err = Module(m, budget); err != nil {
		return nil, err
	}
	return m.Bytes(), nil
}

// writer writes the functions of one metered module.
type writer struct {
	types  []wasm.FuncType
	fuel   uint64 // index of the global Fuel; Reserve and Stop follow
	refuel uint64 // index of the function that refuelling writes
	points []point
	open   []opened // scratch of survey
}

// body returns the contents of a function of type t with its charges.
func (w *writer) body(b wasm.Body, t wasm.FuncType) []byte {
	if scratch := w.survey(b, t); scratch {
		b.Declared = withScratch(b.Declared)
	}
	out := make([]byte, 0, len(b.Declared)+len(b.Code)+24*len(w.points))
	out = append(out, b.Declared...)
	done := 0
	for _, p := range w.points {
		out = append(out, b.Code[done:p.at]...)
		done = p.at
		out = w.charge(out, p, uint64(b.Locals()))
	}
	return append(out, b.Code[done:]...)
}

// withScratch declares one more local, an i32.
func withScratch(declared []byte) []byte {
	groups, n := binary.Uvarint(declared)
	out := binary.AppendUvarint(nil, groups+1)
	out = append(out, declared[n:]...)
	return append(out, 1, byte(wasm.I32))
}
