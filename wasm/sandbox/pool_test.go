package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestIdle: an instance is kept after a call that went well, and not after one
// that crashed or that left it with most of the memory that it may have.
func TestIdle(t *testing.T) {
	o := patient()
	o.Limits.MemoryBytes = 40 * pageBytes
	s := open(t, o)
	for name, c := range map[string]struct {
		guest Guest
		idle  int
	}{
		"sound":    {sound(), 1},
		"crash":    {calling(Unreachable), 0},
		"30 pages": {calling(Code(I32(10), Grow, Drop, packed(0, 0))), 0}, // its room has doubled, to all 40
		"20 pages": {calling(packed(0, 0)), 1},
	} {
		m := load(t, s, c.guest.Wasm())
		_, _, _ = m.Call(background, spec.OpCodeNext, nil)
		if got := len(m.pool.idle); got != c.idle {
			t.Errorf("%s: %d idle instances, want %d", name, got, c.idle)
		}
	}
}

// TestAcquire: nobody gets an instance past the end of his context, nor after
// the module was closed, and nobody waits for one then.
func TestAcquire(t *testing.T) {
	over, cancel := context.WithCancel(background)
	cancel()
	m := load(t, open(t, patient()), sound().Wasm())
	for range 30 {
		if answer, _, err := m.Call(over, spec.OpCodeNext, nil); !errors.Is(err, context.Canceled) || answer != nil {
			t.Fatalf("cancelled: %s, %v", answer, err)
		}
	}
	if err := m.Close(background); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	for range m.options.Pool + 1 {
		if _, _, err := m.Call(soon, spec.OpCodeNext, nil); !errors.Is(err, errClosed) {
			t.Errorf("closed: %v", err)
		}
	}
}

// TestCloseWhileLoading closes a sandbox while a guest is brought up.
func TestCloseWhileLoading(t *testing.T) {
	g := sound()
	g.Imports = []string{"esp log(iii)"}
	g.Init = Code(I32(1), I32(0), I32(0), Call(0))
	o := patient()
	var s *Sandbox
	o.Log = func(string, Level, string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.modules = nil
	}
	s = open(t, o)
	if _, err := s.Load(background, "p", g.Wasm()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("%v", err)
	}
}
