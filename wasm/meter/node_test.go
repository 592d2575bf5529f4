//go:build !js

package meter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/espalier-nas/espalier/wasm/meter"
)

// script calls "f" of every module in a folder and prints, by file, the result
// or "trap" and what is left of the budget.
const script = `
const fs = require('fs'), out = {};
for (const file of fs.readdirSync('.')) {
  const f = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file))).exports;
  let result;
  try { result = f.f(3); } catch (e) { if (!(e instanceof WebAssembly.RuntimeError)) throw e; result = 'trap'; }
  out[file] = result + ' ' + (f['` + meter.Fuel + `'].value + f['` + meter.Reserve + `'].value);
}
console.log(JSON.stringify(out));`

// TestNode: the engine of a browser computes and counts as ours do, to the
// last unit, whether a function ends, traps or is starved.
func TestNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("node is missing, and CI skips nothing")
		}
		t.Skip("SKIPPED: node is not installed, so no module was run by a browser's engine")
	}
	const budget = 30_000
	dir, want := t.TempDir(), map[string]string{}
	add := func(name string, wasm []byte) {
		wasm = metered(t, wasm, budget)
		i, err := start(t, "compiler", wasm)
		if err != nil {
			t.Fatal(err)
		}
		o := call(i, "f", 3)
		result := "trap"
		if o.trap == "" {
			result = fmt.Sprint(int32(o.results[0]))
		}
		want[name] = fmt.Sprint(result, " ", left(i))
		if err := os.WriteFile(filepath.Join(dir, name), wasm, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range pinned {
		if name != "grow too much" { // an engine without a limit of its own grants it
			add(name, guestOf(c.body, c.raw, c.funcs))
		}
	}
	rng := rand.New(rand.NewPCG(9, 4))
	for n := range 100 {
		add(fmt.Sprint("program ", n), program(rng))
	}
	cmd := exec.Command(node, "-e", script)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %q under Node.js, %q here", name, got[name], w)
		}
	}
}
