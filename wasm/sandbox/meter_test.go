package sandbox

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// restless are guests whose answer to next takes for ever, or as good as.
func restless() map[string]Guest {
	tree := calling(Code(I32(60), Call(0), packed(0, 0)))
	call := Code(Get(0), I32(-1), Add, Call(0))
	tree.Funcs = []Func{{Type: "(i)", Body: Code(Get(0), If, call, call, End)}} // 2^60 calls, no loop
	forever := func(body ...[]byte) []byte {
		return Code(Op(0x03, 0x40), Code(body...), Op(0x0c, 0), End, packed(0, 0))
	}
	const mebibyte = 1 << 20
	return map[string]Guest{
		"loop":      calling(forever()),
		"recursion": tree,
		"divisions": calling(forever(I64(1<<60), Get(0), Op(0xad), Op(0x80), Drop)),
		"filling":   calling(forever(I32(0), I32(1), I32(mebibyte), Op(0xfc, 11, 0))),
		"random":    calling(forever(I32(0), I32(mebibyte), Call(0), Drop), "wasi_snapshot_preview1 random_get(ii)i"),
		"clock":     calling(forever(I32(0), I64(1), I32(64), Call(0), Drop), "wasi_snapshot_preview1 clock_time_get(iIi)i"),
		"writing":   calling(forever(I32(1), I32(0), I32(1024), I32(0), Call(0), Drop), "wasi_snapshot_preview1 fd_write(iiii)i"),
		"growing":   calling(forever(I32(60_000), Grow, Drop)),
	}
}

// TestRestless: fuel ends each of them, by both engines at the same unit.
func TestRestless(t *testing.T) {
	for name, g := range restless() {
		spent := map[bool]int64{}
		for _, interpreter := range []bool{false, true} {
			o := patient()
			o.Interpreter = interpreter
			o.Limits.Fuel.Next = 500_000
			s := open(t, o)
			_, u, err := load(t, s, g.Wasm()).Call(background, spec.OpCodeNext, nil)
			expect(t, name, err, ErrLimit, "fuel", "500,000 are allowed")
			spent[interpreter] = u.Fuel
			wellBehaved(t, s)
		}
		if spent[false] != spent[true] || spent[true] < 500_000 {
			t.Errorf("%s: compiled it spends %d, interpreted %d", name, spent[false], spent[true])
		}
	}
}

// TestHostLives: while a guest runs that never rests, the garbage collector and
// other goroutines go on, even on one processor.
func TestHostLives(t *testing.T) {
	for _, processors := range []int{1, 2} {
		before := runtime.GOMAXPROCS(processors)
		defer runtime.GOMAXPROCS(before)
		o := patient()
		o.Limits.Fuel.Next = 1 << 60
		s := open(t, o)
		for name, g := range restless() {
			m := load(t, s, g.Wasm())
			ctx, cancel := context.WithCancel(background)
			done := make(chan error)
			go func() {
				_, _, err := m.Call(ctx, spec.OpCodeNext, nil)
				done <- err
			}()
			for range 3 {
				runtime.GC()
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("%d processors, %s: %v", processors, name, err)
			}
		}
		wellBehaved(t, s)
	}
}

