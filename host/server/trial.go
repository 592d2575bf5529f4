package server

import (
	"fmt"
	"net/http"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// trialView is how a trial was sampled and, if it has, how it ended.
type trialView struct {
	Sampled *event.Event `json:"sampled"`
	Done    *event.Event `json:"done"` // null: it has not ended
}

// row returns what the state knows of a trial.
func (f *follower) row(id int64) (event.Trial, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	t := f.state.Trial(int(min(id, int64(len(f.state.Trials))+1)))
	if t == nil {
		return event.Trial{}, notFound(fmt.Sprintf("the study has %d trials, there is no %d", len(f.state.Trials), id), "")
	}
	return *t, nil
}

// trial answers GET /api/studies/{id}/trials/{trial}.
func (s *Server) trial(w http.ResponseWriter, r *http.Request) error {
	id, err := pathNumber(r, "trial")
	if err != nil {
		return err
	}
	return s.within(r, func(f *follower) error {
		t, err := f.row(id)
		if err != nil {
			return err
		}
		var view trialView
		if view.Sampled, err = f.whole(t.SampledSeq); err != nil {
			return err
		}
		if t.DoneSeq != 0 {
			if view.Done, err = f.whole(t.DoneSeq); err != nil {
				return err
			}
		}
		answer(w, view)
		return nil
	})
}

// networkOf returns the network of a trial; a duplicate's is written with the
// trial that it repeats.
func (f *follower) networkOf(id int64) (*spec.Network, error) {
	for {
		t, err := f.row(id)
		if err != nil {
			return nil, err
		}
		sampled, err := f.whole(t.SampledSeq)
		if err != nil {
			return nil, err
		}
		switch p := sampled.Sampled; {
		case p == nil:
			return nil, fmt.Errorf("server: event %d is no %s any more", t.SampledSeq, event.TrialSampled)
		case p.Network != nil:
			return p.Network, nil
		case t.DuplicateOf == 0:
			return nil, notFound(fmt.Sprintf("trial %d has no network: %s", id, p.Problem), "")
		}
		id = int64(t.DuplicateOf)
	}
}

// network answers GET /api/studies/{id}/trials/{trial}/network.svg.
func (s *Server) network(w http.ResponseWriter, r *http.Request) error {
	id, err := pathNumber(r, "trial")
	if err != nil {
		return err
	}
	return s.within(r, func(f *follower) error {
		network, err := f.networkOf(id)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Content-Security-Policy", picturePolicy)
		_, _ = w.Write([]byte(report.SVG(network))) // a client that has gone is none of our concern
		return nil
	})
}
