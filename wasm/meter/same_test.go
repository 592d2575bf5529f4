package meter_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/meter"
	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// author writes random functions of type "(i)i". Locals 1 to 3 are theirs, 4 to
// 6 count the iterations of nested loops. All they do ends, though that may take
// very long.
type author struct {
	rng   *rand.Rand
	calls int // functions that may be called, or 0
	loops int // around what is being written
	depth int
}

func (a *author) value() []byte {
	local := Get(a.rng.IntN(4))
	switch a.rng.IntN(6) {
	case 0:
		return I32(int32(a.rng.Uint32()))
	case 1:
		return Code(local, I32(0xffff), Op(0x71), Load8)
	case 2:
		return Code(local, Get(a.rng.IntN(4)), Op([]byte{0x6a, 0x6b, 0x6c, 0x71, 0x73, 0x48}[a.rng.IntN(6)]))
	case 3:
		if a.rng.IntN(5) == 0 {
			return Code(local, Get(a.rng.IntN(4)), Op(0x6d)) // division, which may trap
		}
	}
	return local
}

func (a *author) statements(most int) []byte {
	var code []byte
	for range a.rng.IntN(most + 1) {
		code = append(code, a.statement()...)
	}
	return code
}

func (a *author) statement() []byte {
	a.depth++
	defer func() { a.depth-- }()
	inner := 4
	if a.depth > 4 {
		inner = 1
	}
	set := Set(1 + a.rng.IntN(3))
	switch n := a.rng.IntN(16); {
	case n < 4:
		return Code(a.value(), set)
	case n == 4:
		return Code(Get(a.rng.IntN(4)), I32(0xffff), Op(0x71), a.value(), Store8)
	case n == 5:
		return Code(a.value(), If, a.statements(inner), End)
	case n == 6:
		return Code(a.value(), If, a.statements(inner), orElse, a.statements(inner), End)
	case n == 7:
		return Code(block, a.statements(inner), a.value(), brIf(0), a.statements(inner), End)
	case n == 8 && a.loops < 3:
		count := 4 + a.loops
		a.loops++
		body := a.statements(inner)
		a.loops--
		return Code(I32(1+a.rng.Int32N(40)), Set(count), loop, body, Get(count), I32(1), sub, Op(0x22, byte(count)), brIf(0), End)
	case n == 9 && a.calls > 0:
		return Code(a.value(), Call(a.rng.IntN(a.calls)), set)
	case n == 10:
		return Code(a.value(), If, a.value(), Return, End)
	case n == 11:
		return Code(block, block, block, a.statements(1), a.value(), Op(0x0e, 2, 0, 1, 2), End, a.statements(inner), End, a.statements(inner), End)
	case n == 12:
		return Code(I32(a.rng.Int32N(1000)), a.value(), a.value(), I32(0xfff), Op(0x71), Op(0xfc, 11, 0))
	case n == 13:
		return Code(I32(a.rng.Int32N(1000)), I32(a.rng.Int32N(9000)), a.value(), I32(0xfff), Op(0x71), Op(0xfc, 10, 0, 0))
	case n == 14 && a.rng.IntN(4) == 0:
		return Code(a.value(), I32(7), Op(0x71), Grow, set)
	}
	return nops(a.rng.IntN(80))
}

// program is a module of random functions, of which "f" calls the others.
func program(rng *rand.Rand) []byte {
	const functions = 4
	g := Guest{}
	for i := range functions {
		a := &author{rng: rng, calls: i}
		g.Funcs = append(g.Funcs, Func{Type: "(i)i", Locals: "iiiiii", Body: Code(a.statements(8), a.value())})
	}
	g.Funcs[functions-1].Export = "f"
	return g.Wasm()
}

// TestRandomPrograms runs random programs. Metered they do what they do without
// meter; both engines count alike, to the last unit; and what is spent covers
// what is run.
func TestRandomPrograms(t *testing.T) {
	const budget = 100_000
	rng := rand.New(rand.NewPCG(5, 1))
	ended, trapped, starved := 0, 0, 0
	for n := range 300 {
		wasm := program(rng)
		m := metered(t, wasm, budget)
		compiled, err1 := start(t, "compiler", m)
		interpreted, err2 := start(t, "interpreter", m)
		plain, err3 := start(t, "compiler", counted(t, wasm))
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		for arg := range uint64(3) {
			refill(compiled, budget)
			refill(interpreted, budget)
			a, b := call(compiled, "f", arg), call(interpreted, "f", arg)
			if !a.equal(b) || left(compiled) != left(interpreted) {
				t.Fatalf("program %d: compiled %v %q, %d left; interpreted %v %q, %d left", n, a.results, a.trap, left(compiled), b.results, b.trap, left(interpreted))
			}
			if left(compiled) < 0 {
				starved++
				break // the plain program may take for ever
			}
			count := plain.ExportedGlobal("count").(api.MutableGlobal)
			count.Set(0)
			if c := call(plain, "f", arg); !c.equal(a) {
				t.Fatalf("program %d: metered %v %q, plain %v %q", n, a.results, a.trap, c.results, c.trap)
			}
			if spent := budget - left(compiled); spent < int64(count.Get()) {
				t.Fatalf("program %d: %d instructions for %d units", n, count.Get(), spent)
			}
			if a.trap != "" {
				trapped++
			} else {
				ended++
			}
		}
	}
	if ended < 100 || trapped < 20 || starved < 3 {
		t.Errorf("%d calls ended, %d trapped, %d were starved: too few of a kind", ended, trapped, starved)
	}
}

