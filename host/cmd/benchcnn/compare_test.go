package main

import (
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
)

// TestForward: the gradients are left out of a copy.
func TestForward(t *testing.T) {
	base := bench.Results{Tensors: []child.Tensor{{Name: "a.weight"}, {Name: "a.mean"}, {Name: "a.variance"}, {Name: logits}}}
	if f := forward(base); len(f.Tensors) != 3 || f.Tensors[0].Name != "a.mean" || f.Tensors[2].Name != logits {
		t.Errorf("forward leaves %v", f.Tensors)
	}
	if len(base.Tensors) != 4 || base.Tensors[0].Name != "a.weight" {
		t.Error("forward has changed what it was made from")
	}
}

// TestFew takes fewer images of larger networks, but never one, whose batch
// normalisation would have nothing to compare.
func TestFew(t *testing.T) {
	list := mustList(t, 1)
	if n := few(list[0], 64); n != 2 {
		t.Errorf("found: %d images, want 2", n)
	}
	if n := few(list[1], 64); n != 5 { // 32 * 32 * 192 numbers an image
		t.Errorf("tiny: %d images, want 5", n)
	}
	for batch, want := range map[int]int{1: 1, 2: 2, 3: 2, 10: 2, 17: 3, 1000: 5} {
		if n := few(list[1], batch); n != want {
			t.Errorf("tiny: %d images of a batch of %d, want %d", n, batch, want)
		}
	}
}
