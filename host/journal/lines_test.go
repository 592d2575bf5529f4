package journal

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

func TestLines(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(6))
	closeJournal(t, j)
	file := mustRead(t, dir, eventsFile)
	lines := strings.SplitAfter(string(file), "\n")
	lines = lines[:len(lines)-1]
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for err == nil {
		_, err = r.Next()
	}
	if r.Size() != int64(len(file)) {
		t.Errorf("read %d bytes of %d", r.Size(), len(file))
	}
	n := int64(len(lines))
	for _, c := range [][2]int64{{1, n}, {1, 1}, {2, 4}, {n, n}, {3, 2}, {n + 1, n}} {
		part, err := r.Lines(c[0], c[1])
		if err != nil {
			t.Fatalf("lines %v: %v", c, err)
		}
		got, err := io.ReadAll(part)
		want := ""
		if c[1] >= c[0] {
			want = strings.Join(lines[c[0]-1:c[1]], "")
		}
		if err != nil || string(got) != want {
			t.Errorf("lines %v: %d bytes, want %d (%v)", c, len(got), len(want), err)
		}
	}
	for _, c := range [][2]int64{{0, 1}, {1, n + 1}, {-1, -2}} {
		if _, err := r.Lines(c[0], c[1]); err == nil {
			t.Errorf("lines %v are answered", c)
		}
	}
}

// TestSlimReader: a reader that passes over networks sees the same events, also
// those that are added after the end, and still gives whole ones on request.
func TestSlimReader(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	all := story(6)
	appendAll(t, j, all[:4])
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Slim()
	for n, e := range all {
		if n == 4 {
			if _, err := r.Next(); err != io.EOF {
				t.Fatalf("after the last event: %v", err)
			}
			appendAll(t, j, all[4:])
		}
		got, err := r.Next()
		if err != nil || !bytes.Equal(lines(t, []event.Event{got}), lines(t, []event.Event{event.Slim(e)})) {
			t.Fatalf("event %d: %+v, %v", e.Seq, got, err)
		}
		whole, err := r.Event(e.Seq)
		if err != nil || !bytes.Equal(lines(t, []event.Event{whole}), lines(t, []event.Event{e})) {
			t.Fatalf("event %d, whole: %+v, %v", e.Seq, whole, err)
		}
	}
	closeJournal(t, j)
}
