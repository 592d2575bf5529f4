package rnncell

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func picks(options ...int) spec.Answers {
	var list spec.Answers
	for _, i := range options {
		list = append(list, spec.Pick(i))
	}
	return list
}

// count returns the width of the layers of a network and its weights, which are
// its parameters but the biases of the logits.
func count(t *testing.T, n *spec.Network) (units int, weights int64) {
	t.Helper()
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range n.Nodes {
		if node.Op == spec.OpRecurrent {
			units = node.Units
		}
	}
	return units, plan.Params - int64(n.Task.Classes)
}

// TestWidth pins the widths that the paper's sizes imply at two layers of 16 n²
// weights and 10,000 words: 20 and 32 million weights, and 25 and 54 million
// with shared embeddings.
func TestWidth(t *testing.T) {
	for _, test := range []struct {
		params  string
		units   int
		weights int64
	}{
		{``, 538, 20_022_208},
		{`{"params":32000000}`, 735, 31_987_200},
		{`{"params":25000000,"tied":true}`, 741, 24_980_592},
		{`{"params":54000000,"tied":true}`, 1152, 53_987_328},
		{`{"params":1,"units":200}`, 200, 5_280_000},
		{`{"params":20032}`, 1, 20_032},
		{`{"params":30080}`, 1, 20_032}, // as near as 40,128, the width 2
		{`{"params":30081}`, 2, 40_128},
	} {
		if units, weights := count(t, mustBuild(t, test.params, nascell, words)); units != test.units || weights != test.weights {
			t.Errorf("%s: %d units and %d weights, want %d and %d", test.params, units, weights, test.units, test.weights)
		}
	}
	var f *spec.Fault
	_, err := mustOpen(t, `{"params":20031}`).Build(nascell, words)
	if !errors.As(err, &f) || f.Code != spec.CodeUnsupported || !strings.Contains(f.Msg, "vocabulary of 10000; raise params") {
		t.Errorf("too few weights for the vocabulary: %v", err)
	}
}

// TestNearestWidth finds the width again from the weights of a given one, for
// every way in which the layers and the embedding can be arranged.
func TestNearestWidth(t *testing.T) {
	task := spec.Task{Type: spec.TaskText, Input: []int{20}, Classes: 50}
	for _, shape := range []string{`"layers":1`, `"layers":3,"embedding":7`, `"tied":true`, `"embedding":300,"layers":4`} {
		for _, width := range []int{1, 2, 3, 17, 100} {
			_, weights := count(t, mustBuild(t, `{"units":`+strconv.Itoa(width)+`,`+shape+`}`, nascell, task))
			params := `{"params":` + strconv.FormatInt(weights, 10) + `,` + shape + `}`
			if units, again := count(t, mustBuild(t, params, nascell, task)); units != width || again != weights {
				t.Errorf("%s: %d units and %d weights, want %d", params, units, again, width)
			}
		}
	}
}

// describe writes a network as "name=op(input) attributes" lines.
func describe(n *spec.Network) string {
	var lines []string
	for _, node := range n.Nodes {
		line := node.Name + "=" + string(node.Op) + "(" + strings.Join(node.Inputs, " ") + ")"
		if node.Units != 0 {
			line += " " + strconv.Itoa(node.Units)
		}
		if node.Rate != 0 {
			line += " rate " + strconv.FormatFloat(node.Rate, 'g', -1, 64)
		}
		if node.Variational {
			line += " variational"
		}
		if node.Bias {
			line += " bias"
		}
		if node.Tied != "" {
			line += " tied to " + node.Tied
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestNetwork checks the nodes around the cell.
func TestNetwork(t *testing.T) {
	for params, want := range map[string]string{
		`{"units":200}`: `embedding=embedding(input) 200
embedding/dropout=dropout(embedding) rate 0.5
layer1=recurrent(embedding/dropout) 200
layer1/dropout=dropout(layer1) rate 0.5
layer2=recurrent(layer1/dropout) 200
layer2/dropout=dropout(layer2) rate 0.5
logits=dense(layer2/dropout) 10000 bias`,
		`{"units":200,"tied":true,"variational":true,"embedding_dropout":0.2,"input_dropout":0.3,"output_dropout":0.4,"state_dropout":0.25}`: `embedding=embedding(input) 200
embedding/dropout=dropout(embedding) rate 0.2 variational
layer1=recurrent(embedding/dropout) 200 rate 0.25 variational
layer1/dropout=dropout(layer1) rate 0.3 variational
layer2=recurrent(layer1/dropout) 200 rate 0.25 variational
layer2/dropout=dropout(layer2) rate 0.4 variational
logits=dense(layer2/dropout) 10000 bias tied to embedding`,
		`{"units":800,"embedding":128,"layers":1,"embedding_dropout":0,"output_dropout":0,"state_dropout":0.1}`: `embedding=embedding(input) 128
layer1=recurrent(embedding) 800 rate 0.1 variational
logits=dense(layer1) 10000 bias`,
	} {
		n := mustBuild(t, params, nascell, words)
		if got := describe(n); got != want || n.Output != "logits" || n.Nodes[0].Vocabulary != 10_000 {
			t.Errorf("%s:\n%s\nwant\n%s", params, got, want)
		}
	}
}

// TestWidthsOfAllCells: all cells of a space have the same number of weights.
func TestWidthsOfAllCells(t *testing.T) {
	s := mustOpen(t, `{"base":2,"units":30,"combinations":["add","max"],"activations":["identity","sin"]}`)
	want := int64(2*10_000*30 + 2*2*2*30*30)
	enumerate(t, s, func(answers spec.Answers) {
		n, err := s.Build(answers, words)
		if err != nil {
			t.Fatal(err)
		}
		if _, weights := count(t, n); weights != want {
			t.Fatalf("%v: %d weights, want %d", answers, weights, want)
		}
	})
}
