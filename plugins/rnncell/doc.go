// Package rnncell is the recurrent-cell search space of Zoph & Le, Neural
// Architecture Search with Reinforcement Learning (2017), sections 3.4 and 4.2,
// as a plugin with one space, tree.
//
// A cell is a binary tree of N leaves (the param base), numbered leaves first
// and then the inner nodes level by level, so that node N+i has the children 2i
// and 2i+1 and the last is the root:
//
//	leaf k      a_k = act(comb(W_k x_t, U_k h_{t-1}))
//	inner node  a_k = act(comb(a_left, a_right)), without weights
//	output      h_t = a_root
//
// Two nodes tie the tree to a memory c. One receives it: as soon as it is
// computed, a becomes inject_act(inject_comb(a, c_{t-1})), and this is what its
// parent reads (or h_t, if it is the root). The other writes it: c_t is the value
// of its comb, before its act. A node may be both; then c_t does not contain
// what is injected into the node itself, since that comes after its act.
//
// An episode asks, in this order, for the combination and the activation of
// every node; those of the inject; and the indices of the node that writes the
// memory and of the node that receives it. All combinations are one kind, all
// activations another and both indices a third, whose weights the controller
// shares. With M combinations, A activations and 2N-1 nodes there are
//
//	(M A)^(2N-1) · M A · (2N-1)²
//
// episodes: 8^15 · 8 · 15² = 6.3e16 at the default of N = 8, combinations add
// and elem_mult, and activations identity, tanh, sigmoid and relu. The paper's
// extended space, of its control experiment, has the combination max and the
// activation sin besides:
//
//	{"combinations": ["add", "elem_mult", "max"], "activations": ["identity", "tanh", "sigmoid", "relu", "sin"]}
//
// Trees that differ by swapping children, whose order no combination minds, are
// the same network with the same ID.
//
// # The network
//
// The cell is set into a language model: an embedding, layers of the cell, and a
// dense layer with bias over the vocabulary, with dropout after the embedding
// and each layer, and, if wanted, of the layers' states. The width is given, or
// follows from the number of weights that the network is to have. That does not
// depend on the cell: every tree of N leaves has 2N matrices a layer and no bias.
// The width is the one whose weights come nearest to the param params; the biases
// of the dense layer are not counted. With 10,000 words and 20 million weights,
// the size at which the paper trains its children, two layers are 538 wide.
//
// # Why these defaults?
//
// Where the paper is silent: the root may be an index (the param root_index),
// since nothing in it says otherwise; dropout between layers has the rate of the
// medium network of Zaremba et al. 2014, Recurrent neural network regularization,
// 0.5, since the paper's children have the size of that network; and dropout of
// states, which the paper takes from Gal & Ghahramani 2016 without a rate, is off.
//
// # Why only powers of two?
//
// The paper's trees are complete. A tree of 6 leaves numbered in this way has
// leaves at two depths, and which ones would be an accident of the numbers.
package rnncell
