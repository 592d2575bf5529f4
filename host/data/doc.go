// Package data reads and makes the images and the texts that children are
// trained on.
//
// Open yields a Dataset of images: the CIFAR-10 and MNIST files as their
// publishers packed them, or "shapes", small pictures that this package draws
// itself and that need no file. OpenCorpus yields a Corpus, a text as tokens:
// the Penn Treebank by words or by characters, any plain text, or "grammar",
// sentences that this package draws and of which it knows how well they can be
// predicted at best.
//
// Both keep their test part behind a door: a search trains and validates on the
// rest, and Test, which records every reading, is for the one evaluation at the
// end.
//
// N counts images, H and W are height and width in pixels, C counts colour
// channels; pixels are always stored (N, H, W, C). A text is one stream of
// tokens, in which every line ends with the token "<eos>"; entropies are in
// nats per token, and a perplexity is e to an entropy.
//
// The package does no I/O of its own: files come from an fs.FS, so that it
// runs in a browser tab as well. What it reads is untrusted: a header is never
// believed, and memory grows only with the bytes that really arrive.
package data
