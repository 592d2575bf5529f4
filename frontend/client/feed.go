package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// Status is how a Feed stands.
type Status string

const (
	Connecting   Status = "connecting"   // nothing has come yet
	Live         Status = "live"         // what is shown is what there is
	Reconnecting Status = "reconnecting" // what is shown may be old
	Ended        Status = "ended"        // the study has ended, and nothing more will come
	Gone         Status = "gone"         // there is no such study
	Refused      Status = "refused"      // the server does not know the user
)

// Feed is the state of one study, kept up to date. Its fields are for reading,
// by the goroutine in which its Transport calls back.
type Feed struct {
	Study  string
	Status Status
	// State is the fold of what has come; nil before the first snapshot.
	State *event.State
	// Standing is how the study stands as its run directory says, and Alive
	// whether a process runs it.
	Standing event.StudyState
	Alive    bool
	// Problem says what went wrong last, "" if nothing is wrong.
	Problem string

	transport Transport
	changed   func()
	conn      Conn
	cancel    func() // the next try
	tries     int    // that failed since the last success
	resets    int    // that the server asked for since
	stopped   bool
}

// Follow begins to follow a study. changed is called after every change.
func Follow(t Transport, study string, changed func()) *Feed {
	f := &Feed{Study: study, Status: Connecting, transport: t, changed: changed}
	f.snapshot()
	return f
}

// Stop ends the following.
func (f *Feed) Stop() {
	f.stopped = true
	f.hangUp()
	if f.cancel != nil {
		f.cancel()
	}
}

func (f *Feed) hangUp() {
	if f.conn != nil {
		f.conn.Close()
		f.conn = nil
	}
}

// StudyPath is the address of something about a study.
func StudyPath(study string, rest ...string) string {
	path := "api/studies/" + url.PathEscape(study)
	for _, r := range rest {
		path += "/" + url.PathEscape(r)
	}
	return path
}

// snapshot fetches the whole state, and then what comes after it.
func (f *Feed) snapshot() {
	f.transport.Get(StudyPath(f.Study, "snapshot"), func(a Answer) {
		if f.stopped {
			return
		}
		if err := Check(a); err != nil {
			f.refused(a.Status, err)
			return
		}
		state, err := event.DecodeState(a.Body)
		if err != nil {
			f.retry("the server's snapshot cannot be read: " + err.Error())
			return
		}
		f.State = state
		f.dial()
	})
}

// refused ends the following where another try would not help.
func (f *Feed) refused(status int, err error) {
	switch status {
	case 404:
		f.Status = Gone
	case 401, 403:
		f.Status = Refused
	default:
		f.retry(err.Error())
		return
	}
	f.Problem = err.Error()
	f.changed()
}

// Waits between tries: the first, and the longest.
const (
	firstWait   = 250 * time.Millisecond
	longestWait = 8 * time.Second
)

// retry tries again after a while, each time after a longer one.
func (f *Feed) retry(problem string) {
	f.hangUp()
	if f.Status != Connecting || f.State != nil {
		f.Status = Reconnecting
	}
	f.Problem = problem
	wait := min(firstWait<<min(f.tries, 10), longestWait)
	f.tries++
	f.cancel = f.transport.After(wait, func() {
		if f.stopped {
			return
		}
		if f.State == nil {
			f.snapshot()
		} else {
			f.dial()
		}
	})
	f.changed()
}

// dial asks for what comes after the state.
func (f *Feed) dial() {
	f.hangUp()
	address := "ws?study=" + url.QueryEscape(f.Study) + "&from=" + strconv.FormatInt(f.State.Seq, 10)
	f.conn = f.transport.Dial(address, Listener{
		Message: func(text []byte) {
			if f.stopped {
				return
			}
			if err := f.take(text); err != nil {
				// What was folded so far may be wrong: begin anew.
				f.State = nil
				f.retry(err.Error())
			}
		},
		Closed: func(reason string) {
			f.conn = nil
			switch {
			case f.stopped || f.Status == Ended:
			case f.State != nil && f.State.Ended != nil:
				// A search that serves its own study ends with it.
				f.Status, f.Standing, f.Alive = Ended, event.StudyDone, false
				f.changed()
			default:
				f.retry(reason)
			}
		},
	})
}

// message is what the server sends on a websocket.
type message struct {
	Type   string            `json:"type"`
	Seq    int64             `json:"seq"`
	State  event.StudyState  `json:"state"`
	Alive  bool              `json:"alive"`
	Events []json.RawMessage `json:"events"`
}

var errUnknownMessage = errors.New("the server speaks another language than this page; load the page anew")

func (f *Feed) take(text []byte) error {
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("the server's message cannot be read: %w", err)
	}
	switch m.Type {
	case "hello", "state":
		f.tries, f.resets, f.Problem = 0, 0, ""
		f.Standing, f.Alive = m.State, m.Alive
		f.Status = Live
	case "events", "live":
		for _, raw := range m.Events {
			if err := f.apply(raw); err != nil {
				return err
			}
		}
	case "reset":
		f.reset()
		return nil
	default:
		return errUnknownMessage
	}
	if f.State != nil && f.State.Ended != nil && !f.Alive {
		f.Status = Ended
	}
	f.changed()
	return nil
}

// reset takes another snapshot: at once, unless the server had that of the last
// one begun anew, too.
func (f *Feed) reset() {
	f.hangUp()
	f.resets++
	if f.resets == 1 {
		f.snapshot()
		return
	}
	f.cancel = f.transport.After(min(firstWait<<min(f.resets, 10), longestWait), func() {
		if !f.stopped {
			f.snapshot()
		}
	})
}

// apply folds one event. One that has been folded already is passed over.
func (f *Feed) apply(raw []byte) error {
	var e event.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("an event of the server cannot be read: %w", err)
	}
	if e.Seq != 0 && e.Seq <= f.State.Seq {
		return nil
	}
	return f.State.Apply(e)
}

// Check is the error that an answer tells of, or nil.
func Check(a Answer) error {
	if a.Err != nil {
		return fmt.Errorf("the server does not answer: %w", a.Err)
	}
	if a.Status >= 200 && a.Status < 300 {
		return nil
	}
	var body struct {
		Error struct {
			Message string `json:"message"`
			Next    string `json:"next"`
		} `json:"error"`
	}
	if json.Unmarshal(a.Body, &body) != nil || body.Error.Message == "" {
		return fmt.Errorf("the server answered %d", a.Status)
	}
	if body.Error.Next != "" {
		return fmt.Errorf("%s (%s)", body.Error.Message, body.Error.Next)
	}
	return errors.New(body.Error.Message)
}
