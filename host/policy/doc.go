// Package policy shows what the policy of a study thought and how it changed:
// from the journal's events alone it brings back every version that the policy
// had.
//
// A Map is a trial's decisions under many versions: how probable each option
// became while the policy learned. An Explanation is one trial in full: what the
// policy thought when it sampled the trial, and how the update that learned from
// it pulled at the very logits that had been drawn from.
//
// # How versions come back
//
// The events say what each update learned from, so a Player lets the strategy
// learn it again, as resuming a study does, and compares the hash of the weights
// with the one that the study recorded. It keeps up to 64 snapshots, spread over
// the study, so that every version is few updates away from one.
//
// Where the arithmetic is not the study's, because this machine has another level
// of the kernels or the program is another one, the hashes differ. The numbers are
// still right to what a person can see, for some hundred updates from an exact
// version: the first, or one of the Snapshots in the study's run directory. How
// long they are, the player finds out by the log-probabilities that were recorded
// when trials were sampled. Beyond that it shows nothing.
package policy
