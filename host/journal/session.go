package journal

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/host/event"
)

// beginSession records in study.json that this process runs the study.
func (j *Journal) beginSession() error {
	if j.study.State != event.StudyDone || j.state.Ended == nil {
		j.study.State, j.study.Note = event.StudyRunning, ""
	}
	if j.state.Started != nil {
		j.study.Trials = j.state.Budget
	}
	j.live.begin(j.files, j.dir)
	j.study.Sessions = append(j.study.Sessions, Session{
		PID:     os.Getpid(),
		Program: j.options.Program,
		Kernels: j.options.Kernels,
		Workers: j.options.Workers,
		From:    j.state.Seq,
		Began:   j.options.Clock(),
	})
	return j.study.write(j.files, j.dir)
}

// control makes the study say what the events of its control say.
func (j *Journal) control() {
	j.study.Trials = j.state.Budget
	switch {
	case j.state.Ended != nil:
		j.study.State = event.StudyDone
	case j.state.Paused:
		j.study.State = event.StudyPaused
	default:
		j.study.State = event.StudyRunning
	}
}

// SetState commits and records how the study stands; note says why. When
// storage has failed there is nothing to do: study.json goes on saying
// "running", as after a crash.
func (j *Journal) SetState(state event.StudyState, note string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch state {
	case event.StudyRunning, event.StudyPaused, event.StudyDone, event.StudyFailed:
	default:
		return fmt.Errorf("journal: unknown state %q", state)
	}
	return j.setState(state, note)
}

func (j *Journal) setState(state event.StudyState, note string) error {
	if err := j.commit(); err != nil {
		return err
	}
	j.study.State, j.study.Note = state, note
	s := j.study.session()
	s.State, s.To, s.Ended = state, j.state.Seq, j.options.Clock()
	return j.stop(j.study.write(j.files, j.dir))
}

// Close flushes, ends the session, closes the files and gives the lock back. A
// study that is still running is then paused.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed == errClosed {
		return nil
	}
	err := j.commit()
	if err == nil && j.study.session().Ended.IsZero() {
		state := j.study.State
		if state == event.StudyRunning {
			state = event.StudyPaused
		}
		err = j.setState(state, j.study.Note)
	}
	j.failed = errClosed
	if closed := j.release(); err == nil {
		err = closed
	}
	return err
}

// release closes what is open.
func (j *Journal) release() error {
	var first error
	note := func(op, path string, err error) {
		if err != nil && first == nil {
			first = storage(op, path, err)
		}
	}
	if j.events != nil {
		note("close", filepath.Join(j.dir, eventsFile), j.events.Close())
	}
	if j.rows != nil {
		note("close", filepath.Join(j.dir, rowsFile), j.rows.Close())
	}
	note("close", filepath.Join(j.dir, liveFile), j.live.close())
	if j.lock != nil {
		note("unlock", j.dir, j.lock.Close())
	}
	return first
}
