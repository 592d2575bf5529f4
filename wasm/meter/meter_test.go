package meter_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/meter"
	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// Instructions of the tests below, beside those of package sandboxtest.
var (
	block  = Op(0x02, 0x40)
	loop   = Op(0x03, 0x40)
	orElse = Op(0x05)
	sub    = Op(0x6b)
	nops   = func(n int) []byte { return bytes.Repeat(Op(0x01), n) }
	br     = func(n byte) []byte { return Op(0x0c, n) }
	brIf   = func(n byte) []byte { return Op(0x0d, n) }
	// countdown runs its argument once for each value of parameter 0 above 0.
	countdown = func(body []byte) []byte {
		return Code(loop, body, Get(0), I32(1), sub, Op(0x22, 0), brIf(0), End)
	}
	i32Type  = Op(1, 0x7f)
	funcRefs = func(min, max byte) []byte { return Vec(Op(0x70, 1, min, max)) }
)

// pinned are functions "(i)i" whose cost is counted by hand: of body and its
// end, for an argument of 3.
var pinned = map[string]struct {
	body  []byte
	raw   map[byte][]byte
	funcs []Func
	cost  int64
}{
	"constant":          {body: I32(7), cost: 2},
	"nops":              {body: Code(nops(1000), I32(7)), cost: 1002},
	"return":            {body: Code(I32(7), Return), cost: 3},
	"what is skipped":   {body: Code(I32(7), Return, nops(50)), cost: 53},
	"if":                {body: Code(Get(0), Op(0x04, 0x7f), I32(1), orElse, I32(2), End), cost: 7},
	"long then":         {body: Code(Get(0), If, nops(200), End, I32(2)), cost: 205},
	"long else":         {body: Code(Get(0), Op(0x45), If, block, End, nops(200), orElse, nops(300), End, I32(2)), cost: 5 + 301 + 2},
	"long end":          {body: Code(block, Get(0), brIf(0), End, nops(200), I32(2)), cost: 206},
	"jump over the end": {body: Code(block, block, Get(0), brIf(1), End, nops(200), End, I32(2)), cost: 5 + 2},
	"select":            {body: Code(I32(4), I32(5), Get(0), Op(0x1b)), cost: 5},
	"typed select":      {body: Code(I32(4), I32(5), Get(0), Code(Op(0x1c), i32Type)), cost: 5},
	"branch table":      {body: Code(block, block, Get(0), Op(0x0e, 2, 0, 1, 1), End, nops(1), End, I32(1)), cost: 9},
	"locals":            {body: Code(Get(0), Set(0), I32(9), Op(0x22, 0)), cost: 5},
	"null":              {body: Code(Op(0xd0, 0x70), Op(0xd1)), cost: 3},
	"loop":              {body: Code(countdown(nil), I32(7)), cost: 3 + 3*6},
	"loop with type":    {body: Code(Get(0), Op(0x03, 0), I32(1), sub, Op(0x22, 0), Get(0), brIf(0), End), cost: 3 + 3*6},
	"nested loops":      {body: Code(countdown(Code(I32(2), Set(3), loop, Get(3), I32(1), sub, Op(0x22, 3), brIf(0), End)), I32(7)), cost: 3 + 3*9 + 6*6},
	"call":              {body: Code(Get(0), Call(1)), funcs: []Func{{Type: "(i)i", Body: Code(Get(0), I32(1), Add)}}, cost: 3 + 4},
	"call by reference": {body: Code(Get(0), I32(1), Op(0x11, 1, 0)), funcs: []Func{{Type: "(i)i", Body: Code(Get(0), I32(1), Add)}},
		raw: map[byte][]byte{4: funcRefs(2, 9), 9: Vec(Code(Op(0), I32(1), End, Vec(Uleb(1))))}, cost: 4 + 4},
	"recursion": {body: Code(Get(0), Op(0x04, 0x7f), Get(0), I32(1), sub, Call(0), orElse, I32(5), End), cost: 4 * 10},
	"fill":      {body: Code(I32(64), I32(1), I32(1000), Op(0xfc, 11, 0), I32(0)), cost: 6 + 1000/8},
	"copy":      {body: Code(I32(64), I32(1), I32(1000), Op(0xfc, 10, 0, 0), I32(0)), cost: 6 + 1000/8},
	"init": {body: Code(I32(64), I32(0), I32(16), Op(0xfc, 8, 0, 0), Op(0xfc, 9, 0), I32(0)),
		raw: map[byte][]byte{11: Vec(Code(Op(1), Name("sixteen bytes ..."))), 12: Uleb(1)}, cost: 7 + 16/8},
	"grow":          {body: Code(I32(2), Grow), cost: 3 + 2*8192},
	"grow too much": {body: Code(I32(60_000), Grow), cost: 3},
	"grow a loop":   {body: Code(countdown(Code(I32(1), Grow, Drop)), I32(0)), cost: 3 + 3*(9+8192)},
	"tables": {body: Code(I32(1), Op(0xd2, 0), I32(6), Op(0xfc, 17, 0), I32(1), I32(2), I32(5), Op(0xfc, 14, 0, 0), I32(0), I32(0), I32(1), Op(0xfc, 12, 0, 0),
		Op(0xfc, 13, 0), I32(0), I32(1), Op(0x25, 0), Op(0x26, 0), Op(0xfc, 16, 0)),
		raw: map[byte][]byte{4: funcRefs(8, 9), 9: Vec(Code(Op(1, 0), Vec(Uleb(0))))}, cost: 19 + 6 + 5 + 1},
	"grow a table": {body: Code(Op(0xd0, 0x70), I32(5), Op(0xfc, 15, 0)),
		raw: map[byte][]byte{4: funcRefs(1, 9)}, cost: 4 + 5},
	"grow the second table": {body: Code(Op(0xd0, 0x70), I32(5), Op(0xfc, 15, 1)),
		raw: map[byte][]byte{4: Vec(Op(0x70, 1, 1, 9), Op(0x70, 1, 3, 9))}, cost: 4 + 5},
	"grow a table too much": {body: Code(Op(0xd0, 0x70), I32(50), Op(0xfc, 15, 0)),
		raw: map[byte][]byte{4: funcRefs(1, 9)}, cost: 4},
}

