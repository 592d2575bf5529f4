package sandbox

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// compiled are patient options that keep compiled code for the other tests of
// this process.
func compiled() Options {
	o := patient()
	o.CacheDir = testCache
	return o
}

func loadHostile(t testing.TB, o Options) *Module {
	t.Helper()
	return load(t, open(t, o), sandboxtest.Build(t, "wasm/sandbox/testdata/hostile"))
}

// misdeed asks the hostile Go guest for a decision in the given mode and
// returns what came of it.
func misdeed(m *Module, mode string) (string, error) {
	params, err := json.Marshal(map[string]string{"mode": mode})
	if err != nil {
		return "", err
	}
	space, err := m.Space(background, "s", params)
	if err != nil {
		return "", err
	}
	step, err := space.Next(background, spec.Step{}, nil)
	if err != nil {
		return "", err
	}
	return step.Decision.Name, nil
}

func TestGoCrashes(t *testing.T) {
	m := loadHostile(t, compiled())
	for _, c := range []struct {
		mode string
		kind error
		code string
		want string
	}{
		{"panic", ErrTrap, "trap", "panic: out of ideas"},
		{"index", ErrTrap, "trap", "slice bounds out of range [99:5]"},
		{"hoard", ErrLimit, "memory", "at most 64 MiB are allowed"},
		{"recursion", ErrLimit, "memory", "at most 64 MiB are allowed"},
		{"deadlock", ErrTrap, "trap", "all goroutines are asleep - deadlock!"},
		{"exit", ErrTrap, "exit", "exited with code 3"},
	} {
		_, err := misdeed(m, c.mode)
		expect(t, c.mode, err, c.kind, c.code, c.want)
		if idle, err := misdeed(m, "idle"); idle != "idle" || err != nil {
			t.Errorf("after %s: %q, %v", c.mode, idle, err)
		}
	}
	// The text and the place of a panic are all that its author has; the guest
	// prints both itself, so they survive -ldflags=-s.
	_, err := misdeed(m, "panic")
	e, _ := err.(*Error)
	if e == nil || !strings.HasSuffix(e.Error(), "plugin p: next: it crashed: unreachable: panic: out of ideas") ||
		!strings.Contains(e.Stderr, "main.misbehave(") || !strings.Contains(e.Stderr, "hostile/main.go:") {
		t.Errorf("%v", report(err))
	}
}

func TestGoLoop(t *testing.T) {
	o := compiled()
	o.Limits.Fuel.Next = 10_000_000
	_, err := misdeed(loadHostile(t, o), "loop")
	expect(t, "loop", err, ErrLimit, "fuel", "of fuel (instructions, roughly); 10,000,000 are allowed")
}

// TestGoIsAlone: no file, network, environment, argument or clock of the host
// can be reached, and waiting takes no time.
func TestGoIsAlone(t *testing.T) {
	t.Setenv("ESPALIER_SECRET", "do not tell")
	m := loadHostile(t, compiled())
	bad := "Bad file number"
	for mode, want := range map[string]string{
		"files":       strings.Join([]string{bad, bad, bad, bad, bad, bad}, ", "),
		"network":     "Connection refused",
		"environment": "||wasip1|success",
		"sleep":       "1000h0m0s",
		"timeout":     "a minute",
		"print":       "printed",
	} {
		if got, err := misdeed(m, mode); got != want {
			t.Errorf("%s: %q, %v, want %q", mode, got, err, want)
		}
	}
}
