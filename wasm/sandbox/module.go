package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/wasm/sandbox/binary"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Module is a loaded plugin.
type Module struct {
	name     string
	hash     string
	manifest spec.Manifest
	options  Options
	program  *program
	// rest is the state from which every call starts. It is nil for the rare
	// module whose state cannot be saved; each call then has a new instance.
	rest *snapshot
	pool *pool
}

// Load checks, compiles and prepares a plugin; name is what errors call it.
// The slice must not change afterwards. The error is an *Error, or ctx's.
func (s *Sandbox) Load(ctx context.Context, name string, wasm []byte) (*Module, error) {
	m := &Module{name: name, options: s.options, pool: newPool(s.options.Pool)}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = m.program.close(ctx)
		return nil, errors.New("sandbox: load after close")
	}
	s.modules = append(s.modules, m)
	return m, nil
}

// Name is the name given to Load.
func (m *Module) Name() string { return m.name }

// Hash is the SHA-256 of the file, in hex.
func (m *Module) Hash() string { return m.hash }

// Manifest says what the module offers.
func (m *Module) Manifest() spec.Manifest { return m.manifest }

// embedded reads the manifest section and refuses a foreign interface, before
// anything runs. It returns nil where there is no section.
func (m *Module) embedded(parsed *binary.Module) (*spec.Manifest, error) {
	for _, c := range parsed.Customs {
		if c.Name != spec.ManifestSection {
			continue
		}
		manifest := new(spec.Manifest)
		if err := manifest.UnmarshalJSON(c.Data); err != nil {
			return nil, m.refused(&refusal{"manifest", fmt.Sprintf("its %s section is damaged: %v", c.Name, err), "build the plugin again"})
		}
		major, minor, ok := version(manifest.ABI)
		if !ok {
			return nil, m.refused(&refusal{"manifest", fmt.Sprintf("its manifest names the interface version %q, which is not of the form 1.0", manifest.ABI), "build the plugin again"})
		}
		if r := checkABI(major, minor); r != nil {
			return nil, m.refused(r)
		}
		return manifest, nil
	}
	return nil, nil
}

func version(s string) (major, minor int, ok bool) {
	a, b, _ := strings.Cut(s, ".")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, err1 == nil && err2 == nil
}

// compile compiles with the cache folder, and without it if that fails: its
// disk may be full or an entry damaged.
func (s *Sandbox) compile(ctx context.Context, m *Module, parsed *binary.Module) (*program, error) {
	limit := s.options.Limits.Compile
	compiling, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p, err := s.engine.compile(compiling, parsed)
	if err != nil && compiling.Err() == nil && s.engine.onDisk {
		if again, e := s.inMemory().compile(compiling, parsed); e == nil {
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
			Msg: fmt.Sprintf("compiling takes longer than %v", limit), Hint: "make the plugin smaller, or raise the limit"}
	}
	return nil, m.refused(&refusal{"invalid", "the compiler refuses it: " + err.Error(), "build the plugin again"})
}

// prepare brings up the first instance, checks that it speaks our language
// and saves its state.
func (m *Module) prepare(ctx context.Context, parsed *binary.Module, embedded *spec.Manifest) error {
	var first *instance
	var described []byte
	err := m.twice(ctx, func(grace time.Duration) (err error) {
		first, described, err = m.bringUp(ctx, grace)
		return err
	})
	if err != nil {
		return err
	}
	if embedded == nil {
		var d description
		err := unwrap(described, &d)
		if err == nil && d.manifest == nil {
			err = broken("manifest", "the answer to describe holds no manifest")
		}
		if err != nil {
			first.close()
			return m.failure(ctx, "describe", first, m.describe(nil), 0, err)
		}
		embedded = d.manifest
	}
	m.manifest = *embedded
	if restorable(parsed) {
		m.rest = first.save()
	}
	m.pool.keep(m, first)
	return nil
}

// description is the answer to describe without a space or shaper.
type description struct{ manifest *spec.Manifest }

func (d *description) Decode(w *wire.Decoder) {
	for w.Object(); w.Next(); {
		if w.Key() == "manifest" {
			d.manifest = new(spec.Manifest)
			d.manifest.Decode(w)
		}
	}
}

// Close frees the module, after waiting for calls under way.
func (m *Module) Close(ctx context.Context) error {
	m.pool.close()
	return m.program.close(ctx)
}
