package event

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func decode(t *testing.T, snapshot []byte) *State {
	t.Helper()
	s, err := DecodeState(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSnapshot: for every prefix of studies of every shape, with and without
// live epochs, the fold and the decoded snapshot of the fold are the same.
func TestSnapshot(t *testing.T) {
	for seed := range uint64(30) {
		var s State
		for i, e := range randomStudy(seed, 40) {
			if err := s.Apply(e); err != nil {
				t.Fatal(err)
			}
			for _, id := range s.Running() {
				live := Event{Type: TrialEpoch, Epoch: &Epoch{Trial: id, Epoch: spec.Epoch{Epoch: i, TrainLoss: 1.5}}}
				if err := s.Apply(live); err != nil {
					t.Fatal(err)
				}
			}
			before := fold(t, randomStudy(seed, 40)[:i+1])
			snapshot := AppendState(nil, &s)
			same(t, fmt.Sprintf("study %d, event %d", seed, i+1), decode(t, snapshot), &s)
			same(t, "At", s.At(s.Seq), before)
		}
	}
	same(t, "no event", decode(t, AppendState(nil, &State{})), &State{})
}

// TestSnapshotGoesOn: a decoded state folds the events that follow as the one
// that was encoded does.
func TestSnapshotGoesOn(t *testing.T) {
	events := randomStudy(3, 200)
	want := fold(t, events)
	for at := 0; at < len(events); at += 17 {
		s := decode(t, AppendState(nil, fold(t, events[:at])))
		for _, e := range events[at:] {
			if err := s.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		same(t, fmt.Sprintf("from %d", at), s, want)
	}
}

// TestSnapshotSharing: a trial shares the result of another only if they are
// the same to the bit, and a list that is empty is not one that is absent.
func TestSnapshotSharing(t *testing.T) {
	epochs := []spec.Epoch{{Epoch: 1, TrainLoss: math.NaN(), ValidLoss: 0}}
	for name, change := range map[string]func(d *Done){
		"nothing":     func(d *Done) {},
		"zero's sign": func(d *Done) { d.Reward.Reward = math.Copysign(0, -1) },
		"a loss's sign": func(d *Done) {
			d.Metrics.Epochs = []spec.Epoch{{Epoch: 1, TrainLoss: math.NaN(), ValidLoss: math.Copysign(0, -1)}}
		},
		"neither":      func(d *Done) { d.Metrics.Epochs, d.Reward.Parts = nil, nil },
		"no epochs":    func(d *Done) { d.Metrics.Epochs = nil },
		"empty epochs": func(d *Done) { d.Metrics.Epochs = []spec.Epoch{} },
		"empty parts":  func(d *Done) { d.Reward.Parts = []spec.Part{} },
		"another part": func(d *Done) { d.Reward.Parts = []spec.Part{{Name: "p", Value: 2}} },
		"its reason":   func(d *Done) { d.Metrics.Reason = "odd" },
		"its latency":  func(d *Done) { d.Metrics.LatencySeconds = 1 },
	} {
		first := Done{Trial: 1, Status: OK, Metrics: spec.Metrics{Epochs: epochs}}
		if name == "empty epochs" {
			first.Metrics.Epochs = nil
		}
		events := append(story()[:3], Event{Type: TrialDone, Done: &first})
		repeat := Done{Trial: 2, Status: OK, DuplicateOf: 1, Metrics: spec.Metrics{Epochs: epochs}}
		change(&repeat)
		events = append(events, Event{Type: TrialDone, Done: &repeat},
			Event{Type: PolicyUpdated, Updated: &Updated{Version: 1}},
			Event{Type: PolicyUpdated, Updated: &Updated{Version: 2, Trials: []int{}, Rewards: []float64{}, Advantages: []float64{}}})
		for i := range events {
			events[i].Seq = int64(i + 1)
		}
		events[0].Started.Config = []byte("{}")
		s := fold(t, events)
		same(t, name, decode(t, AppendState(nil, s)), s)
	}
}

// TestSnapshotHammer: writing a snapshot only reads the state, so that several
// goroutines may do it at once; the race detector would notice.
func TestSnapshotHammer(t *testing.T) {
	s := fold(t, randomStudy(2, 50))
	want := AppendState(nil, s)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if !bytes.Equal(AppendState(nil, s), want) || s.At(s.Seq).Seq != s.Seq {
				t.Error("the same state gives another snapshot")
			}
		})
	}
	all.Wait()
}

// TestSnapshotAppends: what dst held stays, and nothing of the snapshot is
// shared with the state read from it.
func TestSnapshotAppends(t *testing.T) {
	want := fold(t, randomStudy(5, 50))
	b := AppendState([]byte("before"), want)
	if !bytes.HasPrefix(b, []byte("before")) {
		t.Fatal("what dst held is gone")
	}
	got := decode(t, b[len("before"):])
	clear(b)
	same(t, "after the snapshot was overwritten", got, want)
}

