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
package event
