package child

import (
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestEnding: what a layer does to its output gives the bits of passes that
// follow it, by any method and at every level.
func TestEnding(t *testing.T) {
	bias := func(n *spec.Node) { n.Bias = true }
	pairs := func(n *spec.Node) { n.Groups = 4 }
	alone := func(n *spec.Node) { n.Groups, n.Bias = 8, true }
	dense := with(denseNode(8), func(n *spec.Node) { n.Bias = false })
	net := network(9, 10, 3, 3,
		from("c", convNode(8, 3, 3), "input"), from("cn", norm, "c"), from("cr", relu, "cn"),
		from("w", convNode(8, 3, 3), "cr"), from("wn", norm, "w"), // by Winograd's method
		from("g", with(convNode(8, 2, 3), pairs), "wn"), from("gr", relu, "g"),
		from("d", with(convNode(8, 3, 3), alone), "gr"), from("dr", relu, "d"),
		from("s", spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}}, "dr"),
		from("j", spec.Node{Op: spec.OpConcat}, "s", "gr"), // of two sizes
		from("f", with(convNode(8, 2, 2), bias), "j"), from("fr", relu, "f"),
		from("u", dense, "fr"), from("un", norm, "u"), from("ur", relu, "un"),
		from("v", denseNode(6), "ur"), from("vr", relu, "v"),
		global, denseNode(3))
	everyLevel(t, func(t *testing.T) {
		for _, o := range []Options{{}, {winograd: true}, {Inference: true}} {
			e := newExample(t, net, 5, 5, o, 1)
			got := floatBits(e.forward(false))
			kinds := map[bool]int{}
			for _, s := range e.program.steps {
				switch l := s.layer.(type) {
				case *batchNorm:
					kinds[l.early]++
					l.early = false
				case *activation:
					kinds[l.early]++
					l.early = false
				}
				if e := s.ending(); e != nil {
					e.relu, e.norm = false, nil
				}
			}
			if kinds[true] != 7 || kinds[false] != 0 {
				t.Fatalf("%d layers are done early, %d are not, want 7 and none", kinds[true], kinds[false])
			}
			if want := floatBits(e.forward(false)); !slices.Equal(got, want) {
				t.Errorf("%+v at level %s: other logits than with passes of their own", o, kernels.Active())
			}
		}
	})
}

// TestEndingFoldsTheBias: a bias before a batch normalisation is part of its
// shift in evaluation, and added in training.
func TestEndingFoldsTheBias(t *testing.T) {
	biased := with(convNode(4, 3, 3), func(n *spec.Node) { n.Bias = true })
	net := network(6, 5, 2, 3, biased, norm, denseNode(5), norm, relu, biased, norm, relu, flatten, denseNode(3))
	e := newExample(t, net, 4, 4, Options{Threads: 2}, 3)
	defer e.program.Close()
	e.check(t)
}
