package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// written is a run directory with a whole story, and where its records begin.
func written(t testing.TB) (dir string, content []byte, starts []int) {
	t.Helper()
	dir = t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(6))
	closeJournal(t, j)
	content = mustRead(t, dir, eventsFile)
	starts = []int{0}
	for i, b := range content[:len(content)-1] {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return dir, content, starts
}

func overwrite(t testing.TB, dir string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, eventsFile), content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestTruncation cuts the events at every byte of the last three records:
// opening loses the torn record and no other, and says so.
func TestTruncation(t *testing.T) {
	dir, content, starts := written(t)
	events := story(6)
	rows, study := mustRead(t, dir, rowsFile), mustRead(t, dir, studyFile)
	o := options()
	o.Files = &full{bytes: -1, ops: -1} // room for all, and no flushes
	for cut := starts[len(starts)-3]; cut <= len(content); cut++ {
		intact := bytes.Count(content[:cut], []byte("\n"))
		overwrite(t, dir, content[:cut])
		j := reopen(t, dir, o)
		torn := cut < len(content) && content[cut-1] != '\n'
		if got := len(j.Warnings()); (got == 1) != torn || got > 1 {
			t.Fatalf("cut at byte %d: %d warnings", cut, got)
		}
		if j.Seq() != int64(intact) {
			t.Fatalf("cut at byte %d: %d records are left of %d intact ones", cut, j.Seq(), intact)
		}
		appendAll(t, j, events[intact:])
		closeJournal(t, j)
		if err := os.WriteFile(filepath.Join(dir, studyFile), study, 0o666); err != nil { // or it fills with sessions
			t.Fatal(err)
		}
		if !bytes.Equal(mustRead(t, dir, eventsFile), content) || !bytes.Equal(mustRead(t, dir, rowsFile), rows) {
			t.Fatalf("cut at byte %d: going on does not lead to the same files", cut)
		}
	}
}

// scan reads content as fold does and returns where the intact records end.
func scan(content []byte) (int64, error) {
	s := newScanner(eventsFile, bytes.NewReader(content), 0, 0)
	var state event.State
	for {
		e, at, err := s.next()
		if err == io.EOF || err == errTorn {
			return s.offset, nil
		}
		if err != nil {
			return 0, err
		}
		if err := state.Apply(e); err != nil {
			return 0, &DamageError{Offset: at, Record: e.Seq}
		}
	}
}

// TestFlippedMiddle flips every bit of a record in the middle; each is refused
// with the offset of the record, and the file is left as it is.
func TestFlippedMiddle(t *testing.T) {
	dir, content, starts := written(t)
	const record = 8
	from, to := starts[record-1], starts[record]
	for bit := 8 * from; bit < 8*to; bit++ {
		flipped := bytes.Clone(content)
		flipped[bit/8] ^= 1 << (bit % 8)
		_, err := scan(flipped)
		var damage *DamageError
		if !errors.As(err, &damage) || damage.Offset != int64(from) || damage.Record != record {
			t.Fatalf("bit %d of byte %d flipped: %v", bit%8, bit/8, err)
		}
		if bit%97 != 0 {
			continue // Open is the same scan with files around it
		}
		overwrite(t, dir, flipped)
		if _, err := Open(dir, options()); !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit %d of byte %d flipped: Open returned %v", bit%8, bit/8, err)
		}
		if !bytes.Equal(mustRead(t, dir, eventsFile), flipped) {
			t.Fatal("Open changed a damaged file")
		}
		if _, err := ReadState(dir); !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit %d of byte %d flipped: reading returned %v", bit%8, bit/8, err)
		}
	}
}

// TestFlippedAnywhere flips one random bit of every byte of the file: in the
// last record it is like a torn write, anywhere else it is refused.
func TestFlippedAnywhere(t *testing.T) {
	_, content, starts := written(t)
	rng := rand.New(rand.NewPCG(1, 2))
	last := starts[len(starts)-1]
	for at := range content {
		flipped := bytes.Clone(content)
		flipped[at] ^= 1 << rng.IntN(8)
		end, err := scan(flipped)
		switch {
		case err == nil && at >= last && end == int64(last):
		case err == nil:
			t.Fatalf("byte %d flipped: the scan accepts records up to byte %d", at, end)
		default:
			var damage *DamageError
			if !errors.As(err, &damage) || damage.Offset > int64(at) || int64(at)-damage.Offset > int64(len(content)) {
				t.Fatalf("byte %d flipped: %v", at, err)
			}
			if at < last && bytes.IndexByte(content[damage.Offset:at], '\n') >= 0 {
				t.Fatalf("byte %d flipped: the damage is said to be at byte %d, an earlier record", at, damage.Offset)
			}
		}
	}
}

