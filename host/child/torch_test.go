package child

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// torchGolden is what PyTorch computes for a tiny language model; make
// golden-torch stores it. It begins with weights that are sorted by name, of
// which number i of the k-th is 3 ((37 i + 101 k) mod 199) / 199 - 3/2, and takes
// one step for each window of the text.
type torchGolden struct {
	Network      spec.Network `json:"network"`
	Streams      int          `json:"streams"`
	LearningRate float64      `json:"learning_rate"`
	ClipNorm     float64      `json:"clip_norm"`
	Tokens       []int32      `json:"tokens"` // (windows*steps+1, streams)
	Windows      []struct {
		Loss float64 `json:"loss"` // nats per token
		Norm float64 `json:"norm"` // of all gradients, before clipping
		// Of each tensor, its Euclidean norm and the number in the middle of its
		// memory; the weights are those after the update.
		Gradients map[string][2]float64 `json:"gradients"`
		Weights   map[string][2]float64 `json:"weights"`
	} `json:"windows"`
}

// TestGoldenTorch trains as PyTorch does, whose numbers this engine's have to follow
// step by step. Clipping matters in some steps, but not in all.
func TestGoldenTorch(t *testing.T) {
	files, err := filepath.Glob("testdata/torch/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var g torchGolden
			if err := json.Unmarshal(text, &g); err != nil {
				t.Fatal(err)
			}
			g.replay(t)
		})
	}
}

func (g *torchGolden) replay(t *testing.T) {
	const tolerance = 1e-4
	steps := g.Network.Task.Input[0]
	p, err := Compile(&g.Network, steps, Options{Streams: g.Streams, SumSteps: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	w := p.Weights()
	slices.SortFunc(w.Tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	for k, q := range w.Tensors {
		for i := range q.Data {
			q.Data[i] = 3*float32((37*i+101*k)%199)/199 - 1.5
		}
	}
	if err := p.Load(w); err != nil {
		t.Fatal(err)
	}
	s := NewStepper(p, Optimizer{Name: "sgd"})
	clipped, positions := 0, steps*g.Streams
	for k, want := range g.Windows {
		text := g.Tokens[k*positions:]
		copy(p.Tokens(steps), text[:positions])
		p.Forward(steps, true)
		loss, _ := p.Backward(text[g.Streams:][:positions])
		follows(t, tolerance, "loss", loss/float64(positions), want.Loss, want.Loss)
		gradients := p.Gradients()
		squares := 0.0
		for _, q := range gradients {
			norm, _ := probe(q)
			squares += norm * norm
		}
		follows(t, tolerance, "norm of the gradients", math.Sqrt(squares), want.Norm, want.Norm)
		compareProbes(t, tolerance, "gradient of ", gradients, want.Gradients)
		if want.Norm > g.ClipNorm {
			clipped++
		}
		s.Clip(g.ClipNorm)
		s.Step(g.LearningRate)
		compareProbes(t, tolerance, "", p.Weights().Tensors, want.Weights)
	}
	if clipped == 0 || clipped == len(g.Windows) {
		t.Errorf("%d of %d steps are clipped", clipped, len(g.Windows))
	}
}

// compareProbes holds tensors against those of the same names.
func compareProbes(t *testing.T, tolerance float64, what string, tensors []Tensor, want map[string][2]float64) {
	t.Helper()
	if len(tensors) != len(want) {
		t.Errorf("%d tensors, want %d", len(tensors), len(want))
	}
	for _, q := range tensors {
		w, ok := want[q.Name]
		if !ok {
			t.Errorf("%s is not among PyTorch's", q.Name)
			continue
		}
		norm, middle := probe(q)
		follows(t, tolerance, "norm of the "+what+q.Name, norm, w[0], w[0])
		follows(t, tolerance, what+q.Name, middle, w[1], w[0])
	}
}

// probe is the Euclidean norm of a tensor, and the number in its middle.
func probe(q Tensor) (norm, middle float64) {
	for _, x := range q.Data {
		norm += float64(x) * float64(x)
	}
	return math.Sqrt(norm), float64(q.Data[len(q.Data)/2])
}

// follows demands got within tolerance of want, relative to scale.
func follows(t *testing.T, tolerance float64, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(scale)) {
		t.Errorf("%s: %.7g, PyTorch has %.7g", what, got, want)
	}
}
