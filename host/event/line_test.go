package event

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

func line(t testing.TB, e Event) []byte {
	t.Helper()
	b, err := AppendLine(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexByte(b, '\n'); i != len(b)-1 {
		t.Fatalf("a line of %d bytes has a newline at %d", len(b), i)
	}
	return b[:len(b)-1]
}

func TestLineRoundTrip(t *testing.T) {
	for _, want := range story() {
		b := line(t, want)
		got, err := ParseLine(b)
		if err != nil {
			t.Fatal(err)
		}
		if again := line(t, got); !bytes.Equal(again, b) {
			t.Errorf("read and written again:\n%s\nwas\n%s", again, b)
		}
		if got.Seq != want.Seq || !got.Time.Equal(want.Time) || got.Type != want.Type {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	got, err := ParseLine(line(t, story()[4]))
	if err != nil || !reflect.DeepEqual(got.Done, story()[4].Done) {
		t.Errorf("got %+v, %v", got.Done, err)
	}
}

// TestParseSlim: reading a line slim is reading it and making it slim.
func TestParseSlim(t *testing.T) {
	sampled := 0
	for _, e := range append(story(), randomStudy(7, 100)...) {
		b, err := AppendLine(nil, e)
		if err != nil {
			continue // a number that JSON does not have
		}
		b = b[:len(b)-1]
		whole, err := ParseLine(b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseSlim(b)
		if err != nil || !bytes.Equal(line(t, got), line(t, Slim(whole))) {
			t.Fatalf("event %d: %+v, want %+v (%v)", e.Seq, got, Slim(whole), err)
		}
		if whole.Sampled != nil && whole.Sampled.Network != nil {
			sampled++
		}
		b[len(b)/2] ^= 1
		if got, err := ParseSlim(b); !errors.Is(err, ErrChecksum) || !reflect.DeepEqual(got, Event{}) {
			t.Fatalf("a damaged line gives %+v, %v", got, err)
		}
	}
	if sampled == 0 {
		t.Error("no event had anything to leave out")
	}
}

// TestEveryFlip flips every bit of a line; each is noticed.
func TestEveryFlip(t *testing.T) {
	b := line(t, story()[1])
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := ParseLine(b); !errors.Is(err, ErrChecksum) {
			t.Fatalf("bit %d flipped: error %v", bit, err)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
}

func TestHidesLine(t *testing.T) {
	one, two := line(t, story()[1]), line(t, story()[2])
	merged := bytes.Join([][]byte{one, two}, []byte{'\n' ^ 4})
	for _, c := range []struct {
		line []byte
		want bool
	}{{one, false}, {one[:len(one)-1], false}, {merged, true}, {merged[:len(one)+1], true}, {nil, false}} {
		if HidesLine(c.line) != c.want {
			t.Errorf("HidesLine(%q) is %v", c.line, !c.want)
		}
	}
}

// TestHidesLineLong: of a damaged line that is full of what could be checksums,
// no byte is summed twice, which would take an hour.
func TestHidesLineLong(t *testing.T) {
	line := bytes.Repeat(crcBefore, 4<<20)
	if HidesLine(line) {
		t.Error("a line is found where there is none")
	}
	line = Seal(nil, append(line, '}'))
	if line[len(line)-1] = '{'; !HidesLine(line) {
		t.Error("the line at its beginning is not found")
	}
}

// TestForeign: an intact line of a newer program, with a type and members that
// this one does not know, is read.
func TestForeign(t *testing.T) {
	body := []byte(`{"seq":3,"type":"trial.admired","admired":{"by":"all"}`)
	b := append(body, crcBefore...)
	b = append(b, checksum(body)...)
	b = append(b, crcAfter...)
	e, err := ParseLine(b)
	if err != nil || e.Seq != 3 || e.Type != "trial.admired" {
		t.Errorf("got %+v, %v", e, err)
	}
}

// FuzzParseLine: no input crashes the decoder, and what it accepts can be
// written and read again.
func FuzzParseLine(f *testing.F) {
	for _, e := range story() {
		f.Add(line(f, e), false)
		f.Add(line(f, e)[:20], true)
	}
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		if seal { // reach the JSON decoder with arbitrary contents
			b = bytes.ReplaceAll(b, []byte("\n"), nil)
			body := bytes.Clone(b)
			b = append(append(append(bytes.Clone(body), crcBefore...), checksum(body)...), crcAfter...)
		}
		HidesLine(b)
		e, err := ParseLine(b)
		if err != nil {
			return
		}
		var s State
		_ = s.Apply(e) // refuses or folds, never panics
		again, err := AppendLine(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseLine(again[:len(again)-1]); err != nil {
			t.Fatal(err)
		}
	})
}
