package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// A request lies in requests/ as <name>.json, one line such as a journal has,
// until the process that runs the study has journaled or refused it. Then the
// file is gone, and <name>.refused, if there is one, says why.
const (
	requestsDir = "requests"
	requestExt  = ".json"
	refusedExt  = ".refused"
)

// maxRequest bounds the length of a request in bytes.
const maxRequest = 4096

// NotRunningError is an ErrNotRunning with what to do instead.
type NotRunningError struct {
	Dir   string
	State event.StudyState // as study.json says
}

func (e *NotRunningError) Error() string {
	if e.State == event.StudyDone {
		return fmt.Sprintf("journal: the study in %s has ended; nothing can be asked of it but to resume with more trials", e.Dir)
	}
	return fmt.Sprintf("journal: no process of this machine runs the study in %s; to go on with it, resume it", e.Dir)
}

func (e *NotRunningError) Is(target error) bool { return target == ErrNotRunning }

// RefusedError is an ErrRefused with the reason of the process that runs the
// study.
type RefusedError struct {
	Asked  event.Controlled
	Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("journal: %s: refused, since %s; nothing has changed", e.Asked, e.Reason)
}

func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// Request asks the process that runs the study in dir for c, and does not wait:
// the events will tell. It returns an ErrNotRunning if there is none, and any
// problem of c itself. The file appears whole or not at all.
func Request(dir string, c event.Controlled) error {
	_, err := request(dir, c)
	return err
}

// Ask is Request, and waits until c is journaled. It returns an ErrRefused if
// the study does not allow it, and an ErrNotRunning if the process ends before
// it has taken it. When ctx ends first, the request stays and will be taken.
func Ask(ctx context.Context, dir string, c event.Controlled) error {
	path, err := request(dir, c)
	if err != nil {
		return err
	}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		answered, err := readAnswer(path, c)
		if answered || err != nil {
			return err
		}
		if err := running(dir); errors.Is(err, ErrNotRunning) {
			return withdraw(dir, path, c, err)
		} else if err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("journal: %s: the process that runs the study in %s has not taken it; it will when it gets to it: %w", c, dir, context.Cause(ctx))
		}
	}
}

// askEvery is how often Ask looks for an answer.
const askEvery = 20 * time.Millisecond

// request writes a request and returns its path.
func request(dir string, c event.Controlled) (string, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	if err := running(dir); err != nil {
		return "", err
	}
	if c.Request == "" {
		c.Request = newRequest(time.Now())
	}
	if !isRequest(c.Request) {
		return "", fmt.Errorf("journal: %q cannot be the name of a request", c.Request)
	}
	line, err := event.AppendLine(nil, event.Event{Type: event.StudyControlled, Controlled: &c})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, requestsDir, c.Request+requestExt)
	if err := writeAtomic(disk{}, path, bytes.NewReader(line)); err != nil {
		return "", fmt.Errorf("journal: the request was not made: %w", err)
	}
	return path, nil
}

// newRequest is a name that sorts by time and that no other request has.
func newRequest(now time.Time) string {
	return fmt.Sprintf("%016x-%s", now.UnixNano(), strings.ToLower(rand.Text()[:10]))
}

// isRequest reports whether name can be that of a file on every system, and of
// nothing but a file in requests/.
func isRequest(name string) bool {
	legal := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '-'
	}
	return name != "" && len(name) <= 100 && !strings.ContainsFunc(name, func(r rune) bool { return !legal(r) })
}

// running returns a NotRunningError unless a process of this machine runs the
// study in dir.
func running(dir string) error {
	s, err := ReadStudy(dir)
	if err != nil {
		return err
	}
	if !s.Alive() {
		return &NotRunningError{dir, s.State}
	}
	// A process with the number of the one that was killed may exist.
	lock, err := lockDir(dir)
	if err == nil {
		_ = lock.Close()
		return &NotRunningError{dir, s.State}
	}
	if !errors.Is(err, ErrLocked) {
		return err
	}
	return nil
}

// readAnswer reports whether the request at path has been taken, and returns
// why it was refused if it was.
func readAnswer(path string, c event.Controlled) (answered bool, err error) {
	if _, err := os.Stat(path); err == nil {
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("journal: read request: %w", err)
	}
	refused := strings.TrimSuffix(path, requestExt) + refusedExt
	reason, err := os.ReadFile(refused)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return true, fmt.Errorf("journal: read answer: %w", err)
	}
	_ = os.Remove(refused) // the next Open does it otherwise
	return true, &RefusedError{c, string(reason)}
}

// withdraw takes back a request of which nobody will take notice, unless it was
// taken before the process ended. It returns why, or nil if it was journaled.
func withdraw(dir, path string, c event.Controlled, why error) error {
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		_, err := readAnswer(path, c)
		return err
	}
	r, err := OpenReader(dir) // it may have been killed before it could answer
	if err != nil {
		return err
	}
	defer r.Close()
	name := strings.TrimSuffix(filepath.Base(path), requestExt)
	for {
		e, err := r.Next()
		switch {
		case err == io.EOF:
			return why
		case err != nil:
			return err
		case e.Controlled != nil && e.Controlled.Request == name:
			return nil
		}
	}
}
