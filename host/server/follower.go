package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

// How often a follower looks at its files. A reader sees an event half of that
// later on average. With very many readers every look wakes a thousand
// goroutines, so there are fewer.
const (
	pollWatched = 50 * time.Millisecond
	pollCrowded = 100 * time.Millisecond // for more readers than crowd
	pollEnded   = 500 * time.Millisecond // somebody looks at a study that does not run
	pollAlone   = time.Second            // a study runs and nobody looks
	crowd       = 200
	lastLook    = time.Second // how long one may take when the server ends
)

// How many events are folded, and how many bytes of them, before a request gets
// its turn.
const (
	batch      = 256
	batchBytes = 1 << 20
)

// follower reads the events of one run directory while they are written, folds
// them into a state, and keeps the newest for readers. It takes no lock of the
// directory and writes nothing: the process that runs the study does not know
// of it.
type follower struct {
	dir     string
	bell    bell // rings when a reader may have something to send
	ready   chan struct{}
	stopped chan struct{}
	stop    context.CancelFunc
	readers atomic.Int64
	wake    chan struct{}

	mu         sync.RWMutex
	reader     *journal.Reader
	stamp      stamp // of events.jsonl when it was last read to its end
	state      event.State
	study      journal.Study
	studyStamp stamp
	alive      bool
	unreadable error // why study.json cannot be read
	damage     error // why the events end before the file does
	generation int   // of the events: another after the directory was replaced
	events     *ring
	epochs     *journal.LiveReader // of children that are being trained; nil: not opened
	live       *ring               // numbered by this follower: they have no number
	standing   frame               // the last state frame; its last is a version

	ending  context.Context // ends when nobody follows any more
	history history

	encoding sync.Mutex
	encoded  snapshot // the last one that somebody asked for
}

// snapshot is an encoded state and what it is of.
type snapshot struct {
	generation int
	seq, live  int64
	bytes      []byte
}

// stamp tells whether a file has changed.
type stamp struct {
	info os.FileInfo // nil: there is none
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info}
}

// time is when the file was last written.
func (s stamp) time() time.Time {
	if s.info == nil {
		return time.Time{}
	}
	return s.info.ModTime()
}

func (s stamp) same(t stamp) bool {
	if s.info == nil || t.info == nil {
		return s.info == t.info
	}
	return os.SameFile(s.info, t.info) && s.info.Size() == t.info.Size() && s.info.ModTime().Equal(t.info.ModTime())
}

// replaced reports whether t is no longer the file that s was, or has lost some
// of the bytes that were read of it.
func (s stamp) replaced(t stamp, read int64) bool {
	return s.info != nil && (t.info == nil || !os.SameFile(s.info, t.info) || t.info.Size() < read)
}

// follow begins to follow a run directory. Whoever needs its state waits for
// ready, which is closed when all that lies there has been folded.
func follow(dir string) *follower {
	ctx, stop := context.WithCancel(context.Background())
	f := &follower{
		dir: dir, ready: make(chan struct{}), stopped: make(chan struct{}), stop: stop, wake: make(chan struct{}, 1),
		ending: ctx, events: newRing("events", 1), live: newRing("live", 1),
	}
	go f.run(ctx)
	return f
}

func (f *follower) run(ctx context.Context) {
	defer close(f.stopped)
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.closeFiles()
	}()
	for first := true; ctx.Err() == nil; first = false {
		f.look(ctx, first)
		if first {
			close(f.ready)
		}
		timer := time.NewTimer(f.interval())
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-f.wake:
		}
		timer.Stop()
	}
	if f.readers.Load() > 0 {
		// Whoever watches sees the end of a search that serves itself.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
		f.look(last, false)
	}
}

// closeFiles closes what was only read. The caller holds the lock.
func (f *follower) closeFiles() {
	if f.reader != nil {
		_ = f.reader.Close()
	}
	if f.epochs != nil {
		_ = f.epochs.Close()
	}
	f.reader, f.epochs = nil, nil
}

// hurry makes a sleeping follower look at once.
func (f *follower) hurry() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *follower) interval() time.Duration {
	f.mu.RLock()
	alive := f.alive
	f.mu.RUnlock()
	n := f.readers.Load()
	switch {
	case n == 0:
		return pollAlone
	case !alive:
		return pollEnded
	case n > crowd:
		return pollCrowded
	}
	return pollWatched
}

// look reads what is new. A failure inside is the study's problem and nobody
// else's: the process may be the one that runs a search.
func (f *follower) look(ctx context.Context, first bool) {
	defer func() {
		if p := recover(); p != nil {
			f.mu.Lock()
			f.damage = fmt.Errorf("server: %s: the study could not be read to its end: %v", f.dir, p)
			f.stamp = stampOf(filepath.Join(f.dir, "events.jsonl"))
			f.mu.Unlock()
		}
	}()
	changed := f.readStudy()
	for ctx.Err() == nil {
		n, more := f.readEvents(first)
		changed = changed || n > 0
		if !more {
			break
		}
	}
	if f.readLive(first) || changed {
		f.bell.ring()
	}
}

