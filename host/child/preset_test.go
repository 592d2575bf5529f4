package child

import (
	"testing"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestShapesPreset: the recipe for the embedded images tells a good network
// from a bad one: four layers that see 3 x 3 pixels from four that see one.
func TestShapesPreset(t *testing.T) {
	d, err := data.Open(data.Options{Name: "shapes"})
	if err != nil {
		t.Fatal(err)
	}
	images, valid, err := d.Split(1, 400)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := Preset("shapes")
	accuracy := func(kernel int) float64 {
		c := convNode(8, kernel, kernel)
		net := network(images.H, images.W, images.C, 10, c, norm, relu, c, norm, relu, c, norm, relu, c, norm, relu, global, denseNode(10))
		epochs := train(t, net, images, valid, r, 1).Metrics.Epochs
		return epochs[len(epochs)-1].ValidAccuracy
	}
	if one, three := accuracy(1), accuracy(3); one > 0.35 || three < 0.5 {
		t.Errorf("kernels of 1 reach %.3f, kernels of 3 reach %.3f", one, three)
	}
}

// TestGrammarPreset: the recipe for the embedded text tells cells from each
// other, brings a good one near the best possible perplexity, and none below.
func TestGrammarPreset(t *testing.T) {
	c, err := data.OpenCorpus(data.Options{Name: "grammar"})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := Preset("grammar")
	v, best := len(c.Vocabulary), Perplexity(c.ValidEntropy)
	perplexity := func(n spec.Node) float64 {
		res := trainText(t, textNetwork(v, embeddingNode(v, 32), n, denseNode(v)), c.Train, c.Valid, r, 1)
		return Perplexity(res.Metrics.Epochs[r.Epochs-1].ValidLoss)
	}
	none, shallow, lstm := perplexity(relu), perplexity(recurrentNode("nascell", 4, 1, 0)), perplexity(recurrentNode("lstm", 32, 1, 0))
	if !(none > 1.5*best && shallow > 1.15*lstm && lstm < 1.1*best && lstm > best) {
		t.Errorf("perplexities: no cell %.2f, a cell of 4 units %.2f, an LSTM %.2f, the best possible %.2f", none, shallow, lstm, best)
	}
}
