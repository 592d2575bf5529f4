package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What went wrong, for errors.Is. Every *Error has exactly one of these kinds.
var (
	// ErrRefused: the file is not a plugin that this host can load.
	ErrRefused = errors.New("plugin refused")
	// ErrTrap: the guest crashed; a bug in the plugin.
	ErrTrap = errors.New("plugin crashed")
	// ErrLimit: the guest used more time, memory or bytes than it may.
	ErrLimit = errors.New("plugin exceeded a limit")
	// ErrAnswer: the guest answered with an error, such as bad params.
	ErrAnswer = errors.New("plugin answered with an error")
	// ErrProtocol: the guest's answer breaks the rules of the interface.
	ErrProtocol = errors.New("plugin broke the protocol")
)

// Error is a failure of a plugin.
type Error struct {
	Kind   error  // one of the errors above
	Plugin string // the name given to Load
	Op     string // load, describe, next, build or reward
	// Code tells causes apart: for ErrAnswer the guest's own (bad_prefix,
	// bad_params, unsupported, internal), else such as time, memory, imports.
	Code string
	Msg  string // what happened and which rule it breaks
	At   int    // for ErrAnswer: the index of the answer at fault, else -1

	Sent   string // the request, shortened
	Got    string // the answer, shortened
	Hint   string // what to do
	Raise  string // limits under which it might have gone on, for ParseLimits; empty: none
	Stderr string // the end of what the guest printed
	Trace  string // the guest's call stack

	cause error
}

// Error says in one line what happened; Report says the rest.
func (e *Error) Error() string {
	s := fmt.Sprintf("plugin %s: %s: %s", e.Plugin, e.Op, e.Msg)
	if e.Kind == ErrTrap {
		if line := panicLine(e.Stderr); line != "" {
			s += ": " + line
		}
	}
	return s
}

// Unwrap returns the kind and the cause, if there is one.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// Printed is the end of what the guest printed.
func (e *Error) Printed() string { return e.Stderr }

// Report writes everything that is known, a heading a line, for a terminal.
func (e *Error) Report() string {
	var b strings.Builder
	b.WriteString(e.Error())
	part := func(title, text string) {
		if text = strings.TrimRight(text, "\n"); text != "" {
			fmt.Fprintf(&b, "\n  %-7s %s", title, strings.ReplaceAll(text, "\n", "\n          "))
		}
	}
	part("kind", e.Kind.Error()+" ("+e.Code+")")
	part("sent", e.Sent)
	part("got", e.Got)
	part("fix", e.Hint)
	part("output", e.Stderr)
	part("stack", e.Trace)
	return b.String()
}

// panicLine finds the line of a crashed guest's output that says why.
func panicLine(stderr string) string {
	for _, line := range strings.Split(stderr, "\n") {
		for _, sign := range []string{"panic: ", "fatal error: ", "panicked at "} {
			if strings.Contains(line, sign) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

const shownBytes = 2 << 10

// shown shortens a message to what a person reads.
func shown(text []byte) string { return Printable(text, shownBytes) }

// Printable is the beginning of a guest's text, of at most the given number of
// bytes, fit for a terminal: without what would move the cursor or change
// colours.
func Printable(text []byte, most int) string {
	if len(text) <= most {
		return clean(string(text))
	}
	return fmt.Sprintf("%s… (%s in all)", clean(strings.ToValidUTF8(string(text[:most]), "")), size(int64(len(text))))
}

// clean makes a guest's text fit for a terminal: what is not UTF-8, and what
// would move the cursor, change colours or ring the bell, becomes a dot.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || r == utf8.RuneError) {
			return '·'
		}
		return r
	}, text)
}
