// Package conformance holds a plugin against the rules of its interface, ABI 1
// (see package guest), and says of every rule that it breaks what was sent, what
// came back, what to do and how to see it again.
//
//	verdict, err := conformance.Check(ctx, "cnn.wasm", wasm, conformance.Options{
//		Report: func(f conformance.Finding) { fmt.Println(f) },
//	})
//
// It is a client like any other: all it knows of a plugin it learns through
// package sandbox, whose limits hold here, too. Findings are reported as they
// are made, so that a terminal or a page can show them; Verdict sums up.
//
// # How
//
// Each space is played under its default params and with every param at every
// extreme of its declaration: episodes that always take the first option, or the
// last, or the k-th, empty sets and full ones, and then random ones. What each
// random choice is depends on the seed, the space, its params and the number of
// the walk alone, so that one walk can be played again by itself.
//
// States save calls here as they do in a search. A sample of what they lead to
// is asked anew with the whole prefix, and every episode is at its end; that is
// how a broken promise shows. A sample of all calls is kept, and made again on
// guests that remember their past, by the interpreter, and by several at once.
//
// # Why?
//
// Why is a guest that remembers from call to call at fault, where package
// sandbox makes every guest forget? Because the interface promises pure calls to
// every host, and not every host can take a snapshot. A leak of memory, however,
// which hurts no host that does, is a warning only.
//
// Why warn of malformed JSON that is taken for good, and not fail? No host sends
// any. A guest that crashes on it, though, has a parser that reads past its end.
package conformance
