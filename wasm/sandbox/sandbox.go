package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Options configure a Sandbox.
type Options struct {
	// CacheDir is the folder for compiled code, made if absent. It must not be
	// writable by others, since its files are run. Empty: compiled code is
	// kept in memory only. Default: espalier/wasm in the user's cache folder.
	CacheDir string
	// Pool is how many instances of one module may run at once, in [1, 1024].
	// Default: one for each core.
	Pool int
	// Limits bound every plugin.
	Limits Limits
	// Interpreter runs plugins by the interpreter in place of the compiler:
	// slower by far, and an independent opinion on what a module does. The
	// interpreter is used anyway where there is no compiler.
	Interpreter bool
	// Unmetered runs plugins without meter, so that nothing ends a call but
	// the guest's goodwill: for measuring what metering costs, and never for a
	// plugin of somebody else.
	Unmetered bool
	// Clock measures Usage.Time. Nil: time.Now.
	Clock func() time.Time
	// Log receives the lines that guests log, with the plugin's name; it may
	// be called by several goroutines at once. Nil drops them.
	Log func(plugin string, level Level, line string)
}

// Default is what the fields' comments say.
func Default() Options {
	o := Options{Pool: runtime.GOMAXPROCS(0), Limits: DefaultLimits()}
	if dir, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(dir, "espalier", "wasm")
	}
	return o
}

// Validate reports every option that is out of range.
func (o Options) Validate() error {
	err := o.Limits.Validate()
	if o.Pool < 1 || o.Pool > 1024 {
		err = errors.Join(err, fmt.Errorf("pool is %d; it must be in [1, 1024]", o.Pool))
	}
	return err
}

// Sandbox loads plugins. All methods may be called by several goroutines.
type Sandbox struct {
	options Options
	notes   []string
	engine  *engine

	mu      sync.Mutex
	memory  *engine          // in place of engine where its folder does not work
	modules map[*Module]bool // that are open; nil once the sandbox is closed
}

// New makes a sandbox. A cache folder that cannot be used is not an error, but
// a note.
func New(_ context.Context, o Options) (*Sandbox, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Sandbox{options: o, modules: map[*Module]bool{}}
	var err error
	if s.engine, err = newEngine(o.CacheDir, o); err != nil {
		s.note(err)
		s.engine = s.inMemory()
	} else if o.CacheDir != "" {
		prune(o.CacheDir, cacheBytes)
	}
	return s, nil
}

// note records, the first time, that compiled code is not kept.
func (s *Sandbox) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.notes) > 0 {
		return
	}
	s.notes = append(s.notes, fmt.Sprintf("compiled plugins are not kept in %s, so each start compiles them again: %v", s.options.CacheDir, err))
}

// Notes are what a user may want to know: that the cache folder is unusable,
// for instance.
func (s *Sandbox) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.notes...)
}

// Limits returns the limits in force.
func (s *Sandbox) Limits() Limits { return s.options.Limits }

// inMemory returns the engine that keeps compiled code in memory only.
func (s *Sandbox) inMemory() *engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil {
		s.memory, _ = newEngine("", s.options) // without a folder nothing can fail
	}
	return s.memory
}

// register remembers a module to close; it reports false once s is closed.
func (s *Sandbox) register(m *Module) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.modules == nil {
		return false
	}
	s.modules[m] = true
	return true
}

func (s *Sandbox) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modules == nil
}

func (s *Sandbox) forget(m *Module) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.modules, m)
}

// Close frees all modules, after waiting for calls and compilers at work. It
// is called once.
func (s *Sandbox) Close(ctx context.Context) error {
	s.mu.Lock()
	modules, memory := s.modules, s.memory
	s.modules = nil
	s.mu.Unlock()
	var errs []error
	for m := range modules {
		errs = append(errs, m.Close(ctx))
	}
	errs = append(errs, s.engine.close(ctx))
	if memory != nil && memory != s.engine {
		errs = append(errs, memory.close(ctx))
	}
	return errors.Join(errs...)
}
