package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// full is a disk with room for some more bytes and some more operations; then
// everything that needs room, or everything at all, fails. It flushes nothing,
// which makes tests fast.
type full struct {
	disk
	bytes int  // room left; negative: unlimited
	ops   int  // operations until one fails; negative: none does
	short bool // what does not fit is cut silently, as a short write
}

func (f *full) op() error {
	if f.ops == 0 {
		return syscall.EIO
	}
	if f.ops > 0 {
		f.ops--
	}
	return nil
}

func (f *full) file(file File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return &fullFile{file, f}, nil
}

func (f *full) OpenAppend(name string) (File, error) {
	if err := f.op(); err != nil {
		return nil, err
	}
	return f.file(f.disk.OpenAppend(name))
}

func (f *full) Create(name string) (File, error) {
	if err := f.op(); err != nil {
		return nil, err
	}
	return f.file(f.disk.Create(name))
}

func (f *full) Rename(from, to string) error {
	if err := f.op(); err != nil {
		return err
	}
	return f.disk.Rename(from, to)
}

func (f *full) Remove(name string) error {
	if err := f.op(); err != nil {
		return err
	}
	return f.disk.Remove(name)
}

func (f *full) MkdirAll(dir string) error {
	if err := f.op(); err != nil {
		return err
	}
	return f.disk.MkdirAll(dir)
}

func (f *full) SyncDir(string) error { return f.op() }

type fullFile struct {
	File
	disk *full
}

func (f *fullFile) Write(b []byte) (int, error) {
	if err := f.disk.op(); err != nil {
		return 0, err
	}
	if f.disk.bytes < 0 || len(b) <= f.disk.bytes {
		if f.disk.bytes >= 0 {
			f.disk.bytes -= len(b)
		}
		return f.File.Write(b)
	}
	n, err := f.File.Write(b[:f.disk.bytes])
	f.disk.bytes = 0
	if err == nil && !f.disk.short {
		err = syscall.ENOSPC
	}
	return n, err
}

func (f *fullFile) Truncate(size int64) error {
	if err := f.disk.op(); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *fullFile) Sync() error { return f.disk.op() }

// study records a story with everything that a search does besides, and stops
// at the first error. It continues what dir holds.
func study(t *testing.T, dir string, files Files) error {
	t.Helper()
	o := options()
	o.Files, o.KeepPolicies = files, 1
	j, err := Open(dir, o)
	if errors.Is(err, ErrNoStudy) {
		j, err = Create(dir, started(), o)
	}
	if err != nil {
		return err
	}
	defer j.Close()
	if err := publish(j); err != nil {
		return err
	}
	for _, e := range story(6)[j.Seq():] {
		if err := record(j, e); err != nil {
			if again := j.Append(e); again == nil {
				t.Errorf("after %v the journal went on", err)
			}
			return err
		}
	}
	if err := j.SetState(event.StudyDone, ""); err != nil {
		return err
	}
	return j.Close()
}

// record does what belongs to one event.
func record(j *Journal, e event.Event) error {
	steps := []func() error{func() error { return j.Append(e) }, j.Commit}
	if d := e.Done; d != nil {
		weights := strings.NewReader("weights")
		before := []func() error{
			func() error { return j.StageWeights(d.Trial, weights) },
			func() error { return j.SavePending(*d) },
		}
		after := []func() error{
			func() error { return publish(j) },
			func() error {
				if d.Trial == j.state.BestID {
					return nil
				}
				return j.DropWeights(d.Trial)
			},
			func() error { return j.DropPending(d.Trial) },
		}
		steps = append(append(before, steps...), after...)
	}
	if u := e.Updated; u != nil {
		steps = append(steps, func() error { return j.SavePolicy(u.Version, []byte(u.WeightsHash)) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// publish puts the best trial so far into best/, as a search does when a new
// one is best and when it resumes.
func publish(j *Journal) error {
	best := j.state.Best()
	if best == nil {
		return nil
	}
	weights, err := j.PublishBest(best.ID, best.Reward.Reward, network(best.ID))
	if err == nil && !weights {
		return fmt.Errorf("trial %d is best and has no weights", best.ID)
	}
	return err
}

// stride thins the fault tests in the quick suite.
func stride(every int) int {
	if os.Getenv("ESPALIER_LONG") == "1" {
		return 1
	}
	return every
}

// survives runs the study on failing files, then again on good ones, and
// checks that the end is that of a study that never failed. It reports whether
// the files failed at all.
func survives(t *testing.T, name string, n int, bad *full) bool {
	t.Helper()
	dir := t.TempDir()
	err := study(t, dir, bad)
	if err == nil {
		return false
	}
	if !errors.Is(err, ErrStorage) {
		t.Fatalf("%s %d: the study stopped with %v", name, n, err)
	}
	if _, err := ReadStudy(dir); err == nil {
		if _, err := ReadState(dir); err != nil {
			t.Fatalf("%s %d: the journal cannot be read: %v", name, n, err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, eventsFile)); err == nil && bad.ops < 0 && len(b) > 0 && b[len(b)-1] != '\n' {
		t.Fatalf("%s %d: the part of a record that was written is still there", name, n)
	}
	if err := study(t, dir, &full{bytes: -1, ops: -1}); err != nil {
		t.Fatalf("%s %d: going on: %v", name, n, err)
	}
	if !bytes.Equal(mustRead(t, dir, eventsFile), lines(t, story(6))) {
		t.Fatalf("%s %d: the events differ from an undisturbed study's", name, n)
	}
	if got, want := names(t, dir, bestDir), []string{"000003.weights", "network.json", "trial.json"}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("%s %d: best holds %v", name, n, got)
	}
	// A snapshot only saves work: the last may be missing, or one too many left.
	if pending, policy := names(t, dir, pendingDir), names(t, dir, policyDir); len(pending) != 0 || len(policy) > 2 {
		t.Fatalf("%s %d: pending holds %v, policy %v", name, n, pending, policy)
	}
	return true
}

// TestNoSpace fills the disk at the n-th byte, for all n.
func TestNoSpace(t *testing.T) {
	for n := 0; ; n += stride(149) {
		if !survives(t, "no space at byte", n, &full{bytes: n, ops: -1, short: n%3 == 0}) {
			if n < 5000 {
				t.Fatalf("the whole study took less than %d bytes", n)
			}
			return
		}
	}
}

// TestBadDisk lets the n-th operation fail, and every one after it, for all n.
func TestBadDisk(t *testing.T) {
	for n := 0; ; n += stride(7) {
		if !survives(t, "fault at operation", n, &full{bytes: -1, ops: n}) {
			if n < 100 {
				t.Fatalf("the whole study took less than %d operations", n)
			}
			return
		}
	}
}

// TestNothingCreated: whichever operation fails while a study is created, the
// error does not promise that anything is intact; after that, it does.
func TestNothingCreated(t *testing.T) {
	const promise = "what was recorded before is intact"
	for n := 0; ; n++ {
		o := options()
		bad := &full{bytes: -1, ops: n}
		o.Files = bad
		j, err := Create(filepath.Join(t.TempDir(), "run"), started(), o)
		if err != nil {
			if !errors.Is(err, ErrStorage) || !errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), promise) {
				t.Fatalf("fault at operation %d: %v", n, err)
			}
			continue
		}
		if n < 4 {
			t.Fatalf("creating took %d operations", n)
		}
		bad.ops = 0
		if err := j.Append(story(6)[0]); !errors.Is(err, ErrStorage) || !strings.Contains(err.Error(), promise) {
			t.Errorf("Append returned %v", err)
		}
		_ = j.Close() // it fails as Append did
		return
	}
}
