package sandbox

import (
	"strings"
	"testing"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// packed answers n bytes at address at.
func packed(at, n uint32) []byte { return I64(int64(uint64(at)<<32 | uint64(n))) }

// bomb grows the memory by pages again and again, and traps when refused.
func bomb(pages int32) []byte {
	return Code(Op(0x03, 0x40), I32(pages), Grow, I32(-1), Equal, If, Unreachable, End, Op(0x0c, 0), End, packed(0, 0))
}

// TestLoops runs guests that never return.
func TestLoops(t *testing.T) {
	s := open(t, impatient())
	_, err := next(t, s, calling(Code(Forever, packed(0, 0))).Wasm())
	expect(t, "loop in next", err, ErrLimit, "fuel", "1,000,000 are allowed")
	wellBehaved(t, s)
	for name, change := range map[string]func(g *Guest){
		"start":      func(g *Guest) { g.Start = Forever },
		"initialize": func(g *Guest) { g.Init = Forever },
		"esp_abi":    func(g *Guest) { g.Funcs = []Func{{Export: "esp_abi", Type: "()i", Body: Code(Forever, I32(0))}} },
		"describe":   func(g *Guest) { g.Call = func([]byte) []byte { return Code(Forever, I64(0)) } },
	} {
		g := sound()
		change(&g)
		_, err := s.Load(background, "p", g.Wasm())
		expect(t, "loop in "+name, err, ErrLimit, "fuel", "3,000,000 are allowed")
	}
	wellBehaved(t, s)
}

// TestAttacks asks hostile plugins for a decision.
func TestAttacks(t *testing.T) {
	o := patient()
	o.Limits.MemoryBytes = 4 << 20
	s := open(t, o)
	for name, c := range map[string]struct {
		guest Guest
		kind  error
		code  string
		want  string
	}{
		"unreachable":         {calling(Unreachable), ErrTrap, "trap", "it crashed: unreachable"},
		"division by zero":    {calling(Code(I32(1), I32(0), Op(0x6d), Drop, packed(0, 0))), ErrTrap, "trap", "integer divide by zero"},
		"load out of bounds":  {calling(Code(I32(-1), Load8, Drop, packed(0, 0))), ErrTrap, "trap", "out of bounds memory access"},
		"recursion":           {recursive(), ErrTrap, "stack", "endless recursion"},
		"memory bomb":         {calling(bomb(1)), ErrLimit, "memory", "at most 4 MiB are allowed"},
		"memory at once":      {calling(bomb(60_000)), ErrLimit, "memory", "it wanted a memory of 3751.2 MiB"},
		"answer past memory":  {calling(packed(0xffff_0000, 1000)), ErrProtocol, "answer", "1000 bytes at 4294901760, outside of the memory of 1310720 bytes"},
		"answer too long":     {calling(packed(0, 1<<20+1)), ErrLimit, "answer", "at most 1 MiB are allowed"},
		"answer of 4 GiB":     {calling(packed(0, 0xffff_ffff)), ErrLimit, "answer", "the answer has 4096.0 MiB"},
		"answer over the end": {calling(packed(20*64<<10-2, 3)), ErrProtocol, "answer", "outside of the memory"},
		"no answer":           {calling(packed(0, 0)), ErrProtocol, "json", "the answer is empty"},
		"swapped":             {calling(packed(2, 17*64<<10)), ErrProtocol, "answer", "2 bytes at 1114112 that look like one: address and size are swapped"},
		"no text":             {calling(packed(100, 4)), ErrProtocol, "answer", "the answer, 4 bytes at 100, is no text: it begins with the byte 0"},
		"exit":                {calling(Code(I32(3), Call(0), packed(0, 0)), "wasi_snapshot_preview1 proc_exit(i)"), ErrTrap, "exit", "exited with code 3"},
		"exit as if stopped":  {calling(Code(I32(-0x10000001), Call(0), packed(0, 0)), "wasi_snapshot_preview1 proc_exit(i)"), ErrTrap, "exit", "exited with code 4026531839"},
		"log out of bounds":   {calling(Code(I32(1), I32(-8), I32(16), Call(0), packed(0, 0)), "esp log(iii)"), ErrTrap, "trap", "esp.log was given 16 bytes at 4294967288"},
		"abort":               {calling(Code(I32(answersAt), I32(-1), I32(7), I32(9), Call(0), packed(0, 0)), "env abort(iiii)"), ErrTrap, "trap", "aborted: abort at :7:9"},
	} {
		_, err := next(t, s, c.guest.Wasm())
		expect(t, name, err, c.kind, c.code, c.want)
		wellBehaved(t, s)
	}
}

// TestTrace: where the module names its functions, the call stack shows them.
func TestTrace(t *testing.T) {
	g := calling(Code(Call(0), packed(0, 0)))
	g.Funcs = []Func{{Type: "()", Body: Unreachable}}
	names := Vec(Code(Uleb(0), Name("give_up")))
	g.Customs = [][2]string{{"name", string(Code(Op(1), Uleb(uint64(len(names))), names))}}
	_, err := next(t, open(t, patient()), g.Wasm())
	if e, ok := err.(*Error); !ok || !strings.HasPrefix(e.Trace, ".give_up()\n") || strings.Count(e.Trace, "\n") != 1 {
		t.Errorf("%v", report(err))
	}
}

// TestFuelTrace: the call stack of a guest without fuel begins where it was, not
// in what the meter adds.
func TestFuelTrace(t *testing.T) {
	for _, interpreter := range []bool{false, true} {
		o := impatient()
		o.Interpreter = interpreter
		_, err := next(t, open(t, o), calling(Code(Forever, packed(0, 0))).Wasm())
		if e, ok := err.(*Error); !ok || !strings.HasPrefix(e.Trace, ".esp_call(") && !strings.HasPrefix(e.Trace, ".$") || strings.Count(e.Trace, "\n") != 0 {
			t.Errorf("interpreter %v: %v", interpreter, report(err))
		}
	}
}

const answersAt = 2 // an address that cannot hold a string

func recursive() Guest {
	g := calling(Code(Call(0), packed(0, 0)))
	g.Funcs = []Func{{Type: "()", Body: Call(0)}}
	return g
}

// TestAttacksOnLoad attacks before anything is asked.
func TestAttacksOnLoad(t *testing.T) {
	s := open(t, patient())
	for name, c := range map[string]struct {
		change func(g *Guest)
		kind   error
		code   string
		want   string
	}{
		"crash in start":      {func(g *Guest) { g.Start = Unreachable }, ErrTrap, "trap", "start function"},
		"crash in initialize": {func(g *Guest) { g.Init = Unreachable }, ErrTrap, "trap", "it crashed in _initialize: unreachable"},
		"bomb in initialize":  {func(g *Guest) { g.Init = Code(bomb(100), Drop) }, ErrLimit, "memory", "at most 64 MiB"},
		"no memory":           {func(g *Guest) { g.Funcs = []Func{{Export: "esp_alloc", Type: "(i)i", Body: I32(0)}} }, ErrProtocol, "alloc", "esp_alloc(2) has no memory left"},
		"wild pointer":        {func(g *Guest) { g.Funcs = []Func{{Export: "esp_alloc", Type: "(i)i", Body: I32(-1)}} }, ErrProtocol, "alloc", "answered 4294967295, which ends outside"},
		"data past memory":    {func(g *Guest) { g.Pages = 1 }, ErrTrap, "trap", "out of bounds memory access"},
	} {
		g := sound()
		c.change(&g)
		_, err := s.Load(background, "p", g.Wasm())
		expect(t, name, err, c.kind, c.code, c.want)
		wellBehaved(t, s)
	}
}

// TestWrongAnswers gives answers that are readable JSON, or nearly.
func TestWrongAnswers(t *testing.T) {
	s := open(t, patient())
	for answer, want := range map[string]string{
		`hello`:                  "cannot be read",
		`{"ok":`:                 "cannot be read",
		`[]`:                     "expected an object",
		`{}`:                     "neither ok nor err",
		`{"ok":{},"err":{}}`:     "both ok and err",
		`{"ok":[]}`:              "expected an object",
		`{"ok":{}}`:              "either a decision or done",
		`{"ok":{"done":true}} x`: "cannot be read",
		`{"ok":{"done":1}}`:      "cannot be read",
		`{"ok":{"done":true,"decision":{"kind":"k","name":"d"}}}`:                               "either a decision or done",
		`{"ok":{"decision":{"kind":"unheard","name":"d"}}}`:                                     `"unheard" is not among`,
		`{"ok":{"decision":{"kind":"k","name":""}}}`:                                            "name is empty",
		`{"ok":{"decision":{"kind":"k","name":"d","anchors":[0]}}}`:                             "a choice has no anchors",
		`{"ok":{"decision":{"kind":"k","name":"d","mask":[false,false]}}}`:                      "forbids every option",
		`{"ok":{"decision":{"kind":"set","name":"d","anchors":[0]}}}`:                           "within the 0 anchor points",
		`{"ok":{"decision":{"kind":"one","name":"d"}}}`:                                         "at least one anchor point",
		`{"ok":{"decision":{"kind":"k","name":"d"},"state":"` + strings.Repeat("s", 65) + `"}}`: "state is longer than 64",
		"{\"ok\":{\"decision\":{\"kind\":\"k\",\"name\":\"\xff\"}}}":                            "cannot be read",
		`{"ok":` + strings.Repeat("[", 100_000):                                                 "cannot be read",
	} {
		_, err := next(t, s, answering(2, answer).Wasm())
		code := "rule"
		if strings.Contains(want, "read") || strings.Contains(want, "expected") {
			code = "json"
		} else if strings.Contains(want, "ok") {
			code = "envelope"
		}
		expect(t, answer, err, ErrProtocol, code, want)
	}
	// So is a bad step behind a state, each time that it is reached.
	space, err := load(t, s, answering(2, `{"ok":{"decision":{"kind":"k","name":"d"},"state":"0","any":true}}`).Wasm()).Space(background, "s", nil)
	if err != nil {
		t.Fatal(report(err))
	}
	space.transitions.put([]byte("\x010"), spec.Step{})
	for range 2 {
		_, err = space.Next(background, spec.Step{}, spec.Answers{spec.Pick(0)})
		expect(t, "behind a state", err, ErrProtocol, "rule", "either a decision or done")
	}
	_, err = next(t, s, answering(2, `{"err":{"code":"bad_prefix","msg":"never","at":0}}`).Wasm())
	expect(t, "err", err, ErrAnswer, "bad_prefix", "never")
	if e := err.(*Error); e.At != 0 || e.Sent != `{"space":"s","params":{},"prefix":[]}` || !strings.Contains(e.Got, "never") {
		t.Errorf("%+v", e)
	}
	// What a guest says cannot write to the terminal.
	_, err = next(t, s, answering(2, `{"err":{"code":"bad\u001b[2J","msg":"gone\u0007\u009b"}}`).Wasm())
	if text := report(err); strings.ContainsAny(text, "\x1b\x07\u009b") || !strings.Contains(text, "gone··") {
		t.Errorf("%q", text)
	}
	wellBehaved(t, s)
}

func TestWrongDescriptions(t *testing.T) {
	s := open(t, patient())
	for change, want := range map[[2]string]string{
		{`"name":"s","v`, `"name":"other","v`}: `describes the space "other" when asked for "s"; its manifest offers s`,
		{`"max_steps":3`, `"max_steps":0`}:     "max_steps is 0",
		{`"max_steps":3`, `"max_steps":10001`}: "max_steps is 10001",
		{`"id":"k"`, `"id":"set"`}:             "two kinds",
		{`"task":"image"`, `"task":"cook"`}:    `"cook"`,
		{`["a","b"]`, `[]`}:                    "options",
	} {
		m := load(t, s, answering(1, strings.Replace(described, change[0], change[1], 1)).Wasm())
		_, err := m.Space(background, "s", nil)
		expect(t, change[1], err, ErrProtocol, "rule", want)
	}
	few := patient()
	few.Limits.Steps = 2
	_, err := load(t, open(t, few), sound().Wasm()).Space(background, "s", nil)
	expect(t, "steps", err, ErrProtocol, "rule", "max_steps is 3; at most 2 are allowed")
	m := load(t, s, sound().Wasm())
	_, err = m.Space(background, "s", []byte("[1]"))
	expect(t, "params", err, ErrAnswer, "bad_params", "not a JSON object")
	_, err = m.Shaper(background, "r", nil)
	expect(t, "shaper", err, ErrProtocol, "rule", `describes the shaper "s" when asked for "r"`)
}

// TestWrongTask builds networks for a task and for others.
func TestWrongTask(t *testing.T) {
	const network = `{"ok":{"network":{"task":{"type":"image","input":[8,8,3],"classes":10},"nodes":[{"name":"g","op":"global_avgpool","inputs":["input"]},` +
		`{"name":"d","op":"dense","units":10,"inputs":["g"]}],"output":"d"}}}`
	space, err := load(t, open(t, patient()), answering(3, network).Wasm()).Space(background, "s", nil)
	if err != nil {
		t.Fatal(report(err))
	}
	task := spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 3}, Classes: 10}
	if n, err := space.Build(background, nil, task); err != nil || len(n.Nodes) != 2 {
		t.Errorf("%v", err)
	}
	for name, change := range map[string]func(t *spec.Task){
		"classes": func(t *spec.Task) { t.Classes = 9 },
		"input":   func(t *spec.Task) { t.Input = []int{8, 9, 3} },
		"rank":    func(t *spec.Task) { t.Input = []int{8} },
		"type":    func(t *spec.Task) { t.Type = spec.TaskText },
	} {
		other := task
		change(&other)
		_, err := space.Build(background, nil, other)
		expect(t, name, err, ErrProtocol, "rule", `the network is for the task {"type":"image","input":[8,8,3],"classes":10}, but was asked for {"type":"`)
	}
}

