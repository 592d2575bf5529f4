package child

import "fmt"

// FailedError says that this child has no usable result: it diverged, needs
// more memory than allowed, or uses an operation that cannot be trained here.
// It is an ordinary outcome of a search, a failed trial, and no fault of the
// study. Other errors of this package mean that the caller or its data is wrong.
type FailedError struct {
	Reason string // a sentence with the numbers, e.g. "diverged at epoch 2, step 17: loss is NaN"
}

func (e *FailedError) Error() string { return "child: " + e.Reason }

func failed(format string, args ...any) error {
	return &FailedError{Reason: fmt.Sprintf(format, args...)}
}
