package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/gofrs/flock"
)

// lockDir takes the lock of a run directory. The system releases it when the
// process ends, however it ends.
func lockDir(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("journal: lock %s: %w", dir, err)
	}
	if held {
		return lock, nil
	}
	_ = lock.Close()
	refusal := &LockedError{Dir: dir}
	if s, err := ReadStudy(dir); err == nil && s.Alive() {
		refusal.PID = s.session().PID
	}
	return nil, refusal
}

// alive reports whether a process with this ID exists here.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	if runtime.GOOS == "windows" {
		return true // there, only an existing process can be found
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || err == syscall.EPERM || os.IsPermission(err)
}
