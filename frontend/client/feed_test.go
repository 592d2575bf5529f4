package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// world is a server with one study, and its network, in which time passes only
// when the test says so.
type world struct {
	t        *testing.T
	events   []event.Event
	shown    int // events that the server has
	oldest   int64
	down     bool
	damaged  bool // snapshots
	status   int  // of a refusal; 0: none
	timers   []timer
	open     *wire
	dialled  int
	fetched  int
	garbling func(string) string
}

type timer struct {
	d time.Duration
	f func()
}

type wire struct {
	l      Listener
	w      *world
	sent   int64
	closed bool
}

func (c *wire) Close() { c.closed = true }

func (w *world) Get(address string, done func(Answer)) {
	w.fetched++
	w.After(0, func() {
		switch {
		case w.down:
			done(Answer{Err: errors.New("no route")})
		case w.status != 0:
			done(Answer{Status: w.status, Body: []byte(`{"error":{"code":"x","message":"so it is","next":"do that"}}`)})
		case w.damaged:
			done(Answer{Status: 200, Body: []byte("poem")})
		default:
			done(Answer{Status: 200, Body: event.AppendState(nil, w.state(w.shown))})
		}
	})
}

func (w *world) state(n int) *event.State {
	var s event.State
	for _, e := range w.events[:n] {
		if err := s.Apply(event.Slim(e)); err != nil {
			w.t.Fatal(err)
		}
	}
	return &s
}

func (w *world) Post(string, []byte, func(Answer)) { w.t.Fatal("the feed posts") }

func (w *world) Dial(address string, l Listener) Conn {
	w.dialled++
	var from int64
	if _, err := fmt.Sscanf(address[strings.Index(address, "from=")+5:], "%d", &from); err != nil {
		w.t.Fatal(err)
	}
	c := &wire{l: l, w: w, sent: from}
	w.After(0, func() {
		switch {
		case c.closed:
		case w.down:
			l.Closed("no route")
		case from+1 < w.oldest:
			w.send(c, `{"type":"reset"}`)
		default:
			w.open = c
			w.send(c, fmt.Sprintf(`{"type":"hello","seq":%d,"state":"running","alive":true}`, w.shown))
			w.push()
		}
	})
	return c
}

func (w *world) After(d time.Duration, f func()) func() {
	cancelled := false
	w.timers = append(w.timers, timer{d, func() {
		if !cancelled {
			f()
		}
	}})
	return func() { cancelled = true }
}

func (w *world) send(c *wire, text string) {
	if w.garbling != nil {
		text = w.garbling(text)
	}
	if !c.closed {
		c.l.Message([]byte(text))
	}
}

// push sends what the open wire has not had.
func (w *world) push() {
	if w.open == nil || w.open.closed || w.down {
		return
	}
	var list []event.Event
	for ; w.open.sent < int64(w.shown); w.open.sent++ {
		list = append(list, event.Slim(w.events[w.open.sent]))
	}
	if list == nil {
		return
	}
	b, err := json.Marshal(map[string]any{"type": "events", "events": list})
	if err != nil {
		w.t.Fatal(err)
	}
	w.send(w.open, string(b))
}

// pass lets all that was put off happen, and returns the longest wait.
func (w *world) pass() (longest time.Duration) {
	for range 20 {
		due := w.timers
		w.timers = nil
		for _, t := range due {
			longest = max(longest, t.d)
			t.f()
		}
		if len(w.timers) == 0 {
			break
		}
	}
	return longest
}

// cut breaks the wire.
func (w *world) cut() {
	c := w.open
	w.open = nil
	c.closed = true
	c.l.Closed("cut")
}

// newWorld is a study of n trials.
func newWorld(t *testing.T, n int) *world {
	w := &world{t: t, oldest: 1}
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	add := func(e event.Event) {
		e.Seq, e.Time = int64(len(w.events)+1), begun.Add(time.Duration(len(w.events))*time.Second)
		w.events = append(w.events, e)
	}
	add(event.Event{Type: event.StudyStarted, Started: &event.Started{Schema: event.Schema, Name: "s", Trials: n, Config: json.RawMessage("{}"), Strategy: "random"}})
	for i := 1; i <= n; i++ {
		add(event.Event{Type: event.TrialSampled, Sampled: &event.Sampled{Trial: i, Decisions: []spec.Decision{{Kind: "k", Name: "d"}}, Answers: spec.Answers{spec.Pick(i % 2)}}})
		add(event.Event{Type: event.TrialDone, Done: &event.Done{Trial: i, Status: event.OK, Reward: spec.Reward{Reward: math.Sqrt(float64(i))}}})
	}
	add(event.Event{Type: event.StudyEnded, Ended: &event.Ended{Reason: event.EndBudget, Best: n}})
	w.shown = 3
	return w
}

