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

// TestCall: an answer comes as it is, whatever it says, with what it used.
func TestCall(t *testing.T) {
	o := patient()
	var now time.Time
	o.Clock = func() time.Time {
		now = now.Add(time.Second)
		return now
	}
	const refusal = `{"err":{"code":"internal","msg":"no"}}`
	m := load(t, open(t, o), answering(2, refusal).Wasm())
	for op, want := range map[int]string{1: described, 2: refusal, 4: sound().Answers[4], 3: "{}", -7: "{}"} {
		answer, u, err := m.Call(background, op, []byte("not JSON"))
		if err != nil || string(answer) != want {
			t.Errorf("operation %d: %s, %v", op, answer, err)
		}
		if u.Time != time.Second || u.MemoryBytes != 20*pageBytes {
			t.Errorf("operation %d used %+v", op, u)
		}
	}
}

// TestOutput: every call has its own output, and its own lines to log.
func TestOutput(t *testing.T) {
	o := patient()
	o.Limits.LogLines = 1
	line := Code(I32(1), I32(17*64<<10), I32(5), Call(0))
	m := load(t, open(t, o), calling(Code(line, line, packed(0, 0)), "esp log(iii)").Wasm())
	for range 3 {
		if _, u, err := m.Call(background, spec.OpCodeNext, nil); err != nil || u.Output != "info: "+described[:5]+"\n" {
			t.Errorf("%q, %v", u.Output, err)
		}
	}
}

// TestTime: the wall clock bounds preparing an instance, be it the first or
// another, whatever fuel is left.
func TestTime(t *testing.T) {
	g := calling(packed(0, 0))
	g.Start = Code(Op(0x03, 0x40), GetGlobal(0), I32(1), Add, SetGlobal(0), GetGlobal(0), I32(200_000), Op(0x48), Op(0x0d, 0), End) // more than a slice
	g.Globals = []Global{{Type: 0x7f, Mutable: true, Init: I32(0)}}
	s := open(t, patient())
	m := load(t, s, g.Wasm())
	m.pool.take().close()
	m.options.Limits.Time = 1
	_, _, err := m.Call(background, spec.OpCodeNext, []byte("{}"))
	expect(t, "another", err, ErrLimit, "time", "longer than 1ns")
	if e, ok := err.(*Error); ok && e.Sent != "" {
		t.Errorf("%s was sent to an instance that was late", e.Sent)
	}
	s.options.Limits.Time = 1
	_, err = s.Load(background, "p", g.Wasm())
	expect(t, "the first", err, ErrLimit, "time", "longer than 1ns")
}

// TestCallFails: a call that ends badly is an *Error that names its operation.
func TestCallFails(t *testing.T) {
	s := open(t, impatient())
	m := load(t, s, calling(Unreachable).Wasm())
	_, _, err := m.Call(background, 3, nil)
	expect(t, "trap", err, ErrTrap, "trap", "build: it crashed")
	_, _, err = m.Call(background, 99, []byte("{}"))
	expect(t, "unknown operation", err, ErrTrap, "trap", "call: it crashed")
	m = load(t, s, calling(Code(Forever, Unreachable)).Wasm())
	_, _, err = m.Call(background, 2, nil)
	expect(t, "fuel", err, ErrLimit, "fuel", "1,000,000 are allowed")
	_, _, err = m.Call(background, 2, make([]byte, 2<<20))
	expect(t, "input", err, ErrLimit, "input", "the request has 2 MiB")
	over, cancel := context.WithCancel(background)
	cancel()
	if _, _, err = m.Call(over, 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	wellBehaved(t, s)
}

// TestSession: a session remembers what calls of the module forget.
func TestSession(t *testing.T) {
	s := open(t, patient())
	for name, g := range forgetful() {
		m := load(t, s, g.Wasm())
		session, err := m.Session(background)
		if err != nil {
			t.Fatal(report(err))
		}
		seen := map[string]bool{}
		for range 3 {
			answer, u, err := session.Call(background, spec.OpCodeNext, []byte("{}"))
			if err != nil {
				t.Fatal(report(err))
			}
			if u.MemoryBytes < 20*pageBytes {
				t.Errorf("%s: used %+v", name, u)
			}
			seen[string(answer)] = true
		}
		if want := 3; len(seen) != want && name != "table" {
			t.Errorf("%s: %d answers in 3 calls: %v", name, len(seen), seen)
		}
		session.Close()
	}
}

// TestSessionFrees: a session gives payloads back, that of the first describe
// among them, and reports what happens there as it does for any call.
func TestSessionFrees(t *testing.T) {
	g := sound()
	g.Funcs = []Func{{Export: "esp_free", Type: "(ii)", Body: Code(
		GetGlobal(0), Op(0x04, 0x40), Unreachable, Op(0x0b), I32(1), SetGlobal(0))}} // the second one traps
	g.Globals = []Global{{Type: 0x7f, Mutable: true, Init: I32(0)}}
	s := open(t, impatient())
	m := load(t, s, g.Wasm())
	if _, _, err := m.Call(background, spec.OpCodeNext, []byte("{}")); err != nil {
		t.Error(report(err))
	}
	session, err := m.Session(background)
	if err != nil {
		t.Fatal(report(err))
	}
	defer session.Close()
	_, _, err = session.Call(background, spec.OpCodeNext, []byte("{}"))
	expect(t, "free", err, ErrTrap, "trap", "next: it crashed in esp_free")
	_, _, err = session.Call(background, spec.OpCodeNext, make([]byte, 2<<20))
	expect(t, "input", err, ErrLimit, "input", "at most 1 MiB")
	if err := m.Close(background); err != nil {
		t.Error(err)
	}
	if _, err := m.Session(background); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a session of a closed module: %v", err)
	}
}

// TestInterpreter: the interpreter gives the compiler's answers and errors.
func TestInterpreter(t *testing.T) {
	compiler, interpreter := compiled(), compiled()
	interpreter.Interpreter = true
	for _, mode := range []string{"count", "random", "map", "clock", "panic"} {
		want, err1 := misdeed(loadHostile(t, compiler), mode)
		got, err2 := misdeed(loadHostile(t, interpreter), mode)
		if got != want || (err1 == nil) != (err2 == nil) || mode != "panic" && err2 != nil {
			t.Errorf("%s: %q, %v by the interpreter, %q, %v by the compiler", mode, got, err2, want, err1)
		}
	}
	o := impatient()
	o.Interpreter = true
	_, err := next(t, open(t, o), calling(Code(Forever, Unreachable)).Wasm())
	expect(t, "interpreted", err, ErrLimit, "fuel", "1,000,000 are allowed")
	wellBehaved(t, open(t, o))
}
