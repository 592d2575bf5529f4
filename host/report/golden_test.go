package report

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares what was drawn with testdata/name.txt.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to accept)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// Screens that golden files are made for.
var (
	screen80    = Screen{Width: 80, Unicode: true}
	screen80ASC = Screen{Width: 80}
	screen120   = Screen{Width: 120, Unicode: true}
	screen40    = Screen{Width: 40, Unicode: true}
)

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkLayout holds what every drawing promises, on every kind of screen:
// lines end, fit and have no trailing space; an ASCII screen gets ASCII, one
// without colour no escapes, and colour changes nothing else.
func checkLayout(t *testing.T, width int, draw func(s Screen) string) {
	t.Helper()
	for _, unicode := range []bool{true, false} {
		s := Screen{Width: width, Unicode: unicode}
		got := draw(s)
		if !utf8.ValidString(got) || !strings.HasSuffix(got, "\n") {
			t.Fatalf("width %d: not valid UTF-8 or no newline at the end: %q", width, got)
		}
		for _, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
			if n := cells(line); n > max(width, MinWidth) {
				t.Fatalf("width %d: a line of %d cells in\n%s", width, n, got)
			}
			if strings.TrimRight(line, " \t") != line {
				t.Fatalf("width %d: trailing space in %q", width, line)
			}
			for _, r := range line {
				if r < ' ' || !unicode && r > '~' {
					t.Fatalf("width %d: character %q in %q", width, r, line)
				}
			}
		}
		s.Color = true
		if colored := draw(s); escape.ReplaceAllString(colored, "") != got {
			t.Fatalf("width %d: colour changes the text:\n%s\n%s", width, colored, got)
		}
	}
}
