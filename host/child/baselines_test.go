package child

import (
	"testing"

	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/plugins/baselines"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// baseline builds a published network by its name.
func baseline(t *testing.T, space, params string, task spec.Task) *spec.Network {
	t.Helper()
	m := baselines.Module()
	s, err := m.Space(space, spec.Raw(params))
	if err != nil {
		t.Fatal(err)
	}
	net, err := s.Build(spec.Answers{spec.Pick(0)}, task)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestBaselineGradients holds small networks of every family against their
// float64 twins.
func TestBaselineGradients(t *testing.T) {
	task := spec.Task{Type: spec.TaskImage, Input: []int{4, 3, 2}, Classes: 3}
	for seed, params := range []string{
		`{"network":["nin-6"],"dropout":0}`, `{"network":["allcnn-4"],"batchnorm":true,"dropout":0}`, `{"network":["resnet-8"]}`,
		`{"network":["preresnet-11"]}`, `{"network":["wideresnet-10-1"]}`, `{"network":["densenet-7-3"]}`, `{"network":["densenet-bc-10-2"]}`,
		`{"network":["highway-7-3"]}`, `{"network":["highway-7-3"],"batchnorm":true}`, `{"network":["fractalnet-2-2"]}`,
	} {
		t.Run(params, func(t *testing.T) {
			e := newExample(t, baseline(t, "images", params, task), 4, 4, Options{}, uint64(seed))
			e.check(t)
		})
	}
}

// TestBaselinesLearn trains small networks of every family on a few of the
// embedded images.
func TestBaselinesLearn(t *testing.T) {
	set, err := data.Open(data.Options{Name: "shapes", Size: 12, TrainCount: 250})
	if err != nil {
		t.Fatal(err)
	}
	images, valid, err := set.Split(1, 50)
	if err != nil {
		t.Fatal(err)
	}
	task := spec.Task{Type: spec.TaskImage, Input: []int{images.H, images.W, images.C}, Classes: len(set.Classes)}
	r, _ := Preset("shapes")
	r.Epochs, r.Optimizer.Name, r.Optimizer.LR = 5, "adam", 0.003
	for _, params := range []string{
		`{"network":["nin-24"],"dropout":0}`, `{"network":["nin-24"],"batchnorm":true}`, `{"network":["allcnn-24"],"dropout":0}`, `{"network":["resnet-8"]}`,
		`{"network":["preresnet-11"]}`, `{"network":["wideresnet-10-1"],"dropout":0.1}`, `{"network":["densenet-10-6"],"dropout":0.1}`, `{"network":["densenet-bc-10-6"]}`,
		`{"network":["highway-10-9"]}`, `{"network":["fractalnet-2-6"]}`,
	} {
		curve := train(t, baseline(t, "images", params, task), images, valid, r, 1).Metrics.Epochs
		first, last := curve[0].TrainLoss, curve[len(curve)-1].TrainLoss
		t.Logf("%s: loss %.3f, then %.3f", params, first, last)
		if !(last < 0.98*first) {
			t.Errorf("%s: the loss goes from %v to %v", params, first, last)
		}
	}
}

// TestBaselineLanguageModels does the same for texts.
func TestBaselineLanguageModels(t *testing.T) {
	text, valid := order2(6000, 1), order2(2000, 2)
	r := textRecipe(6)
	r.Batch, r.Text.Steps, r.Optimizer.LR = 10, 20, 0.2
	for _, params := range []string{
		`{"network":["lstm-16"]}`, `{"network":["variational-24"],"dropout":0.1}`, `{"network":["tied-24"],"dropout":0.1}`, `{"network":["rhn-3-16"],"dropout":0}`,
	} {
		net := baseline(t, "text", params, spec.Task{Type: spec.TaskText, Input: []int{20}, Classes: 4})
		curve := trainText(t, net, text, valid, r, 1).Metrics.Epochs
		first, last := curve[0].TrainLoss, curve[len(curve)-1].TrainLoss
		t.Logf("%s: loss %.3f, then %.3f", params, first, last)
		if !(last < 0.98*first) {
			t.Errorf("%s: the loss goes from %v to %v", params, first, last)
		}
	}
}

// TestBaselineMemory compiles the published networks, up to the point where
// memory would be set aside: the training of a batch of 64 images, or of a window
// of 35 words in 20 streams, fits into a number of MiB, the momentum included.
func TestBaselineMemory(t *testing.T) {
	images := spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}
	text := spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 10_000}
	for _, test := range []struct {
		name string
		task spec.Task
		most int64
	}{
		{"nin-192", images, 250}, {"allcnn-96", images, 175}, {"resnet-110", images, 600}, {"resnet-1202", images, 6500},
		{"preresnet-164", images, 1700}, {"preresnet-1001", images, 10_000}, {"wideresnet-16-8", images, 850}, {"wideresnet-28-10", images, 2400},
		{"densenet-40-12", images, 1000}, {"densenet-100-24", images, 9000}, {"densenet-bc-190-40", images, 15_000},
		{"highway-31-48", images, 900}, {"fractalnet-3-64", images, 1150}, {"lstm-1500", text, 1350}, {"tied-1500", text, 1150}, {"rhn-10-830", text, 550},
	} {
		space, batch := "images", 64
		if test.task.Type == spec.TaskText {
			space, batch = "text", 35
		}
		net := baseline(t, space, `{"network":["`+test.name+`"]}`, test.task)
		_, need, err := outline(net, batch, Options{BatchNorm: testNorm, StateFloats: 1, Streams: 20, MemoryBytes: test.most << 20})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		t.Logf("%s: %d nodes, %s", test.name, len(net.Nodes), mebibytes(need))
	}
}

// TestBaselineCells: the plugin's cells are the named ones.
func TestBaselineCells(t *testing.T) {
	for name, params := range map[string]string{"lstm": `{"network":["lstm-8"]}`, "rhn-3": `{"network":["rhn-3-8"]}`} {
		want, err := cell.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		net := baseline(t, "text", params, spec.Task{Type: spec.TaskText, Input: []int{20}, Classes: 4})
		for _, n := range net.Nodes {
			if n.Op == spec.OpRecurrent && n.Cell.ID() != want.ID() {
				t.Errorf("%s is another cell", name)
			}
		}
	}
}
