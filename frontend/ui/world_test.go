package ui

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/host/event"
)

// tab is a browser without a screen: its time passes and its answers come only
// when the test lets them, and it remembers what it was told to show.
type tab struct {
	t   *testing.T
	app *App

	now      time.Time
	timers   []*alarm
	history  []string
	down     bool // the server
	refusing bool // the user
	slow     bool // answers wait until deliver
	waiting  []func()
	asked    []string
	posted   []string

	studies map[string]*served
	wires   []*wire

	rendered  *page
	width     float64
	texts     map[string]string
	values    map[string]string
	pictures  map[string]*chart.Picture
	lists     map[string]Rows
	markups   map[string]string
	settings  map[string]string
	saved     map[string]string
	announced []string
	focused   string
	title     string
	theme     string
}

type alarm struct {
	at  time.Time
	f   func()
	off bool
}

// served is a study as the server has it: so many of its events have come.
type served struct {
	events  []event.Event
	shown   int
	alive   bool
	control bool
}

// wire is a websocket; the list of studies has no study.
type wire struct {
	l      client.Listener
	study  string
	sent   int64
	closed bool
}

func (w *wire) Close() { w.closed = true }

func newTab(t *testing.T) *tab {
	b := &tab{
		t: t, now: noon, width: 800, history: []string{""}, studies: map[string]*served{},
		texts: map[string]string{}, values: map[string]string{}, pictures: map[string]*chart.Picture{}, lists: map[string]Rows{},
		markups: map[string]string{}, settings: map[string]string{}, saved: map[string]string{},
	}
	b.app = NewApp(b)
	return b
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// open starts the page at an address, and lets it settle.
func (b *tab) open(address string) *page {
	b.history = []string{address}
	b.app.Start()
	return b.settle()
}

// goTo follows a link.
func (b *tab) goTo(address string) *page {
	b.history = append(b.history, address)
	b.app.Addressed(address)
	return b.settle()
}

// back is the browser's button.
func (b *tab) back() *page {
	b.history = b.history[:len(b.history)-1]
	b.app.Addressed(b.Address())
	return b.settle()
}

// settle does what can be done without waiting, and renders the page. What then
// still asks to be rendered would do so forever.
func (b *tab) settle() *page {
	b.t.Helper()
	for range 100 {
		b.due()
		rebuild, redraw := b.app.Pending()
		if !rebuild && !redraw {
			return b.render()
		}
		if rebuild {
			b.render()
		}
		b.app.Rendered()
	}
	b.t.Fatal("the page never comes to rest")
	return nil
}

// due calls those whose time has come.
func (b *tab) due() {
	for {
		i := slices.IndexFunc(b.timers, func(a *alarm) bool { return !a.at.After(b.now) })
		if i < 0 {
			return
		}
		a := b.timers[i]
		b.timers = slices.Delete(b.timers, i, i+1)
		if !a.off {
			a.f()
		}
	}
}

// pass lets time go by, alarm by alarm.
func (b *tab) pass(d time.Duration) *page {
	b.t.Helper()
	end := b.now.Add(d)
	for {
		next := slices.MinFunc(append(b.timers, &alarm{at: end}), func(x, y *alarm) int { return x.at.Compare(y.at) })
		if !next.at.Before(end) {
			break
		}
		b.now = next.at
		b.settle()
	}
	b.now = end
	return b.settle()
}

// alarms are the timers that are set.
func (b *tab) alarms() (n int) {
	for _, a := range b.timers {
		if !a.off {
			n++
		}
	}
	return n
}

// open wires.
func (b *tab) lines() (studies []string) {
	for _, w := range b.wires {
		if !w.closed {
			studies = append(studies, w.study)
		}
	}
	slices.Sort(studies)
	return studies
}

// deliver lets answer i of those that wait come.
func (b *tab) deliver(i int) *page {
	f := b.waiting[i]
	b.waiting = slices.Delete(b.waiting, i, i+1)
	f()
	return b.settle()
}

func (b *tab) Now() time.Time  { return b.now }
func (b *tab) Address() string { return b.history[len(b.history)-1] }
func (b *tab) Navigate(address string, push bool) {
	if push {
		b.history = append(b.history, address)
	} else {
		b.history[len(b.history)-1] = address
	}
}
func (b *tab) Text(id, text string)             { b.texts[id] = text }
func (b *tab) Value(id, value string)           { b.values[id] = value }
func (b *tab) Draw(id string, p *chart.Picture) { b.pictures[id] = p }

// Size is that of an element, which only what is rendered has.
func (b *tab) Size(id string) (width, height float64) {
	if b.rendered.find(id) == nil {
		return 0, 0
	}
	return b.width, 300
}
func (b *tab) Rows(id string, rows Rows)              { b.lists[id] = rows }
func (b *tab) Markup(id, markup string)               { b.markups[id] = markup }
func (b *tab) Focus(id string)                        { b.focused = id }
func (b *tab) Announce(text string)                   { b.announced = append(b.announced, text) }
func (b *tab) Save(name, mime string, content []byte) { b.saved[name] = mime + "\n" + string(content) }
func (b *tab) SaveImage(id, name string)              { b.saved[name] = "image of " + id }
func (b *tab) Recall(key string) string               { return b.settings[key] }
func (b *tab) Remember(key, value string)             { b.settings[key] = value }
func (b *tab) Title(text string)                      { b.title = text }
func (b *tab) Theme(name string)                      { b.theme = name }

func (b *tab) After(d time.Duration, f func()) (cancel func()) {
	a := &alarm{at: b.now.Add(d.Truncate(time.Microsecond)), f: f}
	b.timers = append(b.timers, a)
	return func() { a.off = true }
}

// later has an answer come at once, or when the test says so.
func (b *tab) later(f func()) {
	if b.slow {
		b.waiting = append(b.waiting, f)
		return
	}
	b.After(0, f)
}

// Get answers as the server does.
func (b *tab) Get(address string, done func(client.Answer)) {
	b.asked = append(b.asked, address)
	if b.down {
		b.later(func() { done(client.Answer{Err: errors.New("no route")}) })
		return
	}
	if b.refusing {
		b.later(func() { done(refusal(401, "the token is wrong", "open the address that the server has printed")) })
		return
	}
	b.answer(address, func(a client.Answer) { b.later(func() { done(a) }) })
}

// answer has a study of the server answered for by the files of the page, which
// speak as the server does.
func (b *tab) answer(address string, done func(client.Answer)) {
	path, query, _ := strings.Cut(strings.TrimPrefix(address, "api/studies/"), "?")
	escaped, rest, _ := strings.Cut(path, "/")
	id, err := url.PathUnescape(escaped)
	s := b.studies[id]
	switch {
	case address == "api/studies":
		done(client.Answer{Status: 200, Body: []byte("[]")})
	case err != nil || s == nil:
		done(refusal(404, fmt.Sprintf("there is no study %q", id), "see the list of studies"))
	case s.shown == 0 && rest == "snapshot":
		done(client.Answer{Status: 200, Body: event.AppendState(nil, &event.State{})})
	case s.shown == 0 && rest != "":
		done(refusal(404, "the study has no event yet", "wait for it to start"))
	case rest == "":
		body, _ := json.Marshal(map[string]any{"control": s.control, "reproduce": "espalier search --name " + id, "resume": "espalier resume " + id})
		done(client.Answer{Status: 200, Body: body})
	default:
		files := client.NewFiles(b)
		file, err := files.Open("events.jsonl", s.journal(b.t))
		if err != nil {
			b.t.Fatal(err)
		}
		if query != "" {
			rest += "?" + query
		}
		files.Get(client.StudyPath(file)+"/"+rest, done)
	}
}

func refusal(status int, message, next string) client.Answer {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"message": message, "next": next}})
	return client.Answer{Status: status, Body: body}
}

