// Package spec is the vocabulary that search spaces, reward shapers and hosts
// share: decisions and answers, networks and recurrent cells, metrics and
// rewards. It computes nothing that needs a tensor, does no I/O, and imports
// nothing heavy, so that a guest compiled to WebAssembly stays small.
//
// A study passes these values around in one direction:
//
//	space --Decision--> controller --Answers--> space --Network--> trainer
//	trainer --Metrics--> shaper --Reward--> controller
//
// Networks, cells and decisions that come from a plugin are checked here:
// Validate, Infer, Check and CheckAnswer name the offending part and say what
// to do. Every type reads and writes its JSON; network.schema.json is the JSON
// Schema of a Network.
package spec
