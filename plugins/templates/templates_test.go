package templates

import (
	"bytes"
	"go/format"
	"slices"
	"strings"
	"testing"
)

var languages = []string{"assemblyscript", "c", "go", "rust"}

// TestFiles holds that a template is what an author has to see, in sources of
// the given name, and no more.
func TestFiles(t *testing.T) {
	want := map[string]string{
		"assemblyscript": ".gitignore README.md asconfig.json espalier.ts json.ts package-lock.json package.json plugin.ts plugin_test.ts test.mjs",
		"c":              ".gitignore README.md espalier.c espalier.h plugin.c plugin_test.c",
		"go":             ".gitignore README.md go.mod main.go plugin_test.go shaper.go space.go vendor/modules.txt",
		"rust":           ".gitignore README.md espalier.rs json.rs plugin.rs",
	}
	for _, language := range languages {
		files, err := Files(language, "a-rather-long-name")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		size := 0
		for _, f := range files {
			if !strings.HasSuffix(f.Path, ".go") || !strings.HasPrefix(f.Path, "vendor/") {
				got = append(got, f.Path)
				size += len(f.Data)
			}
			if bytes.Contains(f.Data, []byte(placeholder)) {
				t.Errorf("%s/%s still holds the name %s", language, f.Path, placeholder)
			}
			if strings.HasSuffix(f.Path, ".go") {
				if tidy, err := format.Source(f.Data); err != nil || !bytes.Equal(tidy, f.Data) {
					t.Errorf("%s/%s is not gofmt-clean: %v", language, f.Path, err)
				}
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want[language] {
			t.Errorf("%s: the files are %s\nwant %s", language, got, want[language])
		}
		if size > 64<<10 {
			t.Errorf("%s: the template has %d bytes", language, size)
		}
	}
	if _, err := Files("cobol", "x"); err == nil {
		t.Error("there is a template for cobol")
	}
	if _, err := Files("go", "../x"); err == nil {
		t.Error("a plugin can be called ../x")
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "stack2", "my-space", strings.Repeat("a", longestName)} {
		if err := CheckName(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", "-a", "a-", "a--b", "2a", "A", "a b", "a/b", ".", "é", "a\n", strings.Repeat("a", longestName+1)} {
		if CheckName(name) == nil {
			t.Errorf("%q can be a plugin's name", name)
		}
	}
}