func guestOf(body []byte, raw map[byte][]byte, funcs []Func) []byte {
	return Guest{Funcs: append([]Func{{Export: "f", Type: "(i)i", Locals: "iii", Body: body}}, funcs...), Raw: raw}.Wasm()
}

// TestCosts runs small functions plain and metered by both engines, with just
// enough fuel and with one unit less.
func TestCosts(t *testing.T) {
	for name, c := range pinned {
		wasm := guestOf(c.body, c.raw, c.funcs)
		for engine := range engines {
			plain, err1 := start(t, engine, wasm)
			enough, err2 := start(t, engine, metered(t, wasm, c.cost))
			less, err3 := start(t, engine, metered(t, wasm, c.cost-1))
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			want := call(plain, "f", 3)
			if got := call(enough, "f", 3); !got.equal(want) || want.trap != "" {
				t.Errorf("%s, %s: %v %q, plain %v %q", name, engine, got.results, got.trap, want.results, want.trap)
			}
			if rest := left(enough); rest != 0 {
				t.Errorf("%s, %s: of %d units %d are left", name, engine, c.cost, rest)
			}
			if got := call(less, "f", 3); got.trap != "wasm error: unreachable" || left(less) >= 0 {
				t.Errorf("%s, %s: with too little fuel %v %q, left %d", name, engine, got.results, got.trap, left(less))
			}
		}
	}
}

