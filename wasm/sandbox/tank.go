package sandbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/espalier-nas/espalier/wasm/meter"
)

// tank is the fuel of one instance (see package meter).
type tank struct {
	fuel, reserve, stop api.MutableGlobal // nil if the module is not metered
	budget              int64             // of the present call
	ended               faultKind         // why the meter stops the guest; trapped if it does not
}

// connect finds the counters of a module. Its start function may call the host
// before it is known to be instantiated.
func (t *tank) connect(mod api.Module) {
	if t.fuel == nil {
		t.fuel, _ = mod.ExportedGlobal(meter.Fuel).(api.MutableGlobal)
		t.reserve, _ = mod.ExportedGlobal(meter.Reserve).(api.MutableGlobal)
		t.stop, _ = mod.ExportedGlobal(meter.Stop).(api.MutableGlobal)
	}
}

// refuel gives the next call its budget.
func (t *tank) refuel(budget int64) {
	t.budget, t.ended = budget, trapped
	if t.fuel != nil {
		t.fuel.Set(0)
		t.reserve.Set(uint64(budget))
		t.stop.Set(0)
	}
}

// left is what is left of the budget; it is negative if a guest has asked for
// more.
func (t *tank) left() int64 { return int64(t.fuel.Get()) + int64(t.reserve.Get()) }

// spent is what the present call has spent.
func (t *tank) spent() int64 {
	if t.fuel == nil {
		return 0
	}
	return t.budget - t.left()
}

// hostCallFuel is what a guest pays for calling the host, about 50 ns, beside
// what the function does.
const hostCallFuel = 100

// charge makes a guest pay for work that its host has done.
func (t *tank) charge(mod api.Module, units int64) {
	if t.connect(mod); t.fuel != nil {
		t.fuel.Set(t.fuel.Get() - uint64(units))
	}
}

// errStopped ends a guest that cannot pay for what its host has done.
var errStopped = errors.New("stopped")

// settle stops a guest that owes more than the rest of its slice, where gauge
// finds a reason to. A guest that calls its host again and again without a branch
// between does not pay for itself until it is done.
func (t *tank) settle(ctx context.Context, mod api.Module) error {
	if t.fuel == nil || int64(t.fuel.Get()) >= 0 {
		return nil
	}
	if t.gauge(ctx, mod); t.ended != trapped {
		return errStopped
	}
	return nil
}

// listener has the engine call gauge whenever a guest takes a slice of fuel.
func listener(f api.FunctionDefinition) experimental.FunctionListener {
	if !slices.Contains(f.ExportNames(), meter.Refuel) {
		return nil
	}
	return experimental.FunctionListenerFunc(func(ctx context.Context, mod api.Module, _ api.FunctionDefinition, _ []uint64, _ experimental.StackIterator) {
		ctx.Value(machineKey{}).(*machine).gauge(ctx, mod)
	})
}

// gauge is where a host gets control while a guest runs: the garbage collector
// and other goroutines as well as the clock. It notes why the guest is about to
// be stopped, if it is.
func (t *tank) gauge(ctx context.Context, mod api.Module) {
	t.connect(mod)
	deadline, limited := ctx.Deadline()
	switch {
	case t.left() < 0:
		t.ended = starved
	case ctx.Err() != nil || limited && !time.Now().Before(deadline): // where a busy guest is all that runs, no timer fires
		t.ended = overran
		t.stop.Set(1)
	}
}
