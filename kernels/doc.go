// Package kernels is float32 arithmetic on slices: matrix products, convolutions and their gradients, batch
// normalisation, pooling, activations and optimiser steps. It knows no tensors and no networks. Each function's
// documentation is the loop that it equals.
//
// # Levels
//
// The kernels of one CPU level are a table of functions. Generic, the table of portable Go, is the reference;
// the table of a higher level starts as a copy of the level below and overwrites what it does faster. The highest level
// that the machine has is in use, unless ESPALIER_KERNELS names another one; programs show InitError and stop if
// that could not be done. Use switches levels, for tests: every test runs at every level the machine has.
//
//	generic   any machine; build tag purego leaves nothing else
//	avx2      x86-64 with AVX2 and FMA; assembly emitted by the nested module gen (go generate)
//	avx512    x86-64 with AVX-512 F, DQ, BW, VL and BMI2; likewise
//	neon      64-bit Arm; likewise
//	simd128   WebAssembly with 128-bit vectors, under JavaScript; a module of its own, emitted likewise
//
// # Products
//
// A level's matrix products rest on a few micro-kernels (tile), which keep a block of the result in registers. Packing,
// blocking, edges and all geometry are portable Go around them. Convolutions do not copy their input into the rows of
// a matrix (im2col): a piece of the map with its padding, the band, is copied once, if there is padding at all or the
// map lies in several parts, and the micro-kernel finds the rows in it by offsets. The gradient of the input is such a
// convolution again; that of the weights walks the same band by columns.
//
// Kernels of 3, 5 or 7 taps with stride 1 have a second method, Winograd, which takes a third to a sixth of the
// multiplications, or about half if the kernel's other side has one tap. It is an object of its own, since it needs the filter at its points, which a network finds once a step.
//
// The weights of a convolution are packed, or evaluated at Winograd's points, once for all calls of a step
// (FilterForward, FilterBackward), and so is a matrix that takes part in several products (Packed). What follows a
// product or a convolution can be done to it while it is in the cache (Epilogue). A Team divides work among threads.
//
// # WebAssembly
//
// Go's compiler has no vectors for WebAssembly. With the tag simd128, a program for js/wasm imports the level's functions
// from a module that works on the program's memory. The loader brings the two together: folder simd128 has
// instantiate.js, which pages call in place of WebAssembly.instantiate, after modules_gen.js with the modules, and node.js,
// which runs a program under Node.js, as go test's -exec. Where the browser has no vectors, the program goes on at level
// generic. A call costs some ten nanoseconds. The functions take addresses, which they do not keep, and run to their
// end before anything else in the program does, so that nothing moves and the memory does not grow meanwhile.
//
// # Elementwise
//
// Elementwise functions rest on one kernel for each code of a VectorOp. It works on matrices whose rows may lie apart, as
// those of gates side by side do, sets its result or adds it, and the kernels of activations and their gradients form
// a sum or a product of two operands on the way in. A VectorProgram is a tree of such operations, such as that of a
// recurrent cell: checked once, and done strip by strip.
//
// # Determinism
//
// A result depends on nothing but the operands and the level: block sizes are constants, and the sums of a product that
// a team divides are not. No other function starts goroutines. The generic level gives the same bits on every architecture, since it forbids the compiler to fuse
// multiplications with additions: float32(x*y) + z. Level simd128 gives generic's bits, too: it does the same operations in
// the same order, four at a time, since WebAssembly's vectors do not fuse either. The other levels differ by rounding.
// In elementwise functions an element's bits do not depend on its place or on the length.
//
// # Numbers
//
// Exp, Tanh, Sigmoid and Sin use the same algorithm at every level, not package math's; their error bounds are part
// of their documentation and tested. Sums over the rows of a matrix are float32 over at most 512 rows and
// float64 beyond. NaN and Inf spread as in the loops; the gradient of Relu is 0 where y is NaN.
//
// # Slices
//
// len of the first operand governs, and other operands may be longer; shorter ones panic. Operands that are written must
// not overlap others unless the documentation says so. Gradients are added to what they are written to. Nothing
// allocates: the products take their buffers from a Scratch, of which each goroutine has one.
package kernels
