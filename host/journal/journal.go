package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"github.com/espalier-nas/espalier/host/event"
)

const eventsFile = "events.jsonl"

// Journal is a run directory open for writing. Its methods may be called by
// several goroutines. Once a write has failed, every method that writes
// returns that error.
type Journal struct {
	dir     string
	options Options
	files   Files

	mu       sync.Mutex
	lock     *flock.Flock
	study    Study
	state    event.State
	events   File
	size     int64 // of the events file, in bytes: where the next record begins
	unsynced int   // records appended since the last flush
	rows     File
	taken    map[string]bool // requests that have their event
	restate  bool            // study.json has to follow the events
	buf      []byte
	failed   error
	warnings []string

	live live
}

// Create begins a study in dir, which is made if it is missing. It returns an
// ErrExists if dir holds a study, and an ErrLocked if somebody just begins one.
func Create(dir string, started event.Started, o Options) (*Journal, error) {
	j, err := newJournal(dir, o)
	if err == nil {
		if err = j.create(started); err == nil {
			return j, nil
		}
		j.release()
	}
	var failed *StorageError
	if errors.As(err, &failed) {
		failed.New = true
	}
	return nil, err
}

func (j *Journal) create(started event.Started) error {
	if _, err := os.Stat(filepath.Join(j.dir, studyFile)); err == nil {
		return fmt.Errorf("%w: %s; resume it, or name another directory", ErrExists, j.dir)
	}
	// Without a study.json the directory holds at most what a Create left
	// behind that was killed.
	if info, err := os.Stat(filepath.Join(j.dir, eventsFile)); err == nil && info.Size() > 0 {
		return fmt.Errorf("%w: %s has an %s but no %s; restore that from a copy, or name another directory", ErrExists, j.dir, eventsFile, studyFile)
	}
	if err := j.openFiles(); err != nil {
		return err
	}
	j.study = newStudy(started, j.options.Clock())
	return j.beginSession()
}

// OpenOrCreate opens the study in dir, or creates it if there is none; then
// started is of no account.
func OpenOrCreate(dir string, started event.Started, o Options) (*Journal, error) {
	j, err := Open(dir, o)
	if errors.Is(err, ErrNoStudy) {
		return Create(dir, started, o)
	}
	return j, err
}

// Open continues the study in dir: it takes the lock, checks every record,
// cuts off a torn last one, and repairs what is derived. Warnings tells what it
// did. It returns an ErrNoStudy, ErrLocked, ErrDamaged or ErrStorage.
func Open(dir string, o Options) (*Journal, error) {
	if _, err := ReadStudy(dir); err != nil {
		return nil, err
	}
	j, err := newJournal(dir, o)
	if err != nil {
		return nil, err
	}
	if err := j.open(); err != nil {
		j.release()
		return nil, err
	}
	return j, nil
}

func (j *Journal) open() error {
	var err error
	if j.study, err = ReadStudy(j.dir); err != nil { // again, now that nobody writes it
		return err
	}
	if j.size, err = j.fold(); err != nil {
		return err
	}
	if j.state.Seq == 0 {
		if err := j.checkNew(); err != nil {
			return err
		}
	}
	if err := j.openFiles(); err != nil {
		return err
	}
	for _, repair := range []func() error{j.cutTail, j.repairRows, j.dropTemporary, j.dropFuturePolicies, j.dropStrayWeights, j.clearRequests} {
		if err := repair(); err != nil {
			return err
		}
	}
	if len(j.options.Config) > 0 {
		j.study.Config = j.options.Config
	}
	return j.beginSession()
}

// newJournal makes the directories and takes the lock.
func newJournal(dir string, o Options) (*Journal, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, options: o, files: o.Files}
	for _, sub := range []string{"", policyDir, pendingDir, bestDir, requestsDir} {
		path := filepath.Join(dir, sub)
		if err := j.files.MkdirAll(path); err != nil {
			return nil, storage("create", path, err)
		}
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	j.lock = lock
	return j, nil
}

