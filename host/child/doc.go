// Package child trains the networks that a search proposes.
//
//	Recipe    how to train: optimiser, schedule, augmentation, limits
//	Compile   spec.Network -> Program: steps in order, parameters, memory plan
//	Train     Program, images, Recipe -> spec.Metrics and Weights
//	Evaluate  Weights, images -> loss and accuracy
//
// Trainer.TrainText and EvaluateText do the same with texts, as token ids.
//
// Tensors are float32, row-major, (N, H, W, C): N examples of the batch, H x W
// positions, C channels. Gradients are named d and the value's name; backward
// adds to them, so that a value with several readers gets the sum of what they
// pass back. Those of a text are (T, N, C): T steps of a window, N streams, which
// are read side by side and carry their states from window to window.
//
// Why is the memory planned once? A child's activations and gradients live in
// one arena, at places that Compile has chosen by lifetime, so a step allocates
// nothing, the peak is known before anything is allocated, and a child that is
// too large is refused with its numbers. Allocating as one goes would keep the
// garbage collector at work beside the kernels, and it would take a crash to
// find out that there is not enough.
//
// Why are some concatenations copied? Convolutions and global pools take their
// input in parts, so one that only they read is never made, and they add
// straight to the gradients of its parts. Around parts smaller than the map
// there are zeros that a convolution need not multiply; only Winograd's method
// cannot leave them out, and it gains more than the copy costs. Other readers
// would need kernels of their own for parts. What is copied is kept for
// backward, which could make it again: that is done only in children that do
// not fit otherwise, for it costs time in every step.
//
// Why do threads share a batch, and not the layers? Most layers work on each
// example alone, so the examples can be dealt out as the threads come. Sums
// over the examples are those of blocks whose number depends on the shapes
// only, added in order, or are split by what is summed for: no result depends
// on the number of threads. One child for each core is still the better use of
// several: nothing is waited for.
//
// Why does the last, smaller batch of an epoch take part? Dropping it would
// leave out other images in every epoch, or the same in all, and a child of
// few images would lose a good part of them.
//
// Why is a time step of all streams an example? What an image network does with
// the examples of a batch, a language model does with the steps of a window: all
// layers but the recurrent ones treat each alone. So the memory plan, threads,
// dropout, joins, activations and dense layers are those of images. Only token
// ids, embeddings, recurrent layers and the loss (classifier) are of their own.
//
// Why are convolution, batch normalisation and ReLU not one loop? Training
// needs the statistics of the whole batch between the first two. They are
// measured block by block, while what the convolution has written is still in
// the cache, and the ReLU is done in the same pass as the normalisation,
// forward and backward. In evaluation, where the statistics are known, it is one
// loop.
package child
