package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
)

// Requests reads what is asked of the study and has not been answered, the
// oldest first. What is not a request is refused. A request whose event is in
// the journal is never returned, whether or not it was answered.
func (j *Journal) Requests() ([]event.Controlled, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return nil, j.failed
	}
	dir := filepath.Join(j.dir, requestsDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, storage("list", dir, err)
	}
	var all []event.Controlled
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), requestExt)
		if !ok || !e.Type().IsRegular() || !isRequest(name) || j.taken[name] {
			continue
		}
		c, err := readRequest(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // withdrawn
		}
		if err == nil && c.Request != name {
			err = fmt.Errorf("it calls itself %q", c.Request)
		}
		if err != nil {
			if err := j.answer(name, err); err != nil {
				return nil, err
			}
			continue
		}
		all = append(all, c)
	}
	return all, nil
}

// readRequest reads and checks a request.
func readRequest(path string) (event.Controlled, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return event.Controlled{}, err
	}
	if info.Size() > maxRequest {
		return event.Controlled{}, fmt.Errorf("it takes %d bytes, more than the %d that a request may have", info.Size(), maxRequest)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return event.Controlled{}, err
	}
	e, err := event.ParseLine(bytes.TrimSuffix(b, []byte("\n")))
	switch {
	case err != nil:
		return event.Controlled{}, err
	case e.Controlled == nil:
		return event.Controlled{}, fmt.Errorf("it is no %s", event.StudyControlled)
	}
	return *e.Controlled, e.Controlled.Validate()
}

// Answer tells whoever asked that a request is journaled, or with a refusal why
// it will not be. A name that nobody asked under is no error.
func (j *Journal) Answer(request string, refusal error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	if !isRequest(request) {
		return nil
	}
	return j.answer(request, refusal)
}

// answer removes a request. The refusal is there before the request is gone.
func (j *Journal) answer(request string, refusal error) error {
	path := filepath.Join(j.dir, requestsDir, request)
	if refusal != nil {
		if err := j.stop(writeAtomic(j.files, path+refusedExt, strings.NewReader(refusal.Error()))); err != nil {
			return err
		}
	}
	return j.remove(path + requestExt)
}

// errLate refuses what was asked of a process that ended before it took it.
var errLate = errors.New("the process that ran the study ended before it took it")

// clearRequests removes the requests that have their event, and answers that
// nobody has read. It refuses what was asked of an earlier process and not of
// the study: whoever resumes a study wants it to go on.
func (j *Journal) clearRequests() error {
	dir := filepath.Join(j.dir, requestsDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return storage("list", dir, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if strings.HasSuffix(e.Name(), refusedExt) {
			if err := j.remove(path); err != nil {
				return err
			}
			continue
		}
		name, ok := strings.CutSuffix(e.Name(), requestExt)
		if !ok || !isRequest(name) {
			continue
		}
		var refusal error
		if !j.taken[name] {
			c, err := readRequest(path)
			if err != nil || c.Action == event.Extend || c.Action == event.Cancel {
				continue // Requests deals with it
			}
			refusal = errLate
		}
		if err := j.answer(name, refusal); err != nil {
			return err
		}
	}
	return nil
}

// take remembers the event of a request, after which the request is never read
// again.
func (j *Journal) take(e event.Event) {
	if e.Controlled == nil || e.Controlled.Request == "" {
		return
	}
	if j.taken == nil {
		j.taken = map[string]bool{}
	}
	j.taken[e.Controlled.Request] = true
}
