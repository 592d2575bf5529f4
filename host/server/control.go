package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

// controlWait is how long a request for a control waits for the process that
// runs the study to take it.
const controlWait = 3 * time.Second

// control answers POST /api/studies/{id}/control. It goes through the run
// directory as that of the command line does, so it reaches whatever process
// runs the study.
func (s *Server) control(w http.ResponseWriter, r *http.Request) error {
	c, err := decodeControl(r)
	if err != nil {
		return err
	}
	c.By = "the dashboard, from " + source(r)
	if err := c.Validate(); err != nil {
		return badRequest(err.Error(), "")
	}
	return s.within(r, func(f *follower) error {
		ctx, cancel := context.WithTimeout(r.Context(), controlWait)
		defer cancel()
		err := journal.Ask(ctx, f.dir, c)
		var refused *journal.RefusedError
		switch {
		case err == nil:
			f.hurry()
			writeJSON(w, http.StatusOK, map[string]string{"status": "done"})
		case errors.Is(err, context.DeadlineExceeded):
			writeJSON(w, http.StatusAccepted, map[string]string{"status": "asked"})
		case errors.As(err, &refused):
			return &problem{http.StatusConflict, "refused", refused.Reason, ""}
		case errors.Is(err, journal.ErrNotRunning):
			p := &problem{http.StatusConflict, "not_running", err.Error(), ""}
			if s.options.Commands != nil {
				_, p.Next = s.options.Commands(f.dir)
			}
			return p
		default:
			return err
		}
		return nil
	})
}

// decodeControl reads what is asked for. Only JSON is taken: a form of another
// site cannot send that.
func decodeControl(r *http.Request) (event.Controlled, error) {
	var c event.Controlled
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return c, &problem{http.StatusUnsupportedMediaType, "bad_request", "a control is sent as application/json", ""}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	var asked struct {
		Action event.Action `json:"action"`
		Trial  int          `json:"trial"`
		Trials int          `json:"trials"`
	}
	err := d.Decode(&asked)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("there is more than one value")
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return c, &problem{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("a request has at most %d bytes", large.Limit), ""}
	}
	if err != nil {
		return c, badRequest("the control cannot be read: "+err.Error(), `send {"action":"pause"}, continue, stop, {"action":"extend","trials":10} or {"action":"cancel","trial":7}`)
	}
	return event.Controlled{Action: asked.Action, Trial: asked.Trial, Trials: asked.Trials}, nil
}
