// Package server shows studies over HTTP and websockets, while they run and
// after.
//
// The run directory is the only truth: the server reads what the process that
// runs a study writes, whichever process that is, and asks it for something by
// a file, too (package journal). It takes no lock and writes nothing else, so a
// search does not notice whether it is watched.
//
// # The API
//
// Answers are JSON where nothing else is said; errors are
// {"error":{"code","message","next"}}. A study's ID is the name of its run
// directory, that of its random control has ":control" behind it.
//
//	GET  /                              the page; /assets/… what it is made of
//	GET  /api/studies                   the studies, the newest first: []Summary
//	GET  /api/studies/{id}              study.json, and alive, seq, control, reproduce, resume
//	GET  /api/studies/{id}/snapshot     the state, for event.DecodeState
//	GET  /api/studies/{id}/events?from=N&limit=M   lines of the journal
//	GET  /api/studies/{id}/events/{seq} one event
//	GET  /api/studies/{id}/trials/{n}   {"sampled":Event,"done":Event|null}
//	GET  /api/studies/{id}/trials/{n}/network.svg
//	GET  /api/studies/{id}/trials/{n}/explain   policy.Explanation
//	GET  /api/studies/{id}/policy?trial=T&points=P   policy.Map; T is the best trial unless given
//	GET  /api/studies/{id}/policy/progress      {"through":updates gone through,"newest":of how many}
//	GET  /api/studies/{id}/export/{trials.csv|trials.jsonl|events.jsonl|study.json|best.json}
//	POST /api/studies/{id}/control      {"action":"pause|continue|stop|extend|cancel","trial":n,"trials":n}
//	GET  /ws?study=ID&from=SEQ          a websocket; without study: the list
//	GET  /metrics                       for Prometheus
//	GET  /healthz                       for whoever watches the server; needs no token
//
// A control is answered with 200 {"status":"done"} once it is journaled, with
// 202 {"status":"asked"} if the process has not taken it within three seconds,
// and with 409 if it is refused or no process runs the study.
//
// # The websocket
//
// A page takes a snapshot and then asks for the events that follow it. The
// server sends text frames and expects nothing:
//
//	{"type":"hello","seq":head,"oldest":first in memory,"state":…,"alive":…,"schema":1}
//	{"type":"events","events":[…]}  from SEQ+1 on, without a gap, each as event.Slim leaves it
//	{"type":"live","events":[…]}    epochs of children in training; some may be lost
//	{"type":"state","state":"paused","alive":true}
//	{"type":"reset"}                SEQ is not in memory: take a new snapshot and ask again
//	{"type":"studies","studies":[…]} on a websocket without study, at most once a second
//
// Whoever was cut off asks again with the number of the last event it has, and
// misses none.
//
// A study's newest events lie in one ring that all its readers share. A reader
// is a number, not a queue: falling behind costs the server nothing. One that
// takes no message for ten seconds, or answers no ping for nine, is dropped.
//
// # What a run directory may be
//
// Directories appear, vanish, are replaced and repaired while they are looked at,
// and may come from elsewhere: what is damaged is told with the study and harms no
// other, pipes are not opened, and links that lead out of a directory send
// nothing. One study is read at a time for the list, the newest first, and of
// those that nobody looks at any more few stay in memory.
//
// # Who may ask
//
// On the loopback interface everybody on this machine may ask, without a token
// unless one was set; elsewhere only who knows the token. What a web page
// elsewhere makes a browser send is refused by its Origin, and a name that was
// made to point here by its Host. See guard for both, and for the headers.
//
// Why no TLS? A certificate for a machine in somebody's office cannot be had
// without its owner's help, and one that every browser warns of teaches people
// to click warnings away. "ssh -L" and proxies do this well.
//
// Why is nothing rate limited? Everything that can be asked for is small or
// read from a file, headers, bodies, connections, websockets and times are
// bounded, and 128 bits of token cannot be guessed.
package server
