package report

import (
	"strings"
	"unicode"
)

// span is a piece of text in one style.
type span struct {
	text  string
	style style
}

// cell is the content of one table cell.
type cell []span

func textCell(s string) cell { return cell{{text: s}} }

func (c cell) width() int {
	n := 0
	for _, s := range c {
		n += cells(s.text)
	}
	return n
}

// runeCells is how many terminal cells a printable rune takes: 2 for the wide
// and fullwidth ranges of Unicode's East Asian Width (UAX #11), else 1.
func runeCells(r rune) int {
	switch {
	case r < 0x1100:
		return 1
	case r <= 0x115f, r >= 0x2e80 && r <= 0x303e, r >= 0x3041 && r <= 0xa4cf, r >= 0xa960 && r <= 0xa97c,
		r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe10 && r <= 0xfe19,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6,
		r >= 0x1f000 && r <= 0x1ffff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// cells is the width of s, which clean has passed, in terminal cells.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

// clean makes text from outside (a plugin names its layers) safe to print: what
// is not printable, would combine with its neighbour or is not ASCII on an
// ASCII screen becomes a question mark, so that no name can move the cursor.
func (s Screen) clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case !s.Unicode && r > unicode.MaxASCII, !unicode.IsPrint(r), r == unicode.ReplacementChar, unicode.Is(unicode.M, r):
			return '?'
		}
		return r
	}, text)
}

// cut shortens clean text to at most width cells, the last of them an ellipsis.
func (s Screen) cut(text string, width int) string {
	if cells(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	n := 0
	for at, r := range text {
		if n += runeCells(r); n > width-1 {
			return text[:at] + s.glyphs().ellipsis
		}
	}
	return text
}

// wrap breaks clean text at spaces into lines of at most width cells; a longer
// word is broken where the line is full. There is always at least one line.
func wrap(text string, width int) []string {
	width = max(width, 2)
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && cells(line)+1+cells(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for cells(word) > width {
			at := prefix(word, width)
			lines = append(lines, word[:at])
			word = word[at:]
		}
		line = word
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// prefix is the length in bytes of the longest start of text that fits width.
func prefix(text string, width int) int {
	n := 0
	for at, r := range text {
		if n += runeCells(r); n > width {
			return at
		}
	}
	return len(text)
}

// canvas collects lines for a screen.
type canvas struct {
	screen Screen
	out    strings.Builder
	used   int // cells of the current line that are written
	gap    int // spaces owed before the next text, never written at a line's end
}

// put appends text in a style, cut where the line is full.
func (c *canvas) put(st style, text string) {
	body := strings.TrimLeft(text, " ")
	c.gap += len(text) - len(body)
	text = strings.TrimRight(body, " ")
	if text == "" {
		return
	}
	trailing := len(body) - len(text)
	room := c.screen.width() - c.used - c.gap
	if text = c.screen.cut(text, room); text == "" {
		return
	}
	c.out.WriteString(strings.Repeat(" ", c.gap))
	if c.screen.Color && st != plain {
		c.out.WriteString("\x1b[" + string(st) + "m" + text + "\x1b[0m")
	} else {
		c.out.WriteString(text)
	}
	c.used += c.gap + cells(text)
	c.gap = trailing
}

func (c *canvas) putCell(content cell) {
	for _, s := range content {
		c.put(s.style, s.text)
	}
}

// to moves on to the given column, if the line is not there yet.
func (c *canvas) to(column int) { c.gap = max(c.gap, column-c.used) }

func (c *canvas) newline() {
	c.out.WriteByte('\n')
	c.used, c.gap = 0, 0
}

// paragraph writes text wrapped to the screen, each line in the style, lines
// after the first indented.
func (c *canvas) paragraph(st style, indent int, text string) {
	indent = min(indent, c.screen.width()/4)
	for i, line := range wrap(text, c.screen.width()-indent) {
		if i > 0 {
			c.to(indent)
		}
		c.put(st, line)
		c.newline()
	}
}

func (c *canvas) String() string { return c.out.String() }

// Paragraph breaks a text into lines that fit the screen.
func Paragraph(text string, s Screen) string {
	out := &canvas{screen: s}
	out.paragraph(plain, 0, s.clean(text))
	return out.String()
}
