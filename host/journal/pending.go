package journal

import (
	"bytes"
	"os"

	"github.com/espalier-nas/espalier/host/event"
)

const (
	pendingDir = "pending"
	pendingExt = ".json"
)

// SavePending keeps the end of a trial whose turn in the journal has not come.
// When it returns nil, the result is durable. A file holds the journal line
// that the event will have, but without its number and time.
func (j *Journal) SavePending(done event.Done) error {
	line, err := event.AppendLine(nil, event.Event{Type: event.TrialDone, Done: &done})
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	return j.stop(writeAtomic(j.files, j.numbered(pendingDir, done.Trial, pendingExt), bytes.NewReader(line)))
}

// DropPending forgets the pending result of a trial, if there is one; its
// event is durable.
func (j *Journal) DropPending(trial int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.remove(j.numbered(pendingDir, trial, pendingExt))
}

// Pending reads the pending results, ascending by trial. Those that have been
// journaled since, and files that are damaged, are removed: the trials of the
// latter are trained again.
func (j *Journal) Pending() ([]event.Done, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.readPending()
}

func (j *Journal) readPending() ([]event.Done, error) {
	trials, err := j.numbers(pendingDir, pendingExt)
	if err != nil {
		return nil, err
	}
	var all []event.Done
	for _, id := range trials {
		name := j.numbered(pendingDir, id, pendingExt)
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, storage("read", name, err)
		}
		e, err := event.ParseLine(bytes.TrimSuffix(b, []byte("\n")))
		intact := err == nil && e.Done != nil && e.Done.Trial == id
		if !intact {
			j.warn("%s is damaged and was removed: trial %d is trained again", name, id)
		}
		if t := j.state.Trial(id); !intact || t != nil && t.DoneSeq != 0 {
			if err := j.remove(name); err != nil {
				return nil, err
			}
			continue
		}
		all = append(all, *e.Done)
	}
	return all, nil
}

// remove removes a file if it exists.
func (j *Journal) remove(name string) error {
	if j.failed != nil {
		return j.failed
	}
	err := j.files.Remove(name)
	if os.IsNotExist(err) {
		return nil
	}
	return j.stop(storage("remove", name, err))
}
