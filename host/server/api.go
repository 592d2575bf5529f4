package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

// How many events one answer holds.
const (
	eventsDefault = 1000
	eventsMost    = 20_000
)

// number is an integer of the request's query.
func number(r *http.Request, key string, otherwise int64) (int64, error) {
	text := r.URL.Query().Get(key)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, badRequest(fmt.Sprintf("%s=%.40q is no whole number", key, text), "")
	}
	return n, nil
}

// pathNumber is a positive integer of the request's path.
func pathNumber(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n < 1 {
		return 0, badRequest(fmt.Sprintf("%.40q is no number of a %s: they count from 1", r.PathValue(name), map[string]string{"seq": "event", "trial": "trial"}[name]), "")
	}
	return n, nil
}

// within opens the study that the request's path names and gives it back after
// do.
func (s *Server) within(r *http.Request, do func(f *follower) error) error {
	f, release, err := s.catalog.open(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer release()
	return do(f)
}

// index answers GET /.
func (s *Server) index(w http.ResponseWriter, r *http.Request) error {
	if s.options.Page == nil {
		return notFound("this server has no page, only its API", "look at /api/studies or /metrics")
	}
	s.options.Page.Index(w, r)
	return nil
}

// asset answers GET /assets/{name}.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	if s.options.Page == nil || !s.options.Page.Asset(w, r, r.PathValue("name")) {
		return notFound(fmt.Sprintf("there is no file %.100q", r.PathValue("name")), "load the page again: it may have been built anew")
	}
	return nil
}

// list answers GET /api/studies.
func (s *Server) list(w http.ResponseWriter, r *http.Request) error {
	select {
	case <-s.catalog.ready:
	case <-r.Context().Done():
		return context.Cause(r.Context())
	}
	text, err := s.catalog.json()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // a client that has gone is none of our concern
	return nil
}

// studyView is study.json and how the study stands.
type studyView struct {
	ID string `json:"id"`
	journal.Study
	Alive     bool   `json:"alive"`
	Seq       int64  `json:"seq"` // of the last event
	Control   bool   `json:"control"`
	Reproduce string `json:"reproduce,omitempty"` // shell command
	Resume    string `json:"resume,omitempty"`    // shell command
	Problem   string `json:"problem,omitempty"`
}

// study answers GET /api/studies/{id}.
func (s *Server) study(w http.ResponseWriter, r *http.Request) error {
	return s.within(r, func(f *follower) error {
		id := r.PathValue("id")
		view := studyView{ID: id, Control: s.catalog.has(id + controlSuffix), Problem: f.summary().Problem}
		f.mu.RLock()
		view.Study, view.Alive, view.Seq = f.study, f.alive, f.state.Seq
		f.mu.RUnlock()
		if s.options.Commands != nil {
			view.Reproduce, view.Resume = s.options.Commands(f.dir)
		}
		answer(w, view)
		return nil
	})
}

// events answers GET /api/studies/{id}/events: whole lines of the journal.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	from, err := number(r, "from", 1)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", eventsDefault)
	switch {
	case err != nil:
		return err
	case from < 1:
		return badRequest(fmt.Sprintf("from=%d: events count from 1", from), "")
	case limit < 1 || limit > eventsMost:
		return badRequest(fmt.Sprintf("limit=%d: from 1 to %d events are answered at once", limit, eventsMost), "ask for the next ones with from")
	}
	return s.within(r, func(f *follower) error {
		lines, err := f.lines(from, limit)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		return send(w, lines)
	})
}

// send copies a part of a file that the study had when it was asked for. If it
// has lost it meanwhile the answer is broken off, so that nobody takes what came
// for all of it.
func send(w http.ResponseWriter, part *io.SectionReader) error {
	if n, err := io.Copy(w, part); err != nil || n < part.Size() {
		return errBroken
	}
	return nil
}

// lines are at most limit lines of the journal from the number from on.
func (f *follower) lines(from, limit int64) (*io.SectionReader, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.reader == nil {
		return nil, notFound("the study has no event yet", "wait for it to start")
	}
	head := f.state.Seq
	if from > head+1 {
		return nil, notFound(fmt.Sprintf("the study has %d events, there is no %d", head, from), "")
	}
	return f.reader.Lines(from, min(head, from+limit-1))
}

// whole reads an event anew, with all that the state has left out.
func (f *follower) whole(seq int64) (*event.Event, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.reader == nil || seq > f.state.Seq {
		return nil, notFound(fmt.Sprintf("the study has %d events, there is no %d", f.state.Seq, seq), "")
	}
	e, err := f.reader.Event(seq)
	return &e, err
}

// event answers GET /api/studies/{id}/events/{seq}.
func (s *Server) event(w http.ResponseWriter, r *http.Request) error {
	seq, err := pathNumber(r, "seq")
	if err != nil {
		return err
	}
	return s.within(r, func(f *follower) error {
		e, err := f.whole(seq)
		if err == nil {
			answer(w, e)
		}
		return err
	})
}

// snapshot answers GET /api/studies/{id}/snapshot: the state as
// event.DecodeState reads it.
func (s *Server) snapshot(w http.ResponseWriter, r *http.Request) error {
	return s.within(r, func(f *follower) error {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(f.snapshotNow()) // a client that has gone is none of our concern
		return nil
	})
}
