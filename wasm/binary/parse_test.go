package binary_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/binary"
	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// sample uses every kind of section and segment.
func sample() []byte {
	return Guest{
		Imports: []string{"esp log(iii)", "env abort(iiii)"},
		Globals: []Global{
			{Type: 0x7f, Mutable: true, Init: I32(7)},
			{Type: 0x7e, Init: I64(-1)},
			{Type: 0x7c, Mutable: true, Init: F64(0.5)},
		},
		Funcs: []Func{{Type: "(iI)F", Locals: "iIf", Body: Code(F64(2), Op(0x02, 0x40), Get(0), Op(0x0e, 1, 0, 0), End)}},
		Start: Code(),
		Init:  Forever,
		Raw: map[byte][]byte{
			4: Vec(Code(Op(0x70, 1, 2, 9))),
			9: Vec(
				Code(Op(0), I32(0), End, Vec(Uleb(2))),
				Code(Op(4), I32(1), End, Vec(Code(Op(0xd2), Uleb(2), End)))),
		},
		Customs: [][2]string{{"producers", "\x00"}, {"name", "\x01\x04\x01\x02\x01f"}},
	}.Wasm()
}

func TestParse(t *testing.T) {
	m, err := binary.Parse(sample())
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Imports) != 2 || m.Imports[1].Name != "abort" || m.Imports[1].Type.String() != "(i32, i32, i32, i32)" {
		t.Errorf("imports %+v", m.Imports)
	}
	e, ok := m.Export("esp_call")
	if !ok || e.Kind != binary.Func {
		t.Fatalf("export %+v, %v", e, ok)
	}
	if f, ok := m.FuncType(e.Index); !ok || f.String() != "(i32, i32, i32) -> i64" {
		t.Errorf("esp_call is %v, %v", f, ok)
	}
	if f, ok := m.FuncType(1); !ok || len(f.Params) != 4 {
		t.Errorf("imported function 1 is %v, %v", f, ok)
	}
	if _, ok := m.FuncType(99); ok {
		t.Error("function 99 has a type")
	}
	if got := m.Mutable(); len(got) != 2 || got[0] != 0 || got[1] != 2 {
		t.Errorf("mutable globals %v", got)
	}
	if !m.HasStart || m.Passive || m.WritesTables || m.GrowsTables {
		t.Errorf("start %v, passive %v, writes tables %v, grows them %v", m.HasStart, m.Passive, m.WritesTables, m.GrowsTables)
	}
	if want := (binary.Limits{Min: 2, Max: 9, Bounded: true}); len(m.Tables) != 1 || m.Tables[0] != want {
		t.Errorf("tables %+v", m.Tables)
	}
	if len(m.Customs) != 2 || m.Customs[0].Name != "producers" {
		t.Errorf("custom sections %+v", m.Customs)
	}
}

func TestStrangers(t *testing.T) {
	for file, want := range map[string]string{
		"":                              "the file is empty",
		"\x00as":                        "within its first four bytes",
		"\x00asm\x01\x00":               "within its header",
		"\x00asm\x0d\x00\x01\x00\x07":   "component",
		"\x00asm\x02\x00\x00\x00":       "unknown version",
		"\x7fELF\x02\x01":               "ELF",
		"MZ\x90":                        "Windows",
		"\x1f\x8b\x08":                  "gzip",
		"PK\x03\x04":                    "zip",
		"  (module (func))":             "WebAssembly text",
		"#!/bin/sh":                     "script",
		"<!doctype html>":               "HTML",
		"package main\n\nfunc main(){}": "does not begin with",
	} {
		_, err := binary.Parse([]byte(file))
		var format *binary.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), want) || format.Fix == "" {
			t.Errorf("%q: %v (fix %q)", file, err, format.Fix)
		}
	}
}

