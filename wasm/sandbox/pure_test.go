package sandbox

import (
	"fmt"
	"sync"
	"testing"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// forgetful are guests that try to remember something from call to call: each
// counts, and shows the count as the last letter of the decision's name.
func forgetful() map[string]Guest {
	const text = `{"ok":{"decision":{"kind":"k","name":"call 0"}}}`
	const digit = 17*64<<10 + len(described) + len(`{"ok":{"decision":{"kind":"k","name":"call `)
	show := Code(I32(int32(digit)), Get(3), I32('0'), Add, Store8)
	counting := func(count []byte, change func(g *Guest)) Guest {
		g := Guest{Answers: map[int]string{1: described, 2: text}}
		g.Call = func(usual []byte) []byte { return Code(count, show, usual) }
		g.Locals = "i"
		if change != nil {
			change(&g)
		}
		return g
	}
	inMemory := Code(I32(100), I32(100), Load8, I32(1), Add, Store8, I32(100), Load8, Set(3))
	inGlobal := Code(GetGlobal(0), I32(1), Add, SetGlobal(0), GetGlobal(0), Set(3))
	// table[0] is null until the first call sets it.
	inTable := Code(I32(0), Op(0x25, 0), Op(0xd1), Set(3), I32(0), Op(0xd2, 0), Op(0x26, 0))
	inSize := Code(I32(1), Grow, I32(-20), Add, Set(3))
	return map[string]Guest{
		"memory": counting(inMemory, nil),
		"global": counting(inGlobal, func(g *Guest) { g.Globals = []Global{{Type: 0x7f, Mutable: true, Init: I32(0)}} }),
		"vector": counting(inMemory, func(g *Guest) {
			g.Globals = []Global{{Type: 0x7b, Mutable: true, Init: append(Op(0xfd, 12), make([]byte, 16)...)}}
		}),
		"reference": counting(inMemory, func(g *Guest) {
			g.Globals = []Global{{Type: 0x6f, Mutable: true, Init: Op(0xd0, 0x6f)}}
		}),
		"table": counting(inTable, func(g *Guest) { g.Raw = map[byte][]byte{4: Vec(Op(0x70, 0, 1))} }),
		"size":  counting(inSize, nil),
	}
}

// TestCallsAreForgotten: whatever a guest keeps, every call finds it as it was
// after initialisation, on young and old instances alike.
func TestCallsAreForgotten(t *testing.T) {
	s := open(t, patient())
	for name, g := range forgetful() {
		m := load(t, s, g.Wasm())
		first := ""
		for n := range 5 {
			space, err := m.Space(background, "s", nil)
			if err != nil {
				t.Fatal(report(err))
			}
			step, err := space.Next(background, spec.Step{}, nil)
			if err != nil {
				t.Fatal(report(err))
			}
			if first == "" {
				first = step.Decision.Name
			}
			if got := step.Decision.Name; got != first {
				t.Errorf("%s: call %d shows %q, the first %q", name, n, got, first)
			}
		}
		if kept := name == "memory" || name == "global" || name == "size"; (m.rest != nil) != kept {
			t.Errorf("%s: restorable %v", name, m.rest != nil)
		}
	}
}

// TestDroppedSegment: a call that drops a segment leaves it to the next one.
func TestDroppedSegment(t *testing.T) {
	g := calling(Code(I32(0), I32(0), I32(1), Op(0xfc, 8, 1, 0), Op(0xfc, 9, 1), packed(0, 0)))
	g.Raw = map[byte][]byte{12: Uleb(2), 11: Vec(
		Code(Op(0), I32(17*64<<10), End, Name(described)), Code(Op(1), Name("x")))}
	m := load(t, open(t, patient()), g.Wasm())
	for range 3 {
		if _, _, err := m.Call(background, spec.OpCodeNext, nil); err != nil {
			t.Fatal(report(err))
		}
	}
}

// TestDenied: that a guest was once refused memory does not explain why a later
// call of it crashes.
func TestDenied(t *testing.T) {
	m := load(t, open(t, patient()), calling(Code(Get(0), I32(2), Equal, If, I32(60_000), Grow, Drop, packed(0, 0), Return, End, Unreachable)).Wasm())
	if _, _, err := m.Call(background, spec.OpCodeNext, nil); err != nil {
		t.Fatal(report(err))
	}
	_, _, err := m.Call(background, spec.OpCodeBuild, nil)
	expect(t, "later", err, ErrTrap, "trap", "unreachable")
}

// TestHostCallsAreForgotten: clocks, randomness and the order of a Go map are
// the same in every call, instance and sandbox.
func TestHostCallsAreForgotten(t *testing.T) {
	want := map[string]string{}
	modes := []string{"count", "random", "map", "clock"}
	for _, pool := range []int{1, 3} {
		o := compiled()
		o.Pool = pool
		m := loadHostile(t, o)
		for n := range 12 {
			mode := modes[n%len(modes)]
			got, err := misdeed(m, mode)
			if err != nil {
				t.Fatal(report(err))
			}
			if want[mode] == "" {
				want[mode] = got
			}
			if got != want[mode] {
				t.Errorf("pool of %d, call %d: %s gives %q, before %q", pool, n, mode, got, want[mode])
			}
		}
	}
	if want["count"] != "II" {
		t.Errorf("a guest counts %q calls: the first describe and this one", want["count"])
	}
	if want["clock"] < "2022-01-01T00:00:00" || want["clock"] > "2022-01-01T00:00:01" {
		t.Errorf("the calendar shows %s", want["clock"])
	}
	if want["map"] == "abcdefghijklmnopqrstuvwxyz" {
		t.Error("a map in the order of its keys shows nothing")
	}
}

// TestHammer lets many goroutines use a small pool, some of whose guests
// crash; all others get their answers.
func TestHammer(t *testing.T) {
	o := compiled()
	o.Pool = 3
	m := loadHostile(t, o)
	want := map[string]string{}
	for _, mode := range []string{"count", "random", "map"} {
		got, err := misdeed(m, mode)
		if err != nil {
			t.Fatal(report(err))
		}
		want[mode] = got
	}
	var wg sync.WaitGroup
	errs := make(chan error, 100)
	for n := range 8 {
		wg.Go(func() {
			for i := range 6 {
				mode := []string{"count", "random", "map", "panic"}[(n+i)%4]
				got, err := misdeed(m, mode)
				if mode == "panic" && err == nil || mode != "panic" && got != want[mode] {
					errs <- fmt.Errorf("%s: %q, %v", mode, got, err)
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}