// TestBackstop: the wall clock and the caller end what fuel does not.
func TestBackstop(t *testing.T) {
	for _, interpreter := range []bool{false, true} {
		o := patient()
		o.Interpreter = interpreter
		o.Limits.Fuel.Next = 1 << 60
		s := open(t, o)
		m := load(t, s, calling(Code(Forever, packed(0, 0))).Wasm())
		m.options.Limits.Time = 50 * time.Millisecond
		_, u, err := m.Call(background, spec.OpCodeNext, nil)
		expect(t, "time", err, ErrLimit, "time", "longer than 50ms")
		if u.Fuel == 0 {
			t.Errorf("used %+v", u)
		}
		m.options.Limits.Time = time.Hour
		ctx, cancel := context.WithCancel(background)
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, _, err := m.Call(ctx, spec.OpCodeNext, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		wellBehaved(t, s)
	}
}

// TestFuelIsPure: a request costs the same on any instance of any age, in both
// engines, and whether or not it is granted more than it needs.
func TestFuelIsPure(t *testing.T) {
	request := []byte(`{"space":"s","params":{"mode":"map"},"prefix":[]}`)
	want := int64(0)
	for _, o := range []Options{compiled(), {Interpreter: true}} {
		c := compiled()
		c.Interpreter, c.Pool = o.Interpreter, 3
		m := loadHostile(t, c)
		for n := range 6 {
			if n == 3 {
				m.options.Limits.Fuel.Next = want
			}
			_, u, err := m.Call(background, spec.OpCodeNext, request)
			if err != nil {
				t.Fatal(report(err))
			}
			if want == 0 {
				want = u.Fuel
			}
			if u.Fuel != want || want < 10_000 {
				t.Errorf("call %d spent %d, the first %d", n, u.Fuel, want)
			}
			if _, _, err := m.Call(background, spec.OpCodeNext, []byte(`{"mode":"random"}`)); err != nil {
				t.Fatal(report(err))
			}
		}
		m.options.Limits.Fuel.Next--
		_, _, err := m.Call(background, spec.OpCodeNext, request)
		expect(t, "one unit less", err, ErrLimit, "fuel", "raise the limit: --plugin-limits ")
		var e *Error
		if errors.As(err, &e) {
			m.options.Limits, err = ParseLimits(e.Raise)
		}
		if err == nil {
			_, _, err = m.Call(background, spec.OpCodeNext, request)
		}
		if err != nil {
			t.Errorf("under the limits that the error advises, %q: %v", e.Raise, err)
		}
	}
}

// TestHostCallsCost: a guest pays for what its host does, by its length.
func TestHostCallsCost(t *testing.T) {
	o := patient()
	o.Limits.StderrBytes, o.Limits.LogLines = 0, 0 // what is kept does not matter
	s := open(t, o)
	spent := func(body []byte, imports ...string) int64 {
		_, u, err := load(t, s, calling(Code(I32(4), I32(800), Op(0x36, 2, 0), body, packed(0, 0)), imports...).Wasm()).Call(background, spec.OpCodeNext, nil)
		if err != nil {
			t.Fatal(report(err))
		}
		return u.Fuel
	}
	none := spent(nil)
	for want, f := range map[int64]struct {
		name string
		args []byte
		drop []byte
	}{
		104 + 500:  {"wasi_snapshot_preview1 random_get(ii)i", Code(I32(0), I32(1000)), Drop},
		105 + 1000: {"esp log(iii)", Code(I32(1), I32(0), I32(1000), Op(0x01)), nil},
		106 + 4096: {"esp log(iii)", Code(I32(1), I32(0), I32(9000), Op(0x01, 0x01)), nil},
		103:        {"wasi_snapshot_preview1 sched_yield()i", nil, Op(0x1a, 0x01)},
		106 + 5*16: {"wasi_snapshot_preview1 poll_oneoff(iiii)i", Code(I32(0), I32(1000), I32(5), I32(2000)), Drop},
		106 + 7 + 100: {"wasi_snapshot_preview1 fd_write(iiii)i", Code(I32(1), I32(0), I32(7), I32(2000)),
			Drop}, // seven vectors, of which the first has 800 bytes
	} {
		if got := spent(Code(f.args, Call(0), f.drop), f.name) - none; got != want {
			t.Errorf("%s costs %d, want %d", f.name, got, want)
		}
	}
	twice := Code(I32(0), I32(1000), Call(0), Drop, Call(1), Drop)
	if got := spent(twice, "wasi_snapshot_preview1 random_get(ii)i", "wasi_snapshot_preview1 sched_yield()i") - none; got != 104+500+102 {
		t.Errorf("a call costs %d after another one", got)
	}
	// A limit of lines changes what is kept, and nothing for the guest.
	wild := calling(Code(I32(1), I32(-8), I32(16), Call(0), packed(0, 0)), "esp log(iii)")
	_, _, err := load(t, s, wild.Wasm()).Call(background, spec.OpCodeNext, nil)
	expect(t, "no lines left", err, ErrTrap, "trap", "esp.log was given 16 bytes")
}

// TestStraightCalls: a guest that calls its host without a branch between ends
// with the call that it cannot pay for, or the first of a slice after it was
// cancelled.
func TestStraightCalls(t *testing.T) {
	const each = 1 << 16 // bytes, at half a unit
	body := Code(I32(1), I32(0), I32(0), Call(1), bytes.Repeat(Code(I32(0), I32(each), Call(0), Drop), 1000))
	for _, interpreter := range []bool{false, true} {
		o := patient()
		o.Interpreter = interpreter
		o.Limits.Fuel.Next = 1_000_000
		stop := func() {}
		o.Log = func(string, Level, string) { stop() }
		s := open(t, o)
		m := load(t, s, calling(Code(body, packed(0, 0)), "wasi_snapshot_preview1 random_get(ii)i", "esp log(iii)").Wasm())
		_, u, err := m.Call(background, spec.OpCodeNext, nil)
		expect(t, "straight", err, ErrLimit, "fuel", "stack   wasi_snapshot_preview1.random_get(i32,i32) i32")
		if over := u.Fuel - o.Limits.Fuel.Next; over < 0 || over > each {
			t.Errorf("interpreter %v: it spends %d", interpreter, u.Fuel)
		}
		m.options.Limits.Fuel.Next = 1 << 40
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		stop = cancel
		if _, u, err := m.Call(ctx, spec.OpCodeNext, nil); !errors.Is(err, context.Canceled) || u.Fuel > 10*each {
			t.Errorf("cancelled: %v after %d", err, u.Fuel)
		}
		wellBehaved(t, s)
	}
}

// TestMeterChangesNothing: with and without meter, every guest of this
// repository answers alike and leaves the same memory.
func TestMeterChangesNothing(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(root, "plugins", "*", "guest"))
	if err != nil || len(folders) < 3 {
		t.Fatalf("%d guests: %v", len(folders), err)
	}
	folders = append(folders, filepath.Join(root, "wasm/sandbox/testdata/walker"), filepath.Join(root, "wasm/sandbox/testdata/hostile"))
	o := patient()
	o.Interpreter = true // which takes a tenth of the compiler's time to load
	metered := open(t, o)
	o.Unmetered = true
	plain := open(t, o)
	for _, folder := range folders[:fewer(len(folders))] {
		folder, _ := filepath.Rel(root, folder)
		wasm := Build(t, filepath.ToSlash(folder))
		a, b := load(t, metered, wasm), load(t, plain, wasm)
		for _, q := range requests(a.Manifest()) {
			got, u, err1 := a.Call(background, q.op, q.payload)
			want, v, err2 := b.Call(background, q.op, q.payload)
			if (err1 == nil) != (err2 == nil) || !bytes.Equal(got, want) || u.MemoryBytes != v.MemoryBytes {
				t.Errorf("%s, %d %s:\nmetered %s, %v\nplain   %s, %v", folder, q.op, q.payload, got, err1, want, err2)
			}
			if err1 == nil && !bytes.Equal(a.pool.idle[0].memory(), b.pool.idle[0].memory()) {
				t.Errorf("%s, %d %s: the memories differ", folder, q.op, q.payload)
			}
			if u.Fuel == 0 || v.Fuel != 0 {
				t.Errorf("%s spends %d metered and %d plain", folder, u.Fuel, v.Fuel)
			}
		}
	}
}

