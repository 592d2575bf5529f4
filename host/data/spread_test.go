package data_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestSpread: on the drawn set, good networks are far better than bad ones
// after a fraction of a second of training, and depth, filter size and the
// number of filters each matter.
func TestSpread(t *testing.T) {
	if os.Getenv("ESPALIER_LONG") != "1" {
		t.Skip("SKIPPED: trains networks for half a minute; set ESPALIER_LONG=1")
	}
	d, err := data.Open(data.Default())
	if err != nil {
		t.Fatal(err)
	}
	train, valid, err := d.Split(1, 500)
	if err != nil {
		t.Fatal(err)
	}
	recipe := child.Default()
	recipe.Epochs, recipe.Batch, recipe.Optimizer.LR = 6, 24, 0.3
	recipe.Schedule = child.Schedule{Name: "cosine"}
	recipe.Augment = child.Augment{Whiten: "standardize", Flip: true}
	// accuracy is the mean over three seeds.
	accuracy := func(size int, filters ...int) float64 {
		sum := 0.0
		for seed := range uint64(3) {
			r, err := child.Train(context.Background(), stack(d.Task(), size, filters), train, valid, recipe, seed, nil)
			if err != nil {
				t.Fatal(err)
			}
			sum += r.Metrics.Epochs[recipe.Epochs-1].ValidAccuracy / 3
		}
		t.Logf("%d layers of %dx%d, filters %v: %.3f", len(filters), size, size, filters, sum)
		return sum
	}
	good := accuracy(3, 16, 16, 16)
	if good < 0.65 {
		t.Errorf("a good network reaches %.3f, want at least 0.65", good)
	}
	for _, worse := range []struct {
		why      string
		accuracy float64
		most     float64
	}{
		{"1x1 filters", accuracy(1, 16, 16, 16), 0.35},
		{"one layer", accuracy(3, 16), good - 0.15},
		{"few filters", accuracy(3, 3, 3, 3), good - 0.1},
	} {
		if worse.accuracy > worse.most {
			t.Errorf("with %s: %.3f, want at most %.3f", worse.why, worse.accuracy, worse.most)
		}
	}
}

// stack is a chain of square convolutions with batch norm and ReLU, averaged
// over all places.
func stack(task spec.Task, size int, filters []int) *spec.Network {
	n := &spec.Network{Task: task, Output: spec.InputName}
	add := func(node spec.Node) {
		node.Name, node.Inputs = fmt.Sprint("node", len(n.Nodes)), []string{n.Output}
		n.Nodes, n.Output = append(n.Nodes, node), node.Name
	}
	for _, f := range filters {
		add(spec.Node{Op: spec.OpConv2D, Filters: f, Kernel: [2]int{size, size}})
		add(spec.Node{Op: spec.OpBatchNorm})
		add(spec.Node{Op: spec.OpActivation, Func: spec.FuncReLU})
	}
	add(spec.Node{Op: spec.OpGlobalAvgPool})
	add(spec.Node{Op: spec.OpDense, Units: task.Classes, Bias: true})
	return n
}
