package policy

import (
	"errors"
	"fmt"
)

// ErrNoPolicy: the study's strategy has no policy that could be shown. The error
// that wraps it says why.
var ErrNoPolicy = errors.New("policy: there is none to show")

// ErrNoTrial: the study has no trial of that number.
var ErrNoTrial = errors.New("policy: no such trial")

// ErrTooMuch: the trial has more options than anybody could look at.
var ErrTooMuch = errors.New("policy: too much to show")

// ErrHistory: the events contradict each other, or what the policy thinks when
// they are gone through again.
var ErrHistory = errors.New("policy: the study's events cannot be followed")

// errLost is an ErrHistory: one version cannot be brought back; others can.
var errLost = fmt.Errorf("%w here", ErrHistory)

func history(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrHistory, fmt.Errorf(format, args...))
}