// requests asks of all that a plugin offers, and of what it does not.
func requests(m spec.Manifest) []request {
	list := []request{{op: 1, payload: []byte("{}")}, {op: 9, payload: []byte("{}")}, {op: 2, payload: []byte("nonsense")}, {op: 2, payload: []byte(`{"mode":"panic"}`)}}
	for _, s := range m.Spaces {
		for _, prefix := range []string{"[]", "[0]", "[0,0]", "[1,[0]]", "[7,7,7]"} {
			text := `{"space":"` + s.Name + `","params":{},"prefix":` + prefix
			list = append(list, request{op: 2, payload: []byte(text + "}")},
				request{op: 3, payload: []byte(text + `,"task":{"type":"image","input":[8,8,3],"classes":10}}`)})
		}
	}
	for _, s := range m.Shapers {
		list = append(list, request{op: 4, payload: []byte(`{"shaper":"` + s.Name + `","params":{},"metrics":{}}`)})
	}
	return list
}

// mutant changes a module: bits, bytes, an end cut off, or a stretch of another
// module in place of one of its own.
func mutant(rng *rand.Rand, file, other []byte) []byte {
	b := bytes.Clone(file)
	switch n := rng.IntN(10); {
	case n < 4:
		for range 1 + rng.IntN(4) {
			b[8+rng.IntN(len(b)-8)] ^= 1 << rng.IntN(8)
		}
	case n < 7:
		for range 1 + rng.IntN(4) {
			b[8+rng.IntN(len(b)-8)] = byte(rng.Uint32())
		}
	case n == 7:
		b = b[:rng.IntN(len(b))]
	case n == 8: // a stretch of equal length
		size := rng.IntN(min(len(b), len(other), 64))
		copy(b[8+rng.IntN(len(b)-size-8):], other[rng.IntN(len(other)-size):][:size])
	default: // head and tail
		b = append(b[:rng.IntN(len(b))], other[rng.IntN(len(other)):]...)
	}
	return b
}

