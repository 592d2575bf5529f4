package meter_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/meter"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

var background = context.Background()

// engines are the two ways of running a module.
var engines = map[string]wazero.RuntimeConfig{
	"compiler":    wazero.NewRuntimeConfig(),
	"interpreter": wazero.NewRuntimeConfigInterpreter(),
}

// start runs a module with what a guest may import, or returns why it is not
// valid or does not start.
func start(t testing.TB, engine string, wasm []byte) (api.Module, error) {
	t.Helper()
	r := wazero.NewRuntimeWithConfig(background, engines[engine].WithMemoryLimitPages(1024))
	t.Cleanup(func() { _ = r.Close(background) })
	return launch(r, wasm)
}

func launch(r wazero.Runtime, wasm []byte) (api.Module, error) {
	wasi_snapshot_preview1.MustInstantiate(background, r)
	nothing := func(int32, int32, int32) {}
	if _, err := r.NewHostModuleBuilder("esp").NewFunctionBuilder().WithFunc(nothing).Export("log").Instantiate(background); err != nil {
		return nil, err
	}
	return r.InstantiateWithConfig(background, wasm, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
}

// metered meters a module with a budget.
func metered(t testing.TB, wasm []byte, budget int64) []byte {
	t.Helper()
	out, err := meter.File(wasm, budget)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// left is what is left of a module's budget.
func left(m api.Module) int64 {
	return int64(m.ExportedGlobal(meter.Fuel).Get()) + int64(m.ExportedGlobal(meter.Reserve).Get())
}

// refill gives a module a budget.
func refill(m api.Module, budget int64) {
	m.ExportedGlobal(meter.Fuel).(api.MutableGlobal).Set(0)
	m.ExportedGlobal(meter.Reserve).(api.MutableGlobal).Set(uint64(budget))
}

// outcome is all that can be seen of a call.
type outcome struct {
	results []uint64
	trap    string
	memory  []byte
}

func call(m api.Module, function string, args ...uint64) outcome {
	results, err := m.ExportedFunction(function).Call(background, args...)
	o := outcome{results: results}
	if err != nil {
		o.trap, _, _ = strings.Cut(err.Error(), "\n")
	}
	if mem := m.Memory(); mem != nil {
		b, _ := mem.Read(0, mem.Size())
		o.memory = bytes.Clone(b)
	}
	return o
}

func (o outcome) equal(p outcome) bool {
	return slices.Equal(o.results, p.results) && o.trap == p.trap && bytes.Equal(o.memory, p.memory)
}

// counted rewrites a module so that it exports the exact number of instructions
// run, blocks, ends and elses aside, as the global "count".
func counted(t testing.TB, wasm []byte) []byte {
	t.Helper()
	m, err := binary.Parse(wasm)
	if err != nil {
		t.Fatal(err)
	}
	count := sandboxtest.Uleb(uint64(len(m.Globals)))
	one := slices.Concat([]byte{binary.OpGlobalGet}, count, []byte{binary.OpI64Const, 1, 0x7c, binary.OpGlobalSet}, count)
	a := binary.Addition{
		Globals: []binary.NewGlobal{{GlobalType: binary.GlobalType{Type: binary.I64, Mutable: true}}},
		Exports: []binary.Export{{Name: "count", Kind: binary.Global, Index: uint32(len(m.Globals))}},
	}
	for _, b := range m.Bodies {
		body := bytes.Clone(b.Declared)
		b.Each(func(i binary.Instruction) {
			if i.Op != binary.OpEnd && i.Op != binary.OpElse {
				body = append(body, one...)
			}
			body = append(body, b.Code[i.Start:i.End]...)
		})
		a.Bodies = append(a.Bodies, body)
	}
	a.Bodies = append(a.Bodies, []byte{0, binary.OpEnd})
	return m.With(a).Bytes()
}