func TestRewards(t *testing.T) {
	s := open(t, patient())
	for answer, want := range map[string]string{
		`{"ok":{"reward":0.5,"parts":{"accuracy":0.25}}}`: "",
		`{"ok":{"parts":{}}}`:                             "absent or not a finite number",
		`{"ok":{"reward":null}}`:                          "absent or not a finite number",
		`{"ok":{"reward":1,"parts":{"\u001b[2J":1}}}`:     "the name of a part has a control character",
		`{"ok":{"reward":NaN}}`:                           "cannot be read",
		`{"ok":{"reward":1e999}}`:                         "cannot be read",
		`{"ok":{"reward":"high"}}`:                        "cannot be read",
	} {
		g := answering(4, answer)
		g.Answers[1] = strings.Replace(described, `"name":"s","v`, `"name":"r","v`, 1)
		shaper, err := load(t, s, g.Wasm()).Shaper(background, "r", nil)
		if err != nil {
			t.Fatal(report(err))
		}
		r, err := shaper.Reward(background, spec.Metrics{})
		switch {
		case want == "":
			if err != nil || r.Reward != 0.5 || len(r.Parts) != 1 || r.Parts[0].Value != 0.25 {
				t.Errorf("%s: %+v, %v", answer, r, err)
			}
		case strings.Contains(want, "read"):
			expect(t, answer, err, ErrProtocol, "json", want)
		default:
			expect(t, answer, err, ErrProtocol, "rule", want)
		}
	}
}
