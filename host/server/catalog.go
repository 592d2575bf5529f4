package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// controlDir is the run directory of a study's random control, inside its own.
const controlDir = "control"

const (
	// catalogEvery is how often the catalog looks for changes. With thousands of
	// studies a look takes long, so that there are fewer: a look may take a
	// catalogShare-th of the time.
	catalogEvery = time.Second
	catalogShare = 20
	// keepIdle is how long the state of a study that does not run stays in
	// memory after its last reader: twenty thousand trials take tens of
	// megabytes.
	keepIdle = time.Minute
	// idleMost is how many such states there are at once, whatever the time.
	idleMost = 8
)

// catalog knows the studies there are. It looks for new ones, reads each once
// for the list, follows those that run, and lets go of what nobody looks at.
type catalog struct {
	runs  string   // folder of run directories; empty: none
	dirs  []string // run directories that were named
	now   func() time.Time
	bell  bell // rings when the list has changed
	ready chan struct{}

	mu      sync.Mutex
	studies map[string]*study // by ID
	loading *study            // read for the list only; nil: none
	waiting []*study          // have changed and will be read for the list, the last one next
	closed  bool
	text    []byte // the list as JSON
	list    frame  // the list as a message; its last is a version
	problem error  // why runs cannot be read
}

// study is one study of the catalog.
type study struct {
	id, dir string
	listed  bool // a control is not: it belongs to its study

	users    int
	follower *follower // nil: nobody needs it
	left     time.Time // when it was last needed
	known    bool      // summary holds what the files say that have these stamps
	stamps   [2]stamp  // of study.json and events.jsonl
	summary  Summary
}

func newCatalog(runs string, dirs []string, now func() time.Time) *catalog {
	return &catalog{runs: runs, dirs: dirs, now: now, ready: make(chan struct{}), studies: map[string]*study{}, text: []byte("[]")}
}

// run looks after the catalog until ctx ends.
func (c *catalog) run(ctx context.Context) {
	for first := true; ; first = false {
		began := time.Now()
		loaded := c.look()
		if first {
			close(c.ready)
		}
		timer := time.NewTimer(max(catalogEvery, catalogShare*time.Since(began)))
		for waits := true; waits; {
			select {
			case <-ctx.Done():
				timer.Stop()
				c.close()
				return
			case <-timer.C:
				waits = false
			case <-loaded:
				loaded = c.next()
			}
		}
	}
}

// close stops every follower; none is opened any more.
func (c *catalog) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, s := range c.studies {
		if s.follower != nil {
			s.follower.stop()
			<-s.follower.stopped
		}
	}
}

// look brings the catalog up to date. The channel that it returns is closed
// when a study has been read that the list waits for, which is the time to call
// next; it may be nil.
func (c *catalog) look() <-chan struct{} {
	found, err := c.find()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problem = err
	for id, s := range c.studies {
		if dir, ok := found[id]; err == nil && (!ok || dir != s.dir) {
			if c.loading == s {
				c.loading = nil
			}
			s.release()
			delete(c.studies, id)
		}
	}
	for id, dir := range found {
		if c.studies[id] == nil {
			c.studies[id] = &study{id: id, dir: dir, listed: !isControl(id), summary: Summary{ID: id, Name: id, Loading: true}}
		}
	}
	c.waiting = c.waiting[:0]
	for _, s := range c.studies {
		if s.follower != nil {
			c.update(s)
		} else if now := s.stampsNow(); !s.known || !now[0].same(s.stamps[0]) || !now[1].same(s.stamps[1]) {
			s.known, s.stamps = false, now
			c.waiting = append(c.waiting, s)
		}
	}
	c.releaseIdle()
	slices.SortFunc(c.waiting, func(a, b *study) int { return a.stamps[1].time().Compare(b.stamps[1].time()) })
	loaded := c.read()
	c.publish()
	return loaded
}

// next takes what the list has waited for, and reads the next study for it. The
// list itself is made anew by look, or when all have been read: thousands of
// studies are not to send it thousands of times.
func (c *catalog) next() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loading != nil {
		c.update(c.loading)
	}
	loaded := c.read()
	if loaded == nil {
		c.publish()
	}
	return loaded
}

// read begins to read the next study that waits, the one with the newest events
// first, unless another is being read. What it returns is described with look.
func (c *catalog) read() <-chan struct{} {
	for c.loading == nil && len(c.waiting) > 0 {
		s := c.waiting[len(c.waiting)-1]
		c.waiting = c.waiting[:len(c.waiting)-1]
		if s.follower == nil { // otherwise somebody asked for it meanwhile
			s.follow()
			c.loading = s
		}
	}
	if c.loading == nil {
		return nil
	}
	return c.loading.follower.ready
}

// releaseIdle lets go of the studies that nobody has looked at for longest, if
// there are too many.
func (c *catalog) releaseIdle() {
	var idle []*study
	for _, s := range c.studies {
		if s.idle() && c.loading != s {
			idle = append(idle, s)
		}
	}
	slices.SortFunc(idle, func(a, b *study) int { return b.left.Compare(a.left) })
	for _, s := range idle[min(idleMost, len(idle)):] {
		s.release()
	}
}

