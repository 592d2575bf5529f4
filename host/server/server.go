package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/klauspost/compress/gzhttp"

	"github.com/espalier-nas/espalier/host/server/page"
)

// maxReaders bounds the number of websockets.
const maxReaders = 2048

// Options say what a Server shows and to whom.
type Options struct {
	// Runs is a folder whose run directories are shown, those that appear later
	// too. Dirs are run directories besides. Either may be empty.
	Runs string
	Dirs []string
	// Page is the page at "/"; nil: there is none, only the API.
	Page *page.Page
	// Token is what everybody needs who is let in; empty: nobody needs one,
	// which suits the loopback interface only.
	Token string
	// Hosts are names under which the server may be asked for, besides
	// localhost, the name of the machine, and addresses.
	Hosts []string
	// Program is the version of the program, for the metrics.
	Program string
	// Commands returns the shell commands that repeat the study in a run
	// directory and that go on with it; nil: nobody knows.
	Commands func(dir string) (reproduce, resume string)
	// Log takes a line for each kind and source of what was refused; nil: none.
	Log func(line string)
}

// Server shows studies. New makes one.
type Server struct {
	options  Options
	patience patience
	catalog  *catalog
	refusals *refusals
	metrics  metrics
	handler  http.Handler
	upgrader websocket.Upgrader

	ending  context.Context // ends when the server does
	end     context.CancelFunc
	readers sync.WaitGroup
	open    atomic.Int64 // websockets
	door    *door
}

// New makes a server that Serve starts.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	s := &Server{
		options: o, patience: patient, catalog: newCatalog(o.Runs, o.Dirs, time.Now), refusals: newRefusals(o.Log),
		upgrader: websocket.Upgrader{
			HandshakeTimeout: 5 * time.Second,
			ReadBufferSize:   messageBytes,
			WriteBufferSize:  messageBytes,                             // of control frames; others are prepared
			CheckOrigin:      func(*http.Request) bool { return true }, // guard has
		},
	}
	s.ending, s.end = context.WithCancel(context.Background())
	s.handler = s.metrics.count(newGuard(o.Token, o.Hosts, s.refusals).wrap(s.routes()))
	return s
}

// routes says which handler answers what.
func (s *Server) routes() http.Handler {
	api := http.NewServeMux()
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /api/studies":                                 s.list,
		"GET /api/studies/{id}":                            s.study,
		"GET /api/studies/{id}/snapshot":                   s.snapshot,
		"GET /api/studies/{id}/policy":                     s.policy,
		"GET /api/studies/{id}/policy/progress":            s.progress,
		"GET /api/studies/{id}/trials/{trial}/explain":     s.explain,
		"POST /api/studies/{id}/control":                   s.control,
		"GET /api/studies/{id}/events":                     s.events,
		"GET /api/studies/{id}/events/{seq}":               s.event,
		"GET /api/studies/{id}/trials/{trial}":             s.trial,
		"GET /api/studies/{id}/trials/{trial}/network.svg": s.network,
		"GET /api/studies/{id}/export/{file}":              s.export,
		"GET /metrics":                                     s.measurements,
		"GET /{$}":                                         s.index,
		"GET /assets/{name}":                               s.asset,
	} {
		api.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			switch err := handle(w, r); {
			case err == errBroken:
				panic(http.ErrAbortHandler) // net/http closes the connection, and says nothing
			case err != nil:
				fail(w, err)
			}
		})
	}
	whole := http.NewServeMux()
	api.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if methods := allowed(r, whole, api); methods != "" {
			w.Header().Set("Allow", methods)
			fail(w, &problem{http.StatusMethodNotAllowed, "method", fmt.Sprintf("%.200q takes %s, not %s", r.URL.Path, methods, r.Method), ""})
			return
		}
		fail(w, notFound(fmt.Sprintf("there is no %s %.200q here", r.Method, r.URL.Path), "see the API in the documentation of package host/server"))
	})
	whole.HandleFunc("GET /ws", s.socket)
	whole.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	whole.Handle("/", gzhttp.GzipHandler(api))
	return whole
}

// allowed are the methods that the address of a request takes; empty: it takes
// none.
func allowed(r *http.Request, muxes ...*http.ServeMux) string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := *r
		other.Method = method
		for _, mux := range muxes {
			if _, pattern := mux.Handler(&other); strings.HasPrefix(pattern, method+" ") {
				methods = append(methods, method)
			}
		}
	}
	return strings.Join(methods, ", ")
}

// Serve answers on l until ctx ends, then says good-bye to the readers and
// returns nil. It is called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var work sync.WaitGroup
	work.Go(func() { s.catalog.run(s.ending) })
	s.door = newDoor(l, s)
	web := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.patience.header,
		ReadTimeout:       s.patience.body,
		WriteTimeout:      s.patience.answer,
		IdleTimeout:       s.patience.idle,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(s.refusals, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, visitorKey{}, c)
		},
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(s.door) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	s.end() // tells the readers, who are no requests for web any more
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience.close)
	defer cancel()
	if web.Shutdown(closing) != nil {
		_ = web.Close() // whoever still waits has waited long enough
	}
	s.readers.Wait()
	work.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

// visitorKey is the context's key of the connection that a request came by.
type visitorKey struct{}

// ask tells the door that a connection has sent a whole request.
func ask(r *http.Request) {
	if v, ok := r.Context().Value(visitorKey{}).(*visitor); ok {
		v.ask()
	}
}

// socket answers GET /ws: it turns the request into a websocket.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	if s.open.Add(1) > maxReaders {
		s.open.Add(-1)
		s.refusals.note(tooManyReader, source(r), fmt.Sprintf("%d websockets are open, which is the limit", maxReaders))
		fail(w, &problem{http.StatusServiceUnavailable, "busy", "too many readers", "close other pages and try again"})
		return
	}
	defer s.open.Add(-1)
	s.readers.Add(1)
	defer s.readers.Done()
	if err := s.watch(w, r); err != nil {
		fail(w, err)
	}
}

// watch returns an error if there is nothing to watch, and otherwise when the
// reader has gone.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return &problem{http.StatusUpgradeRequired, "upgrade", "this address answers websockets only", ""}
	}
	id := r.URL.Query().Get("study")
	from, err := number(r, "from", -1)
	if err != nil {
		return err
	}
	var f *follower
	if id != "" {
		var release func()
		if f, release, err = s.catalog.open(r.Context(), id); err != nil {
			return err
		}
		defer release()
	}
	conn, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.refusals.note(badMessage, source(r), "a malformed request for a websocket")
		return nil // it has been answered
	}
	c := newClient(s, conn, source(r))
	if f == nil {
		c.watchList(s.ending, s.catalog)
		return nil
	}
	f.readers.Add(1)
	defer f.readers.Add(-1)
	f.hurry()
	c.watchStudy(s.ending, f, from)
	return nil
}