// TestValuesCost: where ways through the code begin or meet, each 32 locals cost a
// unit, and so do each 32 values that a block or a function takes or gives.
func TestValuesCost(t *testing.T) {
	many := strings.Repeat("I", 319) // with the parameter, 10 units
	drops := func(n int) []byte { return bytes.Repeat(Drop, n) }
	push := func(n int) []byte { return bytes.Repeat(I32(1), n) }
	forty := strings.Repeat("i", 40)
	for name, c := range map[string]struct {
		locals string
		body   []byte
		other  Func
		cost   int64
	}{
		"entry":    {many, I32(7), Func{}, 2 + 10},
		"block":    {many, Code(block, End, I32(7)), Func{}, 4 + 2*10},
		"loop":     {many, Code(countdown(nil), I32(7)), Func{}, 3 + 3*6 + 5*10},
		"results":  {"", Code(Call(1), drops(40), I32(7)), Func{Type: "()" + forty, Body: push(40)}, 43 + 41 + 1},
		"params":   {"", Code(push(40), Call(1), I32(7)), Func{Type: "(" + forty + ")"}, 43 + 1 + 1},
		"gives":    {"", Code(Op(0x02, 1), push(40), End, drops(40), I32(7)), Func{Type: "()" + forty, Body: push(40)}, 84 + 1},
		"takes":    {"", Code(push(40), Op(0x02, 1), drops(40), End, I32(7)), Func{Type: "(" + forty + ")"}, 84 + 1},
		"a loop's": {"", Code(push(40), Op(0x03, 1), drops(40), End, I32(7)), Func{Type: "(" + forty + ")"}, 84 + 2},
	} {
		funcs := []Func{{Export: "f", Type: "(i)i", Locals: c.locals, Body: c.body}}
		if c.other.Type != "" {
			funcs = append(funcs, c.other)
		}
		m := metered(t, Guest{Funcs: funcs}.Wasm(), 0)
		for engine := range engines {
			i, err := start(t, engine, m)
			if err != nil {
				t.Fatal(err)
			}
			refill(i, 1000)
			if got := call(i, "f", 3); got.trap != "" || 1000-left(i) != c.cost {
				t.Errorf("%s, %s: spends %d, want %d: %v", name, engine, 1000-left(i), c.cost, got)
			}
		}
	}
}

// TestEnds gives functions that never end, or nearly never.
func TestEnds(t *testing.T) {
	for name, body := range map[string][]byte{
		"loop":                Code(Forever, I32(0)),
		"loop around a loop":  Code(loop, countdown(nil), br(0), End, I32(0)),
		"recursion in a tree": Code(Get(0), If, Get(0), I32(1), sub, Call(0), Drop, Get(0), I32(1), sub, Call(0), Drop, End, I32(0)), // 2^60 calls
		"filling":             Code(loop, I32(0), I32(1), I32(65536), Op(0xfc, 11, 0), br(0), End, I32(0)),
		"growing in vain":     Code(loop, I32(60_000), Grow, Drop, br(0), End, I32(0)),
		"a large fill":        Code(I32(0), I32(1), I32(-1), Op(0xfc, 11, 0), I32(0)),
	} {
		m := metered(t, guestOf(body, nil, nil), 0)
		rest := map[string]int64{}
		for engine := range engines {
			i, err := start(t, engine, m)
			if err != nil {
				t.Fatal(err)
			}
			refill(i, 10_000_000)
			if got := call(i, "f", 60); got.trap != "wasm error: unreachable" {
				t.Errorf("%s, %s: %v %q", name, engine, got.results, got.trap)
			}
			rest[engine] = left(i)
		}
		if rest["compiler"] != rest["interpreter"] || rest["compiler"] >= 0 {
			t.Errorf("%s: left are %v", name, rest)
		}
	}
}

// TestStop: a host that sets Stop ends a module within a slice.
func TestStop(t *testing.T) {
	for engine := range engines {
		i, err := start(t, engine, metered(t, guestOf(Code(Forever, I32(0)), nil, nil), 0))
		if err != nil {
			t.Fatal(err)
		}
		refill(i, math.MaxInt64/8)
		i.ExportedGlobal(meter.Stop).(interface{ Set(uint64) }).Set(1)
		before := left(i)
		if got := call(i, "f", 0); got.trap != "wasm error: unreachable" || before-left(i) > meter.Slice {
			t.Errorf("%s: %q after %d", engine, got.trap, before-left(i))
		}
	}
}

// TestStartCosts: the budget given at rewriting bounds the start function.
func TestStartCosts(t *testing.T) {
	g := Guest{Start: Forever}
	for engine := range engines {
		if _, err := start(t, engine, metered(t, g.Wasm(), 1000)); err == nil || !strings.Contains(err.Error(), "unreachable") {
			t.Errorf("%s: %v", engine, err)
		}
	}
}

