// Package event is the stream of everything that happens in a study, and the
// fold that turns the stream into what a person looks at.
//
// A journal file, a socket and a worker in a browser tab carry the same
// Events; the command line, the dashboard and a replay apply them to a State
// and cannot tell where they came from.
//
// Trials and policy versions are numbered: trials from 1, so that 0 means
// "none"; versions count the policy's updates, so 0 is the untrained policy.
// Journaled events carry a sequence number, from 1 and without gaps. Live
// events, the epochs of a child that is still training, have number 0 and are
// never journaled: trial.done repeats the whole curve.
//
// Who comes late need not read every event: AppendState writes the State in
// bytes, and whoever reads them goes on with the events that follow, slim ones
// (see Slim) where only the State is wanted. At goes back without any event.
//
// # Why a format of its own for snapshots, and not JSON?
//
// A page shows a study of 20,000 trials at once or not at all. As JSON its State
// is 21 MB and takes 1.4 s to read in WebAssembly, by encoding/gob 8.7 MB and
// 0.14 s; a snapshot is 3.4 MB and takes 0.08 s (BenchmarkSnapshot; three epochs
// a trial, no duplicates). Most of what is left are losses, seeds and hashes,
// which have no shorter form.
package event
