// Package journal keeps a study in a directory, so that nothing that has
// happened is lost, whatever happens next:
//
//	study.json    what the study is, its state, and its sessions
//	events.jsonl  every event, one line each, numbered and with a checksum
//	trials.jsonl  one flat row per ended trial, for pandas.read_json(lines=True)
//	policy/       snapshots of the policy
//	pending/      finished trials that wait for their turn in the order of trials
//	best/         network.json and the weights of the best trial, trial.json
//	live.jsonl    epochs of children that are being trained, the newest MiB
//	requests/     what is asked of the process that runs the study; see Request
//	lock          held by the one process that may write
//	trainings.jsonl, trained/  networks that were trained anew; see Trainings
//
// events.jsonl is the truth; everything else can be derived from it, or only
// saves work. A record is written with one write and made durable by Commit,
// which flushes everything appended before it in one go. Every other file is
// written under a temporary name, flushed and renamed.
//
// Killing the program at any instant leaves at most one torn record, the last,
// which the next Open cuts off with a warning. Anything else that does not
// match its checksum is damage that no crash explains: Open refuses it, says
// where it is, and changes nothing. The first record is durable at once, so a
// directory without events that shows that it had some is damaged too.
//
// When a write fails, say for want of space, the journal cuts off what was
// written of the record, returns an error that is ErrStorage, and from then on
// refuses to write at all; opening it again resumes from the last good record.
//
// Why lines of JSON, and no database? A person can read them, every language
// can, a broken file can be cut with a text editor, and one process appends:
// nothing of a database is needed but its durability, which a checksum and a
// flush give. Studies that keep their trials in SQLite on shared disks meet
// locked and malformed databases.
//
// Why a file per pending trial, and no second log? Results wait only until the
// trials before them have ended, so a log would be nearly all garbage, and it
// would need the same care about its tail.
//
// live.jsonl is of another kind: it is for those who watch, is never flushed,
// and may lose lines, since the trial's end repeats them.
//
// Why files as requests, and no socket? Whoever may write to the directory may
// control the study, and nobody else; a request that was made is not lost when
// the process is killed, and the name that its event carries keeps it from
// taking effect twice.
//
// Why are trainings rows of their own, and no events? A study's events end with
// it, and in deterministic mode they are the same whoever runs it; what is
// trained later, and how often, is no part of that. A training depends on
// nothing but what its row says, so there is no order to keep, and a training
// that a crash lost is simply done again.
package journal
