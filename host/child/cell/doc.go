// Package cell compiles one recurrent layer, whose step is any spec.Cell, to matrix products and vector programs, with
// the gradients of both.
//
//	Compile   spec.Cell, widths -> Layer: the work of a step, its memory
//	Named     lstm, gru, rhn-D, nascell -> spec.Cell
//
// Dimensions: T steps of a window, N streams (the batch), In the width of x, U units: the width of every other vector.
// Sequences are (T, N, ·), states are (N, U), row-major float32.
//
// # A step
//
// A step is a list of stages, and a stage is products followed by one vector program (kernels.VectorProgram). What linear
// nodes write is a slot of the pre-activation tape z (T, N, slots, U). The products of x come first, for all steps of
// the window at once. Those of the states of the step before are in stage 0. A linear node that reads another node of
// the step begins a further stage; the deeper micro-layers of a recurrent highway network are such. All linear nodes
// that read the same vector are one product, with their weights side by side; a sum of linear nodes that nothing
// else reads is one slot, in which their products add up.
//
// Backward differentiates the graph in reverse. Of the values of a step, it keeps those of tanh, sigmoid and sine that it
// needs, where it can in the place of the pre-activation; sums, products, maxima and rectifiers are computed again. Its vector
// programs overwrite a slot with the gradient of that slot. Then one product per step and source passes it on to
// the states, and one per window and source adds to the gradients of the weights.
//
// Why are the units cut into slices? Each slice has its own packed weights for all slots, does its products and then
// its part of the vector program, so that threads meet once per stage, and each core's share of the weights stays in
// its cache. Dividing the streams would make every core read all weights, and products of few rows are slow. The
// slices depend on U alone, so results do not depend on the number of threads.
package cell
