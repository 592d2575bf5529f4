package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/meter"
)

// This file and tank.go are the only ones that know wazero.

// engine compiles modules. Compiled code is kept in a folder, if there is one
// that works, and shared by all modules of a process.
type engine struct {
	cache     wazero.CompilationCache
	onDisk    bool
	interpret bool
	unmetered bool
	deadline  bool           // for measurements: without meter, with the engine's own deadline
	busy      sync.WaitGroup // compilers at work
}

// newEngine keeps compiled code in dir, or only in memory if dir is empty or
// modules are interpreted.
func newEngine(dir string, o Options) (*engine, error) {
	e := &engine{interpret: o.Interpreter, unmetered: o.Unmetered}
	if dir == "" || o.Interpreter {
		e.cache = wazero.NewCompilationCache()
		return e, nil
	}
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, err
	}
	e.cache, e.onDisk = cache, true
	return e, nil
}

// close waits for compilers at work, even those that nobody waits for any more.
func (e *engine) close(ctx context.Context) error {
	e.busy.Wait()
	return e.cache.Close(ctx)
}

// program is a compiled module, with the host functions that it imports.
type program struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	mutable  []int // indices of the globals to save
	starts   bool  // it has a start function
}

// compile compiles a module whose bytes and imports have been checked. The
// compiler ignores ctx; past its end compile returns, while the compiler ends
// on its own.
func (e *engine) compile(ctx context.Context, m *binary.Module, l Limits) (*program, error) {
	type result struct {
		program *program
		err     error
	}
	done := make(chan result)
	e.busy.Go(func() {
		p, err := e.compileNow(context.WithoutCancel(ctx), m, l)
		select {
		case done <- result{p, err}:
		case <-ctx.Done():
			if err == nil {
				_ = p.close(context.Background())
			}
		}
	})
	select {
	case r := <-done:
		return r.program, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *engine) compileNow(ctx context.Context, m *binary.Module, l Limits) (p *program, err error) {
	config := wazero.NewRuntimeConfig()
	if e.interpret {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	config = config.
		WithCoreFeatures(api.CoreFeaturesV2).
		WithCompilationCache(e.cache).
		WithCloseOnContextDone(e.deadline).
		WithDebugInfoEnabled(false)
	p = &program{runtime: wazero.NewRuntimeWithConfig(ctx, config), mutable: m.Mutable(), starts: m.HasStart}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compiler failed: %v", r)
		}
		if err != nil {
			_ = p.close(ctx)
			p = nil
		}
	}()
	for module, functions := range imported(m) {
		builder := p.runtime.NewHostModuleBuilder(module)
		for name, f := range functions {
			builder.NewFunctionBuilder().WithGoModuleFunction(hostCall(f), valueTypes(f.params), valueTypes(f.result)).Export(name)
		}
		if _, err := builder.Instantiate(ctx); err != nil {
			return p, err
		}
	}
	if !e.unmetered {
		budget := int64(0) // compiled code does not depend on limits unless it has to
		if m.HasStart {
			budget = l.Fuel.Init
		}
		if m, err = meter.Module(m, budget); err != nil {
			return p, err
		}
		ctx = experimental.WithFunctionListenerFactory(ctx, experimental.FunctionListenerFactoryFunc(listener))
	}
	p.compiled, err = p.runtime.CompileModule(ctx, m.Plain())
	return p, err
}

// imported picks the host functions that a module imports.
func imported(m *binary.Module) map[string]map[string]hostFunc {
	picked := map[string]map[string]hostFunc{}
	for _, i := range m.Imports {
		if f, ok := hostModules[i.Module][i.Name]; ok {
			if picked[i.Module] == nil {
				picked[i.Module] = map[string]hostFunc{}
			}
			picked[i.Module][i.Name] = f
		}
	}
	return picked
}

func valueTypes(letters string) []api.ValueType {
	types := make([]api.ValueType, len(letters))
	for i, c := range letters {
		types[i] = api.ValueTypeI32
		if c == 'I' {
			types[i] = api.ValueTypeI64
		}
	}
	return types
}

// machineKey is the key of the calling *machine, which travels in the context.
type machineKey struct{}

// hostCall runs a host function in the world of the calling instance. A panic
// is how the engine unwinds a guest.
func hostCall(f hostFunc) api.GoModuleFunction {
	return api.GoModuleFunc(func(ctx context.Context, mod api.Module, stack []uint64) {
		m := ctx.Value(machineKey{}).(*machine)
		m.world.work = 0
		result, err := f.call(m.world, m.memory(), stack)
		m.charge(mod, hostCallFuel+m.world.work)
		if err == nil {
			err = m.settle(ctx, mod)
		}
		if err != nil {
			panic(err)
		}
		if f.result != "" {
			stack[0] = uint64(result)
		}
	})
}

