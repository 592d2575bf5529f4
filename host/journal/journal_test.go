package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

func TestRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "one")
	j := create(t, dir, options())
	want := story(6)
	appendAll(t, j, want[:7])
	closeJournal(t, j)
	if s, err := ReadStudy(dir); err != nil || s.State != event.StudyPaused || s.Name != "story" || s.Seed != 7 {
		t.Fatalf("after the first session: %+v, %v", s, err)
	}

	j = reopen(t, dir, options())
	if s := j.Study(); s.State != event.StudyRunning || len(s.Sessions) != 2 || s.Sessions[1].From != 7 || j.Seq() != 7 {
		t.Fatalf("in the second session: %+v", s)
	}
	if got := collect(t, j); !bytes.Equal(lines(t, got), lines(t, want[:7])) {
		t.Fatalf("read %d events that differ from the written", len(got))
	}
	appendAll(t, j, want[7:])
	if err := j.SetState(event.StudyDone, ""); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	closeJournal(t, j) // closing again does nothing

	if got := mustRead(t, dir, eventsFile); !bytes.Equal(got, lines(t, want)) {
		t.Error("events.jsonl differs from the lines of the events")
	}
	s, err := ReadStudy(dir)
	if err != nil || s.State != event.StudyDone || s.Alive() {
		t.Errorf("state %q, alive %v, error %v", s.State, s.Alive(), err)
	}
	if last := s.Sessions[1]; last.State != event.StudyDone || last.To != int64(len(want)) || last.PID != os.Getpid() {
		t.Errorf("the last session is %+v", last)
	}
	if w := j.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q", w)
	}
	if err := j.Append(want[0]); err == nil {
		t.Error("a closed journal takes events")
	}
}

// TestNewConfig: who goes on with a study may give it another configuration,
// which later sessions keep; the first event keeps what it began with.
func TestNewConfig(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	events := story(1)
	appendAll(t, j, events[:2])
	closeJournal(t, j)
	o := options()
	o.Config = json.RawMessage(`{"other": 1}`)
	closeJournal(t, reopen(t, dir, o))
	closeJournal(t, reopen(t, dir, options()))
	s, err := ReadStudy(dir)
	var config map[string]int
	if err != nil || json.Unmarshal(s.Config, &config) != nil || len(config) != 1 || config["other"] != 1 {
		t.Errorf("study.json has the configuration %s, %v", s.Config, err)
	}
	if got := mustRead(t, dir, eventsFile); !bytes.Equal(got, lines(t, events[:2])) {
		t.Error("events.jsonl has changed")
	}
}

func TestRefusedEvents(t *testing.T) {
	j := create(t, t.TempDir(), options())
	events := story(1)
	appendAll(t, j, events[:1])
	live := event.Event{Type: event.TrialEpoch, Epoch: &event.Epoch{Trial: 1}}
	for _, e := range []event.Event{live, events[0], events[2]} {
		if err := j.Append(e); err == nil || errors.Is(err, ErrStorage) {
			t.Errorf("%s %d: error %v", e.Type, e.Seq, err)
		}
	}
	long := events[1]
	long.Sampled = &event.Sampled{Trial: 1, Problem: strings.Repeat("x", maxLine)}
	if err := j.Append(long); err == nil || !strings.Contains(err.Error(), "event 2 (trial.sampled) takes 67109") {
		t.Errorf("a record that could not be read again: error %v", err)
	}
	appendAll(t, j, events[1:]) // what was refused left nothing behind
	closeJournal(t, j)
	if got := mustRead(t, j.Dir(), eventsFile); !bytes.Equal(got, lines(t, events)) {
		t.Error("a refused event left something behind")
	}
}

