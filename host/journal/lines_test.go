package journal

import (
	"io"
	"strings"
	"testing"
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
