// Package journal keeps a study in a directory, so that nothing that has
// happened is lost, whatever happens next:
//
//	study.json    what the study is, its state, and its sessions
//	events.jsonl  every event, one line each, numbered and with a checksum
//	trials.jsonl  one flat row per ended trial, for pandas.read_json(lines=True)
//	policy/       snapshots of the policy
//	pending/      finished trials that wait for their turn in the order of trials
//	best/         network.json and the weights of the best trial, trial.json
//	lock          held by the one process that may write
//
// events.jsonl is the truth; everything else can be derived from it, or only
// saves work. A record is written with one write and made durable by Commit,
// which flushes everything appended before it in one go. Every other file is
// written under a temporary name, flushed and renamed.
//
// Killing the program at any instant leaves at most one torn record, the last,
// which the next Open cuts off with a warning. Anything else that does not
// match its checksum is damage that no crash explains: Open refuses it, says
// where it is, and changes nothing.
//
// When a write fails, say for want of space, the journal cuts off what was
// written of the record, returns an error that is ErrStorage, and from then on
// refuses to write at all; opening it again resumes from the last good record.
package journal