// TestMissingRecord: intact records with one missing, repeated or of another
// study are refused.
func TestMissingRecord(t *testing.T) {
	_, content, starts := written(t)
	cut := func(from, to int) []byte { return content[starts[from]:starts[to]] }
	for name, c := range map[string][]byte{
		"missing":  bytes.Join([][]byte{cut(0, 4), cut(5, 9)}, nil),
		"repeated": bytes.Join([][]byte{cut(0, 4), cut(3, 9)}, nil),
		"first":    cut(1, 9),
	} {
		if _, err := scan(c); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger := story(6)[:3]
	stranger[2].Type, stranger[2].Done, stranger[2].Updated = event.PolicyUpdated, nil, &event.Updated{Version: 5}
	if _, err := scan(lines(t, stranger)); !errors.Is(err, ErrDamaged) {
		t.Errorf("impossible event: %v", err)
	}
}

// TestLostEvents: without its events, a directory that shows in any one way
// that it had some is refused, and nothing in it is changed.
func TestLostEvents(t *testing.T) {
	touch := func(path ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(append([]string{dir}, path...)...), []byte("{}\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	session := func(s Session) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			study, err := ReadStudy(dir)
			if err != nil {
				t.Fatal(err)
			}
			study.Sessions = append(study.Sessions, s)
			if err := study.write(disk{}, dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, sign := range map[string]func(t *testing.T, dir string){
		"session ended": session(Session{To: 7}),
		"session began": session(Session{From: 7}),
		"rows":          touch(rowsFile),
		"policy":        touch(policyDir, "000000.policy"),
		"pending":       touch(pendingDir, "000001.json"),
		"best":          touch(bestDir, "trial.json"),
	} {
		for _, content := range []string{"missing", "", `{"seq":1,`} {
			t.Run(name+"/"+content, func(t *testing.T) {
				dir := t.TempDir()
				kill(t, create(t, dir, options()))
				sign(t, dir)
				overwrite(t, dir, []byte(content))
				if content == "missing" {
					if err := os.Remove(filepath.Join(dir, eventsFile)); err != nil {
						t.Fatal(err)
					}
				}
				before := tree(t, dir)
				_, err := Open(dir, options())
				var damage *DamageError
				if !errors.As(err, &damage) || damage.Offset != 0 || !strings.Contains(err.Error(), "Restore the file from a copy, or begin a new study") {
					t.Fatalf("Open returned %v", err)
				}
				if after := tree(t, dir); !maps.Equal(before, after) {
					t.Errorf("Open changed %v to %v", before, after)
				}
			})
		}
	}
}

// tree is the files in dir and their contents.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path] = string(mustRead(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestNoEventsYet: a study that was killed before its first event goes on,
// also after a session that came to nothing.
func TestNoEventsYet(t *testing.T) {
	dir := t.TempDir()
	kill(t, create(t, dir, options()))
	closeJournal(t, reopen(t, dir, options()))
	overwrite(t, dir, []byte(`{"seq":1,"ti`))
	closeJournal(t, reopen(t, dir, options()))
	if err := os.Remove(filepath.Join(dir, eventsFile)); err != nil {
		t.Fatal(err)
	}
	j := reopen(t, dir, options())
	appendAll(t, j, story(6))
	closeJournal(t, j)
}

// TestFirstEvent: the first event is durable before Append returns.
func TestFirstEvent(t *testing.T) {
	j := create(t, t.TempDir(), options())
	defer j.Close()
	appendAll(t, j, story(6)[:1])
	if j.unsynced != 0 {
		t.Errorf("%d records are not flushed", j.unsynced)
	}
}

// TestTornGarbage: whatever stands after the last line break is torn, zeros
// that a file system leaves after a power failure included.
func TestTornGarbage(t *testing.T) {
	_, content, _ := written(t)
	for _, tail := range []string{"{", "\x00\x00\x00", "garbage", "garbage\n"} {
		if end, err := scan(append(bytes.Clone(content), tail...)); err != nil || end != int64(len(content)) {
			t.Errorf("tail %q: %d, %v", tail, end, err)
		}
	}
}

// FuzzScan: whatever a file holds, scanning ends, and what it accepts is a
// prefix that scans again to itself.
func FuzzScan(f *testing.F) {
	_, content, starts := written(f)
	f.Add(content[:starts[4]])
	f.Add(content[starts[2]:starts[3]])
	f.Add(content[:starts[2]+20])
	f.Fuzz(func(t *testing.T, b []byte) {
		end, err := scan(b)
		if err != nil {
			return
		}
		if again, err := scan(b[:end]); err != nil || again != end {
			t.Fatalf("accepted %d bytes, then %d of them, %v", end, again, err)
		}
	})
}