// journal is what the server has of the study as a file.
func (s *served) journal(t *testing.T) (journal []byte) {
	for _, e := range s.events[:s.shown] {
		var err error
		if journal, err = event.AppendLine(journal, e); err != nil {
			t.Fatal(err)
		}
	}
	return journal
}

// Post takes a request as the server does that reaches the study's process.
func (b *tab) Post(address string, body []byte, done func(client.Answer)) {
	b.posted = append(b.posted, address+" "+string(body))
	b.later(func() {
		switch {
		case b.down:
			done(client.Answer{Err: errors.New("no route")})
		case strings.Contains(string(body), "pause"):
			done(refusal(409, "the study is paused already", ""))
		default:
			done(client.Answer{Status: 200, Body: []byte(`{"status":"done"}`)})
		}
	})
}

// Dial opens a wire.
func (b *tab) Dial(address string, l client.Listener) client.Conn {
	_, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		b.t.Fatal(err)
	}
	w := &wire{l: l, study: values.Get("study")}
	fmt.Sscan(values.Get("from"), &w.sent)
	b.wires = append(b.wires, w)
	b.After(0, func() {
		switch {
		case w.closed:
		case b.down || b.refusing:
			b.hangUp(w)
		case w.study == "":
			b.list()
		default:
			b.push(w.study)
		}
	})
	return w
}

func (b *tab) hangUp(w *wire) {
	if !w.closed {
		w.closed = true
		w.l.Closed("")
	}
}

// cut breaks all wires.
func (b *tab) cut() *page {
	for _, w := range slices.Clone(b.wires) {
		b.hangUp(w)
	}
	return b.settle()
}

// push sends what the study's wires have not had.
func (b *tab) push(id string) {
	s := b.studies[id]
	for _, w := range slices.Clone(b.wires) {
		if w.closed || w.study != id {
			continue
		}
		standing := event.StudyRunning
		if s.shown > 0 && s.events[s.shown-1].Type == event.StudyEnded {
			standing = event.StudyDone
		}
		var list []event.Event
		for ; w.sent < int64(s.shown); w.sent++ {
			list = append(list, event.Slim(s.events[w.sent]))
		}
		b.send(w, map[string]any{"type": "hello", "seq": s.shown, "state": standing, "alive": s.alive})
		if list != nil {
			b.send(w, map[string]any{"type": "events", "events": list})
		}
	}
}

// show has the server know of more events of a study.
func (b *tab) show(id string, events int) *page {
	b.studies[id].shown = events
	b.push(id)
	return b.pass(2 * pause)
}

// list sends the list of studies to whoever listens.
func (b *tab) list() {
	studies := []map[string]any{}
	for id, s := range b.studies {
		state := "running"
		if !s.alive {
			state = "done"
		}
		studies = append(studies, map[string]any{"id": id, "name": id, "state": state, "alive": s.alive, "strategy": s.events[0].Started.Strategy})
	}
	slices.SortFunc(studies, func(x, y map[string]any) int { return cmp.Compare(x["id"].(string), y["id"].(string)) })
	for _, w := range slices.Clone(b.wires) {
		if !w.closed && w.study == "" {
			b.send(w, map[string]any{"type": "studies", "studies": studies})
		}
	}
}

func (b *tab) send(w *wire, message any) {
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if !w.closed {
		w.l.Message(text)
	}
}
