// Package spec is the vocabulary that search spaces, reward shapers and hosts
// share: decisions and answers, networks and recurrent cells, metrics and
// rewards. It computes nothing that needs a tensor, does no I/O, and imports
// nothing heavy, so that a guest compiled to WebAssembly stays small.
//
// A study passes these values around in one direction:
//
//	space --Decision--> controller --Answers--> space --Network--> trainer
//	trainer --Metrics--> shaper --Reward--> controller
package spec
