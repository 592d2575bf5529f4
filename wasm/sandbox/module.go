package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Module is a loaded plugin.
type Module struct {
	sandbox  *Sandbox
	name     string
	hash     string
	manifest spec.Manifest
	options  Options
	program  *program
	// rest is the state from which every call starts. It is nil for the rare
	// module whose state cannot be saved; each call then has a new instance.
	rest *snapshot
	pool *pool
	end  sync.Once
}

// Load checks, compiles and prepares a plugin; name is what errors call it.
// The slice must not change afterwards. The error is an *Error, or ctx's.
func (s *Sandbox) Load(ctx context.Context, name string, wasm []byte) (*Module, error) {
	if s.isClosed() {
		return nil, fmt.Errorf("plugin %s: load: %w", name, errClosed)
	}
	m := &Module{sandbox: s, name: name, options: s.options, pool: newPool(s.options.Pool)}
	parsed, r := inspect(wasm, s.options.Limits)
	if r != nil {
		return nil, m.refused(r)
	}
	sum := sha256.Sum256(wasm)
	m.hash = hex.EncodeToString(sum[:])
	embedded, err := m.embedded(parsed)
	if err != nil {
		return nil, err
	}
	if m.program, err = s.compile(ctx, m, parsed); err != nil {
		return nil, err
	}
	if err := m.prepare(ctx, parsed, embedded); err != nil {
		_ = m.program.close(ctx)
		return nil, err
	}
	if !s.register(m) {
		_ = m.Close(ctx)
		return nil, fmt.Errorf("plugin %s: load: %w", name, errClosed)
	}
	return m, nil
}

// Name is the name given to Load.
func (m *Module) Name() string { return m.name }

// Hash is the SHA-256 of the file, in hex.
func (m *Module) Hash() string { return m.hash }

// Manifest says what the module offers.
func (m *Module) Manifest() spec.Manifest { return m.manifest }

// compile compiles with the cache folder, and without it if that fails: its
// disk may be full or an entry damaged.
func (s *Sandbox) compile(ctx context.Context, m *Module, parsed *binary.Module) (*program, error) {
	limit := s.options.Limits.Compile
	compiling, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p, err := s.engine.compile(compiling, parsed, s.options.Limits)
	if err != nil && compiling.Err() == nil && s.engine.onDisk {
		if again, e := s.inMemory().compile(compiling, parsed, s.options.Limits); e == nil {
			s.note(err)
			p, err = again, nil
		}
	}
	switch {
	case err == nil:
		return p, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("plugin %s: load: %w", m.name, ctx.Err())
	case compiling.Err() != nil:
		return nil, &Error{Kind: ErrLimit, Plugin: m.name, Op: "load", Code: "compile", At: -1,
			Msg: fmt.Sprintf("compiling takes longer than %v (limit compile)", limit), Hint: "make the plugin smaller" + orRaise(s.options.Limits.raised("compile", 0))}
	}
	return nil, m.refused(&refusal{"invalid", "the compiler refuses it: " + err.Error(), "build the plugin again"})
}

// prepare brings up the first instance, checks that it speaks our language
// and saves its state.
func (m *Module) prepare(ctx context.Context, parsed *binary.Module, embedded *spec.Manifest) error {
	first, described, err := m.bringUp(ctx, false)
	if err != nil {
		return err
	}
	if embedded == nil {
		if embedded, err = readManifest(described); err != nil {
			first.close()
			return m.failure(ctx, m.describe(nil), first, err)
		}
	}
	if r := checkManifest(embedded); r != nil {
		first.close()
		return m.refused(r)
	}
	m.manifest = *embedded
	if restorable(parsed) {
		m.rest = first.save()
	}
	m.pool.keep(m, first)
	return nil
}

// Close frees the module, after waiting for calls under way.
func (m *Module) Close(ctx context.Context) (err error) {
	m.sandbox.forget(m)
	m.end.Do(func() {
		m.pool.close()
		err = m.program.close(ctx) // twice would free the code of another module of the same file
	})
	return err
}