// attempt loads a module and asks for a decision, and returns the kind of error.
func attempt(t *testing.T, s *Sandbox, wasm []byte) error {
	t.Helper()
	m, err := s.Load(background, "p", wasm)
	if err == nil {
		_, _, err = m.Call(background, spec.OpCodeNext, []byte(`{"space":"s","params":{},"prefix":[]}`))
		if err := m.Close(background); err != nil {
			t.Fatal(err)
		}
	}
	var e *Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e == nil {
		return nil
	}
	return e.Kind
}

// fewer is n, or a fraction of it under the race detector, which makes compilers
// and interpreters thirty times slower.
func fewer(n int) int {
	if raced {
		return (n + 19) / 20
	}
	return n
}

// TestMutants loads 10,000 modules with random changes: whatever they do, the
// host goes on.
func TestMutants(t *testing.T) {
	s := open(t, impatient())
	rng := rand.New(rand.NewPCG(3, 4))
	files := [][]byte{with(func(g *Guest) {
		g.Imports = []string{"esp log(iii)", "wasi_snapshot_preview1 fd_write(iiii)i"}
		g.Globals = []Global{{Type: 0x7f, Mutable: true, Init: I32(0)}}
		g.Init = Code(I32(1), I32(2), I32(3), Call(0), GetGlobal(0), I32(1), Add, SetGlobal(0))
	}), recursive().Wasm()}
	for _, guests := range []map[string]Guest{forgetful(), restless()} {
		for _, name := range slices.Sorted(maps.Keys(guests)) {
			files = append(files, guests[name].Wasm())
		}
	}
	kinds := map[error]int{}
	for range fewer(10_000) {
		kinds[attempt(t, s, mutant(rng, files[rng.IntN(len(files))], files[rng.IntN(len(files))]))]++
	}
	for _, kind := range []error{nil, ErrRefused, ErrTrap, ErrLimit, ErrProtocol} {
		if kinds[kind] < fewer(20) {
			t.Errorf("too few of a kind: %v", kinds)
		}
	}
	wellBehaved(t, s)
}

// TestGoMutants does so with a large guest.
func TestGoMutants(t *testing.T) {
	o := impatient()
	o.Limits.Fuel.Init = 10_000_000
	o.Interpreter = true
	s := open(t, o)
	rng := rand.New(rand.NewPCG(5, 6))
	file := Build(t, "wasm/sandbox/testdata/walker")
	kinds := map[error]int{}
	for range fewer(60) {
		kinds[attempt(t, s, mutant(rng, file, file))]++
	}
	if !raced && (kinds[ErrRefused] == 0 || len(kinds) < 2) { // with the detector, they are three
		t.Errorf("outcomes %v", kinds)
	}
	wellBehaved(t, s)
}
