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
	"cnn":     func() []byte { return bundledCNN() },
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
