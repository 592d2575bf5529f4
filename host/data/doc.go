// Package data reads and makes the image sets that children are trained on.
//
// Open yields a Dataset: the CIFAR-10 and MNIST files as their publishers
// packed them, or "shapes", a set of small pictures that this package draws
// itself and that needs no file. A Dataset keeps its test images behind a
// door: a search trains and validates on a Split of the training images, and
// Test, which records every reading, is for the one evaluation at the end.
//
// N counts images, H and W are height and width in pixels, C counts colour
// channels; pixels are always stored (N, H, W, C).
//
// The package does no I/O of its own: files come from an fs.FS, so that it
// runs in a browser tab as well. What it reads is untrusted: a header is never
// believed, and memory grows only with the bytes that really arrive.
package data
