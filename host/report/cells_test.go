package report

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/plugins/rnncell"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// tree is a language model of cells that the bundled space decodes from answers.
func tree(t *testing.T, params string, answers ...int) *spec.Network {
	t.Helper()
	s, err := rnncell.Module().Space("tree", spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	var list spec.Answers
	for _, option := range answers {
		list = append(list, spec.Pick(option))
	}
	n, err := s.Build(list, spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDrawDecodedCells draws NASCell from its answers, the paper's worked
// example, and a cell whose identities leave few lines.
func TestDrawDecodedCells(t *testing.T) {
	nas := tree(t, `{"state_dropout":0.25,"variational":true}`,
		0, 2, 0, 3, 0, 2, 1, 3, 0, 1, 0, 2, 0, 1, 0, 2, // leaves
		1, 1, 0, 1, 1, 1, 0, 2, 1, 0, 0, 1, 1, 1, // nodes
		0, 1, 12, 8) // inject and indices
	golden(t, "draw-tree8-80", Draw(nas, DrawOptions{screen80}))
	golden(t, "draw-tree8-40", Draw(nas, DrawOptions{screen40}))
	example := tree(t, `{"base":2,"layers":1,"tied":true}`, 0, 1, 1, 3, 1, 2, 0, 3, 1, 0)
	golden(t, "draw-tree2-80", Draw(example, DrawOptions{screen80}))
	flat := tree(t, `{"base":2,"combinations":["max","add","elem_mult"],"activations":["identity","sin"]}`, 0, 0, 1, 0, 2, 0, 1, 1, 0, 1)
	golden(t, "draw-tree2-flat-80-ascii", Draw(flat, DrawOptions{screen80ASC}))
}

// TestDrawEachCellOnce: layers of one cell share its formulas, others do not,
// and those that take no part are left out.
func TestDrawEachCellOnce(t *testing.T) {
	n := language(nasCell())
	for _, more := range []struct {
		name, input string
		cell        *spec.Cell
	}{{"again", "rnn", nasCell()}, {"other", "again", lstmCell()}, {"lost", "other", lstmCell()}} {
		node := n.Nodes[2]
		node.Name, node.Inputs, node.Cell = more.name, []string{more.input}, more.cell
		n.Nodes = append(n.Nodes, node)
	}
	n.Nodes[3].Inputs = []string{"other"}
	var titles []string
	for _, line := range strings.Split(Draw(n, DrawOptions{screen80}), "\n") {
		if strings.HasPrefix(line, "one step") {
			titles = append(titles, line)
		}
	}
	want := "one step of rnn and again (nas)\none step of other (lstm)"
	if got := strings.Join(titles, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestMaskNote names the dropout nodes that are variational, unless all are.
func TestMaskNote(t *testing.T) {
	n := tree(t, `{"base":2}`, 0, 1, 1, 3, 1, 2, 0, 3, 1, 0)
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"",
		"one mask serves a whole sequence in embedding/dropout",
		"one mask serves a whole sequence in embedding/dropout and layer1/dropout",
		"one mask serves a whole sequence in every dropout",
	} {
		if i > 0 {
			n.Nodes[2*i-1].Variational = true
		}
		if got := screen80.maskNote(n, plan); got != want {
			t.Errorf("%d variational: %q, want %q", i, got, want)
		}
	}
}
