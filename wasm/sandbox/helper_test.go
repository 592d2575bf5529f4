package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var background = context.Background()

// impatient are limits under which attacks end soon.
func impatient() Options {
	o := Default()
	o.CacheDir = ""
	o.Pool = 2
	o.Limits.Fuel.Init = 3_000_000
	o.Limits.Fuel.Next = 1_000_000
	return o
}

// patient are limits that no honest test reaches, however busy the machine is.
func patient() Options {
	o := Default()
	o.CacheDir = ""
	o.Limits.Time = 10 * time.Minute
	o.Limits.Fuel = Fuel{1e11, 1e11, 1e11, 1e11, 1e11}
	return o
}

func open(t testing.TB, o Options) *Sandbox {
	t.Helper()
	s, err := New(background, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(background); err != nil {
			t.Error(err)
		}
	})
	return s
}

func load(t testing.TB, s *Sandbox, wasm []byte) *Module {
	t.Helper()
	m, err := s.Load(background, "p", wasm)
	if err != nil {
		t.Fatal(report(err))
	}
	return m
}

// report writes everything about an error.
func report(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Report()
	}
	return err.Error()
}

// described is an answer to every kind of describe.
const described = `{"ok":{"manifest":{"abi":"1.0","name":"p","version":"1","spaces":[{"name":"s"}],"shapers":[{"name":"r"}]},` +
	`"name":"s","version":"1","task":"image","max_steps":3,"kinds":[{"id":"k","type":"choice","options":["a","b"]},` +
	`{"id":"set","type":"anchors"},{"id":"one","type":"pointer"}],"params":{}}}`

const asked = `{"ok":{"decision":{"kind":"k","name":"d"}}}`

// sound is a sound plugin with a space "s" that always asks the same.
func sound() sandboxtest.Guest {
	return sandboxtest.Guest{Answers: map[int]string{1: described, 2: asked, 4: `{"ok":{"reward":0.5,"parts":{}}}`}}
}

// answering is sound with another answer to one operation.
func answering(op int, answer string) sandboxtest.Guest {
	g := sound()
	g.Answers[op] = answer
	return g
}

// calling is sound with another function behind esp_call, which is given the
// operation in parameter 0 and answers describe as ever.
func calling(body []byte, imports ...string) sandboxtest.Guest {
	g := sandboxtest.Guest{Answers: map[int]string{0: described}, Imports: imports}
	g.Call = func(usual []byte) []byte {
		return sandboxtest.Code(sandboxtest.Get(0), sandboxtest.I32(1), sandboxtest.Equal, sandboxtest.If,
			usual, sandboxtest.Return, sandboxtest.End, body)
	}
	return g
}

// next loads a plugin and asks its space for the first decision.
func next(t testing.TB, s *Sandbox, wasm []byte) (spec.Step, error) {
	t.Helper()
	space, err := load(t, s, wasm).Space(background, "s", nil)
	if err != nil {
		t.Fatal(report(err))
	}
	return space.Next(background, spec.Step{}, nil)
}

// wellBehaved checks that a sound plugin works, however long it takes.
func wellBehaved(t testing.TB, s *Sandbox) {
	t.Helper()
	limits := s.options.Limits
	s.options.Limits = patient().Limits
	defer func() { s.options.Limits = limits }()
	step, err := next(t, s, sound().Wasm())
	if err != nil || step.Decision == nil || step.Decision.Name != "d" {
		t.Errorf("a sound plugin gives %+v, %v", step, err)
	}
}

// expect checks an error's kind, code and text.
func expect(t testing.TB, what string, err error, kind error, code, text string) {
	t.Helper()
	var e *Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s: %v is no *Error", what, err)
	case !errors.Is(err, kind) || e.Code != code || !strings.Contains(e.Report(), text):
		t.Errorf("%s: want %v (%s) and %q, got:\n%s", what, kind, code, text, e.Report())
	case e.Hint == "" && kind != ErrAnswer:
		t.Errorf("%s: no hint:\n%s", what, e.Report())
	}
}
