package wasm

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestSDK holds that nothing is missing from the sources, and nothing is there
// that no guest needs.
func TestSDK(t *testing.T) {
	var want []string
	for _, dir := range []string{"guest", "spec", "spec/wire"} {
		files, err := fs.Glob(os.DirFS("."), dir+"/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") && f != "spec/schema.go" {
				want = append(want, f)
			}
		}
	}
	var got []string
	size := 0
	err := fs.WalkDir(SDK(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, path)
			var text []byte
			text, err = fs.ReadFile(SDK(), path)
			size += len(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the embed directives of sdk.go name %v\nbut the packages consist of %v", got, want)
	}
	if size > 400_000 {
		t.Errorf("the SDK has %d bytes, which every program carries", size)
	}
}

// TestABI holds that the page is whole: it begins with what a module is, ends with
// the limits, and names every operation.
func TestABI(t *testing.T) {
	page := ABI()
	if !strings.HasPrefix(page, "# Module\n\nA core module") || !strings.HasSuffix(page, "(this SDK)\n") {
		t.Errorf("it begins with %q and ends with %q", page[:40], page[len(page)-40:])
	}
	for _, want := range []string{"\n# Exports\n", "\n    esp_call(op i32, ", "\n# Networks\n", "\n# Limits\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if strings.Contains(page, "//") {
		t.Error("it holds marks of a comment")
	}
}
