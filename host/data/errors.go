package data

import (
	"errors"
	"fmt"
	"io/fs"
)

// What is wrong with a file, for errors.Is.
var (
	ErrMissing = errors.New("data missing")
	ErrCorrupt = errors.New("data corrupt")
)

// FileError says what is wrong with a file or folder of a data set.
type FileError struct {
	File    string // as a person would name it
	Offset  int64  // of the fault, in bytes of the unpacked file; -1 for the file as a whole
	Problem string // what was found, and what was expected
	Fix     string // what to do
	Kind    error  // ErrMissing or ErrCorrupt; nil if the file could not be read
	Err     error  // cause, or nil
}

func (e *FileError) Error() string {
	at := ""
	if e.Offset >= 0 {
		at = fmt.Sprintf(" at byte %d", e.Offset)
	}
	return fmt.Sprintf("data: %s%s: %s; %s", e.File, at, e.Problem, e.Fix)
}

// Unwrap yields the kind and the cause.
func (e *FileError) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// corrupt is a FileError of which open fills in File and Fix.
func corrupt(offset int64, format string, args ...any) *FileError {
	return &FileError{Offset: offset, Problem: fmt.Sprintf(format, args...), Kind: ErrCorrupt}
}

// ofDisk says whether a file system, not the content of a file, is to blame.
func ofDisk(err error) bool {
	var e *fs.PathError
	return errors.As(err, &e)
}