// fold reads all records into the state and returns where the intact ones end.
func (j *Journal) fold() (int64, error) {
	path := filepath.Join(j.dir, eventsFile)
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // killed while it was created
	}
	if err != nil {
		return 0, fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	s := newScanner(path, f, 0, 0)
	for {
		e, at, err := s.next()
		switch {
		case err == io.EOF || err == errTorn:
			return s.offset, nil
		case err != nil:
			return 0, err
		}
		if err := j.state.Apply(e); err != nil {
			return 0, &DamageError{Path: path, Offset: at, Record: e.Seq, Problem: err.Error()}
		}
		j.take(e)
	}
}

// checkNew refuses a directory without events that shows that it had some.
// Since the first event is durable before anything follows from it, no crash
// leaves one.
func (j *Journal) checkNew() error {
	damage := func(sign string) error {
		return &DamageError{Path: filepath.Join(j.dir, eventsFile), Problem: "it holds no event, but " + sign}
	}
	for _, s := range j.study.Sessions {
		if last := max(s.From, s.To); last > 0 {
			return damage(fmt.Sprintf("%s knows of %d", studyFile, last))
		}
	}
	rows := filepath.Join(j.dir, rowsFile)
	info, err := os.Stat(rows)
	if err == nil && info.Size() > 0 {
		return damage(rowsFile + " holds trials")
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return storage("read", rows, err)
	}
	for _, sub := range []string{policyDir, pendingDir, bestDir} {
		dir := filepath.Join(j.dir, sub)
		entries, err := os.ReadDir(dir)
		if err != nil {
			return storage("list", dir, err)
		}
		if len(entries) > 0 {
			return damage(sub + " holds files")
		}
	}
	return nil
}

// openFiles opens the files that are appended to.
func (j *Journal) openFiles() error {
	for _, f := range []struct {
		name string
		file *File
	}{{eventsFile, &j.events}, {rowsFile, &j.rows}} {
		path := filepath.Join(j.dir, f.name)
		file, err := j.files.OpenAppend(path)
		if err != nil {
			return storage("open", path, err)
		}
		*f.file = file
	}
	return storage("flush", j.dir, j.files.SyncDir(j.dir))
}

// cutTail cuts off what follows the intact records.
func (j *Journal) cutTail() error {
	path := filepath.Join(j.dir, eventsFile)
	info, err := os.Stat(path)
	if err != nil {
		return storage("read", path, err)
	}
	torn := info.Size() - j.size
	if torn == 0 {
		return nil
	}
	if err := j.events.Truncate(j.size); err != nil {
		return storage("truncate", path, err)
	}
	j.warn("%s: the last record was torn by a crash: its %d bytes at byte %d were cut off, and what it told is done again", path, torn, j.size)
	return storage("flush", path, j.events.Sync())
}

// repairRows makes trials.jsonl agree with the events.
func (j *Journal) repairRows() error {
	path := filepath.Join(j.dir, rowsFile)
	want, err := allRows(&j.state)
	if err != nil {
		return err
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return storage("read", path, err)
	}
	if string(have) == string(want) {
		return nil
	}
	if err := j.rows.Truncate(0); err != nil {
		return storage("truncate", path, err)
	}
	_, err = j.rows.Write(want)
	return storage("write", path, err)
}

// dropTemporary removes what atomic writes left behind when they were killed.
func (j *Journal) dropTemporary() error {
	for _, sub := range []string{"", policyDir, pendingDir, bestDir, requestsDir} {
		dir := filepath.Join(j.dir, sub)
		entries, err := os.ReadDir(dir)
		if err != nil {
			return storage("list", dir, err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".tmp") {
				continue
			}
			if err := j.remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *Journal) warn(format string, args ...any) {
	j.warnings = append(j.warnings, fmt.Sprintf(format, args...))
}

// Warnings tells what was lost or repaired, for a person.
func (j *Journal) Warnings() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.warnings...)
}

// Dir is the run directory.
func (j *Journal) Dir() string { return j.dir }

// Study is the contents of study.json.
func (j *Journal) Study() Study {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.study
	s.Sessions = append([]Session(nil), s.Sessions...)
	return s
}

// Seq is the number of the last record.
func (j *Journal) Seq() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state.Seq
}