// TestAt: At gives the fold of every prefix, whatever came after.
func TestAt(t *testing.T) {
	for seed := range uint64(10) {
		events := randomStudy(seed, 30)
		whole := fold(t, events)
		for n := range len(events) + 1 {
			same(t, fmt.Sprintf("study %d at %d", seed, n), whole.At(int64(n)), fold(t, events[:n]))
		}
		same(t, "beyond the end", whole.At(1<<40), whole)
		same(t, "before the beginning", whole.At(-5), &State{})
		same(t, "after all that", whole, fold(t, events))
	}
}

// TestTimes: a state knows when each event happened.
func TestTimes(t *testing.T) {
	for seed := range uint64(10) {
		events := randomStudy(seed, 30)
		times := fold(t, events).Times()
		if len(times) != len(events) {
			t.Fatalf("study %d: %d times of %d events", seed, len(times), len(events))
		}
		for i, e := range events {
			if !times[i].Equal(e.Time) {
				t.Fatalf("study %d: event %d (%s) was at %v, want %v", seed, e.Seq, e.Type, times[i], e.Time)
			}
		}
	}
}

// TestSlim: slim events fold to what the whole ones do, also by way of a line,
// and are the smaller ones.
func TestSlim(t *testing.T) {
	events := randomStudy(7, 100)
	var s State
	for _, e := range events {
		whole, err := AppendLine(nil, e)
		if err != nil {
			continue // a number that JSON does not have
		}
		b, err := json.Marshal(Slim(e))
		if err != nil {
			t.Fatal(err)
		}
		if e.Sampled != nil && (e.Sampled.Network == nil || len(b) >= len(whole)-crcMember) {
			t.Fatalf("event %d: slim %s, whole %s", e.Seq, b, whole)
		}
	}
	for _, e := range events {
		if err := s.Apply(Slim(e)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "slim", &s, fold(t, events))
}

// TestFloats: columns of every kind are exact, and short where they can be.
func TestFloats(t *testing.T) {
	fraction := func(d, n int) (v []float64) {
		for i := range n {
			v = append(v, float64(i*i%(d+1))/float64(d))
		}
		return v
	}
	cases := []struct {
		name   string
		values []float64
		most   int // bytes
	}{
		{"none", []float64{}, 0},
		{"odd", []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.Float64frombits(0x7ff0000000000001)}, 46},
		{"accuracies", fraction(400, 100), 204},
		{"accuracies of many", fraction(45000, 100), 306},
		{"of a prime", fraction(9973, 100), 304},
		{"whole", []float64{1, 2, 3, 40, 0}, 7},
		{"seconds", []float64{0.053874148, 1.5, 12.000000001, 3600.25}, 24},
		{"one too large", []float64{1, 2, 3, 4, 5, 6, 1e19}, 18},
		{"large", []float64{1 << 53, 1 << 60, 1e19, 1e300}, 33},
	}
	for _, c := range cases {
		w := &coder{}
		floats(w, len(c.values), func(i int) *float64 { return &c.values[i] })
		if len(w.buf) > c.most {
			t.Errorf("%s: %d bytes, want at most %d", c.name, len(w.buf), c.most)
		}
		got := make([]float64, len(c.values))
		r := &coder{reading: true, buf: w.buf}
		floats(r, len(got), func(i int) *float64 { return &got[i] })
		if d := difference(got, c.values); d != "" || r.err != nil || len(r.buf) > 0 {
			t.Errorf("%s: read and written differ at %s (error %v, %d bytes left)", c.name, d, r.err, len(r.buf))
		}
	}
}

// TestTexts: texts of every form come back, and the second time take one byte.
func TestTexts(t *testing.T) {
	for _, s := range []string{"", "0", "12", "3 0 [0,2] 1", "[] [] 130 [11,12,3]", "[1 2", "1  2", "0 1 2 3 4 5 6 7 8 9", "abcdef01", "ABCD", "3 0,", "é\x00", "00 1", "[3],[4]", strings.Repeat("ok", 99)} {
		w := &coder{known: map[string]int{}}
		in := []string{s, "other", s}
		texts(w, 3, func(i int) *string { return &in[i] })
		if place := w.buf[len(w.buf)-1]; place != 1 {
			t.Errorf("%q: its second place is %d, want 1", s, place)
		}
		if len(w.buf) > len(s)+12 {
			t.Errorf("%q takes %d bytes", s, len(w.buf))
		}
		got := make([]string, 3)
		r := &coder{reading: true, buf: w.buf}
		texts(r, 3, func(i int) *string { return &got[i] })
		if got[0] != s || got[1] != "other" || got[2] != s || r.err != nil {
			t.Errorf("%q reads as %q (error %v)", s, got, r.err)
		}
	}
}

