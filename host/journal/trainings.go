package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

const (
	trainingsFile = "trainings.jsonl"
	trainingsLock = "trainings.lock"
	trainedDir    = "trained"
)

// Trainings are the networks that were trained anew, in a directory that may,
// but need not hold a study: trainings.jsonl with a row for each, and trained/
// with the weights and the networks that they belong to. A row that is written
// is durable; a torn last one is cut off when the directory is opened again.
// Its methods may be called by several goroutines.
type Trainings struct {
	dir   string
	files Files
	lock  *flock.Flock

	mu   sync.Mutex
	rows File
	all  []Training
	torn int64 // bytes that were cut off
	lost error // of a row, perhaps in its middle: nothing is written after it
}

// OpenTrainings opens the directory for writing, and makes it if it is missing.
// It returns an ErrLocked, an ErrDamaged or an ErrStorage.
func OpenTrainings(dir string, o Options) (*Trainings, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	t := &Trainings{dir: dir, files: o.Files}
	if err := t.files.MkdirAll(dir); err != nil {
		return nil, &StorageError{Op: "create", Path: dir, Err: err, New: true}
	}
	t.lock = flock.New(filepath.Join(dir, trainingsLock))
	held, err := t.lock.TryLock()
	if err == nil && !held {
		err = &LockedError{Dir: filepath.Join(dir, trainingsFile)}
	}
	if err == nil {
		err = t.open()
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Trainings) open() error {
	name := filepath.Join(t.dir, trainingsFile)
	all, size, err := readTrainings(name)
	if err != nil {
		return err
	}
	t.all = all
	if t.rows, err = t.files.OpenAppend(name); err != nil {
		return storage("open", name, err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return storage("read", name, err)
	}
	if t.torn = info.Size() - size; t.torn > 0 {
		if err := t.rows.Truncate(size); err != nil {
			return storage("truncate", name, err)
		}
	}
	return t.dropTemporary()
}

// dropTemporary removes what was left behind of weights whose writing was
// killed.
func (t *Trainings) dropTemporary() error {
	dir := filepath.Join(t.dir, trainedDir)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err = storage("list", dir, err)
	for _, e := range entries {
		if name := filepath.Join(dir, e.Name()); strings.HasSuffix(name, ".tmp") {
			err = errors.Join(err, storage("remove", name, t.files.Remove(name)))
		}
	}
	return err
}

// readTrainings reads the rows, of a repeated training the last, and returns
// where the whole lines end.
func readTrainings(name string) (all []Training, size int64, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, storage("read", name, err)
	}
	for record := int64(1); ; record++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return all, size, nil
		}
		var row Training
		problem := event.ErrChecksum
		if event.Intact(line) {
			row, problem = readTraining(line)
		}
		if problem != nil {
			return nil, 0, &DamageError{Path: name, Offset: size, Record: record, Problem: problem.Error()}
		}
		all = put(all, row)
		size += int64(len(line)) + 1
		text = rest
	}
}

// put appends a row, in place of an earlier one of the same training.
func put(all []Training, row Training) []Training {
	for i := range all {
		if all[i].Key == row.Key {
			all[i] = row
			return all
		}
	}
	return append(all, row)
}

// ReadTrainings reads the trainings of a directory, without its lock; none if
// there are none.
func ReadTrainings(dir string) ([]Training, error) {
	all, _, err := readTrainings(filepath.Join(dir, trainingsFile))
	return all, err
}

// All are the trainings that have ended, each once, in the order in which they
// first did, as they are read back.
func (t *Trainings) All() []Training {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Training(nil), t.all...)
}

// Warnings tells what was lost, for a person.
func (t *Trainings) Warnings() []string {
	if t.torn == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: the last row was torn by a crash: its %d bytes were cut off, and that training is done again", filepath.Join(t.dir, trainingsFile), t.torn)}
}

// Append writes a training that has ended, after its weights and network if
// weights is not nil, and sets its Weights.
func (t *Trainings) Append(row Training, network *spec.Network, weights io.WriterTo) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost != nil {
		return t.lost
	}
	if weights != nil {
		if err := t.keep(&row, network, weights); err != nil {
			return err
		}
	}
	line, err := row.appendLine(nil)
	if err == nil {
		row, err = readTraining(line)
	}
	if err != nil {
		return err
	}
	name := filepath.Join(t.dir, trainingsFile)
	if _, err = t.rows.Write(line); err == nil {
		err = t.rows.Sync()
	}
	if err != nil {
		t.lost = storage("write", name, err)
		return t.lost
	}
	t.all = put(t.all, row)
	return storage("flush", t.dir, t.files.SyncDir(t.dir))
}

// keep writes weights, and then the network.
func (t *Trainings) keep(row *Training, network *spec.Network, weights io.WriterTo) error {
	if err := t.files.MkdirAll(filepath.Join(t.dir, trainedDir)); err != nil {
		return storage("create", trainedDir, err)
	}
	row.Weights = trainedDir + "/" + row.Key + ".safetensors"
	text, err := json.MarshalIndent(network, "", "  ")
	if err != nil {
		return fmt.Errorf("journal: encode the network of training %s: %w", row.Key, err)
	}
	if err := writeAtomic(t.files, filepath.Join(t.dir, filepath.FromSlash(row.Weights)), weights); err != nil {
		return err
	}
	return writeAtomic(t.files, filepath.Join(t.dir, trainedDir, row.Key+".json"), bytes.NewReader(append(text, '\n')))
}

// Close gives the directory free.
func (t *Trainings) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	if t.rows != nil {
		err = storage("close", filepath.Join(t.dir, trainingsFile), t.rows.Close())
		t.rows = nil
	}
	return errors.Join(err, t.lock.Unlock())
}
