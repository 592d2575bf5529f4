// Package bench is what the benchmarks of children beside PyTorch have in
// common: how the two sides are held against each other, and how the outcome is
// shown.
//
//	Config       the flags that every benchmark has
//	Opener, Draw search spaces of a plugin, and networks drawn from them
//	Script       the PyTorch side of a benchmark
//	Peer         PyTorch in a process of its own, tuned to be at its best
//	Check        a comparison of losses and tensors of the two sides
//	Side         one side of a row; the sides take turns at training (Bench.Rounds)
//	Disturbance  who else was at work meanwhile
//	Row, Mean    what every benchmark says of a network, and of random ones
//	Outcome      the rows of all networks; the middle of several runs
//	Column       a column of the table of rows
//	Run          all of it, for the networks of a benchmark
//
// One side works at a time, and the other sleeps. The two scripts torch.sh,
// which finds or installs PyTorch, and torch_peer.py, which the scripts of the
// benchmarks import, belong to it.
package bench
