package cell

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/espalier-nas/espalier/plugins/rnncell"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// tree decodes a cell of the bundled search space from the answers that pick gives.
func tree(t *testing.T, params string, pick func(k spec.Kind) int) *spec.Cell {
	t.Helper()
	space, err := rnncell.Module().Space("tree", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := guest.Walk(space, func(_ spec.Decision, k spec.Kind) spec.Answer { return spec.Pick(pick(k)) })
	if err != nil {
		t.Fatal(err)
	}
	network, err := space.Build(answers, spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range network.Nodes {
		if node.Op == spec.OpRecurrent {
			return node.Cell
		}
	}
	t.Fatal("the network has no recurrent node")
	return nil
}

// TestTrees compares random cells of the bundled search space with the oracle.
func TestTrees(t *testing.T) {
	extended := `"combinations":["add","elem_mult","max"],"activations":["identity","tanh","sigmoid","relu","sin"]`
	everyLevel(t, func(t *testing.T) {
		for i, params := range []string{`{}`, `{"base":2}`, `{"base":16}`, `{"base":4,"root_index":false}`, `{` + extended + `}`, `{"base":2,` + extended + `}`} {
			r := rand.New(rand.NewPCG(uint64(i), 3))
			for n := range 6 {
				t.Run(params+"/"+strconv.Itoa(n), func(t *testing.T) {
					c := tree(t, params, func(k spec.Kind) int { return r.IntN(len(k.Options)) })
					newTrial(t, c, Options{In: 5, Units: 18, Batch: 2, Steps: 3}, n%2 == 0, 1, uint64(n)).compare(t, 5e-5)
				})
			}
		}
	})
}

// TestNASCellFromAnswers: the cell that a search found is the one of that name.
func TestNASCellFromAnswers(t *testing.T) {
	answers := []int{
		0, 2, 0, 3, 0, 2, 1, 3, 0, 1, 0, 2, 0, 1, 0, 2, // leaves: combination and activation
		1, 1, 0, 1, 1, 1, 0, 2, 1, 0, 0, 1, 1, 1, // nodes 8 to 14
		0, 1, 12, 8, // the inject, and the indices of the memory and of the inject
	}
	at := -1
	c := tree(t, `{}`, func(spec.Kind) int { at++; return answers[at] })
	if got, want := c.ID(), named(t, "nascell").ID(); got != want || want == "" {
		t.Errorf("the decoded cell has the ID %q, the named one %q", got, want)
	}
}
