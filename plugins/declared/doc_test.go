package declared

import (
	"os"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// pageExample is the example of the package doc.
func pageExample(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "// # Example\n")
	text, _, _ = strings.Cut(text, "// # ")
	var lines []string
	for line := range strings.Lines(text) {
		if line, shown := strings.CutPrefix(line, "//\t"); shown {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// TestPage builds a network from the example of the page: layer 2 reads the
// image, as layer 1 does, layer 3 both, and nobody reads layers 3 and 4.
func TestPage(t *testing.T) {
	s := mustOpen(t, pageExample(t), spec.TaskImage)
	var names []string
	answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
		names = append(names, q.Name)
		switch q.Name {
		case "layer3/skip":
			return spec.PickSet(0, 1)
		case "layer4/skip":
			return spec.PickSet(0)
		}
		if k.Type == spec.AnchorSet {
			return spec.PickSet()
		}
		return spec.Pick(1)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names[:4], " "); got != "layer1/filters layer1/kernel layer1/skip layer2/filters" {
		t.Errorf("it asks %s", got)
	}
	n, err := s.Build(answers, tasks[spec.TaskImage])
	if err != nil {
		t.Fatal(err)
	}
	const want = `layer1/conv/conv(input)
layer1/conv/norm(layer1/conv/conv)
layer1/conv/act(layer1/conv/norm)
layer2/conv/conv(input)
layer2/conv/norm(layer2/conv/conv)
layer2/conv/act(layer2/conv/norm)
layer3/concat(layer1/conv/act layer2/conv/act)
layer3/conv/conv(layer3/concat)
layer3/conv/norm(layer3/conv/conv)
layer3/conv/act(layer3/conv/norm)
layer4/conv/conv(layer1/conv/act)
layer4/conv/norm(layer4/conv/conv)
layer4/conv/act(layer4/conv/norm)
layers/concat(layer3/conv/act layer4/conv/act)
dropout(layers/concat)
pool(dropout)
logits(pool)`
	if got := describe(n); got != want {
		t.Errorf("got\n%s", got)
	}
}

// describe writes a network as lines.
func describe(n *spec.Network) string {
	var lines []string
	for _, node := range n.Nodes {
		lines = append(lines, node.Name+"("+strings.Join(node.Inputs, " ")+")")
	}
	return strings.Join(lines, "\n")
}
