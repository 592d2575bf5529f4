package server

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/espalier-nas/espalier/host/event"
)

// metrics counts what the server does.
type metrics struct {
	frames atomic.Int64 // messages sent on websockets

	mu       sync.Mutex
	requests map[int]int64 // answered, by status
}

// count counts the requests that next answers, by status.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask(r)
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.requests == nil {
			m.requests = map[int]int64{}
		}
		m.requests[seen.status]++
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Hijack hands the connection to a websocket.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.status = http.StatusSwitchingProtocols
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// exposition writes metrics as Prometheus reads them (text format 0.0.4).
type exposition struct{ strings.Builder }

// family begins a metric.
func (e *exposition) family(name, kind, help string) {
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample writes a value; labels are pairs of name and value.
func (e *exposition) sample(name string, value float64, labels ...string) {
	e.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		e.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(e, `%s="%s"`, labels[i], labelText.Replace(labels[i+1]))
	}
	if len(labels) > 0 {
		e.WriteByte('}')
	}
	fmt.Fprintf(e, " %v\n", value)
}

// labelText escapes the value of a label.
var labelText = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// measurements answers GET /metrics.
func (s *Server) measurements(w http.ResponseWriter, _ *http.Request) error {
	var e exposition
	e.family("espalier_build_info", "gauge", "The version of the program.")
	e.sample("espalier_build_info", 1, "version", s.options.Program, "go", runtime.Version())
	s.measureStudies(&e)
	e.family("espalier_websockets", "gauge", "Open websockets.")
	e.sample("espalier_websockets", float64(s.open.Load()))
	e.family("espalier_websocket_messages_total", "counter", "Messages sent on websockets.")
	e.sample("espalier_websocket_messages_total", float64(s.metrics.frames.Load()))
	if s.door != nil {
		open, waiting := s.door.counts()
		e.family("espalier_connections", "gauge", "Open connections.")
		e.sample("espalier_connections", float64(open))
		e.family("espalier_half_open_connections", "gauge", "Open connections that have sent no request yet.")
		e.sample("espalier_half_open_connections", float64(waiting))
	}
	e.family("espalier_http_requests_total", "counter", "Answered requests by status.")
	s.metrics.mu.Lock()
	for _, status := range slices.Sorted(maps.Keys(s.metrics.requests)) {
		e.sample("espalier_http_requests_total", float64(s.metrics.requests[status]), "status", fmt.Sprint(status))
	}
	s.metrics.mu.Unlock()
	e.family("espalier_refused_total", "counter", "What was refused, by kind.")
	refused := s.refusals.all()
	for _, kind := range slices.Sorted(maps.Keys(refused)) {
		e.sample("espalier_refused_total", float64(refused[kind]), "kind", kind)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	e.family("go_goroutines", "gauge", "Goroutines.")
	e.sample("go_goroutines", float64(runtime.NumGoroutine()))
	e.family("go_memstats_heap_inuse_bytes", "gauge", "Bytes of the heap in use.")
	e.sample("go_memstats_heap_inuse_bytes", float64(m.HeapInuse))
	e.family("go_memstats_sys_bytes", "gauge", "Bytes obtained from the system.")
	e.sample("go_memstats_sys_bytes", float64(m.Sys))
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write([]byte(e.String())) // a client that has gone is none of our concern
	return nil
}

// measureStudies writes what is known of every study.
func (s *Server) measureStudies(e *exposition) {
	all := s.catalog.summaries()
	each := func(name, kind, help string, sample func(Summary)) {
		e.family(name, kind, help)
		for _, study := range all {
			sample(study)
		}
	}
	each("espalier_study_info", "gauge", "A study.", func(x Summary) {
		e.sample("espalier_study_info", 1, "study", x.ID, "strategy", x.Strategy, "space", x.Space, "data", x.Data)
	})
	each("espalier_study_running", "gauge", "Whether a process runs the study.", func(x Summary) {
		running := 0.0
		if x.Alive {
			running = 1
		}
		e.sample("espalier_study_running", running, "study", x.ID)
	})
	each("espalier_study_budget", "gauge", "Trials that the study may have.", func(x Summary) {
		e.sample("espalier_study_budget", float64(x.Trials), "study", x.ID)
	})
	each("espalier_study_trials_total", "counter", "Trials that have ended, by status.", func(x Summary) {
		e.sample("espalier_study_trials_total", float64(x.Counts.OK), "study", x.ID, "status", string(event.OK))
		e.sample("espalier_study_trials_total", float64(x.Counts.Failed), "study", x.ID, "status", string(event.Failed))
	})
	each("espalier_study_updates_total", "counter", "Updates of the policy.", func(x Summary) {
		e.sample("espalier_study_updates_total", float64(x.Counts.Updates), "study", x.ID)
	})
	each("espalier_study_best_reward", "gauge", "The highest reward.", func(x Summary) {
		if x.Best != nil {
			e.sample("espalier_study_best_reward", x.Best.Reward, "study", x.ID)
		}
	})
	each("espalier_study_last_event_seconds", "gauge", "When the last event happened, in seconds since 1970.", func(x Summary) {
		if !x.Updated.IsZero() {
			e.sample("espalier_study_last_event_seconds", float64(x.Updated.UnixMilli())/1000, "study", x.ID)
		}
	})
}
