package server

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// What is refused, as the log and the metrics call it.
const (
	badHost       = "host"
	badOrigin     = "origin"
	badToken      = "token"
	tooLarge      = "size"
	badMessage    = "message"
	slowReader    = "slow"
	silentReader  = "silent"
	halfOpen      = "half_open"
	tooManyOpen   = "connections"
	tooManyReader = "readers"
)

// refusalSources bounds how many pairs of kind and source are told apart, so
// that an attacker with many addresses fills neither memory nor the log.
const refusalSources = 1000

// refusals counts what was refused, and says so once for each kind and source.
type refusals struct {
	log func(line string)

	mu     sync.Mutex
	counts map[string]int64 // by kind
	seen   map[[2]string]bool
	full   bool
}

func newRefusals(log func(string)) *refusals {
	return &refusals{log: log, counts: map[string]int64{}, seen: map[[2]string]bool{}}
}

// note counts a refusal; why is a sentence for the log without a full stop.
func (r *refusals) note(kind, source, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[kind]++
	r.once([2]string{kind, source}, fmt.Sprintf("refused (%s) from %s: %s; further ones are counted, not logged", kind, source, why))
}

// once logs a line unless one with the same key was logged.
func (r *refusals) once(key [2]string, line string) {
	switch {
	case r.seen[key]:
	case len(r.seen) < refusalSources:
		r.seen[key] = true
		r.log(line)
	case !r.full:
		r.full = true
		r.log(fmt.Sprintf("refused requests of %d kinds and sources; all others are counted, not logged", refusalSources))
	}
}

// Write takes the lines that net/http writes of itself, such as that no more
// files can be opened.
func (r *refusals) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := strings.TrimSpace(string(line))
	r.once([2]string{"http", text}, text)
	return len(line), nil
}

// all returns the counts by kind.
func (r *refusals) all() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := make(map[string]int64, len(r.counts))
	for kind, n := range r.counts {
		counts[kind] = n
	}
	return counts
}

// source is the address of who asks, without the port.
func source(r *http.Request) string { return host(r.RemoteAddr) }

func host(address string) string {
	h, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return h
}
