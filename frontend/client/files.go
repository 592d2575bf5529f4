package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/policy"
)

// Statuses of answers, as HTTP numbers them. Package net/http would make the
// page half as large again.
const (
	ok          = 200
	unavailable = 404
	conflicting = 409
	broken      = 500
)

// Files is a Transport that answers for studies whose journals a user has
// opened, as a server would, and leaves everything else to the Transport within.
// Nothing of an opened file leaves the page.
type Files struct {
	Transport
	opened map[string]*opened
}

// opened is a journal in memory.
type opened struct {
	state  event.State
	events []event.Event
	// player has the versions of the policy; noPolicy says why there are none.
	player   *policy.Player
	noPolicy error
}

// FilePrefix begins the ID of every study that was opened from a file.
const FilePrefix = "file:"

// NewFiles wraps a Transport.
func NewFiles(t Transport) *Files { return &Files{Transport: t, opened: map[string]*opened{}} }

// Open takes a journal, the content of an events.jsonl, and returns the ID of
// its study. A torn last line is left out, as the journal itself would do; a
// journal that is damaged before is refused.
func (f *Files) Open(name string, content []byte) (id string, err error) {
	o := &opened{}
	for n := 1; len(content) > 0; n++ {
		line, rest, whole := bytes.Cut(content, []byte("\n"))
		if !whole {
			break
		}
		content = rest
		e, err := event.ParseLine(line)
		if err != nil {
			return "", fmt.Errorf("%s is no intact journal: line %d: %w", name, n, err)
		}
		if err := o.apply(e); err != nil {
			return "", fmt.Errorf("%s is no journal of a study: line %d: %w", name, n, err)
		}
	}
	if o.state.Started == nil {
		return "", fmt.Errorf("%s is no journal of a study: it does not say what was begun; drop the events.jsonl of a run directory, or the directory", name)
	}
	id = FilePrefix + o.state.Started.Name
	if o.state.Started.Name == "" {
		id = FilePrefix + strings.TrimSuffix(name, ".jsonl")
	}
	f.opened[id] = o
	return id, nil
}

func (o *opened) apply(e event.Event) error {
	if err := o.state.Apply(e); err != nil {
		return err
	}
	o.events = append(o.events, e)
	if e.Started != nil {
		o.player, o.noPolicy = policy.New(*e.Started)
	}
	if o.player != nil {
		return o.player.Apply(e)
	}
	return nil
}

// study finds the opened study that an address is about, and what is asked of
// it.
func (f *Files) study(address string) (o *opened, rest []string, query url.Values) {
	path, values, _ := strings.Cut(address, "?")
	query, _ = url.ParseQuery(values) // what cannot be read is left out
	id := query.Get("study")
	if after, one := strings.CutPrefix(path, "api/studies/"); one {
		parts := strings.Split(after, "/")
		for i, part := range parts {
			if text, err := url.PathUnescape(part); err == nil {
				parts[i] = text
			}
		}
		id, rest = parts[0], parts[1:]
	}
	return f.opened[id], rest, query
}

// Get answers for an opened study.
func (f *Files) Get(address string, done func(Answer)) {
	o, rest, query := f.study(address)
	if o == nil {
		if strings.HasPrefix(address, StudyPath(FilePrefix)) {
			f.answer(unavailable, errors.New("this journal is not open; drop it on the page again"), done)
			return
		}
		f.Transport.Get(address, done)
		return
	}
	if len(rest) == 0 {
		f.answer(ok, struct{}{}, done)
		return
	}
	switch {
	case rest[0] == "snapshot":
		f.After(0, func() { done(Answer{Status: ok, Body: event.AppendState(nil, &o.state)}) })
	case rest[0] == "trials" && len(rest) == 2:
		f.trial(o, rest[1], done)
	case rest[0] == "trials" && len(rest) == 3 && rest[2] == "explain":
		f.policy(o, done, func(ctx context.Context) (any, error) {
			n, err := strconv.Atoi(rest[1])
			if err != nil {
				return nil, err
			}
			return o.player.Explain(ctx, n)
		})
	case rest[0] == "policy":
		f.policy(o, done, func(ctx context.Context) (any, error) {
			trial, err := strconv.Atoi(query.Get("trial"))
			if err != nil {
				trial = o.state.BestID
			}
			if trial == 0 { // none has succeeded
				trial = min(1, len(o.state.Trials))
			}
			points, _ := strconv.Atoi(query.Get("points")) // 0: as many as the player likes
			return o.player.Map(ctx, trial, points)
		})
	default:
		f.answer(unavailable, errors.New("a journal in the page has no such thing"), done)
	}
}

// answer gives a value as JSON, or an error as the server does.
func (f *Files) answer(status int, v any, done func(Answer)) {
	if err, failed := v.(error); failed {
		v = map[string]any{"error": map[string]string{"message": err.Error()}}
	}
	body, err := json.Marshal(v)
	if err != nil {
		body, status = nil, broken
	}
	f.After(0, func() { done(Answer{Status: status, Body: body}) })
}

func (f *Files) trial(o *opened, number string, done func(Answer)) {
	n, err := strconv.Atoi(number)
	t := o.state.Trial(n)
	if err != nil || t == nil {
		f.answer(unavailable, fmt.Errorf("there is no trial %s", number), done)
		return
	}
	answer := struct {
		Sampled *event.Event `json:"sampled"`
		Done    *event.Event `json:"done"`
	}{Sampled: &o.events[t.SampledSeq-1]}
	if t.DoneSeq > 0 {
		answer.Done = &o.events[t.DoneSeq-1]
	}
	f.answer(ok, answer, done)
}

// updatesAtOnce is how many updates of a policy are gone through before the page
// gets its turn.
const updatesAtOnce = 1

// policy goes through the updates bit by bit, so that the page stays alive, and
// then answers.
func (f *Files) policy(o *opened, done func(Answer), ask func(context.Context) (any, error)) {
	if o.noPolicy != nil {
		f.answer(unavailable, o.noPolicy, done)
		return
	}
	ctx := context.Background()
	ready, err := o.player.Advance(ctx, updatesAtOnce)
	switch {
	case err != nil:
		f.answer(conflicting, err, done)
	case !ready:
		f.After(time.Nanosecond, func() { f.policy(o, done, ask) })
	default:
		v, err := ask(ctx)
		if err != nil {
			f.answer(unavailable, err, done)
			return
		}
		f.answer(ok, v, done)
	}
}

// Post refuses what is asked of an opened study.
func (f *Files) Post(address string, body []byte, done func(Answer)) {
	if o, _, _ := f.study(address); o != nil {
		f.answer(conflicting, errors.New("a journal in the page cannot be controlled"), done)
		return
	}
	f.Transport.Post(address, body, done)
}

// Dial tells that nothing more will come of an opened study.
func (f *Files) Dial(address string, l Listener) Conn {
	o, _, _ := f.study(address)
	if o == nil {
		return f.Transport.Dial(address, l)
	}
	standing := event.StudyPaused
	if o.state.Ended != nil {
		standing = event.StudyDone
	}
	hello := fmt.Sprintf(`{"type":"hello","seq":%d,"state":%q,"alive":false}`, o.state.Seq, standing)
	return line(f.After(0, func() { l.Message([]byte(hello)) }))
}

// line is a connection on which nothing comes after the first message.
type line func()

// Close forgets the message if it has not come.
func (l line) Close() { l() }
