package server

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"

	"github.com/espalier-nas/espalier/host/journal"
)

// problem is an error as the API tells it: {"error":{…}} with a status of HTTP.
type problem struct {
	status  int
	Code    string `json:"code"` // for programs: one word
	Message string `json:"message"`
	Next    string `json:"next,omitempty"` // what to do
}

func (p *problem) Error() string { return p.Message }

// Problems that several requests have.
func notFound(message, next string) *problem {
	return &problem{http.StatusNotFound, "not_found", message, next}
}

func badRequest(message, next string) *problem {
	return &problem{http.StatusBadRequest, "bad_request", message, next}
}

// problemOf gives the errors of a run directory their status.
func problemOf(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, journal.ErrDamaged):
		return &problem{http.StatusInternalServerError, "damaged", err.Error(), ""}
	case errors.Is(err, journal.ErrNoStudy), errors.Is(err, fs.ErrNotExist):
		return notFound(err.Error(), "look at the list of studies again")
	}
	return &problem{http.StatusInternalServerError, "failed", err.Error(), ""}
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	p := problemOf(err)
	h := w.Header()
	h.Del("Content-Disposition")
	h.Set("Cache-Control", "no-store")
	writeJSON(w, p.status, map[string]*problem{"error": p})
}

// answer answers with a value as JSON.
func answer(w http.ResponseWriter, value any) { writeJSON(w, http.StatusOK, value) }

func writeJSON(w http.ResponseWriter, status int, value any) {
	b, err := json.Marshal(value)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":{"code":"failed","message":"the answer cannot be written as JSON"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // a client that has gone is none of our concern
}
