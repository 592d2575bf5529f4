package client

import "time"

// Transport carries requests and answers. Its callbacks come one at a time, and
// none before the call that they belong to has returned.
type Transport interface {
	// Get fetches an address of the page's own server. Post sends a JSON body.
	Get(address string, done func(Answer))
	Post(address string, body []byte, done func(Answer))
	// Dial opens a websocket at an address of the same server.
	Dial(address string, l Listener) Conn
	// After calls f once a time has passed, unless it is cancelled before.
	After(d time.Duration, f func()) (cancel func())
}

// Answer is what came back. Err is set if nothing did.
type Answer struct {
	Status int
	Body   []byte
	Err    error
}

// Listener hears what happens on a connection. Closed is called once at most,
// and last; not after Close.
type Listener struct {
	Message func(text []byte)
	Closed  func(reason string)
}

// Conn is a connection that was dialled.
type Conn interface{ Close() }
