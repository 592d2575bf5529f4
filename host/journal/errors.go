package journal

import (
	"errors"
	"fmt"
)

// What can be wrong, for errors.Is.
var (
	// ErrStorage: a write, flush or rename failed. The directory is left such
	// that Open succeeds.
	ErrStorage = errors.New("journal: storage failed")
	// ErrDamaged: a file is not what was written, and no crash explains it.
	ErrDamaged = errors.New("journal: damaged")
	// ErrLocked: another process writes to the directory.
	ErrLocked = errors.New("journal: locked")
	// ErrExists: Create was given a directory that already holds a study.
	ErrExists = errors.New("journal: the directory already holds a study")
	// ErrNoStudy: the directory holds no study.
	ErrNoStudy = errors.New("journal: no study")
	// ErrNotRunning: no process runs the study, so nothing can be asked of it.
	ErrNotRunning = errors.New("journal: no process runs the study")
	// ErrRefused: the process that runs the study refused a request.
	ErrRefused = errors.New("journal: refused")
)

// StorageError is an ErrStorage with the place where it happened.
type StorageError struct {
	Op   string // "write", "flush", ...
	Path string
	Err  error
	New  bool // the study was just being created: nothing was recorded
}

func (e *StorageError) Error() string {
	what := fmt.Sprintf("journal: %s %s: %v", e.Op, e.Path, e.Err)
	if e.New {
		return what
	}
	return what + "; what was recorded before is intact: make room or repair the disk, then resume"
}

func (e *StorageError) Is(target error) bool { return target == ErrStorage }
func (e *StorageError) Unwrap() error        { return e.Err }

// DamageError is an ErrDamaged with the place of the damage.
type DamageError struct {
	Path    string
	Offset  int64 // byte at which the bad record begins
	Record  int64 // its number, from 1; 0: the file as a whole
	Problem string
}

func (e *DamageError) Error() string {
	place := e.Path
	if e.Record > 0 {
		place = fmt.Sprintf("%s: record %d at byte %d", e.Path, e.Record, e.Offset)
	}
	advice := "begin a new study in another directory"
	if e.Offset > 0 {
		advice = fmt.Sprintf("cut it there (truncate -s %d %s) and resume: the records before are intact, the trials after are trained again", e.Offset, e.Path)
	}
	return fmt.Sprintf("journal: %s: %s; nothing was changed. Restore the file from a copy, or %s", place, e.Problem, advice)
}

func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

// LockedError is an ErrLocked with the process that holds the lock.
type LockedError struct {
	Dir string
	PID int // 0: unknown
}

func (e *LockedError) Error() string {
	holder := "another process"
	if e.PID != 0 {
		holder = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("journal: %s is in use by %s; wait until it ends, or stop it, and resume then", e.Dir, holder)
}

func (e *LockedError) Is(target error) bool { return target == ErrLocked }