// TestClaims gives modules that claim more than they hold, or more than any
// host should set aside.
func TestClaims(t *testing.T) {
	header := "\x00asm\x01\x00\x00\x00"
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0x0f}
	body := func(b ...[]byte) []byte {
		c := Code(b...)
		return append(Uleb(uint64(len(c))), c...)
	}
	oneFunc := string(Section(1, Vec(Code(Op(0x60), Vec(), Vec())))) + string(Section(3, Vec(Uleb(0))))
	for name, c := range map[string]struct {
		sections []byte
		want     string
	}{
		"types":             {Section(1, huge), "declared, but only 0 bytes follow"},
		"many types":        {Section(1, Vec(repeated(2001, Op(0x60, 0, 0))...)), "at most 2000 are allowed"},
		"imports":           {Section(2, huge), "imports declared"},
		"functions":         {Section(3, huge), "functions declared"},
		"exports":           {Section(7, huge), "exports declared"},
		"name":              {Section(2, Op(1), huge), "bytes of a name declared"},
		"long number":       {Section(1, Op(0x80, 0x80, 0x80, 0x80, 0x80, 0)), "longer than five bytes"},
		"big number":        {Section(1, Op(0xff, 0xff, 0xff, 0xff, 0x1f)), "exceeds 32 bits"},
		"locals":            {append([]byte(oneFunc), Section(10, Vec(body(Op(1), huge, Op(0x7f), End)))...), "more than 50000 locals"},
		"many locals":       {append([]byte(oneFunc), Section(10, Vec(body(Op(2), Uleb(30_000), Op(0x7f), Uleb(30_000), Op(0x7f), End)))...), "more than 50000 locals"},
		"depth":             {append([]byte(oneFunc), Section(10, Vec(body(Op(0), bytes.Repeat(Op(0x02, 0x40), 6000), bytes.Repeat(End, 6001))))...), "nested blocks"},
		"loops":             {append([]byte(oneFunc), Section(10, Vec(body(Op(0), bytes.Repeat(Op(0x03, 0x40), 251), bytes.Repeat(End, 252))))...), "250 nested loops"},
		"blocks":            {append([]byte(oneFunc), Section(10, Vec(body(Op(0), bytes.Repeat(Op(0x02, 0x40, 0x0b), 6000), End)))...), "too many branches"},
		"fills":             {append([]byte(oneFunc), Section(10, Vec(body(Op(0), bytes.Repeat(Op(0xfc, 11, 0), 4000), End)))...), "too many branches"},
		"loads":             {append([]byte(oneFunc), Section(10, Vec(body(Op(0), bytes.Repeat(Op(0x28, 0, 0), 70_000), End)))...), "too many branches"},
		"targets":           {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x0e), Uleb(20_000), make([]byte, 20_001), End)))...), "too many branches"},
		"blocks and locals": {append([]byte(oneFunc), Section(10, Vec(body(Op(1), Uleb(50_000), Op(0x7f), bytes.Repeat(Op(0x02, 0x40, 0x0b), 300), End)))...), "the functions up to here"},
		"body":              {append([]byte(oneFunc), Section(10, Op(1), huge)...), "cut off"},
		"no body":           {[]byte(oneFunc), "the file is incomplete"},
		"branch table":      {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x0e), huge)))...), "branch targets declared"},
		"table":             {Section(4, Vec(Code(Op(0x70, 0), Uleb(2_000_000)))), "more than 1000000 entries"},
		"memories":          {Section(5, Vec(Op(0, 1), Op(0, 1))), "at most 1"},
		"shared memory":     {Section(5, Vec(Op(3, 1, 1))), "threads"},
		"64-bit memory":     {Section(5, Vec(Op(4, 1))), "64-bit memory"},
		"upside down":       {Section(5, Vec(Op(1, 2, 1))), "at least 2 and at most 1"},
		"tags":              {Section(13, Vec(Op(0, 0))), "exception handling"},
		"order":             {append(Section(3, Vec()), Section(1, Vec())...), "out of order"},
		"twice":             {append(Section(1, Vec()), Section(1, Vec())...), "out of order or repeated"},
		"left over":         {Section(1, Vec(), Op(0)), "1 bytes are left over"},
		"unknown section":   {Op(99, 0), "unknown section id 99"},
		"structs":           {Section(1, Vec(Op(0x5f, 0))), "garbage-collected"},
		"value type":        {Section(1, Vec(Op(0x60, 1, 0x11, 0))), "no value type"},
		"UTF-8":             {Section(2, Vec(Op(1, 0xff))), "not valid UTF-8"},
		"atomics":           {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0xfe, 0x03, 0, 0x0b))))...), "threads (atomic"},
		"tail call":         {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x12, 0, 0x0b))))...), "tail calls"},
		"try":               {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x1f, 0x40, 0, 0x0b, 0x0b))))...), "exception handling"},
		"relaxed SIMD":      {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0xfd, 0x80, 2, 0x0b))))...), "relaxed SIMD"},
		"second memory":     {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x3f, 1, 0x1a, 0x0b))))...), "more than one memory"},
		"code after end":    {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x0b, 0x01))))...), "follow a function's end"},
		"computed global":   {Section(6, Vec(Code(Op(0x7f, 0), I32(1), I32(1), Add, End))), "constant expression"},
		"large body":        {append([]byte(oneFunc), Section(10, Vec(body(Op(0), bytes.Repeat(Op(0x01), 8_000_000), End)))...), "at most 7654321 are allowed"},
		"locals in all": {Code(Section(1, Vec(Code(Op(0x60), Vec(), Vec()))), Section(3, Vec(repeated(81, Uleb(0))...)),
			Section(10, Vec(repeated(81, body(Op(1), Uleb(50_000), Op(0x7f), End))...))), "more than 4000000 locals in all"},
		"alignment":        {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0x28, 0x40, 0), End)))...), "an alignment of 2^64"},
		"reference":        {append([]byte(oneFunc), Section(10, Vec(body(Op(0, 0xd2, 1, 0x1a), End)))...), "function 1 of 1"},
		"more bodies":      {append([]byte(oneFunc), Section(10, Vec(body(Op(0), End), body(Op(0), End)))...), "more function bodies than the 1"},
		"own global":       {Section(6, Vec(Code(Op(0x7f, 0), GetGlobal(0), End))), "global 0 of 0"},
		"export":           {append([]byte(oneFunc), Section(7, Vec(Code(Name("f"), Op(0, 1))))...), "function 1 of 1"},
		"start":            {append([]byte(oneFunc), Section(8, Uleb(1))...), "function 1 of 1"},
		"element":          {append([]byte(oneFunc), Section(9, Vec(Code(Op(0), I32(0), End, Vec(Uleb(1)))))...), "function 1 of 1"},
		"element's code":   {append([]byte(oneFunc), Section(9, Vec(Code(Op(4), I32(0), End, Vec(Code(Op(0xd2, 1), End)))))...), "function 1 of 1"},
		"element's flags":  {Section(9, Vec(Op(8))), "unknown flags 8"},
		"data's flags":     {Section(11, Vec(Op(3))), "unknown flags 3"},
		"custom sections":  {bytes.Repeat(Section(0, Name("x")), 1001), "more than 1000 custom sections"},
		"missing segments": {Section(12, Uleb(3)), "3 data segments are announced, but 0 present"},
	} {
		_, err := binary.Parse(append([]byte(header), c.sections...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func repeated(n int, entry []byte) [][]byte {
	list := make([][]byte, n)
	for i := range list {
		list[i] = entry
	}
	return list
}

// TestMoves bounds how many values calls and blocks take and give, and branches
// carry: a compiler moves each of them.
func TestMoves(t *testing.T) {
	many := strings.Repeat("i", 999)
	times := func(n int, parts ...[]byte) []byte { return bytes.Repeat(Code(parts...), n) }
	const carrying, passing, taking = 1, 2, 3 // types of functions 1 to 3
	for name, c := range map[string]struct {
		body   func(n int) []byte
		result string
		passes int // so many times, and not twice as many
	}{
		"call":          {func(n int) []byte { return Code(Call(carrying), times(n, Call(passing))) }, "", 200},
		"indirect call": {func(n int) []byte { return Code(Call(carrying), times(n, I32(0), Op(0x11, passing, 0))) }, "", 200},
		"block":         {func(n int) []byte { return Code(Call(carrying), times(n, Op(0x02, passing), End)) }, "", 200},
		"loop":          {func(n int) []byte { return Code(Call(carrying), times(n, Op(0x03, passing), End)) }, "", 200},
		"branch":        {func(n int) []byte { return Code(Op(0x02, carrying), times(n, Op(0x0c, 0)), End) }, "", 400},
		"branch if":     {func(n int) []byte { return Code(Op(0x02, carrying), times(n, Get(0), Op(0x0d, 0)), End) }, "", 400},
		"branch out":    {func(n int) []byte { return Code(block, times(n, Op(0x0c, 1)), End) }, many, 400},
		"back":          {func(n int) []byte { return Code(Op(0x03, taking), times(n, Op(0x0c, 0)), End) }, "", 400},
		"table":         {func(n int) []byte { return Code(Op(0x02, carrying), Op(0x0e), Uleb(uint64(n)), make([]byte, n+1), End) }, "", 400},
		"return":        {func(n int) []byte { return times(n, Op(0x0f)) }, many, 400},
	} {
		file := func(n, funcs int) []byte {
			g := Guest{Funcs: []Func{{Type: "(i)" + c.result}, {Type: "()" + many}, {Type: "(" + many + ")" + many}, {Type: "(" + many + ")"}}}
			g.Funcs[0].Body = c.body(n)
			for range funcs - 1 {
				g.Funcs = append(g.Funcs, g.Funcs[0])
			}
			return g.Wasm()
		}
		if _, err := binary.Parse(file(c.passes, 1)); err != nil {
			t.Errorf("%s, %d times: %v", name, c.passes, err)
		}
		if _, err := binary.Parse(file(2*c.passes, 1)); err == nil || !strings.Contains(err.Error(), "too many branches") {
			t.Errorf("%s, %d times: %v", name, 2*c.passes, err)
		}
		if _, err := binary.Parse(file(c.passes/4, 100)); err == nil || !strings.Contains(err.Error(), "too many values") {
			t.Errorf("%s, %d times in 100 functions: %v", name, c.passes/4, err)
		}
	}
}

var block = Op(0x02, 0x40)

// TestRows: only loops within each other count towards the depth.
func TestRows(t *testing.T) {
	if _, err := binary.Parse(Guest{Funcs: []Func{{Type: "()", Body: bytes.Repeat(Op(0x03, 0x40, 0x0b), 300)}}}.Wasm()); err != nil {
		t.Error(err)
	}
}

func TestState(t *testing.T) {
	funcs := func(body []byte) Guest {
		return Guest{
			Funcs: []Func{{Type: "()", Body: body}},
			Raw:   map[byte][]byte{4: Vec(Op(0x70, 0, 4))},
		}
	}
	for name, c := range map[string]struct {
		guest                  Guest
		passive, writes, grows bool
	}{
		"plain":        {Guest{}, false, false, false},
		"table.set":    {funcs(Code(I32(0), Op(0xd0, 0x70), Op(0x26, 0))), false, true, false},
		"table.get":    {funcs(Code(I32(0), Op(0x25, 0), Drop)), false, false, false},
		"table.copy":   {funcs(Code(I32(0), I32(0), I32(0), Op(0xfc, 14, 0, 0))), false, true, false},
		"table.grow":   {funcs(Code(Op(0xd0, 0x70), I32(1), Op(0xfc, 15, 0), Drop)), false, true, true},
		"memory.copy":  {funcs(Code(I32(0), I32(0), I32(0), Op(0xfc, 10, 0, 0))), false, false, false},
		"passive data": {Guest{Raw: map[byte][]byte{11: Vec(Code(Op(1), Name("x")))}}, true, false, false},
		"passive elements": {Guest{Raw: map[byte][]byte{
			4: Vec(Op(0x70, 0, 4)), 9: Vec(Code(Op(1, 0), Vec(Uleb(0))))}}, true, false, false},
		"declared elements": {Guest{Raw: map[byte][]byte{
			4: Vec(Op(0x70, 0, 4)), 9: Vec(Code(Op(3, 0), Vec(Uleb(0))))}}, false, false, false},
	} {
		m, err := binary.Parse(c.guest.Wasm())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if m.Passive != c.passive || m.WritesTables != c.writes || m.GrowsTables != c.grows {
			t.Errorf("%s: passive %v, writes %v, grows %v", name, m.Passive, m.WritesTables, m.GrowsTables)
		}
	}
}

// TestTruncated cuts a module at every byte: each beginning is refused, or is
// a whole module that lacks the sections behind the cut.
func TestTruncated(t *testing.T) {
	file := sample()
	whole, err := binary.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	sound := 0
	for n := range file {
		m, err := binary.Parse(file[:n])
		if err == nil {
			sound++
			if len(m.Customs) == len(whole.Customs) {
				t.Errorf("the first %d of %d bytes pass for the whole", n, len(file))
			}
		}
	}
	if sound > 12 {
		t.Errorf("%d beginnings are sound; there are fewer sections than that", sound)
	}
}

// TestMutations changes random bytes: Parse returns, and never panics.
func TestMutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	file := sample()
	refused := 0
	for range 20_000 {
		b := bytes.Clone(file)
		for range 1 + rng.IntN(3) {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		}
		m, err := binary.Parse(b)
		if err != nil {
			refused++
			continue
		}
		if _, err := binary.Parse(m.Plain()); err != nil {
			t.Fatalf("a module that was read cannot be read again once rewritten: %v", err)
		}
	}
	if refused == 0 {
		t.Error("no mutation was refused")
	}
}
