// Package terminal knows what the program's output is connected to: whether a
// person watches, how wide the window is, whether colour and box-drawing
// characters are welcome, and how to show progress there. It is the only
// package that knows go-isatty, x/term and progressbar.
//
// # Why golang.org/x/term?
//
// The window's width needs one system call that differs on every platform.
// progressbar brings x/term along already; our own copies of that call for
// Linux, macOS and Windows are what it replaces.
package terminal

import (
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// Terminal is where results (Out) and progress, logs and hints (Err) go.
type Terminal struct {
	Out, Err io.Writer
	// Live says that Err is a terminal which can redraw a line.
	Live bool
	// Color allows escape sequences for colour on Out.
	Color bool
	// Unicode allows characters beyond ASCII.
	Unicode bool
	// Width is the window's width in cells, 80 when it is not known.
	Width int
}

// Detect looks at two files and the environment: NO_COLOR (any value) and
// TERM=dumb forbid colour, a locale that is not UTF-8 forbids Unicode, COLUMNS
// overrides the width.
func Detect(out, err *os.File, env func(string) string) Terminal {
	dumb := env("TERM") == "dumb"
	return Terminal{
		Out:     out,
		Err:     err,
		Live:    isTerminal(err) && !dumb,
		Color:   isTerminal(out) && !dumb && env("NO_COLOR") == "",
		Unicode: utf8Locale(env),
		Width:   width(out, err, env("COLUMNS")),
	}
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// utf8Locale follows POSIX: the first of LC_ALL, LC_CTYPE and LANG that is set
// decides. None set is the rule in containers, whose logs are read as UTF-8;
// "C" and "POSIX" are an explicit wish for ASCII.
func utf8Locale(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(env(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return true
}

func width(out, err *os.File, columns string) int {
	n := 0
	for _, c := range columns {
		if c < '0' || c > '9' || n > 10_000 {
			n = 0
			break
		}
		n = n*10 + int(c-'0')
	}
	if n > 0 {
		return n
	}
	for _, f := range []*os.File{out, err} {
		if w, _, e := term.GetSize(int(f.Fd())); e == nil && w > 0 {
			return w
		}
	}
	return 80
}
