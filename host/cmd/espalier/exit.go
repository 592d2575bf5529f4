package main

import (
	"errors"
	"fmt"
	"strings"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // something went wrong that no other code names
	exitUsage       = 2   // an unknown command, flag or value
	exitData        = 3   // data missing or corrupt
	exitPlugin      = 4   // a plugin was refused or broke its contract
	exitAllFailed   = 5   // a study in which every trial failed
	exitDoctor      = 6   // doctor found a problem
	exitInterrupted = 130 // interrupted with the state saved
	exitTerminated  = 143 // terminated with the state saved
)

const exitCodesHelp = `  0    it worked
  1    it failed for a reason that no other code names
  2    usage: an unknown command, flag, key or value
  3    data is missing or corrupt
  4    a plugin was refused or broke its contract
  5    every trial of the study failed
  6    doctor found a problem
  130  interrupted (Ctrl-C, espalier control); the state is saved and can be resumed
  143  terminated; the state is saved and can be resumed
`

// exitError is an error that knows its exit code and, where there is one, the
// next thing to do.
type exitError struct {
	code int
	err  error
	next string // a command or a sentence; may be empty
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// complain prints err for a person and returns its exit code.
func (a *app) complain(err error) int {
	w := a.term.Err
	code, next := exitFailed, ""
	var known *exitError
	if errors.As(err, &known) {
		code, next = known.code, known.next
	}
	text := strings.TrimPrefix(err.Error(), "espalier ") // of the path of a command
	fmt.Fprintf(w, "espalier: %s\n", strings.TrimRight(text, "\n"))
	if next != "" {
		fmt.Fprintf(w, "next: %s\n", a.called(next))
	}
	return code
}
