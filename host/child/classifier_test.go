package child

import (
	"slices"
	"testing"
)

// TestLogitBlocks: logits made in blocks give the bits of those made at once, but for
// the sums over the positions, in which they differ by rounding.
func TestLogitBlocks(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for _, name := range []string{"no bias", "tied", "no recurrence"} {
			net := textNetworks()[name]
			var want *Program
			for _, block := range []int{12, 1, 5, 7} {
				e := newPassage(t, net, 4, 3, Options{unshared: true}, 3) // what Backward reads stays
				tokens, labels := e.draw(4)
				if e.program.classifier.block != 12 {
					t.Fatalf("%d positions a block, want all 12", e.program.classifier.block)
				}
				e.program.classifier.block = block
				loss := e.learn(tokens, labels)
				evaluated, _ := e.program.Loss(labels)
				if want == nil {
					want = e.program
				}
				expected, _ := want.Loss(labels)
				if loss != expected || evaluated != expected {
					t.Errorf("%s: in blocks of %d the loss is %v, and %v without gradient, want %v", name, block, loss, evaluated, expected)
				}
				near(t, name, e.program.Gradient(), widen(want.Gradient()), 1e-6)
				if !slices.Equal(e.program.output.grad.floats, want.output.grad.floats) {
					t.Errorf("%s: blocks of %d change the gradient of the input", name, block)
				}
			}
		}
	})
}

// TestBlockSizes: blocks are even, bounded in memory, and not tiny.
func TestBlockSizes(t *testing.T) {
	for _, test := range []struct{ positions, words, block int }{
		{700, 10000, 700}, {700, 50, 700}, {700, 1 << 20, 47}, {1, 5, 1}, {700, 33000, 234}, {2000, 10000, 667},
	} {
		net := textNetwork(test.words, embeddingNode(test.words, 1), denseNode(test.words))
		p, _, err := outline(net, test.positions, Options{Streams: 1})
		if err != nil {
			t.Fatal(err)
		}
		l := p.classifier
		if l.block != test.block {
			t.Errorf("%d positions, %d words: %d positions a block, want %d", test.positions, test.words, l.block, test.block)
		}
		scarce, _, err := outline(net, test.positions, Options{Streams: 1, MemoryBytes: p.bytes - 1})
		if saved := err == nil && scarce.bytes < p.bytes; saved != (l.block > fewPositions && l.block*l.words > fewNumbers) {
			t.Errorf("%d positions, %d words: with less memory %v", test.positions, test.words, err)
		}
	}
}
