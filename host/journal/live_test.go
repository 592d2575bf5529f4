package journal

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func epoch(trial, n int) event.Event {
	return event.Event{Type: event.TrialEpoch, Epoch: &event.Epoch{Trial: trial, Epoch: spec.Epoch{Epoch: n, TrainLoss: 0.25}}}
}

// epochs reads what r has, as the numbers of the epochs.
func epochs(t *testing.T, r *LiveReader) []int {
	t.Helper()
	var all []int
	for {
		e, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Epoch.Epoch.Epoch)
	}
}

func TestLive(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenLive(dir); err == nil {
		t.Error("live events of an empty directory")
	}
	j := create(t, dir, options())
	r, err := OpenLive(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := epochs(t, r); got != nil {
		t.Errorf("%v before the first", got)
	}
	for n := 1; n <= 3; n++ {
		j.Live(epoch(7, n))
		if got := epochs(t, r); !slices.Equal(got, []int{n}) {
			t.Errorf("got %v, want %d", got, n)
		}
	}
	late, err := OpenLive(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := epochs(t, late); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("from the beginning: %v", got)
	}
	appendAll(t, j, story(1))
	j.Live(epoch(8, 4))
	closeJournal(t, j)
	j.Live(epoch(8, 5)) // after the end, nothing
	if got := epochs(t, r); !slices.Equal(got, []int{4}) {
		t.Errorf("got %v, want 4", got)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}

	// The next session begins anew; who reads goes on.
	j = reopen(t, dir, options())
	if got := epochs(t, late); got != nil {
		t.Errorf("%v of an earlier session", got)
	}
	j.Live(epoch(9, 1))
	if got := epochs(t, late); !slices.Equal(got, []int{1}) {
		t.Errorf("got %v, want 1", got)
	}
	closeJournal(t, j)
	if err := late.Close(); err != nil {
		t.Error(err)
	}
}

// TestLiveBounded: the file stays below its bound, and a reader that keeps up
// sees everything.
func TestLiveBounded(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	defer closeJournal(t, j)
	r, err := OpenLive(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const n = 20000 // three times what the file may hold
	emptied, before := 0, int64(0)
	for i := 1; i <= n; i++ {
		j.Live(epoch(1, i))
		if i%500 != 0 && j.live.size > before {
			before = j.live.size
			continue
		}
		if j.live.size < before {
			emptied++
		}
		before = j.live.size
		info, err := os.Stat(filepath.Join(dir, liveFile))
		if err != nil || info.Size() > maxLive || info.Size() != j.live.size {
			t.Fatalf("%d bytes, counted %d, error %v", info.Size(), j.live.size, err)
		}
		if got := epochs(t, r); len(got) == 0 || got[len(got)-1] != i {
			t.Fatalf("the last epoch read is not %d", i)
		}
	}
	if emptied < 2 {
		t.Errorf("the file was emptied %d times", emptied)
	}
}

// TestLiveGarbage: a reader passes over what is no live event, and waits for
// the end of a line.
func TestLiveGarbage(t *testing.T) {
	dir := t.TempDir()
	closeJournal(t, create(t, dir, options()))
	path := filepath.Join(dir, liveFile)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	r, err := OpenLive(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := epochs(t, r); got != nil {
		t.Errorf("%v of no file", got)
	}
	line := func(e event.Event) []byte {
		b, err := event.AppendLine(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	flipped := line(epoch(1, 2))
	flipped[10] ^= 1
	whole := line(epoch(1, 3))
	content := slices.Concat([]byte("tail of a line\n\n{}\n"), line(epoch(1, 1)), flipped, line(story(1)[1]), whole[:40])
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := epochs(t, r); !slices.Equal(got, []int{1}) {
		t.Errorf("got %v, want 1", got)
	}
	if err := os.WriteFile(path, append(content, whole[40:]...), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := epochs(t, r); !slices.Equal(got, []int{3}) {
		t.Errorf("got %v, want 3", got)
	}
	endless := make([]byte, 3*maxLive)
	if err := os.WriteFile(path, endless, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := epochs(t, r); got != nil || cap(r.buf) > 2*maxLive {
		t.Errorf("of a line without end: %v, and the reader holds %d bytes", got, cap(r.buf))
	}
	if err := os.WriteFile(path, slices.Concat(endless, []byte("\n"), whole), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := epochs(t, r); !slices.Equal(got, []int{3}) {
		t.Errorf("after a line without end: %v", got)
	}
}
