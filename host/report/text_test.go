package report

import (
	"strings"
	"testing"
)

func TestCells(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "3×7": 3, "●─╮": 3, "⠿": 1, "層": 2, "한글": 4, "Ａ": 2, "🌳": 2} {
		if got := cells(text); got != want {
			t.Errorf("cells(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		text    string
		unicode bool
		want    string
	}{
		{"layer3/conv", false, "layer3/conv"},
		{"schicht_ü", true, "schicht_ü"},
		{"schicht_ü", false, "schicht_?"},
		{"a\x1b[31mb", true, "a?[31mb"},
		{"a\nb\tc", true, "a?b?c"},
		{"right\u202eleft", true, "right?left"},
		{"e\u0301", true, "e?"},
		{"no\u00a0break", true, "no?break"},
		{"bad\xffutf8", true, "bad?utf8"},
	} {
		if got := (Screen{Unicode: c.unicode}).clean(c.text); got != c.want {
			t.Errorf("clean(%q), unicode %v = %q, want %q", c.text, c.unicode, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	s := Screen{Unicode: true}
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"layer", 5, "layer"}, {"layer", 4, "lay…"}, {"layer", 1, "…"}, {"layer", 0, ""}, {"", 0, ""},
		{"層層層", 6, "層層層"}, {"層層層", 5, "層層…"}, {"層層層", 4, "層…"},
	} {
		if got := s.cut(c.text, c.width); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 5, ""},
		{"one two three", 20, "one two three"},
		{"one two three", 7, "one two|three"},
		{"one two three", 3, "one|two|thr|ee"},
		{"層層層 a", 4, "層層|層 a"},
		{"層", 1, "層"},
	} {
		if got := strings.Join(wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestCanvasOwesSpaces(t *testing.T) {
	c := &canvas{screen: Screen{Width: 20, Unicode: true}}
	c.put(plain, "a ")
	c.put(plain, " ")
	c.to(4)
	c.put(plain, " b  ")
	c.newline()
	c.to(10)
	c.newline()
	c.put(plain, strings.Repeat("x", 19))
	c.put(plain, " y") // no room left
	c.newline()
	c.put(plain, strings.Repeat("x", 17)+" ")
	c.put(plain, "yyy")
	c.newline()
	want := "a    b\n\n" + strings.Repeat("x", 19) + "\n" + strings.Repeat("x", 17) + " y…\n"
	if got := c.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
