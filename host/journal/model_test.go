package journal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// model is what a run directory must hold, kept in memory.
type model struct {
	events   []event.Event
	lines    [][]byte // of the events
	appended int      // events that were appended
	pending  map[int]string
	policies map[int]int // version -> appended when it was taken
}

// TestModel performs random operations on a journal and on a model of it,
// among them closing, killing, and killing within a record, and compares what
// the two hold after each opening.
func TestModel(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { play(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func play(t *testing.T, rng *rand.Rand) {
	dir := t.TempDir()
	events := story(40)
	o := options()
	o.Files = &full{bytes: -1, ops: -1}
	o.KeepPolicies, o.KeepEvery, o.SyncRecords = 1000, 0, 1+rng.IntN(5)
	m := model{events: events, pending: map[int]string{}, policies: map[int]int{}}
	for i := range events {
		m.lines = append(m.lines, lines(t, events[i:i+1]))
	}
	j := create(t, dir, o)
	appendAll(t, j, events[:1]) // before it nothing happens, and it is never lost
	m.appended = 1
	for step := 0; step < 400 && m.appended < len(events)-1; step++ {
		id := 1 + rng.IntN(40)
		var err error
		switch rng.IntN(12) {
		case 0:
			closeJournal(t, j)
			j = m.reopen(t, dir, o)
		case 1:
			kill(t, j)
			j = m.reopen(t, dir, o)
		case 2:
			kill(t, j)
			m.tear(t, dir, rng)
			j = m.reopen(t, dir, o)
		case 3:
			reason := fmt.Sprint("step ", step)
			err = j.SavePending(event.Done{Trial: id, Status: event.Failed, Reason: reason})
			m.pending[id] = reason
		case 4:
			err = j.DropPending(id)
			delete(m.pending, id)
		case 5:
			version := len(m.policies) + 1
			err = j.SavePolicy(version, fmt.Append(nil, version))
			m.policies[version] = m.appended
		case 6:
			err = j.Commit()
		default:
			err = j.Append(events[m.appended])
			m.appended++
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	closeJournal(t, j)
	closeJournal(t, m.reopen(t, dir, o))
}

// tear leaves a part of the next record, or takes a part of the last one.
func (m *model) tear(t *testing.T, dir string, rng *rand.Rand) {
	t.Helper()
	path := filepath.Join(dir, eventsFile)
	content := mustRead(t, path)
	if m.appended == 1 || rng.IntN(2) == 0 {
		next := m.lines[m.appended]
		content = append(content, next[:rng.IntN(len(next))]...)
	} else {
		last := m.lines[m.appended-1]
		content = content[:len(content)-1-rng.IntN(len(last))]
		m.appended--
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// reopen opens the journal and compares it with the model.
func (m *model) reopen(t *testing.T, dir string, o Options) *Journal {
	t.Helper()
	j := reopen(t, dir, o)
	if got := lines(t, collect(t, j)); !bytes.Equal(got, bytes.Join(m.lines[:m.appended], nil)) {
		t.Fatalf("the journal holds %d bytes of events that are not the model's %d events", len(got), m.appended)
	}
	var ended []int
	for _, e := range m.events[:m.appended] {
		if e.Done != nil {
			ended = append(ended, e.Done.Trial)
		}
	}
	if rows := strings.Count(string(mustRead(t, dir, rowsFile)), "\n"); rows != len(ended) {
		t.Fatalf("%d rows of %d ended trials", rows, len(ended))
	}
	for _, id := range ended {
		delete(m.pending, id)
	}
	pending, err := j.Pending()
	if err != nil || len(pending) != len(m.pending) {
		t.Fatalf("%d pending results, the model has %d (%v)", len(pending), len(m.pending), err)
	}
	for _, d := range pending {
		if m.pending[d.Trial] != d.Reason {
			t.Fatalf("trial %d is pending with %q, the model has %q", d.Trial, d.Reason, m.pending[d.Trial])
		}
	}
	var versions []int
	for v, at := range m.policies {
		if at > m.appended {
			delete(m.policies, v)
			continue
		}
		versions = append(versions, v)
	}
	slices.Sort(versions)
	before := -1
	for _, want := range slices.Backward(versions) {
		v, b, ok := j.Policy(before)
		if !ok || v != want || string(b) != fmt.Sprint(want) {
			t.Fatalf("policy %d is %q (%v), the model has version %d", v, b, ok, want)
		}
		before = v
	}
	return j
}

// TestHammer appends from one goroutine while others commit, keep pending
// results, and read.
func TestHammer(t *testing.T) {
	dir := t.TempDir()
	o := options()
	o.Files = &hammerDisk{}
	j := create(t, dir, o)
	events := story(60)
	stop := make(chan struct{})
	failed := make(chan error, 3)
	for worker := range 3 {
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					failed <- nil
					return
				default:
				}
				id := 100 + 10*worker + i%10
				err := j.SavePending(event.Done{Trial: id, Status: event.OK})
				if err == nil {
					err = j.DropPending(id)
				}
				if err == nil {
					err = j.Commit()
				}
				if err == nil {
					_, err = ReadState(dir)
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	for _, e := range events {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	for range 3 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if got := collect(t, j); len(got) != len(events) {
		t.Errorf("%d of %d events", len(got), len(events))
	}
	closeJournal(t, j)
}

// hammerDisk is the disk without flushes.
type hammerDisk struct{ disk }

func (hammerDisk) SyncDir(string) error { return nil }
