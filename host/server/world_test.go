package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var noon = time.Date(2017, 4, 24, 12, 0, 0, 0, time.UTC)

// network is a small legal network.
func network() *spec.Network {
	return &spec.Network{
		Task:   spec.Task{Type: spec.TaskImage, Input: []int{4, 4, 1}, Classes: 2},
		Output: "logits",
		Nodes: []spec.Node{
			{Name: "flat", Op: spec.OpFlatten, Inputs: []string{spec.InputName}},
			{Name: "logits", Op: spec.OpDense, Inputs: []string{"flat"}, Units: 2},
		},
	}
}

// run is a study that a test plays by hand.
type run struct {
	t   testing.TB
	dir string
	log *journal.Journal
	seq int64
	n   int // trials
	// clock tells the time of events; nil: each is a second after the one before.
	clock func() time.Time
}

// begin makes a study in the folder runs.
func begin(t testing.TB, runs, name string) *run {
	t.Helper()
	dir := filepath.Join(runs, name)
	log, err := journal.Create(dir, event.Started{Name: name, Trials: 1000, Seed: 7, Strategy: "reinforce"}, journal.Default())
	if err != nil {
		t.Fatal(err)
	}
	r := &run{t: t, dir: dir, log: log}
	t.Cleanup(func() { _ = log.Close() })
	r.append(event.Event{Type: event.StudyStarted, Started: &event.Started{
		Schema: event.Schema, Name: name, Trials: 1000, Seed: 7, Strategy: "reinforce", Config: json.RawMessage("{}"),
	}})
	return r
}

func (r *run) append(e event.Event) {
	r.t.Helper()
	r.seq++
	e.Seq, e.Time = r.seq, noon.Add(time.Duration(r.seq)*time.Second)
	if r.clock != nil {
		e.Time = r.clock()
	}
	if err := r.log.Append(e); err != nil {
		r.t.Fatal(err)
	}
}

// sample adds a trial that has not ended.
func (r *run) sample() {
	r.t.Helper()
	r.n++
	r.append(event.Event{Type: event.TrialSampled, Sampled: &event.Sampled{
		Trial: r.n, Decisions: []spec.Decision{{Kind: "width", Name: "width"}}, Answers: spec.Answers{spec.Pick(r.n % 3)},
		StepLogProbs: []float64{-1}, StepEntropies: []float64{1}, NetworkID: "n", Network: network(),
	}})
}

// trial adds a trial and its end.
func (r *run) trial() {
	r.t.Helper()
	r.sample()
	r.finish()
}

// finish ends the last trial; every fifth has failed.
func (r *run) finish() {
	r.t.Helper()
	done := event.Done{Trial: r.n, Status: event.OK, Reward: spec.Reward{Reward: float64(r.n%7) / 7, Parts: []spec.Part{{Name: "accuracy", Value: 0.5}}}}
	if r.n%5 == 0 {
		done = event.Done{Trial: r.n, Status: event.Failed, Reason: "=diverged, at epoch 2"}
	}
	r.append(event.Event{Type: event.TrialDone, Done: &done})
}

// trials adds n trials.
func (r *run) trials(n int) *run {
	r.t.Helper()
	for range n {
		r.trial()
	}
	return r
}

// close ends the study's process in good order.
func (r *run) close() *run {
	r.t.Helper()
	if err := r.log.Close(); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// site is a server under test, on a real socket.
type site struct {
	*Server
	t       testing.TB
	address string // host and port
	stop    func() // as Ctrl-C does; waits until the server has ended

	mu  sync.Mutex
	log []string
}

// hasty is a patience that lets a test see the end of it. Only what is to fail
// waits that long.
var hasty = patience{
	write: 400 * time.Millisecond, ping: 50 * time.Millisecond, pong: 400 * time.Millisecond, header: 300 * time.Millisecond,
	body: 600 * time.Millisecond, answer: time.Minute, idle: time.Minute, close: time.Second,
}

// serve begins to serve on a free port of the loopback interface.
func serve(t testing.TB, o Options, p patience) *site {
	t.Helper()
	s := &site{t: t}
	o.Log = func(line string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.log = append(s.log, line)
	}
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Server, s.address = New(o), l.Addr().String()
	s.patience = p
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// lines are what was logged that contains text.
func (s *site) lines(text string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.log {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// ask sends a request; header holds pairs of name and value.
func (s *site) ask(method, path, body string, header ...string) (status int, answer string, h http.Header) {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	got, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return got.StatusCode, string(b), got.Header
}

// get is ask for what has to be there.
func (s *site) get(path string) string {
	s.t.Helper()
	status, answer, _ := s.ask("GET", path, "")
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: %d: %s", path, status, answer)
	}
	return answer
}

// count returns how often something of a kind was refused.
func (r *refusals) count(kind string) int64 { return r.all()[kind] }

// reader is a websocket of a test.
type reader struct {
	t    testing.TB
	conn *websocket.Conn
}

// message is a frame as a page reads it.
type message struct {
	Type    string        `json:"type"`
	Seq     int64         `json:"seq"`
	Oldest  int64         `json:"oldest"`
	State   string        `json:"state"`
	Alive   bool          `json:"alive"`
	Events  []event.Event `json:"events"`
	Studies []Summary     `json:"studies"`
}

func (s *site) dial(query string) *reader {
	s.t.Helper()
	conn, answer, err := websocket.DefaultDialer.Dial("ws://"+s.address+"/ws"+query, nil)
	if err != nil {
		s.t.Fatalf("websocket%s: %v (%v)", query, err, answer)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return &reader{s.t, conn}
}

// next reads a message; a minute without one fails the test.
func (r *reader) next() message {
	r.t.Helper()
	m, err := r.read()
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *reader) read() (m message, err error) {
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Minute))
	_, text, err := r.conn.ReadMessage()
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, err
}

// until reads messages of a type until do is content.
func (r *reader) until(kind string, do func(message) bool) {
	r.t.Helper()
	for {
		if m := r.next(); m.Type == kind && do(m) {
			return
		}
	}
}

// events reads events until the given number has come, and checks that none is
// missing.
func (r *reader) events(after, last int64) {
	r.t.Helper()
	r.until("events", func(m message) bool {
		for _, e := range m.Events {
			if after++; e.Seq != after {
				r.t.Fatalf("event %d comes in the place of %d", e.Seq, after)
			}
		}
		return after >= last
	})
}

// eventually waits for something that happens in the background. It fails the
// test after a minute, which a machine of any speed takes for hung.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not happen", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// halfOpen opens a connection and sends the beginning of a request.
func (s *site) halfOpen() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nX-", s.address); err != nil {
		s.t.Fatal(err)
	}
	return conn
}
