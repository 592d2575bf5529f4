package child

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// Weights are the parameters and running statistics of a trained child. They
// are stored in the safetensors format: the length of the header (8 bytes,
// little-endian), the header as JSON, then the numbers as little-endian
// float32. A convolution's weight is (KernelH, KernelW, InC/Groups, OutC), a
// dense layer's (In, Out).
type Weights struct {
	Network string // the network's ID
	Tensors []Tensor
}

// Tensor is one named array, row-major.
type Tensor struct {
	Name  string // node and role, e.g. "layer1/conv.weight"
	Shape []int
	Data  []float32
}

// Weights copies the program's weights.
func (p *Program) Weights() *Weights {
	w := &Weights{Network: p.id}
	for _, q := range p.params {
		w.Tensors = append(w.Tensors, Tensor{q.name, q.shape, append([]float32(nil), q.value...)})
	}
	return w
}

// Load replaces the program's weights by w, which must have exactly the
// program's tensors.
func (p *Program) Load(w *Weights) error {
	given := map[string]*Tensor{}
	for i := range w.Tensors {
		given[w.Tensors[i].Name] = &w.Tensors[i]
	}
	var wrong []error
	for _, q := range p.params {
		t := given[q.name]
		switch {
		case t == nil:
			wrong = append(wrong, fmt.Errorf("child: weights: tensor %q is missing", q.name))
		case !slices.Equal(t.Shape, q.shape) || len(t.Data) != len(q.value):
			wrong = append(wrong, fmt.Errorf("child: weights: tensor %q has shape %v, the network needs %v", q.name, t.Shape, q.shape))
		}
		delete(given, q.name)
	}
	for _, t := range w.Tensors {
		if given[t.Name] != nil {
			wrong = append(wrong, fmt.Errorf("child: weights: the network has no tensor %q", t.Name))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	for i := range w.Tensors {
		given[w.Tensors[i].Name] = &w.Tensors[i]
	}
	for _, q := range p.params {
		copy(q.value, given[q.name].Data)
	}
	p.filtersStay = false
	return nil
}

// Hash is the SHA-256 of the stored form in hex.
func (w *Weights) Hash() string {
	h := sha256.New()
	if _, err := w.WriteTo(h); err != nil {
		panic("child: a hash refused to be written to")
	}
	return hex.EncodeToString(h.Sum(nil))
}
