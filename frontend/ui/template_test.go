package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// bare is an element that may be absent and has nothing before it: if nothing
// else is in its parent either, vugu leaves it there once it is to go.
var bare = regexp.MustCompile(`>(<[a-z-]+ [^<]*?vg-(?:if|for)='[^']*')`)

// host is an element without content whose id is not an expression: vugu takes
// it for static, and empties what is drawn over it.
var host = regexp.MustCompile(`<(?:div|p)(?: [a-z-]+="[^"]*")* id="[^"]*"(?: [a-z-]+="[^"]*")*></`)

// TestTemplates: the templates avoid what vugu 0.4.0 does wrong.
func TestTemplates(t *testing.T) {
	names, err := filepath.Glob("*.vugu")
	if err != nil || len(names) < 5 {
		t.Fatalf("%d templates, %v", len(names), err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range bare.FindAllSubmatch(b, -1) {
			t.Errorf("%s: %s needs a space before it, so that its parent is never empty", name, at[1])
		}
		for _, at := range host.FindAll(b, -1) {
			t.Errorf("%s: %s is drawn over: write its id as an expression, :id='\"…\"'", name, at)
		}
	}
}
