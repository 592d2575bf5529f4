package main

import (
	"slices"
	"testing"
)

// TestText: words are in range, and their frequencies fall slowly.
func TestText(t *testing.T) {
	e := mustList(t, 1)[0]
	x := newText(e, 4, 1)
	if len(x.tokens) != (4*steps+1)*streams {
		t.Fatalf("%d tokens", len(x.tokens))
	}
	rare, first := 0, 0
	for _, token := range x.tokens {
		if token < 0 || token >= words {
			t.Fatalf("token %d", token)
		}
		if token == 0 {
			first++
		}
		if token >= 1000 {
			rare++
		}
	}
	// 1/3.7 and the sum of 1/(k+3.7) from 1000 on, over that of all.
	if n := len(x.tokens); first < n/60 || first > n/15 || rare < n/5 || rare > n/2 {
		t.Errorf("of %d words, %d are the most frequent one and %d beyond the first thousand", n, first, rare)
	}
	if !slices.Equal(x.tokens, newText(e, 4, 1).tokens) || slices.Equal(x.tokens, newText(e, 4, 2).tokens) {
		t.Error("the text does not follow from the seed")
	}
	if q := x.tensor(); q.Shape[0] != 4*steps+1 || q.Data[7] != float32(x.tokens[7]) {
		t.Errorf("tensor %v", q.Shape)
	}
}

// TestCheckCarries: windows are not alike, their states are carried, and a check
// begins anew.
func TestCheckCarries(t *testing.T) {
	e := small(t)
	o, err := newOurs(e, newText(e, windows, 1), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	first, _, err := o.check(1)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := o.check(2)
	if err != nil {
		t.Fatal(err)
	}
	o.train(3)
	again, _, err := o.check(1)
	if err != nil {
		t.Fatal(err)
	}
	if first.Loss == second.Loss || first.Loss != again.Loss {
		t.Errorf("losses %v, %v and %v", first.Loss, second.Loss, again.Loss)
	}
	last := len(first.Tensors) - 1
	if first.Tensors[last].Name != "layer2.c" || slices.Equal(first.Tensors[last].Data, second.Tensors[last].Data) || !slices.Equal(first.Tensors[last].Data, again.Tensors[last].Data) {
		t.Errorf("states %v", first.Tensors[last])
	}
}