func (w *world) check(f *Feed, status Status) {
	w.t.Helper()
	if f.Status != status {
		w.t.Errorf("the feed is %s (%s), want %s", f.Status, f.Problem, status)
	}
	if want := w.state(w.shown); f.State == nil || !reflect.DeepEqual(f.State.Trials, want.Trials) || f.State.Seq != want.Seq {
		w.t.Errorf("the state is not that of the server's %d events", w.shown)
	}
}

// TestFeed: whatever happens to the connection, every event is folded once.
func TestFeed(t *testing.T) {
	w := newWorld(t, 20)
	changes := 0
	f := Follow(w, "s", func() { changes++ })
	w.pass()
	w.check(f, Live)
	for w.shown < 30 {
		w.shown += 3
		w.push()
		w.check(f, Live)
		w.cut()
		if f.Status != Reconnecting || f.State == nil {
			t.Fatalf("after a cut the feed is %s", f.Status)
		}
		w.shown++
		w.pass()
		w.check(f, Live)
	}
	if w.fetched != 1 {
		t.Errorf("%d snapshots were taken, want 1: the wire goes on where it was", w.fetched)
	}
	w.cut()
	w.oldest, w.shown = 36, 38 // the server has forgotten what comes next
	w.pass()
	w.check(f, Live)
	if w.fetched != 2 {
		t.Errorf("%d snapshots, want another after the reset", w.fetched)
	}
	w.shown = len(w.events)
	w.push()
	w.send(w.open, `{"type":"state","state":"done","alive":false}`)
	w.check(f, Ended)
	w.cut()
	w.check(f, Ended)
	before := changes
	f.Stop()
	if w.pass(); changes != before {
		t.Error("a stopped feed tells of changes")
	}
}

// TestFeedWaits: a server that is away is asked ever less often, and not given
// up.
func TestFeedWaits(t *testing.T) {
	w := newWorld(t, 3)
	w.down = true
	f := Follow(w, "s", func() {})
	var waits []time.Duration
	for range 10 {
		due := w.timers
		w.timers = nil
		for _, x := range due {
			if x.d > 0 {
				waits = append(waits, x.d)
			}
			x.f()
		}
	}
	if len(waits) < 4 || waits[0] != firstWait || waits[1] != 2*firstWait {
		t.Errorf("waits %v", waits)
	}
	for i := range 40 {
		if longest := w.pass(); longest > longestWait {
			t.Fatalf("wait %d is %v", i, longest)
		}
	}
	if f.State != nil || f.Status != Connecting || f.Problem == "" {
		t.Errorf("a feed that has nothing is %s: %q", f.Status, f.Problem)
	}
	w.down = false
	w.pass()
	w.check(f, Live)
}

func TestFeedRefused(t *testing.T) {
	for status, want := range map[int]Status{404: Gone, 401: Refused, 403: Refused} {
		w := newWorld(t, 3)
		w.status = status
		f := Follow(w, "s", func() {})
		if w.pass(); f.Status != want || f.Problem != "so it is (do that)" || len(w.timers) != 0 {
			t.Errorf("%d: %s, %q, %d more tries", status, f.Status, f.Problem, len(w.timers))
		}
	}
}

// TestFeedGarbled: what cannot be folded makes the feed begin anew.
func TestFeedGarbled(t *testing.T) {
	for name, garble := range map[string]func(string) string{
		"no JSON":      func(string) string { return "{" },
		"unknown type": func(string) string { return `{"type":"poem"}` },
		"a gap":        func(s string) string { return strings.ReplaceAll(s, `"seq":4,`, `"seq":5,`) },
	} {
		w := newWorld(t, 3)
		f := Follow(w, "s", func() {})
		w.pass()
		w.garbling = garble
		w.shown = 4
		w.push()
		if f.Status != Reconnecting || f.Problem == "" || f.State != nil {
			t.Errorf("%s: %s, %q", name, f.Status, f.Problem)
		}
		w.garbling = nil
		w.pass()
		w.check(f, Live)
	}
}

// TestFeedTwice: an event that comes again is folded once.
func TestFeedTwice(t *testing.T) {
	w := newWorld(t, 3)
	f := Follow(w, "s", func() {})
	w.pass()
	w.open.sent = 0
	w.push()
	w.check(f, Live)
}