// TestGuests: what a guest in Go answers, metered, and that what it spends
// covers what it runs, and is not far from it.
func TestGuests(t *testing.T) {
	wasm := Build(t, "plugins/cnn/guest")
	const budget = 1 << 40
	m, err1 := start(t, "interpreter", metered(t, wasm, budget))
	p, err2 := start(t, "interpreter", counted(t, wasm))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for _, request := range []string{`{}`, `{"space":"v1","params":{"layers":4},"prefix":[0,1,2]}`, `{"space":"v1","params":{},"prefix":[99]}`, `nonsense`} {
		before, count := left(m), p.ExportedGlobal("count").Get()
		got, want := ask(t, m, request), ask(t, p, request)
		if !bytes.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: metered %s, plain %s", request, got, want)
		}
		spent, run := before-left(m), int64(p.ExportedGlobal("count").Get()-count)
		t.Logf("%s: %d instructions, %d units", request, run, spent)
		if spent < run || spent > 4*run {
			t.Errorf("%s: %d units for %d instructions", request, spent, run)
		}
	}
}

// ask asks a guest for a decision.
func ask(t *testing.T, m api.Module, request string) []byte {
	t.Helper()
	ptr := call(m, "esp_alloc", uint64(len(request)))
	if len(ptr.results) != 1 || !m.Memory().Write(uint32(ptr.results[0]), []byte(request)) {
		t.Fatal(ptr.trap)
	}
	o := call(m, "esp_call", 2, ptr.results[0], uint64(len(request)))
	if o.trap != "" {
		t.Fatal(o.trap)
	}
	return o.memory[o.results[0]>>32:][:uint32(o.results[0])]
}

// TestMutations meters modules with random bytes changed. It never panics, and
// what it returns is valid if and only if the module was.
func TestMutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	r := wazero.NewRuntimeWithConfig(background, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(background)
	valid, invalid, refused := 0, 0, 0
	for n := range 60 {
		file := program(rng)
		for range 100 {
			b := bytes.Clone(file)
			for range 1 + rng.IntN(3) {
				b[8+rng.IntN(len(b)-8)] = byte(rng.Uint32())
			}
			switch agree(t, r, b) {
			case "valid":
				valid++
			case "invalid":
				invalid++
			default:
				refused++
			}
		}
		if t.Failed() {
			t.Fatalf("in program %d", n)
		}
	}
	if valid < 100 || invalid < 100 || refused < 100 {
		t.Errorf("%d valid, %d invalid, %d refused: too few of a kind", valid, invalid, refused)
	}
}

// agree checks that a module is valid exactly if it is once metered.
func agree(t *testing.T, r wazero.Runtime, wasm []byte) string {
	t.Helper()
	out, err := meter.File(wasm, 1)
	if err != nil {
		return "refused"
	}
	if _, err := binary.Parse(out); err != nil {
		t.Errorf("a metered module cannot be read again: %v\n%x", err, wasm)
	}
	before, err1 := r.CompileModule(background, wasm)
	after, err2 := r.CompileModule(background, out)
	if (err1 == nil) != (err2 == nil) {
		t.Errorf("plain: %v; metered: %v\n%x", err1, err2, wasm)
	}
	if err1 != nil || err2 != nil {
		return "invalid"
	}
	_ = before.Close(background)
	_ = after.Close(background)
	return "valid"
}

// FuzzFile meters anything.
func FuzzFile(f *testing.F) {
	for _, c := range pinned {
		f.Add(guestOf(c.body, c.raw, c.funcs))
	}
	rng := rand.New(rand.NewPCG(8, 3))
	for range 20 {
		f.Add(program(rng))
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		r := wazero.NewRuntimeWithConfig(background, wazero.NewRuntimeConfigInterpreter())
		defer r.Close(background)
		agree(t, r, wasm)
	})
}