// readStudy reads study.json if it has changed, and reports whether the study
// stands otherwise than before.
func (f *follower) readStudy() bool {
	now := stampOf(filepath.Join(f.dir, "study.json"))
	f.mu.Lock()
	defer f.mu.Unlock()
	state, alive := f.study.State, f.alive
	if f.studyStamp.info == nil || !now.same(f.studyStamp) {
		study, err := journal.ReadStudy(f.dir)
		f.unreadable = err
		if err != nil {
			return false
		}
		f.study, f.studyStamp = study, now
	}
	f.alive = f.study.Alive()
	if f.standing.message != nil && state == f.study.State && alive == f.alive {
		return false
	}
	f.stand()
	return true
}

// stand makes the frame that says how the study stands.
func (f *follower) stand() {
	text := fmt.Sprintf(`{"type":"state","state":%s,"alive":%t}`, quote(f.study.State), f.alive)
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(text))
	if err != nil {
		panic("server: a frame of text cannot be prepared")
	}
	f.standing = frame{message, f.standing.last + 1}
}

// quote writes a state as JSON; that of a damaged file may be any text.
func quote(state event.StudyState) []byte {
	text, err := json.Marshal(state)
	if err != nil {
		panic("server: a text cannot be written as JSON")
	}
	return text
}

// readEvents reads a batch of events, and reports how many, and whether there
// may be more. On the first look the events go to no ring: whoever comes takes
// the state as a whole.
func (f *follower) readEvents(first bool) (n int, more bool) {
	now := stampOf(filepath.Join(f.dir, "events.jsonl"))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader != nil && f.stamp.replaced(now, f.reader.Size()) {
		f.restart()
	}
	if f.damage != nil && !f.alive && !now.same(f.stamp) {
		f.restart() // somebody has repaired it, or put back what was there
	}
	if f.reader == nil {
		f.damage = nil // it could not be opened; perhaps it can again
	}
	if f.studyStamp.info == nil || now.info == nil || f.damage != nil || now.same(f.stamp) {
		return 0, false
	}
	if f.reader == nil {
		if f.reader, f.damage = journal.OpenReader(f.dir); f.damage != nil {
			return 0, false
		}
		f.reader.Slim()
	}
	for begin := f.reader.Size(); n < batch && f.reader.Size()-begin < batchBytes; n++ {
		e, err := f.reader.Next()
		if errors.Is(err, io.EOF) {
			f.stamp = now
			break
		}
		if err == nil {
			err = f.state.Apply(e)
		}
		if err == nil && !first {
			err = f.publish(e)
		}
		if err != nil {
			f.damage, f.stamp = err, now
			break
		}
	}
	if first || f.damage != nil {
		f.events = newRing("events", f.state.Seq+1)
	}
	return n, !f.stamp.same(now)
}

// restart forgets a study whose files were replaced by another's.
func (f *follower) restart() {
	f.closeFiles()
	f.stamp, f.damage = stamp{}, nil
	f.state = event.State{}
	f.events, f.live = newRing("events", 1), newRing("live", 1)
	f.generation++
}

// publish adds an event to the ring. The reader has made it slim.
func (f *follower) publish(e event.Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("server: encode event %d: %w", e.Seq, err)
	}
	f.events.add(line)
	return nil
}

// readLive reads the epochs of children that are being trained, and reports
// whether there are any. That some are lost harms nothing: the end of a trial
// repeats its whole curve.
func (f *follower) readLive(first bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.alive || f.damage != nil {
		return false
	}
	if f.epochs == nil {
		var err error
		if f.epochs, err = journal.OpenLive(f.dir); err != nil {
			return false
		}
	}
	n := 0
	for ; ; n++ {
		e, err := f.epochs.Next()
		if err != nil || f.state.Apply(e) != nil {
			return n > 0
		}
		if line, err := json.Marshal(e); err == nil && !first {
			f.live.add(line)
		}
	}
}

// snapshotNow is the state as event.AppendState encodes it.
func (f *follower) snapshotNow() []byte {
	f.encoding.Lock()
	defer f.encoding.Unlock()
	f.mu.RLock()
	defer f.mu.RUnlock()
	_, live := f.live.span()
	now := snapshot{generation: f.generation, seq: f.state.Seq, live: live}
	if was := f.encoded; was.bytes == nil || was.generation != now.generation || was.seq != now.seq || was.live != now.live {
		now.bytes = event.AppendState(nil, &f.state)
		f.encoded = now
	}
	return f.encoded.bytes
}
