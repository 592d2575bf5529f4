// Package cnn is the convolutional search space of Zoph & Le, Neural
// Architecture Search with Reinforcement Learning (2017), sections 3.3 and 4.1,
// as a plugin with three spaces:
//
//	v1  15 layers, stride 1, no pooling
//	v2  20 layers, strides predicted from {1, 2, 3} on each axis
//	v3  13 predicted layers, each a densely connected block of 3, with two
//	    max-pools fixed after layers 13 and 24 of the 39
//
// A layer is asked for, in this order: filter height, filter width, stride
// height and width (v2), number of filters, and which earlier layers it reads
// (its skip connections, which are the anchor points of the space). It becomes
// convolution without bias, batch normalization, ReLU. The classifier is a
// global average pool and one dense layer. Whatever is answered is a network,
// by four repairs: several inputs are concatenated in depth; a layer without
// input reads the image; outputs that nobody reads are concatenated before the
// classifier; maps of different sizes are padded with zeros to the largest
// (which the concat of package spec does, centred).
//
// Where the paper is silent: convolutions have no bias, since batch
// normalization follows; each convolution of a block reads what the block reads
// and all convolutions of the block before it, the first takes the stride, and
// later layers read the last (or all, by the param block_output); pools are 2 by
// 2 with stride 2; and a pool lies on every connection that crosses it, the
// image's included.
//
// # Why is a pool not just a layer of the chain?
//
// Skip connections would lead around it: the padding repair then brings every
// later layer back to the size before the pool, and the pool saves nothing.
package cnn
