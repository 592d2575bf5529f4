// Package policy shows what the policy of a study thought and how it changed:
// from the journal's events alone it brings back every version that the policy
// had.
//
// A Map is a trial's decisions under many versions: how probable each option
// became while the policy learned. An Explanation is one trial in full: what the
// policy thought when it sampled the trial, and how the update that learned from
// it pulled at the very logits that had been drawn from.
package policy
