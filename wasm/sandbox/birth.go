package sandbox

import (
	"context"

	"github.com/espalier-nas/espalier/wasm/binary"
)

// restorable tells whether a snapshot of memory and globals is all of a
// module's state. Tables and dropped segments are out of a host's reach, and
// so are vectors and references in globals.
func restorable(m *binary.Module) bool {
	for _, g := range m.Globals {
		if g.Mutable && (g.Type == binary.V128 || g.Type == binary.FuncRef || g.Type == binary.ExternRef) {
			return false
		}
	}
	return !m.Passive && !m.WritesTables
}

// instantiate makes an instance whose start function has run, but no more.
func (m *Module) instantiate(ctx context.Context) (*instance, error) {
	w := &world{tail: ring{limit: m.options.Limits.StderrBytes}, state: machineState{random: randomSeed}}
	if log := m.options.Log; log != nil {
		w.log = func(level Level, line string) { log(m.name, level, line) }
	}
	lines := m.options.Limits.LogLines
	w.lines = lines
	i := &instance{machine: &machine{world: w}, lines: lines}
	return i, m.program.instantiate(ctx, i.machine, m.options.Limits)
}

// bringUp makes an instance in the state from which every call starts, the
// long way: start function, _initialize, esp_abi and a first describe, whose
// answer it returns. Doing that call now means that what a guest does on its
// first call, such as growing its heap, is done once for all. With free, the
// payload is given back, as it must be to a guest whose state is never restored.
func (m *Module) bringUp(parent context.Context, free bool) (*instance, []byte, error) {
	ctx, cancel := context.WithTimeout(parent, m.options.Limits.Time)
	defer cancel()
	i, err := m.instantiate(ctx)
	if err == nil {
		_, err = i.call(ctx, exportInit)
	}
	major, minor := 0, 0
	if err == nil {
		major, minor, err = i.abi(ctx)
	}
	if err == nil {
		if r := checkABI(major, minor); r != nil {
			err = r
		}
	}
	q := m.describe(nil)
	q.name, q.fuel, q.free = "load", m.options.Limits.Fuel.Init, free
	var described []byte
	if err == nil {
		described, err = i.reply(ctx, q)
	}
	if err != nil {
		i.close()
		return nil, nil, m.failure(parent, q, i, err)
	}
	return i, described, nil
}

// clone makes an instance in the state from which every call starts, by
// copying that state.
func (m *Module) clone(parent context.Context, op string) (*instance, error) {
	ctx, cancel := context.WithTimeout(parent, m.options.Limits.Time)
	defer cancel()
	i, err := m.instantiate(ctx)
	if err == nil && !i.restore(m.rest) {
		err = broken("memory", "a second instance has a memory of %s where the first had %s", size(int64(len(i.memory()))), size(int64(len(m.rest.memory))))
	}
	if err != nil {
		i.close()
		return nil, m.failure(parent, request{name: op, fuel: m.options.Limits.Fuel.Init}, i, err)
	}
	return i, nil
}
