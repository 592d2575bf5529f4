package child

import (
	"fmt"
	"slices"
	"testing"
)

// TestWindows: a pass brings every token but the first once as a label, each
// with the token before it, and in its stream in order; with several streams it
// leaves out fewer at the end than there are streams.
func TestWindows(t *testing.T) {
	text := make([]int32, 103)
	for i := range text {
		text[i] = int32(i)
	}
	net := textNetwork(len(text), embeddingNode(len(text), 2), denseNode(len(text)))
	for _, streams := range []int{1, 2, 5, 7, 50, 102} {
		for _, steps := range []int{1, 4, 10, 103} {
			p, err := Compile(net, steps, Options{Streams: streams, Inference: true})
			if err != nil {
				t.Fatal(err)
			}
			w := newWindows(p, text)
			for range 2 {
				w.begin(1)
				var seen []int32
				last := map[int]int32{}
				for labels := w.take(); len(labels) > 0; labels = w.take() {
					for i, label := range labels {
						if token := p.Tokens(p.examples(labels))[i]; token != label-1 {
							t.Fatalf("after token %d comes %d", token, label)
						}
						if before, ok := last[i%streams]; ok && label != before+1 {
							t.Fatalf("stream %d goes on from %d to %d", i%streams, before, label)
						}
						last[i%streams] = label
					}
					seen = append(seen, labels...)
				}
				slices.Sort(seen)
				want := text[1 : 1+102/streams*streams]
				if !slices.Equal(seen, want) {
					t.Errorf("%d streams, %d steps: the labels are %v", streams, steps, seen)
				}
			}
		}
	}
}

// TestEvaluateText: the number of steps of a window does not matter, and with
// one stream neither does where windows end.
func TestEvaluateText(t *testing.T) {
	net := textNetworks()["lstm"]
	text := order2(300, 1)
	r := textRecipe(1)
	w := trainText(t, net, text, nil, r, 1).Weights
	for _, r.Batch = range []int{1, 3} {
		first := ""
		for _, r.Text.Steps = range []int{1, 7, 299} {
			loss, accuracy, err := EvaluateText(t.Context(), net, w, text, r)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%.5f %.5f", loss, accuracy)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%d streams, %d steps: %s, with one step %s", r.Batch, r.Text.Steps, got, first)
			}
		}
	}
}