// idle reports whether a study is in memory although nobody looks at it and no
// process runs it.
func (s *study) idle() bool {
	return s.follower != nil && s.known && s.users == 0 && !s.summary.Alive
}

// find lists the run directories by ID, those of the random controls too.
func (c *catalog) find() (map[string]string, error) {
	dirs := slices.Clone(c.dirs)
	if c.runs != "" {
		entries, err := os.ReadDir(c.runs)
		if err != nil && !os.IsNotExist(err) {
			return nil, fmt.Errorf("server: %w", err)
		}
		for _, e := range entries {
			dirs = append(dirs, filepath.Join(c.runs, e.Name()))
		}
	}
	found := map[string]string{}
	for _, dir := range dirs {
		if !isStudy(dir) {
			continue
		}
		name := StudyID(dir)
		id := name
		for n := 2; found[id] != "" || isControl(id); n++ {
			id = fmt.Sprintf("%s~%d", name, n)
		}
		found[id] = dir
		if control := filepath.Join(dir, controlDir); isStudy(control) {
			found[id+controlSuffix] = control
		}
	}
	return found, nil
}

// StudyID is the ID under which the study of a run directory is served: its
// name. Of several directories of the same name the later ones get a number
// behind it.
func StudyID(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole // of "." the name is that of the folder
	}
	return strings.ToValidUTF8(filepath.Base(dir), "\uFFFD") // JSON and metrics can write nothing else
}

const controlSuffix = ":" + controlDir

func isControl(id string) bool {
	n := len(id) - len(controlSuffix)
	return n > 0 && id[n:] == controlSuffix
}

func isStudy(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "study.json"))
	return err == nil && info.Mode().IsRegular()
}

// update takes the summary of a study that is followed, and lets go of it if
// nobody needs it.
func (c *catalog) update(s *study) {
	select {
	case <-s.follower.ready:
	default:
		return // still reading
	}
	s.take()
	if c.loading == s {
		c.loading = nil
	}
	if s.idle() && c.now().Sub(s.left) >= keepIdle {
		s.release()
	}
}

func (s *study) stampsNow() [2]stamp {
	return [2]stamp{stampOf(filepath.Join(s.dir, "study.json")), stampOf(filepath.Join(s.dir, "events.jsonl"))}
}

func (s *study) follow() {
	s.stamps = s.stampsNow()
	s.follower = follow(s.dir)
}

// take keeps the summary of a follower that is ready.
func (s *study) take() {
	s.stamps = s.stampsNow()
	s.summary = s.follower.summary()
	s.summary.ID = s.id
	s.summary.Name = cmp.Or(s.summary.Name, s.id)
	s.known = true
}

// release lets go of the follower and all it has read.
func (s *study) release() {
	if s.follower != nil {
		s.follower.stop()
		s.follower = nil
	}
}

// publish makes the list anew if it has changed.
func (c *catalog) publish() {
	all := make([]Summary, 0, len(c.studies))
	for _, s := range c.studies {
		if s.listed {
			summary := s.summary
			summary.Control = c.studies[s.id+controlSuffix] != nil
			all = append(all, summary)
		}
	}
	slices.SortFunc(all, func(a, b Summary) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	text, err := json.Marshal(all)
	if err != nil || string(text) == string(c.text) && c.list.message != nil {
		return
	}
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"studies","studies":%s}`, text))
	if err != nil {
		return
	}
	c.text, c.list = text, frame{message, c.list.last + 1}
	c.bell.ring()
}

// current is the newest list as a message.
func (c *catalog) current() frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list
}

// json is the newest list.
func (c *catalog) json() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text, c.problem
}

// summaries are those of all studies, controls too, in the order of their IDs.
func (c *catalog) summaries() []Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Summary
	for _, id := range slices.Sorted(maps.Keys(c.studies)) {
		all = append(all, c.studies[id].summary)
	}
	return all
}

// has reports whether there is a study, once the catalog has looked.
func (c *catalog) has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.studies[id] != nil
}

// open returns the follower of a study once it has read all there is, and a
// function that gives it back.
func (c *catalog) open(ctx context.Context, id string) (*follower, func(), error) {
	select {
	case <-c.ready:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if !c.has(id) {
		c.look() // it may be a moment old
	}
	c.mu.Lock()
	s := c.studies[id]
	if c.closed {
		c.mu.Unlock()
		return nil, nil, &problem{http.StatusServiceUnavailable, "ending", "the server ends", ""}
	}
	if s == nil {
		c.mu.Unlock()
		return nil, nil, notFound(fmt.Sprintf("there is no study %q", id), "look at the list of studies again; a new study appears in it within seconds")
	}
	if s.follower == nil {
		s.follow()
	}
	f := s.follower
	s.users++
	c.mu.Unlock()
	release := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		s.users--
		s.left = c.now()
	}
	select {
	case <-f.ready:
		return f, release, nil
	case <-ctx.Done():
		release()
		return nil, nil, ctx.Err()
	}
}
