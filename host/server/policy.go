package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/policy"
)

// advanceUpdates is how many updates a player goes through at a stretch while
// nobody waits for it.
const advanceUpdates = 16

// history is what the policy of a followed study thought and when. It is read
// when somebody first asks.
type history struct {
	mu         sync.Mutex
	generation int
	player     *policy.Player
	seq        int64 // of the last event that the player knows
	advancing  bool
}

// policyNow returns the player of a study, which knows all events there are.
func (f *follower) policyNow(ctx context.Context) (*policy.Player, error) {
	h := &f.history
	h.mu.Lock()
	defer h.mu.Unlock()
	f.mu.RLock()
	generation, started, head := f.generation, f.state.Started, f.state.Seq
	f.mu.RUnlock()
	if started == nil {
		return nil, notFound("the study has no event yet", "wait for it to start")
	}
	if h.player == nil || h.generation != generation {
		player, err := policy.New(*started)
		if err != nil {
			return nil, err
		}
		player.UseSnapshots(journal.Policies(f.dir))
		h.generation, h.player, h.seq = generation, player, 0
	}
	if err := h.read(ctx, f, head); err != nil {
		return nil, err
	}
	if !h.advancing {
		h.advancing = true
		go h.advance(f.ending, h.player)
	}
	return h.player, nil
}

// read lets the player know of the events up to the number head.
func (h *history) read(ctx context.Context, f *follower, head int64) error {
	if h.seq == head {
		return nil
	}
	part, err := f.lines(h.seq+1, head-h.seq)
	if err != nil {
		return err
	}
	for lines := bufio.NewReaderSize(part, 1<<16); ; {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("server: read events: %w", err)
		}
		e, err := event.ParseLine(line[:len(line)-1])
		if err == nil {
			err = h.player.Apply(e)
		}
		if err != nil {
			return err
		}
		h.seq++
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// advance goes through the updates that the player knows, so that whoever asks
// next need not wait. What goes wrong, the next request will meet and tell.
func (h *history) advance(ctx context.Context, player *policy.Player) {
	defer func() {
		_ = recover() // the process may be the one that runs a search
		h.mu.Lock()
		defer h.mu.Unlock()
		h.advancing = false
	}()
	for {
		if done, err := player.Advance(ctx, advanceUpdates); done || err != nil {
			return
		}
	}
}

// policyProblem gives the errors of a player their status.
func policyProblem(err error) error {
	switch {
	case errors.Is(err, policy.ErrNoPolicy):
		return &problem{http.StatusNotFound, "no_policy", err.Error(), ""}
	case errors.Is(err, policy.ErrNoTrial):
		return notFound(err.Error(), "")
	}
	return err
}

// policy answers GET /api/studies/{id}/policy?trial=T&points=P: a policy.Map
// along the answers of trial T, by default the best.
func (s *Server) policy(w http.ResponseWriter, r *http.Request) error {
	trial, err := number(r, "trial", 0)
	if err != nil {
		return err
	}
	points, err := number(r, "points", 0)
	if err != nil {
		return err
	}
	if points < 0 || points > maxPoints {
		return badRequest(fmt.Sprintf("points=%d: a map has from 1 to %d versions", points, maxPoints), "")
	}
	return s.within(r, func(f *follower) error {
		if trial == 0 {
			if trial = f.anyTrial(); trial == 0 {
				return notFound("no trial has been sampled yet", "wait for one")
			}
		}
		if _, err := f.row(trial); err != nil {
			return err
		}
		player, err := f.policyNow(r.Context())
		if err != nil {
			return policyProblem(err)
		}
		m, err := player.Map(r.Context(), int(trial), int(points))
		if err != nil {
			return policyProblem(err)
		}
		answer(w, m)
		return nil
	})
}

// maxPoints bounds the versions of a map.
const maxPoints = 256

// anyTrial is the best trial, or the first if none has succeeded, or 0.
func (f *follower) anyTrial() int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.state.BestID != 0 {
		return int64(f.state.BestID)
	}
	return int64(min(1, len(f.state.Trials)))
}

// progress answers GET /api/studies/{id}/policy/progress: how many updates have
// been gone through, of how many.
func (s *Server) progress(w http.ResponseWriter, r *http.Request) error {
	return s.within(r, func(f *follower) error {
		player, err := f.policyNow(r.Context())
		if err != nil {
			return policyProblem(err)
		}
		through, newest := player.Progress()
		answer(w, map[string]int{"through": through, "newest": newest})
		return nil
	})
}

// explain answers GET /api/studies/{id}/trials/{trial}/explain: a
// policy.Explanation.
func (s *Server) explain(w http.ResponseWriter, r *http.Request) error {
	id, err := pathNumber(r, "trial")
	if err != nil {
		return err
	}
	return s.within(r, func(f *follower) error {
		if _, err := f.row(id); err != nil {
			return err
		}
		player, err := f.policyNow(r.Context())
		if err != nil {
			return policyProblem(err)
		}
		e, err := player.Explain(r.Context(), int(id))
		if err != nil {
			return policyProblem(err)
		}
		answer(w, e)
		return nil
	})
}