// close frees the program's instances and, once no other program has the same
// module, its code.
func (p *program) close(ctx context.Context) error {
	err := p.runtime.Close(ctx)
	if p.compiled != nil {
		err = errors.Join(err, p.compiled.Close(ctx))
	}
	return err
}

// machine is one running instance of a program.
type machine struct {
	mod     api.Module
	store   *store
	world   *world
	globals []api.MutableGlobal
	funcs   map[string]api.Function
	tank
}

// LinearMemory's methods, as the engine wants them.

func (s *store) Reallocate(size uint64) []byte { return s.resize(size) }
func (s *store) Free()                         {}

// instantiate fills in m, whose world is given, and runs the program's start
// function, if it has one.
func (p *program) instantiate(ctx context.Context, m *machine, l Limits) error {
	m.store = &store{limit: uint64(l.MemoryBytes)}
	m.funcs = map[string]api.Function{}
	m.budget = l.Fuel.Init // which a start function finds in the counters
	ctx = context.WithValue(ctx, machineKey{}, m)
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(
		func(_, _ uint64) experimental.LinearMemory { return m.store }))
	mod, err := p.runtime.InstantiateModule(ctx, p.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return m.faultOf(err)
	}
	m.mod = mod
	if m.connect(mod); !p.starts {
		m.refuel(l.Fuel.Init)
	}
	for _, i := range p.mutable {
		g, _ := mod.ExportedGlobal(binary.StateName(i)).(api.MutableGlobal)
		m.globals = append(m.globals, g)
	}
	return nil
}

// memory is the guest's linear memory as it is; the engine cannot tell the size of
// one of 4 GiB.
func (m *machine) memory() memory { return m.store.buf }

// grow enlarges the memory to the given size.
func (m *machine) grow(bytes int) bool {
	_, ok := m.mod.Memory().Grow(uint32((bytes - len(m.memory())) / pageBytes))
	return ok
}

// shrink makes the memory smaller, which WebAssembly has no word for. The
// engine believes that it grows by a page; the store hands it fewer pages. It
// reports false where the memory has grown as far as the module allows.
func (m *machine) shrink(bytes int) bool {
	m.store.shrinkTo = uint64(bytes)
	_, ok := m.mod.Memory().Grow(1)
	m.store.shrinkTo = 0
	return ok && len(m.memory()) == bytes
}

// call runs an exported function with at most one result. A function that is
// not exported does nothing.
func (m *machine) call(ctx context.Context, name string, args ...uint64) (uint64, error) {
	f := m.funcs[name]
	if f == nil {
		if f = m.mod.ExportedFunction(name); f == nil {
			return 0, nil
		}
		m.funcs[name] = f
	}
	var stack [4]uint64
	copy(stack[:], args)
	if err := f.CallWithStack(context.WithValue(ctx, machineKey{}, m), stack[:]); err != nil {
		f := m.faultOf(err)
		if name != exportCall {
			f.where = " in " + name
		}
		return 0, f
	}
	return stack[0], nil
}

// close frees the instance; one that was not instantiated is closed already.
func (m *machine) close() {
	if m.mod != nil {
		_ = m.mod.Close(context.Background())
	}
}

// faultKind is how a guest stopped without returning.
type faultKind int

const (
	trapped faultKind = iota
	starved           // it spent all its fuel
	overran           // its context was done
	quit              // it ended itself
)

// fault is an abnormal end of a guest's run.
type fault struct {
	kind  faultKind
	where string // " in esp_free", say; empty in esp_call
	msg   string
	trace string // call stack, innermost first, a line each
}

func (f *fault) Error() string { return f.msg }

// faultOf reads what happened out of the engine's error.
func (m *machine) faultOf(err error) *fault {
	var left *exited
	if errors.As(err, &left) {
		return &fault{kind: quit, msg: left.Error()}
	}
	var exit *sys.ExitError
	if errors.As(err, &exit) {
		return &fault{kind: overran, msg: "the call was stopped"}
	}
	text, trace, _ := strings.Cut(err.Error(), "\nwasm stack trace:\n")
	if m.ended != trapped && !errors.Is(err, errStopped) {
		_, trace, _ = strings.Cut(trace, "\n") // past the function that refuels
	}
	var abort *aborted
	if errors.As(err, &abort) {
		text = abort.Error()
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "wasm error: "), " (recovered by wazero)")
	trace, _, _ = strings.Cut(strings.ReplaceAll(trace, "\t", ""), "\n\nGo runtime stack trace:")
	return &fault{kind: m.ended, msg: text, trace: trace}
}