// TestSnapshotRefused: what is no snapshot, or one of rows that no fold gives,
// is refused.
func TestSnapshotRefused(t *testing.T) {
	good := AppendState(nil, fold(t, story()))
	other := bytes.Clone(good)
	other[len(snapshotMagic)] = 9
	broken := func(change func(s *State)) []byte {
		s := fold(t, story())
		change(s)
		return AppendState(nil, s)
	}
	cases := map[string]struct {
		b    []byte
		want string
	}{
		"empty":              {nil, "begins otherwise"},
		"garbage":            {[]byte("<!doctype html><title>espalier</title>"), "begins otherwise"},
		"only the magic":     {[]byte(snapshotMagic), "begins otherwise"},
		"another version":    {other, "has version 9"},
		"more than one":      {append(bytes.Clone(good), 0), "follow its end"},
		"status":             {broken(func(s *State) { s.Trials[0].Status = "odd" }), "unknown status"},
		"duplicate of later": {broken(func(s *State) { s.Trials[0].Repeats = 2 }), "duplicate of 2"},
		"sampled later":      {broken(func(s *State) { s.Trials[1].SampledSeq = 99 }), "stands for event 99 of 11"},
		"ended before":       {broken(func(s *State) { s.Trials[1].DoneSeq = 1 }), "two rows stand for event 1"},
		"learns":             {broken(func(s *State) { s.Updates[0].Trials[0] = 77 }), "learns from trial 77"},
		"too many events":    {broken(func(s *State) { s.Seq = 1 << 50 }), "stand for 11 events"},
		"not started":        {broken(func(s *State) { s.Started, s.Others = nil, append(s.Others, Moment{Seq: s.BegunSeq}) }), "has not started"},
		"after the end": {broken(func(s *State) {
			s.Seq++
			s.Controls = []Control{{Moment: Moment{Seq: s.Seq}, Controlled: Controlled{Action: Pause, By: "a test"}}}
		}), "has ended"},
		"paused twice": {broken(func(s *State) {
			s.Seq++
			s.Ended, s.EndedAt = nil, Moment{}
			for seq := s.Seq - 1; seq <= s.Seq; seq++ {
				s.Controls = append(s.Controls, Control{Moment: Moment{Seq: seq}, Controlled: Controlled{Action: Pause, By: "a test"}})
			}
		}), "paused already"},
		"learns early": {broken(func(s *State) {
			ids := s.Updates[0].Trials
			t := s.Trial(ids[len(ids)-1])
			t.DoneSeq, s.UpdatesAt[0].Seq = s.UpdatesAt[0].Seq, t.DoneSeq
		}), "has not ended"},
	}
	for name, c := range cases {
		if s, err := DecodeState(c.b); !errors.Is(err, ErrSnapshot) || !strings.Contains(err.Error(), c.want) || s != nil {
			t.Errorf("%s: state %v, error %v, want one with %q", name, s, err, c.want)
		}
	}
	for n := range good {
		if _, err := DecodeState(good[:n]); !errors.Is(err, ErrSnapshot) {
			t.Errorf("the first %d of %d bytes: error %v", n, len(good), err)
		}
	}
}

// TestSnapshotMemory: whatever number is blown up, decoding takes memory in
// proportion to the snapshot.
func TestSnapshotMemory(t *testing.T) {
	good := AppendState(nil, fold(t, randomStudy(11, 30)))
	huge := binary.AppendUvarint(nil, math.MaxUint64)
	var before, after runtime.MemStats
	for at := len(snapshotMagic) + 1; at < len(good); at++ {
		for _, n := range []int{1, 3, 10} {
			b := slices.Concat(good[:at], huge[len(huge)-n:], good[at+1:])
			runtime.ReadMemStats(&before)
			_, err := DecodeState(b)
			runtime.ReadMemStats(&after)
			if took := int(after.TotalAlloc - before.TotalAlloc); took > 300*len(b)+1<<20 {
				t.Fatalf("byte %d of %d blown up to %d: %d bytes were taken (error %v)", at, len(b), n, took, err)
			}
		}
	}
}

// FuzzDecodeState: no bytes make the decoder panic, and what it accepts it
// writes and reads again the same.
func FuzzDecodeState(f *testing.F) {
	f.Add(AppendState(nil, &State{}))
	for seed := range uint64(4) {
		var s State
		for _, e := range randomStudy(seed, 10) {
			if err := s.Apply(e); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(AppendState(nil, &s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeState(b)
		if err != nil {
			return
		}
		again := AppendState(nil, s)
		if twice := AppendState(nil, decode(t, again)); !bytes.Equal(twice, again) {
			t.Fatal("written and read again, it is another state")
		}
		_ = s.At(s.Seq / 2)
	})
}
