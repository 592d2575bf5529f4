package conformance

import (
	"path/filepath"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// TestPlugins holds every plugin of this repository against all rules, with
// fewer walks than the command makes.
func TestPlugins(t *testing.T) {
	root, err := sandboxtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	guests, err := filepath.Glob(filepath.Join(root, "plugins", "*", "guest"))
	if err != nil || len(guests) < 3 {
		t.Fatalf("plugins %v, %v", guests, err)
	}
	for _, dir := range guests {
		name := filepath.Base(filepath.Dir(dir))
		o := options()
		o.Walks = 16
		v := check(t, withManifest(t, sandboxtest.Build(t, "plugins/"+name+"/guest")), o)
		expect(t, name, v)
		t.Logf("%s: %d calls for %d rules", name, v.Calls, len(v.Results))
	}
}