func TestCreateTwice(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, options()); !errors.Is(err, ErrNoStudy) {
		t.Errorf("opening an empty directory: %v", err)
	}
	j := create(t, dir, options())
	if _, err := Create(dir, started(), options()); !errors.Is(err, ErrLocked) {
		t.Errorf("creating while it is open: %v", err)
	}
	appendAll(t, j, story(1))
	closeJournal(t, j)
	if _, err := Create(dir, started(), options()); !errors.Is(err, ErrExists) {
		t.Errorf("creating again: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, studyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, started(), options()); !errors.Is(err, ErrExists) {
		t.Errorf("creating over events: %v", err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	_, err := Open(dir, options())
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() || !errors.Is(err, ErrLocked) {
		t.Fatalf("the second opener got %v", err)
	}
	if s, err := ReadStudy(dir); err != nil || !s.Alive() {
		t.Errorf("alive %v, error %v", s.Alive(), err)
	}
	closeJournal(t, j)
	closeJournal(t, reopen(t, dir, options()))
}

func TestOptionsValidate(t *testing.T) {
	err := Options{}.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("want four problems at once, got %v", err)
	}
	if _, err := Create(t.TempDir(), started(), Options{}); err == nil {
		t.Error("Create takes invalid options")
	}
}

// TestRows: every way to trials.jsonl gives the same rows, each flat and with
// the same columns.
func TestRows(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	events := story(6)
	appendAll(t, j, events)
	closeJournal(t, j)
	path := filepath.Join(dir, rowsFile)
	want := mustRead(t, path)
	for _, damaged := range [][]byte{nil, want[:len(want)/2], append(bytes.Clone(want), "{}\n"...), bytes.ToUpper(want)} {
		if err := os.WriteFile(path, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		closeJournal(t, reopen(t, dir, options()))
		if got := mustRead(t, path); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes were repaired to\n%s\nwant\n%s", len(damaged), got, want)
		}
	}
	var columns []string
	rows := strings.Split(strings.TrimSpace(string(want)), "\n")
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, line := range rows {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		var names []string
		for name, value := range row {
			switch value.(type) {
			case map[string]any, []any:
				t.Errorf("row %d is not flat: %s", i, name)
			}
			if !strings.HasPrefix(name, "part_") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if columns == nil {
			columns = names
		}
		if !slices.Equal(names, columns) {
			t.Errorf("row %d has the columns %v, row 0 has %v", i, names, columns)
		}
	}
	if !strings.Contains(rows[0], `"status":"ok","reason":null,"reward":0.25`) || !strings.Contains(rows[0], `"part_accuracy":0.25`) {
		t.Errorf("row 0 is %s", rows[0])
	}
	if !strings.Contains(rows[4], `"status":"failed","reason":"diverged at epoch 2"`) {
		t.Errorf("row 4 is %s", rows[4])
	}
}

// TestTail follows a study while it is written, killed within a record, and
// resumed.
func TestTail(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	events := story(6)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	next := func(want event.Event) {
		t.Helper()
		got, err := r.Next()
		if err != nil || got.Seq != want.Seq || got.Type != want.Type {
			t.Fatalf("got event %d %s, %v; want %d %s", got.Seq, got.Type, err, want.Seq, want.Type)
		}
	}
	end := func() {
		t.Helper()
		if e, err := r.Next(); err != io.EOF {
			t.Fatalf("got event %d, %v; want the end", e.Seq, err)
		}
	}
	end()
	for i, e := range events[:5] {
		appendAll(t, j, events[i:i+1])
		next(e)
		end()
	}
	kill(t, j)
	f, err := os.OpenFile(filepath.Join(dir, eventsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"seq":6,"time":"torn`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	end()
	end()
	j = reopen(t, dir, options())
	if w := j.Warnings(); len(w) != 1 || !strings.Contains(w[0], "21 bytes") {
		t.Errorf("warnings %q", w)
	}
	appendAll(t, j, events[5:])
	for _, e := range events[5:] {
		next(e)
	}
	end()
	if e, err := r.Event(4); err != nil || !bytes.Equal(lines(t, []event.Event{e}), lines(t, events[3:4])) {
		t.Errorf("event 4 read again is %+v, %v", e, err)
	}
	if _, err := r.Event(int64(len(events) + 1)); err == nil {
		t.Error("an event was read that is not there")
	}
	closeJournal(t, j)
	s, err := ReadState(dir)
	if err != nil || s.Seq != int64(len(events)) || s.BestID != 3 {
		t.Errorf("state %+v, %v", s, err)
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"b", "a"} {
		closeJournal(t, create(t, filepath.Join(root, name), options()))
	}
	if err := os.Mkdir(filepath.Join(root, "c"), 0o777); err != nil {
		t.Fatal(err)
	}
	all, err := List(root)
	if err != nil || len(all) != 2 || filepath.Base(all[0].Dir) != "a" || all[1].Study.State != event.StudyPaused {
		t.Errorf("listed %+v, %v", all, err)
	}
	if err := os.WriteFile(filepath.Join(root, "notes"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(root, "a", studyFile), 50); err != nil {
		t.Fatal(err)
	}
	all, err = List(root)
	if err != nil || len(all) != 2 || !errors.Is(all[0].Err, ErrDamaged) || all[0].Study.Schema != 0 || all[1].Err != nil {
		t.Errorf("listed %+v, %v", all, err)
	}
	if _, err := List(filepath.Join(root, "none")); err == nil {
		t.Error("a missing root is no error")
	}
}

// TestDamagedStudy: a study.json that is cut anywhere, or is something else,
// is damage, and nothing opens or replaces it.
func TestDamagedStudy(t *testing.T) {
	dir := t.TempDir()
	closeJournal(t, create(t, dir, options()))
	path := filepath.Join(dir, studyFile)
	whole := bytes.TrimSpace(mustRead(t, path))
	contents := [][]byte{[]byte("{}"), []byte("null"), []byte("[]"), make([]byte, len(whole))}
	for cut := range whole {
		contents = append(contents, whole[:cut])
	}
	for _, content := range contents {
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadStudy(dir)
		var damage *DamageError
		if !errors.As(err, &damage) || damage.Path != path || strings.Contains(err.Error(), "record") || strings.Contains(err.Error(), "truncate") {
			t.Fatalf("%q: %v", content, err)
		}
	}
	if _, err := Open(dir, options()); !errors.Is(err, ErrDamaged) {
		t.Errorf("Open returned %v", err)
	}
	if _, err := OpenOrCreate(dir, started(), options()); !errors.Is(err, ErrDamaged) {
		t.Errorf("OpenOrCreate returned %v", err)
	}
}
