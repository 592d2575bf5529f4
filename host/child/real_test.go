package child

import (
	"context"
	"os"
	"testing"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// realOptions are those of real data for a test that takes a minute.
func realOptions(t *testing.T, name string) data.Options {
	t.Helper()
	if os.Getenv("ESPALIER_LONG") == "" {
		t.Skip("SKIPPED: trains on real data for about a minute; set ESPALIER_LONG=1")
	}
	dir := os.Getenv("ESPALIER_DATA")
	if dir == "" && os.Getenv("CI") == "true" {
		t.Fatal("ESPALIER_DATA is not set; it names the folder that holds mnist, cifar-10-batches-bin and ptb")
	}
	if dir == "" {
		t.Skip("SKIPPED: ESPALIER_DATA is not set; it names the folder that holds mnist, cifar-10-batches-bin and ptb")
	}
	return data.Options{Name: name, FS: os.DirFS(dir), Dir: dir}
}

// realData opens a data set of real images.
func realData(t *testing.T, name string, valid int) (train, held *data.Images) {
	t.Helper()
	d, err := data.Open(realOptions(t, name))
	if err != nil {
		t.Fatal(err)
	}
	train, held, err = d.Split(1, valid)
	if err != nil {
		t.Fatal(err)
	}
	return train, held
}

// trainPreset trains a child of the given filters, halving the map after each
// pair of layers, and returns its last validation accuracy.
func trainPreset(t *testing.T, preset string, train, valid *data.Images, filters ...int) float64 {
	t.Helper()
	var nodes []spec.Node
	for i, f := range filters {
		c := convNode(f, 3, 3)
		if i%2 == 1 {
			c.Stride = [2]int{2, 2}
		}
		nodes = append(nodes, c, norm, relu)
	}
	r, ok := Preset(preset)
	if !ok {
		t.Fatalf("no preset %q", preset)
	}
	last := 0.0
	_, err := Train(context.Background(), network(train.H, train.W, train.C, 10, append(nodes, global, denseNode(10))...), train, valid, r, 1, func(e spec.Epoch) {
		t.Logf("%+v", e)
		last = e.ValidAccuracy
	})
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func TestMNIST(t *testing.T) {
	train, valid := realData(t, "mnist", 5000)
	if accuracy := trainPreset(t, "mnist", train, valid, 8, 16, 16, 32); accuracy < 0.97 {
		t.Errorf("validation accuracy %.4f, expected over 0.97", accuracy)
	}
}

func TestCIFARSample(t *testing.T) {
	train, valid := realData(t, "cifar10", 500)
	if accuracy := trainPreset(t, "cifar-sample", train, valid, 16, 16, 32, 32, 48, 48); accuracy < 0.4 {
		t.Errorf("validation accuracy %.4f, expected well above the 0.1 of chance", accuracy)
	}
}

// TestPennTreebank: one epoch takes the small language model of Zaremba et al.
// (2014) from a perplexity of 10,000, that of all words alike, to a range that
// depends on its first weights.
func TestPennTreebank(t *testing.T) {
	c, err := data.OpenCorpus(realOptions(t, "ptb"))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := Preset("ptb-small")
	r.Schedule, r.Epochs = Schedule{Name: "constant"}, 1
	v := len(c.Vocabulary)
	net := textNetwork(v, embeddingNode(v, 200), recurrentNode("lstm", 200, 2, 0), denseNode(v))
	trainer := Trainer{Recipe: r, Threads: 2}
	res, err := trainer.TrainText(t.Context(), net, c.Train, c.Valid, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := Perplexity(res.Metrics.Epochs[0].ValidLoss); p < 165 || p > 195 {
		t.Errorf("perplexity %.1f after an epoch, expected 165 to 195", p)
	} else {
		t.Logf("perplexity %.1f after an epoch of %.0f s", p, res.Metrics.Epochs[0].Seconds)
	}
}
