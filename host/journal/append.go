package journal

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/host/event"
)

// errClosed answers calls after Close.
var errClosed = errors.New("journal: closed")

// Append writes e, whose number follows that of the last record, as one record.
// It is durable after the next Commit, the first at once. If the write fails,
// Append cuts off what was written of it.
func (j *Journal) Append(e event.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	if e.Seq == 0 {
		return errors.New("journal: live events are not journaled")
	}
	var err error
	if j.buf, err = event.AppendLine(j.buf[:0], e); err != nil {
		return err
	}
	if len(j.buf) > maxLine {
		return fmt.Errorf("journal: event %d (%s) takes %d bytes, more than the %d that a record may have", e.Seq, e.Type, len(j.buf), maxLine)
	}
	if err := j.state.Apply(e); err != nil {
		return err
	}
	if err := j.reopenStudy(); err != nil {
		return err
	}
	path := filepath.Join(j.dir, eventsFile)
	if n, err := j.events.Write(j.buf); err != nil || n != len(j.buf) {
		return j.cutBack(path, err)
	}
	j.size += int64(len(j.buf))
	j.unsynced++
	if e.Type == event.StudyControlled {
		j.take(e)
		j.restate = true
	}
	if e.Type == event.TrialDone {
		if err := j.appendRow(j.state.Trial(e.Done.Trial)); err != nil {
			return err
		}
	}
	if e.Seq == 1 || j.unsynced >= j.options.SyncRecords {
		return j.commit()
	}
	return nil
}

// reopenStudy makes study.json say that a study which has ended goes on, before
// the event that says so is written: were the process killed in between, nobody
// would resume a study that is done.
func (j *Journal) reopenStudy() error {
	if j.study.State != event.StudyDone || j.state.Ended != nil {
		return nil
	}
	j.study.State, j.study.Note = event.StudyRunning, ""
	return j.stop(j.study.write(j.files, j.dir))
}

// cutBack removes what a failed write left of a record. If that fails too, the
// next Open does it.
func (j *Journal) cutBack(path string, err error) error {
	if err == nil {
		err = io.ErrShortWrite
	}
	if cut := j.events.Truncate(j.size); cut != nil {
		err = fmt.Errorf("%w (and cutting the record off: %w)", err, cut)
	}
	return j.stop(storage("write", path, err))
}

// appendRow adds the row of an ended trial. Rows are derived, so they are not
// flushed, and Open repairs them.
func (j *Journal) appendRow(t *event.Trial) error {
	var err error
	if j.buf, err = appendRow(j.buf[:0], t); err != nil {
		return err
	}
	_, err = j.rows.Write(j.buf)
	return j.stop(storage("write", filepath.Join(j.dir, rowsFile), err))
}

// Commit makes every appended record durable, with one flush for all of them.
func (j *Journal) Commit() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.commit()
}

func (j *Journal) commit() error {
	if j.failed != nil || j.unsynced == 0 {
		return j.failed
	}
	// After a failed flush nobody knows what the disk holds, and a second one
	// may succeed without having written it (fsync on Linux), so it is final.
	if err := j.events.Sync(); err != nil {
		return j.stop(storage("flush", filepath.Join(j.dir, eventsFile), err))
	}
	j.unsynced = 0
	if j.restate {
		j.restate = false
		j.control()
		return j.stop(j.study.write(j.files, j.dir))
	}
	return nil
}

// stop remembers the first error of a write, after which nothing is written.
func (j *Journal) stop(err error) error {
	if err != nil && j.failed == nil {
		j.failed = err
	}
	return err
}

// Events reads the records from the first to the one that was the last when it
// was called.
func (j *Journal) Events() iter.Seq2[event.Event, error] {
	j.mu.Lock()
	size := j.size
	j.mu.Unlock()
	path := filepath.Join(j.dir, eventsFile)
	return func(yield func(event.Event, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(event.Event{}, fmt.Errorf("journal: read: %w", err))
			return
		}
		defer f.Close()
		s := newScanner(path, io.LimitReader(f, size), 0, 0)
		for {
			e, _, err := s.next()
			if err == io.EOF || !yield(e, err) || err != nil {
				return
			}
		}
	}
}
