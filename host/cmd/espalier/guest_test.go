package main

import (
	"bytes"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// guests are modules that scripts write by name; see sandboxtest.Guest.
var guests = map[string]func() []byte{
	"loops":   func() []byte { return anywhere(sandboxtest.Forever) },
	"traps":   func() []byte { return anywhere(sandboxtest.Unreachable) },
	"threads": func() []byte { return sandboxtest.Guest{Raw: map[byte][]byte{5: {1, 3, 1, 2}}}.Wasm() },
	// trapping describes a space and crashes when it is asked for a decision.
	"trapping": func() []byte {
		g := sandboxtest.Guest{Answers: map[int]string{0: `{"ok":{"manifest":{"abi":"1.0","name":"p","version":"1","spaces":[{"name":"s"}]},` +
			`"name":"s","version":"1","task":"image","max_steps":3,"kinds":[{"id":"k","type":"choice","options":["a","b"]}],"params":{}}}`}}
		g.Call = func(usual []byte) []byte {
			return sandboxtest.Code(sandboxtest.Get(0), sandboxtest.I32(2), sandboxtest.Equal, sandboxtest.If, sandboxtest.Unreachable, sandboxtest.End, usual)
		}
		return g.Wasm()
	},
	// judge gives every trial the same reward.
	"judge": func() []byte {
		return sandboxtest.Guest{Answers: map[int]string{4: `{"ok":{"reward":0.5,"parts":{}}}`,
			0: `{"ok":{"manifest":{"abi":"1.0","name":"judge","version":"1","shapers":[{"name":"r"}]},"name":"r","version":"1","params":{}}}`}}.Wasm()
	},
	"cnn": func() []byte { return bundledCNN() },
	"cnn-new": func() []byte {
		return bytes.Replace(bundledCNN(), []byte(`"version":"1.0.0"`), []byte(`"version":"1.0.1"`), 1)
	},
	"imports": func() []byte { return sandboxtest.Guest{Imports: []string{"env seed()F"}}.Wasm() },
}

// bundledCNN is the file of the bundled plugin cnn.
func bundledCNN() []byte {
	wasm, err := bundled.Open("cnn")
	if err != nil {
		panic("the scripts run only where there are bundled plugins")
	}
	return wasm
}

// anywhere is a guest that runs a body wherever it is entered.
func anywhere(body []byte) []byte {
	g := sandboxtest.Guest{Start: body, Init: body}
	g.Call = func([]byte) []byte { return sandboxtest.Code(body, sandboxtest.Unreachable) }
	return g.Wasm()
}

// writeGuest writes a module of the above: guest FILE NAME
func writeGuest(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 || guests[args[1]] == nil {
		names := make([]string, 0, len(guests))
		for name := range guests {
			names = append(names, name)
		}
		slices.Sort(names)
		ts.Fatalf("usage: guest FILE NAME; names are %s", strings.Join(names, ", "))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), guests[args[1]](), 0o666))
}