// TestKeeps: indices, names and sections stay as they are.
func TestKeeps(t *testing.T) {
	wasm := Guest{
		Imports: []string{"esp log(iii)"},
		Globals: []Global{{Type: 0x7f, Mutable: true, Init: I32(7)}},
		Funcs:   []Func{{Export: "f", Type: "()", Body: Code(Forever)}},
		Start:   Code(), Raw: map[byte][]byte{4: funcRefs(2, 9), 9: Vec(Code(Op(0), I32(0), End, Vec(Uleb(1))))},
		Customs: [][2]string{{"producers", "\x00"}, {"name", "\x01\x04\x01\x01\x01f"}},
	}.Wasm()
	before, err := binary.Parse(wasm)
	if err != nil {
		t.Fatal(err)
	}
	m, err := meter.Module(before, 1)
	if err != nil {
		t.Fatal(err)
	}
	after, err := binary.Parse(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range before.Exports {
		if after.Exports[i] != e {
			t.Errorf("export %+v became %+v", e, after.Exports[i])
		}
	}
	if n := len(before.Exports); len(after.Exports) != n+4 || after.Exports[n].Name != meter.Fuel {
		t.Errorf("exports %+v", after.Exports)
	}
	if !bytes.Equal(before.Bytes(), wasm) {
		t.Error("the module that was metered has changed")
	}
	if len(after.Globals) != len(before.Globals)+3 || after.Globals[0] != before.Globals[0] {
		t.Errorf("globals %+v", after.Globals)
	}
	if len(after.Customs) != 2 || after.Customs[1].Name != "name" || !bytes.Equal(after.Customs[1].Data, before.Customs[1].Data) {
		t.Errorf("custom sections %+v", after.Customs)
	}
	if len(after.Functions) != len(before.Functions)+1 || !after.HasStart || len(after.Imports) != 1 || len(after.Types) != len(before.Types) {
		t.Errorf("%d functions, start %v, %d types", len(after.Functions), after.HasStart, len(after.Types))
	}
}

// TestRefuses: what is no module of WebAssembly 2.0 is refused by name, and so
// is one that uses the meter's names, or would use its counters.
func TestRefuses(t *testing.T) {
	g := Guest{Exports: [][]byte{Code(Name(meter.Reserve), Op(0), Uleb(0))}}
	if _, err := meter.File(g.Wasm(), 1); err == nil || !strings.Contains(err.Error(), meter.Reserve) {
		t.Errorf("reserved name: %v", err)
	}
	for want, body := range map[string][]byte{
		"it refers to global 0 of 0":   GetGlobal(0),
		"it refers to function 5 of 5": Code(Call(5)),
		"it refers to local 4 of 4":    Get(4),
		"it refers to type 5 of 5":     Code(Op(0x02, 5), End),
		"tail calls":                   Op(0x12, 0),
		"exception handling":           Op(0x1f, 0x40, 0),
		"threads":                      Op(0xfe, 3, 0),
		"relaxed SIMD":                 Op(0xfd, 0x80, 2),
		"typed function references":    Op(0x14, 0),
		"garbage-collected types":      Op(0xfb, 0, 0),
		"more than one memory":         Op(0x3f, 1),
		"code section, at byte":        Op(0xff),
	} {
		_, err := meter.File(guestOf(body, nil, nil), 1)
		var format *binary.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), want) || format.Offset == 0 {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestEmpty meters modules in which hardly anything is there.
func TestEmpty(t *testing.T) {
	header := "\x00asm\x01\x00\x00\x00"
	for _, wasm := range [][]byte{[]byte(header), append([]byte(header), Section(5, Vec(Op(0, 1)))...), append([]byte(header), Section(0, Name("x"))...)} {
		i, err := start(t, "compiler", metered(t, wasm, 12))
		if err != nil {
			t.Fatal(err)
		}
		if left(i) != 12 {
			t.Errorf("left are %d", left(i))
		}
	}
}