// TestFeedResets: a server that always wants another snapshot is not asked
// without a pause.
func TestFeedResets(t *testing.T) {
	w := newWorld(t, 3)
	w.oldest = 100
	f := Follow(w, "s", func() {})
	if longest := w.pass(); longest != longestWait || w.fetched > 20 {
		t.Errorf("%d snapshots, the longest wait was %v", w.fetched, longest)
	}
	w.oldest = 1
	w.pass()
	w.check(f, Live)
	w.oldest = 100
	w.open.sent = 0
	w.send(w.open, `{"type":"reset"}`)
	f.Stop()
	fetched := w.fetched
	if w.pass(); w.fetched != fetched {
		t.Error("a stopped feed takes snapshots")
	}
}

// TestFeedEnds: a search that serves its own study ends, and its server with it.
func TestFeedEnds(t *testing.T) {
	w := newWorld(t, 3)
	f := Follow(w, "s", func() {})
	w.shown = len(w.events)
	w.pass()
	w.down = true
	w.cut()
	w.check(f, Ended)
	if w.pass(); f.Alive || f.Standing != event.StudyDone {
		t.Errorf("alive %v, %s", f.Alive, f.Standing)
	}
}

// TestFeedDamaged: a snapshot that cannot be read is asked for again.
func TestFeedDamaged(t *testing.T) {
	w := newWorld(t, 3)
	w.damaged = true
	f := Follow(w, "s", func() {})
	w.pass()
	if f.Status != Connecting || !strings.Contains(f.Problem, "cannot be read") {
		t.Errorf("%s, %q", f.Status, f.Problem)
	}
	w.damaged = false
	w.pass()
	w.check(f, Live)
}

// TestCheck: what an answer says of an error.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		a    Answer
		want string
	}{
		{Answer{Status: 200}, ""},
		{Answer{Status: 204}, ""},
		{Answer{Err: errors.New("no route")}, "the server does not answer: no route"},
		{Answer{Status: 502, Body: []byte("<html>")}, "the server answered 502"},
		{Answer{Status: 404, Body: []byte(`{"error":{"message":"gone"}}`)}, "gone"},
		{Answer{Status: 404, Body: []byte(`{"error":{"message":"gone","next":"look elsewhere"}}`)}, "gone (look elsewhere)"},
	} {
		if err := Check(c.a); fmt.Sprint(err) != c.want && (err != nil || c.want != "") {
			t.Errorf("%d %s: %v, want %q", c.a.Status, c.a.Body, err, c.want)
		}
	}
}

// TestFiles: a journal that is dropped on the page is a study like any other.
func TestFiles(t *testing.T) {
	w := newWorld(t, 4)
	var journal []byte
	for _, e := range w.events {
		var err error
		if journal, err = event.AppendLine(journal, e); err != nil {
			t.Fatal(err)
		}
	}
	files := NewFiles(w)
	id, err := files.Open("events.jsonl", append(journal[:len(journal):len(journal)], "{torn"...))
	if err != nil || id != "file:s" {
		t.Fatalf("%q, %v", id, err)
	}
	w.shown = len(w.events)
	f := Follow(files, id, func() {})
	w.pass()
	w.check(f, Ended)
	if w.fetched != 0 || w.dialled != 0 {
		t.Errorf("the server was asked %d times and dialled %d times", w.fetched, w.dialled)
	}
	var trial struct{ Sampled, Done *event.Event }
	get := func(address string) (a Answer) {
		files.Get(address, func(got Answer) { a = got })
		w.pass()
		return a
	}
	if a := get(StudyPath(id, "trials", "2")); json.Unmarshal(a.Body, &trial) != nil || trial.Sampled.Sampled.Trial != 2 || trial.Done.Done.Trial != 2 {
		t.Errorf("trial 2 is %s", a.Body)
	}
	for address, want := range map[string]string{
		StudyPath(id, "trials", "9"):    "no trial 9",
		StudyPath(id, "policy"):         "random never learns",
		StudyPath(id, "poem"):           "no such thing",
		StudyPath("file:x", "snapshot"): "drop it on the page again",
	} {
		if err := Check(get(address)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	files.Post(StudyPath(id, "control"), nil, func(a Answer) { err = Check(a) })
	if w.pass(); err == nil || !strings.Contains(err.Error(), "cannot be controlled") {
		t.Errorf("control: %v", err)
	}
	flipped := []byte(strings.Replace(string(journal), `"trial":2`, `"trial":3`, 1))
	for name, bad := range map[string][]byte{"empty": nil, "text": []byte("hello\n"), "flipped": flipped, "headless": journal[strings.Index(string(journal), "\n")+1:]} {
		if id, err := files.Open("x.jsonl", bad); err == nil || !strings.Contains(err.Error(), "x.jsonl") {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}
