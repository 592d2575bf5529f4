package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

const studyFile = "study.json"

// Schema is the version of the directory's layout.
const Schema = 1

// Study is the contents of study.json.
type Study struct {
	Schema int    `json:"schema"`
	Name   string `json:"name"`
	// State is running also if the process was killed, and paused both while a
	// process waits to continue and when it has ended; see Alive.
	State  event.StudyState `json:"state"`
	Note   string           `json:"note,omitempty"` // why it failed
	Seed   uint64           `json:"seed"`
	Trials int              `json:"trials"` // budget, as extended
	// Strategy, Program, Go, Kernels and the sources are those of
	// event.Started.
	Strategy string          `json:"strategy"`
	Program  string          `json:"program"`
	Go       string          `json:"go"`
	Kernels  string          `json:"kernels"`
	Space    event.Source    `json:"space"`
	Shaper   event.Source    `json:"shaper"`
	Data     event.Data      `json:"data"`
	Config   json.RawMessage `json:"config"`
	Created  time.Time       `json:"created"`
	Sessions []Session       `json:"sessions"`
}

// Session is one process that ran the study.
type Session struct {
	PID     int       `json:"pid"`
	Program string    `json:"program"`
	Kernels string    `json:"kernels"`
	Workers int       `json:"workers"`
	From    int64     `json:"from"` // last event when it began
	Began   time.Time `json:"began"`
	// To, State and Ended say how it ended; absent if it was killed or still
	// runs.
	To    int64            `json:"to,omitempty"`
	State event.StudyState `json:"state,omitempty"`
	Ended time.Time        `json:"ended,omitzero"`
}

// newStudy describes the study that begins with started.
func newStudy(started event.Started, now time.Time) Study {
	return Study{
		Schema:   Schema,
		Name:     started.Name,
		State:    event.StudyRunning,
		Seed:     started.Seed,
		Trials:   started.Trials,
		Strategy: started.Strategy,
		Program:  started.Program,
		Go:       started.Go,
		Kernels:  started.Kernels,
		Space:    started.Space,
		Shaper:   started.Shaper,
		Data:     started.Data,
		Config:   started.Config,
		Created:  now,
	}
}

// ReadStudy reads the study.json of a run directory, without its lock. It
// returns an ErrNoStudy if there is none, and an ErrDamaged if it is cut, empty
// or otherwise not a study.
func ReadStudy(dir string) (Study, error) {
	path := filepath.Join(dir, studyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Study{}, fmt.Errorf("%w in %s: it has no %s", ErrNoStudy, dir, studyFile)
	}
	if err != nil {
		return Study{}, fmt.Errorf("journal: read study: %w", err)
	}
	var s Study
	if err := json.Unmarshal(b, &s); err != nil {
		return Study{}, &DamageError{Path: path, Problem: err.Error()}
	}
	if s.Schema < 1 {
		return Study{}, &DamageError{Path: path, Problem: "it names no schema, so it is no study"}
	}
	if s.Schema > Schema {
		return Study{}, fmt.Errorf("journal: %s has schema %d, this program knows up to %d; use a newer one", path, s.Schema, Schema)
	}
	return s, nil
}

// write replaces study.json.
func (s *Study) write(files Files, dir string) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("journal: encode study: %w", err)
	}
	return writeAtomic(files, filepath.Join(dir, studyFile), bytes.NewReader(append(b, '\n')))
}

// session is the current session, the last one.
func (s *Study) session() *Session { return &s.Sessions[len(s.Sessions)-1] }

// Alive reports whether the process of the last session still runs on this
// machine. A study that is running and not alive was killed.
func (s *Study) Alive() bool {
	return len(s.Sessions) > 0 && s.session().Ended.IsZero() && alive(s.session().PID)
}

// List reads the studies in the immediate sub-directories of root, in the
// order of their names. Directories without a study.json are left out.
func List(root string) ([]Entry, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("journal: list: %w", err)
	}
	var all []Entry
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if _, err := os.Stat(filepath.Join(dir, studyFile)); err != nil {
			continue
		}
		s, err := ReadStudy(dir)
		all = append(all, Entry{Dir: dir, Study: s, Err: err})
	}
	return all, nil
}

// Entry is a study found by List.
type Entry struct {
	Dir   string
	Study Study
	Err   error // why its study.json cannot be read; Study is then zero
}
