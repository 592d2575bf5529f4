// Package cells is the search space of Zoph, Vasudevan, Shlens & Le, Learning
// Transferable Architectures for Scalable Image Recognition (2018), as a plugin
// with one space, nasnet.
//
// Two cells are predicted, a normal one and a reduction cell, and stacked: the
// param repeats normal cells, a reduction cell, as many normal cells, and so on.
// The weights of the copies differ. A reduction cell halves height and width,
// and from it on there are twice as many filters.
//
// A cell has hidden states. The first two are the outputs of the cell before it
// and of the one before that; each block adds one: two operations, each on a
// hidden state of its choice, and the combination of both. The blocks that no
// other block reads, concatenated in depth, are the output of the cell. A
// network is a 3x3 convolution (the stem), the cells, ReLU, a global average
// pool and a dense layer.
//
// An episode asks, for every block of the normal cell and then of the reduction
// cell, the left and the right operation, the left and the right input, and, if
// more than one is offered, the combination. Inputs are pointers to anchor
// points: the hidden states. What is asked depends on the position alone. With O
// operations, C combinations, B blocks and, unless there are no reductions, 2
// cells there are
//
//	((B+1)!² · O^(2B) · C^B)²
//
// episodes: with the paper's 13 operations and 5 blocks, 7.1e16 for each cell.
// Both operations of a block, or its blocks, in another order are the same
// network with the same ID.
//
// The defaults are small enough for the embedded images on two cores. The
// network that the paper calls NASNet-A (6 @ 768) is made under
//
//	{"blocks": 5, "repeats": 6, "reductions": 2, "filters": 32}
//
// # Shapes
//
// Before a cell computes, ReLU, a 1x1 convolution and batch normalization bring
// both of its inputs to its number of filters; behind a reduction cell, the older
// input is first averaged over 2 by 2. In a reduction cell what is done to the
// cell's inputs has stride 2, and an identity of stride 2 is a 1x1 convolution.
// Results that are concatenated go through another to have as many channels as
// those that are added. So every episode is a network.
//
// Where the paper is silent or leaves a choice: the older input is averaged, and
// not taken apart into two halves at odd and even positions, which would take
// operations that networks do not have; the convolution of the stem has three
// times the filters, as in the published code; and only blocks make the output
// of a cell, not its inputs, although that code also concatenates the older
// input of NASNet-A's normal cell and a block of its reduction cell that is read.
// Hence NASNet-A has 3.06 million parameters here, and 3.3 in the paper.
//
// # Why are the operations asked before the inputs?
//
// The paper asks for the inputs first. Here an anchor point is announced by a
// decision, whose hidden state stands for it in the policy, and a cell's first
// pointer needs two. The operations of the first block announce the cell's
// inputs, and the last decision of a block the block, when all of it is known.
package cells
