package child

import (
	"slices"
	"testing"
)

// TestStepper takes two steps and holds them against the formula of Nesterov
// momentum, parameter by parameter: m' = mu m + g, w' = w - lr (g + mu m'),
// where g is the gradient and the decay times the weight.
func TestStepper(t *testing.T) {
	p, err := Compile(smallNet(6, 5, 2, 3, 4, 6), 4, Options{BatchNorm: Default().BatchNorm})
	if err != nil {
		t.Fatal(err)
	}
	p.Init(3)
	o := Default().Optimizer
	s := NewStepper(p, o)
	labels := []int32{2, 0, 1, 1}
	momentum := map[string][]float32{}
	for step := range 2 {
		for i := range p.Input(4) {
			p.Input(4)[i] = float32(i%7) - 3
		}
		p.Forward(4, true)
		p.Backward(labels)
		before, gradients := p.Weights(), p.Gradients()
		const lr = 0.05
		s.Step(lr)
		after := p.Weights()
		learned := 0
		for i, w := range before.Tensors {
			k := slices.IndexFunc(gradients, func(g Tensor) bool { return g.Name == w.Name })
			if k < 0 {
				continue // a running statistic
			}
			learned += len(w.Data)
			g := gradients[k]
			if !slices.Equal(g.Shape, w.Shape) {
				t.Fatalf("%s has shape %v, its gradient %v", w.Name, w.Shape, g.Shape)
			}
			m := momentum[w.Name]
			if m == nil {
				m = make([]float32, len(w.Data))
				momentum[w.Name] = m
			}
			for j, x := range w.Data {
				gradient := float64(g.Data[j]) + o.WeightDecay*float64(x)
				m[j] = float32(o.Momentum*float64(m[j]) + gradient)
				want := float64(x) - lr*(gradient+o.Momentum*float64(m[j]))
				if got := float64(after.Tensors[i].Data[j]); got-want > 1e-5 || want-got > 1e-5 {
					t.Fatalf("step %d: %s[%d] is %v, want %v", step, w.Name, j, got, want)
				}
			}
		}
		if learned != int(p.Params()) {
			t.Fatalf("gradients of %d numbers, %d are learned", learned, p.Params())
		}
	}
}
