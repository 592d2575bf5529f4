package child

import (
	"math"
	"slices"
	"testing"
)

// TestCarriedStates: several windows give the losses of one long one, states
// that are cleared those of the beginning.
func TestCarriedStates(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for name, net := range textNetworks() {
			e := newPassage(t, net, 12, 3, Options{Inference: true}, 9)
			tokens, labels := e.draw(12)
			run := func(from, to int) float64 {
				copy(e.program.Tokens(to-from), tokens[3*from:3*to])
				e.program.Forward(to-from, false)
				loss, _ := e.program.Loss(labels[3*from : 3*to])
				return loss
			}
			whole := run(0, 12)
			e.program.ClearStates()
			if again := run(0, 12); again != whole {
				t.Errorf("%s: after ClearStates the loss is %v, was %v", name, again, whole)
			}
			e.program.ClearStates()
			if parts := run(0, 5) + run(5, 6) + run(6, 12); math.Abs(parts-whole) > 1e-6*whole {
				t.Errorf("%s: three windows give %v, one gives %v", name, parts, whole)
			}
		}
	})
}

// TestVariationalMasks: masks are the same in all steps of a window, keep the
// mean, and differ between windows and layers; those of standard dropout differ
// between steps.
func TestVariationalMasks(t *testing.T) {
	const units, streams, rate = 40, 10, 0.25
	net := textNetwork(7, embeddingNode(7, units), dropNode(rate, true), dropNode(rate, false), recurrentNode("lstm", units, 2, rate), denseNode(7))
	e := newPassage(t, net, 3, streams, Options{}, 1)
	var masks [][]float64
	for range 2 {
		e.learn(e.draw(3))
		m := e.twin.masks
		variational, standard := m["n1"], m["n2"]
		size := units * streams
		if !slices.Equal(variational[:size], variational[size:2*size]) || !slices.Equal(variational[:size], variational[2*size:]) {
			t.Error("a variational mask changes within a window")
		}
		if slices.Equal(standard[:size], standard[size:2*size]) {
			t.Error("standard dropout has the same mask in two steps")
		}
		masks = append(masks, variational[:size], standard[:size], m["n3.0"], m["n3.1"])
	}
	for i, a := range masks {
		zeros := 0
		for _, v := range a {
			if v == 0 {
				zeros++
			} else if math.Abs(v-1/(1-rate)) > 1e-6 {
				t.Fatalf("a mask holds %v", v)
			}
		}
		if share := float64(zeros) / float64(len(a)); math.Abs(share-rate) > 0.1 {
			t.Errorf("mask %d drops a share of %v", i, share)
		}
		for k, b := range masks[:i] {
			if slices.Equal(a, b) {
				t.Errorf("masks %d and %d are the same", i, k)
			}
		}
	}
}
